"""The console's quick setup fills in the same tight policy as `freehold quick-setup`."""

from __future__ import annotations

import json
from pathlib import Path

from freehold.kernel.permission import tight

COPY = Path(__file__).parents[3] / "console/src/roles/tight-policy.json"
NAMES = ("partition", "region", "account", "domain-arn", "domain-id", "role-arn", "bucket")


def test_the_consoles_copy_is_the_tight_policy() -> None:
    wanted = tight.tight_policy(*(f"@{name}@" for name in NAMES))
    assert json.loads(COPY.read_text()) == wanted, f"write it anew: {json.dumps(wanted)}"
