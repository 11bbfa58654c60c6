r"""SigV4's canonical request: one text for each meaning of a request.

Takes the request as it stood on the wire (text decoded as latin-1) and gives what is hashed
and signed; ``sigv4`` compares with it, ``presign`` signs with it. S3's path is taken as it
is; every other service's loses dot segments and double slashes and is encoded once more.
Source: IAM User Guide, "Create a signed AWS API request"; S3 API, "Signature calculations".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = sha256(b"").hexdigest()

_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?|/")
_BLANKS = re.compile(r"[ \t]+")


def normalized_path(raw_path: str) -> str:
    """``raw_path`` without dot segments and empty segments (RFC 3986, 5.2.4, and AWS's own).

    Whoever routes a request of any service but S3 must route by this, since the signature
    does not tell ``/a/../b`` or ``//b`` from ``/b``.
    """
    kept: list[str] = []
    for segment in raw_path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment and segment != ".":
            kept.append(segment)
    last = "/" if kept and raw_path.endswith("/") else ""
    return "/" + "/".join(kept) + last


def path_text(raw_path: str, *, is_s3: bool) -> str:
    """The canonical path as nearly every signer makes it."""
    if raw_path == "/" or is_s3:
        return raw_path or "/"
    if _PLAIN_PATH.fullmatch(raw_path):
        return raw_path
    return quote(normalized_path(raw_path).encode("latin-1", "replace"), safe="/~")


def recoded_path(raw_path: str) -> str:
    """S3's other reading: segments decoded, then encoded strictly (some signers send lax paths)."""
    return "/".join(_recoded(segment) for segment in raw_path.split("/")) or "/"


def query_text(raw_query: str, *, is_presigned: bool = False) -> str:
    """Pairs sorted by name, then value, each with ``=``; encoding as it stood on the wire."""
    if not raw_query:
        return ""
    pairs = [pair.partition("=") for pair in raw_query.split("&")]
    pairs.sort(key=_name_and_value)
    return "&".join(
        f"{name}={value}"
        for name, _, value in pairs
        if not (is_presigned and name == "X-Amz-Signature")
    )


def recoded_query(raw_query: str) -> str:
    """``raw_query`` with each part decoded (``+`` is a space) and encoded strictly, unsorted."""
    return "&".join(
        "=".join(_recoded(part.replace("+", " ")) for part in pair.split("=", 1))
        for pair in raw_query.split("&")
    )


class SignedHeaders:
    r"""The headers that a request names as signed, ready to be made into text.

    One is kept for each list of names, and there are few lists in the world: one template and
    one look-up make the block of a usual request.
    """

    __slots__ = ("_template", "_values", "names")

    def __init__(self, joined: str) -> None:
        names = tuple(joined.split(";"))
        self.names = frozenset(names)
        self._template = "".join(name.replace("%", "%%") + ":%s\n" for name in names)
        # Twice the last name, so that one name also gives a tuple.
        self._values: Callable[[Mapping[str, str]], tuple[str, ...]]
        self._values = itemgetter(*names, names[-1])

    def block(self, headers: Mapping[str, str]) -> str:
        r"""``name:value\n`` for each name, values trimmed and runs of blanks made one space.

        Raises:
            KeyError: A name has no header.
            ValueError: A value holds a line break: it could pose as another header.
        """
        values = self._values(headers)[:-1]
        joined = "\0" + "\0".join(values) + "\0"
        if "\n" in joined or "\r" in joined:
            raise ValueError("line break in a header")
        if "\t" in joined or "  " in joined or "\0 " in joined or " \0" in joined:
            values = tuple(_BLANKS.sub(" ", value).strip(" ") for value in values)
        return self._template % values


@lru_cache(maxsize=512)
def signed_headers(joined: str) -> SignedHeaders:
    """From the names joined by ``;``, in the order in which they were signed."""
    return SignedHeaders(joined)


def string_to_sign(amz_date: str, scope: str, canonical_request: str) -> bytes:
    """What is signed.

    Raises:
        UnicodeEncodeError: The request holds text that no wire carries.
    """
    digest = sha256(canonical_request.encode("latin-1")).hexdigest()
    return f"{ALGORITHM}\n{amz_date}\n{scope}\n{digest}".encode("latin-1")


def _recoded(part: str) -> str:
    return quote(unquote_to_bytes(part.encode("latin-1", "replace")), safe="~")


def _name_and_value(pair: tuple[str, str, str]) -> tuple[str, str]:
    return pair[0], pair[2]
