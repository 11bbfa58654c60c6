"""What is said of signing in to the account, in one record: its alias and its password policy.

``account/report.py`` keeps the credential report beside them.
"""

from __future__ import annotations

from freehold.base.errors import NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.iam.entities import ACCOUNT, iam, page

ALIAS = "_Alias"
PASSWORDS = "_PasswordPolicy"
REPORT = "_CredentialReport"  # {"Content": base64, "GeneratedTime": epoch seconds}
# UpdateAccountPasswordPolicy: a member that is left out returns to this; None: absent.
POLICY_DEFAULTS: Document = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "AllowUsersToChangePassword": False,
}
POLICY_OPTIONS = ("MaxPasswordAge", "PasswordReusePrevention", "HardExpiry")


def read(call: Call) -> Document:
    """The account's record as a document; empty where nothing was ever said."""
    record = call.find(ACCOUNT, {})
    return {} if record is None else record.document


def to_write(call: Call) -> Record:
    """The account's record, made on first use. The caller saves it with ``call.update``."""
    return call.find(ACCOUNT, {}) or call.create(ACCOUNT, {}, name="settings")


# -- alias ----------------------------------------------------------------------------------------


@iam.operation("CreateAccountAlias", mode="write")
def create_account_alias(call: Call, request: Document) -> None:
    """Name the account; an earlier name is replaced, since there is one at most."""
    record = to_write(call)
    record.document[ALIAS] = request["AccountAlias"]
    call.update(record)


@iam.operation("DeleteAccountAlias", mode="write")
def delete_account_alias(call: Call, request: Document) -> None:
    """Take the account's name away.

    Raises:
        NotFound: It has another name, or none.
    """
    record, alias = to_write(call), request["AccountAlias"]
    if record.document.get(ALIAS) != alias:
        raise NotFound(f"The account alias with name {alias} cannot be found.", code="NoSuchEntity")
    del record.document[ALIAS]
    call.update(record)


@iam.operation("ListAccountAliases")
def list_account_aliases(call: Call, _request: Document) -> Document:
    """The account's name, if it has one."""
    alias = read(call).get(ALIAS)
    return page("AccountAliases", [] if alias is None else [alias], None)


# -- password policy ------------------------------------------------------------------------------


@iam.operation("UpdateAccountPasswordPolicy", mode="write")
def update_account_password_policy(call: Call, request: Document) -> None:
    """Say what passwords must be from now on; what is left out returns to its default."""
    given = POLICY_DEFAULTS | request
    record = to_write(call)
    record.document[PASSWORDS] = {
        member: given[member] for member in (*POLICY_DEFAULTS, *POLICY_OPTIONS) if member in given
    }
    call.update(record)


@iam.operation("GetAccountPasswordPolicy")
def get_account_password_policy(call: Call, _request: Document) -> Document:
    """What passwords must be, where the account has said so.

    Raises:
        NotFound: It has not; the default of ``password_rules.py`` is in force.
    """
    policy = read(call).get(PASSWORDS)
    if policy is None:
        raise NotFound(
            f"The Password Policy with domain name {call.account_id} cannot be found.",
            code="NoSuchEntity",
        )
    return {"PasswordPolicy": policy | {"ExpirePasswords": "MaxPasswordAge" in policy}}


@iam.operation("DeleteAccountPasswordPolicy", mode="write")
def delete_account_password_policy(call: Call, _request: Document) -> None:
    """Return to the default.

    Raises:
        NotFound: The account has no policy of its own.
    """
    record = to_write(call)
    if record.document.pop(PASSWORDS, None) is None:
        raise NotFound(
            "The account policy with name PasswordPolicy cannot be found.", code="NoSuchEntity"
        )
    call.update(record)
