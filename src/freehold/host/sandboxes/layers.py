"""What is laid over a sandbox's directories before bubblewrap binds them: volumes, folders.

Input: layers of the plan (``sandbox.Layer``, as plain dicts). Output: mounts of this process alone,
gone with the last process of the sandbox, whoever was killed: nothing is left to clean up. The
directories below a base are a workload's own, and hostile: they are made, opened and mounted on by
descriptors, through no link. Runs in the process that becomes bubblewrap; standard library only.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from freehold.host.sandboxes import mounts

TROUBLE = "error.txt"  # what Studio leaves in a folder that could not be mounted
IMAGE_HOME = "home"  # of an image only this is shown, never its lost+found


def lay(layers: Sequence[dict[str, Any]]) -> None:
    """Lay all, in their order.

    A layer that is not needed and cannot be had leaves ``error.txt`` in its folder instead.

    Raises:
        OSError: A needed one cannot be had; its text says which and why.
    """
    trouble = _own_mounts()
    for layer in layers:
        try:
            if trouble is not None:
                raise trouble
            _lay(layer)
        except OSError as error:
            reason = f"{layer['label']} could not be mounted: {error.strerror or error}"
            if layer["is_needed"]:
                raise OSError(error.errno, reason) from error
            os.write(2, f"{reason}\n".encode())
            _leave_word(layer, reason)


def _own_mounts() -> OSError | None:
    try:
        mounts.own_mounts(as_root=os.geteuid() == 0)
    except OSError as error:
        return error
    return None


def _lay(layer: dict[str, Any]) -> None:
    made = _image(layer) if layer["kind"] == "image" else _folder(layer)
    try:
        at = _target(layer)
        try:
            mounts.place(made, at)
        finally:
            os.close(at)
    finally:
        os.close(made)


def _image(layer: dict[str, Any]) -> int:
    whole = mounts.image(layer["source"])
    try:
        home = mounts.open_beneath(whole, IMAGE_HOME)
        try:
            return mounts.clone(home)
        finally:
            os.close(home)
    finally:
        os.close(whole)


def _folder(layer: dict[str, Any]) -> int:
    source = os.open(layer["source"], mounts.FOLDER)
    try:
        folder = mounts.open_beneath(source, layer["beneath"])
    finally:
        os.close(source)
    try:
        ids = layer["ids"]
        return mounts.clone(folder, tuple(ids) if ids and os.geteuid() == 0 else None)
    finally:
        os.close(folder)


def _target(layer: dict[str, Any]) -> int:
    """The directory to mount on, made where it is not, for the workload's uid."""
    at = os.open(layer["base"], mounts.FOLDER)
    for name in layer["at"]:
        try:
            is_new = False
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=at)
                is_new = True
            below = os.open(name, mounts.FOLDER, dir_fd=at)
            if is_new and os.geteuid() == 0:
                os.fchown(below, layer["owner"], layer["owner"])
        finally:
            os.close(at)
        at = below
    return at


def _leave_word(layer: dict[str, Any], reason: str) -> None:
    """Tell in the folder why it is empty; a workload that bars the way reads its log."""
    with contextlib.suppress(OSError):
        at = _target(layer)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(TROUBLE, dir_fd=at)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(TROUBLE, flags, 0o644, dir_fd=at)
            try:
                os.write(file, f"{reason}\n".encode())
                if os.geteuid() == 0:
                    os.fchown(file, layer["owner"], layer["owner"])
            finally:
                os.close(file)
        finally:
            os.close(at)
