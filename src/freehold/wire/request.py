"""A request as it came, and a reply as it goes: the two values that cross the edge."""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    """``path`` and ``query`` are raw, percent-encoded, without ``?``; header names lower-case.

    ``body`` is empty where the edge streams it (S3 objects).
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """Status, headers in order, and the whole body. ``content-length`` is the edge's."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
