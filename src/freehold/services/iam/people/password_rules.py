"""What a password must be: by the account's own password policy, or by AWS's default.

Input: a password, the policy as ``sign_in.py`` keeps it, names that it must not be.
Output: nothing, or ``PasswordPolicyViolation``.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.base.errors import Invalid
from freehold.kernel.declare.operation import Document

LENGTH_DEFAULT = 8  # IAM user guide, default password policy
KINDS_DEFAULT = 3
SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
_KINDS = (
    ("RequireUppercaseCharacters", "uppercase letter", lambda letter: "A" <= letter <= "Z"),
    ("RequireLowercaseCharacters", "lowercase letter", lambda letter: "a" <= letter <= "z"),
    ("RequireNumbers", "number", lambda letter: "0" <= letter <= "9"),
    ("RequireSymbols", "symbol", SYMBOLS.__contains__),
)


def check(password: str, policy: Document | None, names: Iterable[str]) -> None:
    """Refuse a password that the policy forbids.

    Args:
        password: In clear.
        policy: ``PasswordPolicy`` of IAM; None: AWS's default, three kinds of characters.
        names: What a password must not be by that default: the account's and the user's names.

    Raises:
        Invalid: ``PasswordPolicyViolation`` in IAM's words.
    """
    has = {member: any(map(is_one, password)) for member, _, is_one in _KINDS}
    least = LENGTH_DEFAULT if policy is None else policy["MinimumPasswordLength"]
    if len(password) < least:
        raise _violation(f"Password should have a minimum length of {least}")
    if policy is None:
        if sum(has.values()) < KINDS_DEFAULT:
            raise _violation(
                "Password should have at least three of: uppercase letter, lowercase letter, "
                "number, symbol"
            )
        if password.lower() in {name.lower() for name in names}:
            raise _violation("Password must not be the name of the account or of the user")
        return
    for member, words, _ in _KINDS:
        if policy.get(member) and not has[member]:
            raise _violation(f"Password should have at least one {words}")


def reused() -> Invalid:
    """The refusal of a password that was had before."""
    return _violation("Password has been used before: choose another one")


def _violation(message: str) -> Invalid:
    return Invalid(message, code="PasswordPolicyViolation")
