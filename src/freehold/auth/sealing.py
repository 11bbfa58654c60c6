"""Sealed text: what a client carries for us and can neither read nor change.

Session tokens, one-time tickets and browser cookies are sealed here, each under a context of
its own, so that one never opens as another. A sealed text is URL-safe base64 of: version (1
byte), key id (4), nonce (12), AES-256-GCM ciphertext of deflated bytes, tag (16). The context
and the first five bytes are authenticated with it.
"""

from __future__ import annotations

import hmac
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4
SEALED_CHARS_MAX = 16_384  # as much of a header section as any server grants
OPENED_BYTES_MAX = 65_536
_HEAD = 1 + KEY_ID_BYTES


class Broken(Exception):
    """The text was not sealed by these keys in this context, or was altered since."""


class Keyring:
    """The install's sealing keys: the current one seals, both open.

    To rotate: make ``Keyring(new, old.current)``; what the key before ``old`` sealed is void.

    Args:
        current: 32 random bytes.
        previous: The one before, or None.
    """

    __slots__ = ("_by_id", "_current_id", "current", "previous")

    def __init__(self, current: bytes, previous: bytes | None = None) -> None:
        for key in (current, previous):
            if key is not None and len(key) != KEY_BYTES:
                raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
        self.current = current
        self.previous = previous
        self._by_id: dict[bytes, AESGCM] = {}
        for key in (previous, current):
            if key is not None:
                self._by_id[_key_id(key)] = AESGCM(_derived(key, b"freehold sealing"))
        self._current_id = _key_id(current)

    def __repr__(self) -> str:
        return f"Keyring({self._current_id.hex()})"

    def seal(self, context: bytes, content: bytes, nonce: bytes) -> str:
        """Deflate, encrypt and authenticate ``content``.

        Args:
            context: What kind of thing this is, such as ``b"session"``.
            content: At most OPENED_BYTES_MAX bytes.
            nonce: NONCE_BYTES random bytes, never used twice.
        """
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
        if len(content) > OPENED_BYTES_MAX:
            raise ValueError("too much to seal")
        head = bytes([VERSION]) + self._current_id
        cipher = self._by_id[self._current_id]
        sealed = cipher.encrypt(nonce, zlib.compress(content, 9, wbits=-15), context + b"\0" + head)
        return b64encode(head + nonce + sealed, b"-_").rstrip(b"=").decode()

    def open(self, context: bytes, text: str) -> tuple[bytes, bytes]:
        """The content, and the id of the key that sealed it.

        Raises:
            Broken: Altered, of another context or version, or of a key no longer held.
        """
        if len(text) > SEALED_CHARS_MAX or not text.isascii():
            raise Broken("not a sealed text")
        try:
            raw = b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except (NotBase64, ValueError):
            raise Broken("not base64") from None
        # Base64 has spare bits at its end: only the one spelling that we would write counts.
        if b64encode(raw, b"-_").rstrip(b"=").decode() != text:
            raise Broken("another spelling")
        head, nonce, sealed = (
            raw[:_HEAD],
            raw[_HEAD : _HEAD + NONCE_BYTES],
            raw[_HEAD + NONCE_BYTES :],
        )
        cipher = self._by_id.get(head[1:])
        if head[:1] != bytes([VERSION]) or cipher is None:
            raise Broken("another version or key")
        try:
            packed = cipher.decrypt(nonce, sealed, context + b"\0" + head)
        except (InvalidTag, ValueError):
            raise Broken("altered") from None
        return zlib.decompressobj(wbits=-15).decompress(packed, OPENED_BYTES_MAX), head[1:]

    def holds(self, key_id: bytes) -> bool:
        """Whether what this key sealed is still to be believed."""
        return key_id in self._by_id


def _key_id(key: bytes) -> bytes:
    return _derived(key, b"freehold key id")[:KEY_ID_BYTES]


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, "sha256")
