"""What can go wrong, said once, without a word of HTTP.

    Fault
    ├── Invalid           the caller's request is malformed or breaks a rule
    ├── Unauthenticated   we do not know who is asking
    ├── Denied            we know, and they may not
    ├── NotFound          the named thing does not exist
    ├── InUse             the name is taken, or something still hangs on the thing
    ├── Conflict          the thing is in a state that forbids this now
    ├── LimitExceeded     a quota would be passed
    ├── Throttled         too many calls, or too much waiting; try again later
    ├── Unsupported       AWS has it, this server does not
    └── Internal          our own mistake or a failing disk

Raised anywhere; ``wire/faults.py`` gives each its name and status in the caller's
protocol at the last step. ``message`` is for the caller: what is wrong with which
resource, and what would be right. ``detail`` is for the log only.
"""

from __future__ import annotations


class Fault(Exception):
    """A refusal with a meaning. ``code`` overrides the service's usual name for it."""

    def __init__(self, message: str, *, code: str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.detail = detail


class Invalid(Fault):
    """The request is malformed or breaks a documented rule."""


class Unauthenticated(Fault):
    """The caller is not known. ``code`` is always given: it tells which check failed."""


class Denied(Fault):
    """The caller is known and may not do this."""


class NotFound(Fault):
    """The named resource does not exist."""


class InUse(Fault):
    """The name is taken, or other resources still depend on this one."""


class Conflict(Fault):
    """The resource is in a state that forbids the call now."""


class LimitExceeded(Fault):
    """A quota would be passed."""


class Throttled(Fault):
    """Try again later; nothing was done."""


class Unsupported(Fault):
    """AWS has this operation or member; this server refuses it by name."""


class Internal(Fault):
    """Not the caller's mistake. ``retryable`` means that nothing was done (503)."""

    def __init__(self, message: str, *, detail: str = "", retryable: bool = False) -> None:
        super().__init__(message, detail=detail)
        self.retryable = retryable
