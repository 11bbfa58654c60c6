"""Amazon Resource Names: six parts, split at the first five colons and never elsewhere."""

from __future__ import annotations

from typing import NamedTuple


class Arn(NamedTuple):
    """``arn:partition:service:region:account:resource``; ``resource`` may hold more colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def kind(self) -> str:
        """What stands before the first ``/`` of the resource, such as ``training-job``."""
        return self.resource.partition("/")[0]

    @property
    def tail(self) -> str:
        """What stands behind the first ``/`` of the resource."""
        return self.resource.partition("/")[2]


def parse(text: str) -> Arn | None:
    """Split ``text``; None if it does not have the shape of an ARN."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[2] or not parts[5]:
        return None
    return Arn(*parts[1:])
