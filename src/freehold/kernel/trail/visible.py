"""Which entries of the audit log a caller may see where the guard isolation.lists is on.

CloudTrail's LookupEvents knows no resources: on AWS whoever may call it sees the whole account, and
so it is here without the guard. With it, an entry is shown to who made the call, and to who may
describe both what it is about and who made it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.kernel.permission import identity
from freehold.kernel.permission.guards.seen import SeenUnit, Sight
from freehold.kernel.trail import terms
from freehold.store.audit import Entry
from freehold.store.records import DOMAIN_TAG

if TYPE_CHECKING:
    from freehold.kernel.call import Call

SEE_ROOT = "iam:GetUser"


def visible(call: Call) -> Callable[[Entry], bool]:
    """The test of an entry, for the caller of ``call``."""
    if not isinstance(call.unit, SeenUnit):
        return lambda _entry: True
    return functools.partial(_sees, call, _Eyes(call, call.unit.sight))


def _sees(call: Call, eyes: _Eyes, entry: Entry) -> bool:
    origin = call.principal.origin
    if entry.principal == call.principal.arn and entry.origin == (origin and origin.arn):
        return True
    subjects = terms.subjects(entry)
    if not all(eyes.thing(arn, entry.origin) for arn in subjects):
        return False
    if entry.origin:
        return eyes.thing(entry.origin, entry.origin)
    if entry.principal.endswith(terms.SERVICE_SUFFIX):
        return bool(subjects)
    if entry.principal.endswith(":root"):
        return bool(subjects) or eyes.root()
    if not entry.principal.startswith("arn:"):  # strangers: the account's own affair
        return eyes.root()
    return eyes.person(entry.principal)


class _Eyes:
    """What one caller may describe; every answer is remembered for the length of the call."""

    def __init__(self, call: Call, sight: Sight) -> None:
        self._call = call
        self._sight = sight
        self._known: dict[tuple[str, str | None], bool] = {}

    def thing(self, arn: str, origin: str | None) -> bool:
        """Whether a thing may be described, as it is tagged now.

        What is gone counts as tagged by where the call came from: so it was made, if it was.
        """
        if arn.split(":", 3)[2] == "s3":
            arn = arn.partition("/")[0]
        key = (arn, origin)
        if key not in self._known:
            record = self._call.unit.find(arn)
            domain = None if origin is None else terms.domain_of(origin)
            tags = {} if domain is None else {DOMAIN_TAG: domain}
            shown = tags if record is None else record.tags
            self._known[key] = self._sight.sees_line(arn, shown)
        return self._known[key]

    def person(self, principal: str) -> bool:
        """Whether the user or role behind a caller may be described."""
        head, _, tail = principal.partition(":assumed-role/")
        if not tail:
            return self.thing(principal, None)
        name = tail.partition("/")[0]
        role = self._call.unit.named(identity.ROLE, name)
        arn = f"{head.replace(':sts:', ':iam:')}:role/{name}" if role is None else role.arn
        return self.thing(arn, None)

    def root(self) -> bool:
        """Whether the account's root may be described: asked as AWS asks it, of its ARN."""
        key = ("root", None)
        if key not in self._known:
            arn = identity.root_arn(self._call.kernel.settings)
            self._known[key] = self._call.refusal(SEE_ROOT, arn) is None
        return self._known[key]
