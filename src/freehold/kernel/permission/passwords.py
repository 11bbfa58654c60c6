"""Passwords of users: kept as scrypt hashes on their records, verified, never told.

``services/iam`` writes them, the console's sign-in asks ``verify_password``. Hashing takes a tenth
of a second and more on purpose: do it on a pool, never inside the writer's transaction.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from hashlib import scrypt

from freehold.store.records import Record

# Member of a user: {"Hash", "At", "CreateDate", "Reset", "Past": [hash, ...]}.
PASSWORD = "_Password"  # noqa: S105 - a name
COST, BLOCK, PARALLEL = 1 << 14, 8, 5  # OWASP password storage: scrypt with 16 MiB
SALT_BYTES = 16
HASH_BYTES = 32
MEMORY_MAX = 64 << 20


def hashed(password: str) -> str:
    """A hash to keep: ``scrypt$N$r$p$salt$hash``, with a new salt."""
    salt = os.urandom(SALT_BYTES)
    digest = _digest(password, salt, COST, BLOCK, PARALLEL)
    shown = [b64encode(part).decode() for part in (salt, digest)]
    return "$".join(["scrypt", str(COST), str(BLOCK), str(PARALLEL), *shown])


def matches(kept: str, password: str) -> bool:
    """Whether ``password`` is the one behind a kept hash; False too where that cannot be read."""
    try:
        name, cost, block, parallel, salt, digest = kept.split("$")
        if name != "scrypt":
            return False
        found = _digest(password, b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(found, b64decode(digest))
    except ValueError:
        return False


def verify_password(user: Record | None, password: str) -> bool:
    """Whether this is the user's password now.

    Who has none, or is nobody (None), takes as long to refuse, so that time tells nothing.
    """
    kept = {} if user is None else user.document.get(PASSWORD) or {}
    is_right = matches(kept.get("Hash") or _NOBODY, password)
    return is_right and bool(kept)


def _digest(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return scrypt(
        password.encode(),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=MEMORY_MAX,
        dklen=HASH_BYTES,
    )


# Of no password: compared with where there is none.
_NOBODY = f"scrypt${COST}${BLOCK}${PARALLEL}${'A' * 22}==${'A' * 43}="
