"""Service models by name, read from botocore's data files without importing botocore's code.

Input: ``service-2.json.gz`` and ``paginators-1.json`` of the botocore that is installed.
Output: ``Service`` values, one a name, kept for the life of the process.
What only people read is left out, and the rest is cached as msgpack under
``<cache>/models/<botocore version>-<patches version>/``. The cache is a help and never needed:
where it cannot be read or written, the model is made anew.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import importlib.metadata
import importlib.util
import json
import os
import tempfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from freehold.base import settings
from freehold.spec import patches
from freehold.spec.model import Service

SERVICES: tuple[str, ...] = (
    "sagemaker",
    "sagemaker-runtime",
    "sagemaker-metrics",
    "iam",
    "sts",
    "ec2",
    "efs",
    "logs",
    "cloudwatch",
    "ce",
    "budgets",
    "resourcegroupstaggingapi",
    "s3",
    "cloudtrail",
    "accessanalyzer",
    "pricing",
    "ssm",
    "ecr",
)

_FOR_PEOPLE = frozenset(
    {
        "documentation",
        "documentationUrl",
        "deprecatedMessage",
        "deprecatedSince",
        "contextParam",
        "staticContextParams",
        "operationContextParams",
        "clientContextParams",
    }
)
_SECTIONS = ("metadata", "operations", "shapes")


class _Packed(msgspec.Struct):
    metadata: dict[str, Any]
    operations: dict[str, msgspec.Raw]
    shapes: dict[str, msgspec.Raw]


_reader = msgspec.msgpack.Decoder(_Packed)


@functools.cache
def service(name: str, protocol: str | None = None) -> Service:
    """The model of one of SERVICES; the same object each time.

    Args:
        name: As botocore's data has it.
        protocol: What it shall speak, where that is not its usual protocol (CloudWatch still
            understands query); a model of its own then.

    Raises:
        KeyError: ``name`` is not among SERVICES.
    """
    if name not in SERVICES:
        raise KeyError(name)
    if protocol is not None and protocol == service(name).protocol:
        return service(name)
    packed = _cached(name) or _made(name)
    spoken = packed.metadata | ({"protocol": protocol} if protocol else {})
    return Service(name, spoken, packed.operations, packed.shapes)


def _cached(name: str) -> _Packed | None:
    """What was kept, if it can be read and is whole: four bytes of CRC-32 stand before it."""
    try:
        content = _cache_file(name).read_bytes()
        if int.from_bytes(content[:4]) != zlib.crc32(content[4:]):
            return None
        return _reader.decode(content[4:])
    except (OSError, RuntimeError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _made(name: str) -> _Packed:
    content = msgspec.msgpack.encode(trimmed(name))
    _keep(_cache_file(name), zlib.crc32(content).to_bytes(4) + content)
    return _reader.decode(content)


def _keep(file: Path, content: bytes) -> None:
    """Write by rename, so that nobody reads half a file; a full or forbidden disk is ignored."""
    with contextlib.suppress(OSError, RuntimeError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(path, file)
        except OSError:
            os.unlink(path)


@functools.cache
def _version() -> str:
    return f"{importlib.metadata.version('botocore')}-{patches.VERSION}"


def _cache_file(name: str) -> Path:
    return settings.cache_directory() / "models" / _version() / f"{name}.msgpack"


def trimmed(name: str) -> dict[str, Any]:
    """The patched model without what only people read: metadata, operations, shapes."""
    folder = _newest(name)
    model = _json(folder, "service-2")
    for path in sorted(folder.glob("service-2.*extras.json*")):
        _merge(model, json.loads(_read(path)).get("merge", {}))
    kept = {section: _trim(model[section]) for section in _SECTIONS}
    for operation in kept["operations"].values():
        operation["errors"] = [error["shape"] for error in operation.get("errors", ())]
    if any(folder.glob("paginators-1.json*")):
        for operation, pages in _json(folder, "paginators-1")["pagination"].items():
            if operation in kept["operations"]:
                kept["operations"][operation]["pages"] = pages
    patches.apply(name, kept)
    return kept


def _trim(part: Any, *, is_names: bool = True) -> Any:
    """Drop the keys for people. ``is_names``: the keys of this level are names, all kept."""
    if isinstance(part, dict):
        return {
            key: _trim(value, is_names=key == "members" and not is_names)
            for key, value in part.items()
            if is_names or key not in _FOR_PEOPLE
        }
    if isinstance(part, list):
        return [_trim(item, is_names=False) for item in part]
    return part


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _newest(name: str) -> Path:
    """The folder of the newest API version that has a model."""
    found = importlib.util.find_spec("botocore")
    assert found is not None, "botocore is a dependency"
    assert found.origin is not None, "botocore is a regular package"
    folders = sorted((Path(found.origin).parent / "data" / name).iterdir())
    return next(folder for folder in reversed(folders) if any(folder.glob("service-2.json*")))


def _json(folder: Path, stem: str) -> dict[str, Any]:
    plain = folder / f"{stem}.json"
    content = _read(plain if plain.exists() else folder / f"{stem}.json.gz")
    model: dict[str, Any] = json.loads(content)
    return model


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content
