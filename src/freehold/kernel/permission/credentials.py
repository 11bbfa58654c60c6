"""Access keys of users and of the root: the one thing of a call that is kept in its own table.

Called by ``services/iam``; read at the door by ``kernel/permission/identity.py``. Every change
counts as a touch of ``identity.ACCESS_KEY``, so that what was remembered of a key dies with its
COMMIT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.base import ids
from freehold.kernel.permission import identity
from freehold.store import keys
from freehold.store.keys import AccessKey

if TYPE_CHECKING:
    from freehold.kernel.call import Call

__all__ = [
    "AccessKey",
    "access_key",
    "access_keys",
    "new_access_key",
    "put_access_key",
    "remove_access_key",
]


def access_keys(call: Call, owner: str) -> list[AccessKey]:
    """All keys of the user or root with this ARN, oldest first."""
    return keys.of_owner(call.unit.connection, owner)


def access_key(call: Call, key_id: str) -> AccessKey | None:
    """The key of this id, whoever owns it and whatever its status."""
    return keys.find(call.unit.connection, key_id)


def new_access_key(call: Call, owner: str) -> AccessKey:
    """Make and keep an active key; the secret is shown once, by the caller."""
    key = AccessKey(ids.unique_id("AKIA"), owner, ids.secret_key(), "Active", call.now, None)
    put_access_key(call, key)
    return key


def put_access_key(call: Call, key: AccessKey) -> None:
    """Add or replace a key."""
    assert call.unit.is_writing
    keys.put(call.unit.connection, key)
    call.unit.touched.add(identity.ACCESS_KEY)


def remove_access_key(call: Call, key_id: str) -> None:
    """Delete a key; calls signed with it are refused from the COMMIT on."""
    assert call.unit.is_writing
    keys.remove(call.unit.connection, key_id)
    call.unit.touched.add(identity.ACCESS_KEY)
