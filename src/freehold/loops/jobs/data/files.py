"""The S3 that a job's files come from and go to, always as the job's own role.

``Files`` is all that the rest of this folder knows of S3; ``S3Files`` asks our own S3 service,
by the road that every call takes, so that permission, audit and metering are its affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid


class Place(NamedTuple):
    """A bucket and a key or prefix in it."""

    bucket: str
    key: str

    def below(self, *parts: str) -> Place:
        """The key of something below this prefix; no ``//`` comes to be."""
        return Place(self.bucket, "/".join(part for part in (self.key.rstrip("/"), *parts) if part))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def place(uri: str) -> Place:
    """Read ``s3://bucket/prefix``, or the ``https://s3...`` form of the model's pattern.

    Raises:
        Invalid: It is neither.
    """
    scheme, rest = uri.partition("://")[::2]
    if scheme == "s3":
        bucket, _, key = rest.partition("/")
    elif scheme in ("https", "http"):
        bucket, _, key = unquote(urlsplit(uri).path).lstrip("/").partition("/")
    else:
        bucket = key = ""
    if not bucket:
        raise Invalid(f"{uri} is not an S3 URI: s3://BUCKET/PREFIX is expected.")
    return Place(bucket, key)


class Found(NamedTuple):
    """One object of a list."""

    key: str
    size: int


class Upload(Protocol):
    """An object that is being written."""

    def write(self, data: bytes) -> object:
        """Take more bytes."""
        ...


class Files(Protocol):
    """What jobs do with S3. Faults of S3 come through as they are."""

    def list(self, who: Principal, at: Place) -> Iterator[Found]:
        """All objects whose keys begin with the place's key, by key."""
        ...

    def read(self, who: Principal, at: Place) -> Iterator[bytes]:
        """The bytes of one object."""
        ...

    def write(self, who: Principal, at: Place) -> AbstractContextManager[Upload]:
        """Write one object: there once the block ends well, not at all if it raises."""
        ...
