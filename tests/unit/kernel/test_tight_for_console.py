"""The console's setups fill in the same tight policy as `freehold quick-setup`."""

from __future__ import annotations

import json
from pathlib import Path

from freehold.kernel.permission import tight

ROLES = Path(__file__).parents[3] / "console/src/roles"
COPY = ROLES / "tight-policy.json"
NAMES = ("partition", "region", "account", "domain-arn", "domain-id", "role-arn", "bucket")


def test_the_consoles_copy_is_the_tight_policy() -> None:
    wanted = tight.tight_policy(*(f"@{name}@" for name in NAMES))
    assert json.loads(COPY.read_text()) == wanted, f"write it anew: {json.dumps(wanted)}"


def test_the_consoles_lists_are_those_of_the_tight_policy() -> None:
    assert json.loads((ROLES / "lists.json").read_text()) == list(tight.LISTS)
