"""The service object that every noun of SageMaker declares itself on, and its own words."""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.service import Service

sagemaker = Service("sagemaker")

# Condition keys of settings that domains, profiles and spaces share (domains.md 3.5).
IN_USE = frozenset({"Pending", "InService", "Updating", "Deleting"})


def require_role(call: Call, arn: str | None, what: str) -> None:
    """Refuse an execution role that is not there.

    Raises:
        Invalid: No role of this account has that ARN.
    """
    if arn is not None and call.unit.find(arn) is None:
        raise Invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role ({what})."
        )


def missing(what: str) -> NotFound:
    """SageMaker's fault for a Studio resource that is not there."""
    return NotFound(f"{what} does not exist.")
