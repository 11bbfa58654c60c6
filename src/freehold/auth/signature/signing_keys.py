"""Signing keys: derived from a secret for one day, region and service, and remembered.

``sigv4`` and the chunk decoder ask here; ``presign`` derives its own.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict

from freehold.auth.signature.credential import Credential

KEYS_CACHED_MAX = 1024


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service, derived from the secret. 32 bytes."""
    key = hmac.digest(f"AWS4{secret}".encode(), date.encode(), "sha256")
    key = hmac.digest(key, region.encode(), "sha256")
    key = hmac.digest(key, service.encode(), "sha256")
    return hmac.digest(key, b"aws4_request", "sha256")


class SigningKeys:
    """A bounded memory of derived keys, least recently used out first.

    Each entry stands for one access key and scope and holds the secret it came from; it is
    served only to whoever names that same secret, so a rotated one is never served, and a
    deleted one is not asked for. Only ``verify`` writes, after a signature proved true: a
    stranger cannot push entries out.
    """

    def __init__(self, capacity: int = KEYS_CACHED_MAX) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, credential: Credential, secret: str) -> bytes | None:
        """The key, if it was kept under this very secret."""
        place = (credential.access_key_id, credential.scope)
        entry = self._kept.get(place)
        if entry is None or entry[0] != secret:
            return None
        try:  # noqa: SIM105 - contextlib.suppress costs more than all the rest
            self._kept.move_to_end(place)
        except KeyError:  # another thread has just put it out
            pass
        return entry[1]

    def keep(self, credential: Credential, secret: str, key: bytes) -> None:
        """Remember ``key``; puts the least recently used out if there are too many."""
        place = (credential.access_key_id, credential.scope)
        self._kept[place] = (secret, key)
        self._kept.move_to_end(place)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def key(self, credential: Credential, secret: str) -> bytes:
        """The key, derived if it is not kept: the chunk decoder's."""
        return self.find(credential, secret) or signing_key(
            secret, credential.date, credential.region, credential.service
        )
