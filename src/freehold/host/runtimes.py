"""Runtimes: named environments that images mean. Found, resolved and installed.

They live per machine, outside any state: ``<runtimes>/<name>/<digest>/`` is a venv built at its
final path, ``<runtimes>/<name>/runtime.json`` names the one in use and is replaced in one step.
So a broken installation is never seen, an upgrade pulls nothing from under a running sandbox,
and a running server sees a new runtime at once: every look asks the disk whether it is the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from freehold.base.errors import Internal, Invalid
from freehold.base.settings import runtimes_directory
from freehold.host.images import catalogue, known_image
from freehold.host.sandboxes.sandbox import Bind, interpreter_binds

_REQUIREMENTS = Path(__file__).parent / "requirements"
_RECORD = "runtime.json"
OUTPUT_LINES_MAX = 30

Progress = Callable[[str], None]


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """One installed environment. ``root`` holds ``bin/python`` and the programs beside it.

    ``prefix``: its base interpreter, which a sandbox needs as well (``binds``). ``versions``:
    the packages that people ask for, as installed. ``digest``: of requirements and interpreter.
    """

    name: str
    root: str
    prefix: str
    python: str
    digest: str
    kind: str = "venv"
    title: str = ""
    entrypoint: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    versions: dict[str, str] = {}
    installed_at: float = 0.0

    def binds(self) -> tuple[Bind, ...]:
        """What a sandbox binds, read-only and at the same paths, to use it."""
        return (Bind(self.root, self.root), *interpreter_binds(self.prefix))


def names() -> list[str]:
    """Runtimes that can be installed."""
    return sorted(catalogue()["runtimes"])


def find(name: str, directory: Path | None = None) -> Runtime | None:
    """An installed runtime by name; None if it is not installed (or no longer whole)."""
    record = os.path.join(directory or runtimes_directory(), name, _RECORD)
    try:
        status = os.stat(record)
        found = _read(record, status.st_ino, status.st_mtime_ns)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if os.path.lexists(found.python) else None


@functools.lru_cache(maxsize=64)
def _read(record: str, _inode: int, _modified: int) -> Runtime:
    """A record is replaced as a whole: the same file of the same age says the same."""
    with open(record, "rb") as file:
        return msgspec.json.decode(file.read(), type=Runtime)


def installed(directory: Path | None = None) -> list[Runtime]:
    """All that are installed, by name; also those that a later catalogue no longer has."""
    directory = directory or runtimes_directory()
    try:
        entries = sorted(os.listdir(directory))
    except OSError:
        return []
    return [found for name in entries if (found := find(name, directory))]


def resolve_image(uri: str, directory: Path | None = None) -> Runtime | None:
    """The installed runtime that an image URI means; None if unknown or not installed.

    ``images.known_image`` tells the two apart.
    """
    image = known_image(uri)
    return find(image.runtime, directory) if image else None


def install(
    name: str,
    directory: Path | None = None,
    *,
    progress: Progress = lambda _: None,
    is_forced: bool = False,
) -> Runtime:
    """Install or renew a runtime; nothing is done if the same one stands.

    Args:
        name: One of ``names()``.
        directory: The runtimes' directory; None is this machine's.
        progress: Called with a line for each step.
        is_forced: Build it again even if the same one stands.

    Raises:
        Invalid: There is no such runtime.
        Internal: The installation failed; what stood before still stands.
    """
    if name not in names():
        raise Invalid(f"There is no runtime {name!r}. Runtimes: {', '.join(names())}.")
    directory = directory or runtimes_directory()
    place = directory / name
    _open_directories(directory, place)
    with _locked(directory / f"{name}.lock", progress):
        digest = _digest(name)
        standing = find(name, directory)
        if standing and standing.digest == digest and not is_forced:
            progress(f"{name} is installed: {standing.root}")
            return standing
        root = place / (digest if not is_forced else f"{digest}-{int(time.time())}")
        shutil.rmtree(root, ignore_errors=True)  # what an interrupted installation left
        try:
            _build(name, root, progress)
            found = _describe(name, root, digest)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)
            raise
        partial = place / f"{_RECORD}.partial"
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
        partial.chmod(0o644)
        partial.rename(place / _RECORD)
        _sweep(place, keep={root.name, Path(standing.root).name if standing else ""})
    progress(f"{name} is installed: {root}")
    return found


def remove(name: str, directory: Path | None = None) -> None:
    """Take a runtime off this machine. Sandboxes that use it lose what they have not loaded."""
    directory = directory or runtimes_directory()
    with _locked(directory / f"{name}.lock", lambda _: None):
        (directory / name / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(directory / name, ignore_errors=True)


def _open_directories(directory: Path, place: Path) -> None:
    """Every uid must be able to read a runtime, whatever our umask; parents of ours only."""
    try:
        for path in (directory.parent, directory, place):
            if not path.exists():
                path.mkdir(parents=True, exist_ok=True)
                path.chmod(0o755)
    except OSError as error:
        raise Internal(f"Runtimes cannot be kept in {directory}: {error.strerror}.") from error


@contextlib.contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with open(path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Another installation of it is under way; waiting.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(name: str) -> str:
    text = (_REQUIREMENTS / f"{name}.txt").read_text()
    base = f"{sys.version_info[:3]} {sys.base_prefix} {sysconfig.get_platform()}"
    return hashlib.sha256(f"{text}\n{base}".encode()).hexdigest()[:12]


def _build(name: str, root: Path, progress: Progress) -> None:
    requirements = str(_REQUIREMENTS / f"{name}.txt")
    base = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    python = str(root / "bin" / "python")
    progress(f"Building {name} with Python {sys.version.split()[0]} in {root}")
    if not (uv := _uv()) or not _built_by_uv(uv, base, root, python, requirements, progress):
        shutil.rmtree(root, ignore_errors=True)
        _run([base, "-m", "venv", "--without-pip", str(root)], progress)
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-input"]
        progress("Installing its packages with pip: a minute or two (uv takes ten seconds)")
        _run([*pip, "-q", "--require-hashes", "-r", requirements], progress)  # compiles as well
    for check in catalogue()["runtimes"][name]["checks"]:
        progress(f"Checking: {check}")
        _run([python, "-W", "ignore", "-c", check], progress)
    _open_to_all(root)


def _built_by_uv(
    uv: str, base: str, root: Path, python: str, requirements: str, progress: Progress
) -> bool:
    try:
        _run([uv, "venv", "-q", "--python", base, str(root)], progress)
        install = [uv, "pip", "install", "--python", python, "--require-hashes"]
        _run([*install, "-q", "--compile-bytecode", "-r", requirements], progress)
    except Internal as fault:
        progress(f"uv failed ({fault.message}); trying pip.")
        return False
    return True


def _uv() -> str | None:
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    return beside if os.access(beside, os.X_OK) else shutil.which("uv")


def _run(argv: list[str], progress: Progress) -> None:
    """Run a program, passing its lines on. The last ones are told if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONNOUSERSITE": "1", "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    if index := environment.get("PIP_INDEX_URL"):
        environment.setdefault("UV_DEFAULT_INDEX", index)
    if certificates := environment.get("PIP_CERT"):
        environment.setdefault("SSL_CERT_FILE", certificates)  # uv knows pip's by another name
    said: list[str] = []
    try:
        with subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env=environment,
            umask=0o022,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said = [*said[1 - OUTPUT_LINES_MAX :], line.rstrip()]
                progress(line.rstrip())
    except OSError as error:
        raise Internal(f"{argv[0]} cannot be run: {error.strerror}.") from error
    if process.returncode:
        tail = "\n".join(said)
        raise Internal(f"{' '.join(argv[:4])} ... failed: {tail}", detail=tail)


def _describe(name: str, root: Path, digest: str) -> Runtime:
    entry: dict[str, Any] = catalogue()["runtimes"][name]
    places = [str(path) for path in root.glob("lib/python*/site-packages")]
    versions = {
        re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(): found.version
        for found in importlib.metadata.distributions(path=places)
    }
    return Runtime(
        name=name,
        root=str(root),
        prefix=sys.base_prefix,
        python=str(root / "bin" / "python"),
        digest=digest,
        title=entry["title"],
        entrypoint=tuple(entry["entrypoint"]),
        labels={"python": sys.version.split()[0], "platform": sysconfig.get_platform()},
        versions={shown: versions[shown] for shown in entry["show"] if shown in versions},
        installed_at=time.time(),
    )


def _open_to_all(root: Path) -> None:
    """Readable by every uid: files may come from a cache that a strict umask filled."""
    for directory, _, files in os.walk(root):
        for path in (directory, *(os.path.join(directory, file) for file in files)):
            mode = os.lstat(path).st_mode
            wanted = mode | 0o444 | (0o111 if mode & 0o100 else 0)
            if mode != wanted and not os.path.islink(path):
                os.chmod(path, wanted & 0o7777)


def _sweep(place: Path, keep: set[str]) -> None:
    for entry in place.iterdir():
        if entry.is_dir() and entry.name not in keep:
            shutil.rmtree(entry, ignore_errors=True)
