"""Login profiles: the passwords of users for the console, as hashes on the users' records.

Hashing is slow on purpose and happens ahead of the transaction (``_prepare``); the transaction
checks that nothing was changed meanwhile. No password is kept, logged or answered.
"""

from __future__ import annotations

from freehold.base.errors import Conflict, Denied, InUse, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import passwords
from freehold.kernel.permission.passwords import PASSWORD
from freehold.services.iam.entities import USER, holder, iam
from freehold.services.iam.people import password_rules, sign_in

PAST_MAX = 24  # PasswordReusePrevention remembers no more
HASH = "password_hash"
SEEN = "password_seen"


def _kept(record: Record) -> Document:
    """The password of a user as it is kept.

    Raises:
        NotFound: ``NoSuchEntity``: there is none.
    """
    kept: Document | None = record.document.get(PASSWORD)
    if kept is None:
        raise NotFound(
            f"Login Profile for User {record.name} cannot be found.", code="NoSuchEntity"
        )
    return kept


def _shown(record: Record) -> Document:
    kept = _kept(record)
    return {
        "LoginProfile": {
            "UserName": record.name,
            "CreateDate": kept["CreateDate"],
            "PasswordResetRequired": kept["Reset"],
        }
    }


# -- ahead of the transaction ---------------------------------------------------------------------


def _prepare(call: Call, record: Record, password: str) -> None:
    """Check a new password and hash it into ``call.internal``, with what it was checked against."""
    said = sign_in.read(call)
    policy = said.get(sign_in.PASSWORDS)
    names = [record.name, call.account_id, str(said.get(sign_in.ALIAS, ""))]
    password_rules.check(password, policy, names)
    kept = record.document.get(PASSWORD) or {}
    most = (policy or {}).get("PasswordReusePrevention", 0)
    had = [kept["Hash"], *kept["Past"]] if kept else []
    if any(passwords.matches(hash_, password) for hash_ in had[:most]):
        raise password_rules.reused()
    call.internal[HASH] = passwords.hashed(password)
    call.internal[SEEN] = kept.get("Hash")


def _ahead(call: Call, request: Document) -> None:
    if "Password" in request:
        _prepare(call, holder(call, USER, request), request["Password"])


def _ahead_of_change(call: Call, request: Document) -> None:
    record = _myself(call)
    if not passwords.verify_password(record, request["OldPassword"]):
        raise Denied("The old password was incorrect.", code="AccessDenied")
    _prepare(call, record, request["NewPassword"])


def _put(call: Call, record: Record, *, reset: bool) -> None:
    """Keep the hash that was made ahead."""
    known: Document = record.document.get(PASSWORD) or {}
    if known.get("Hash") != call.internal[SEEN]:
        raise Conflict(
            f"The login profile of {record.name} was changed meanwhile: try again.",
            code="EntityTemporarilyUnmodifiable",
        )
    past = [known["Hash"], *known["Past"]][:PAST_MAX] if known else []
    record.document[PASSWORD] = {
        "Hash": call.internal[HASH],
        "At": call.now,
        "CreateDate": known.get("CreateDate", call.now),
        "Reset": reset,
        "Past": past,
    }
    call.update(record)


# -- operations -----------------------------------------------------------------------------------


@iam.operation("CreateLoginProfile", on=USER, mode="write", secrets=("Password",), ahead=_ahead)
def create_login_profile(call: Call, request: Document) -> Document:
    """Give a user a password.

    Raises:
        InUse: They have one.
        Invalid: ``PasswordPolicyViolation``, or no password is given.
    """
    record = holder(call, USER, request)
    if record.document.get(PASSWORD):
        raise InUse(
            f"Login Profile for user {record.name} already exists.", code="EntityAlreadyExists"
        )
    if "Password" not in request:
        raise Invalid("Must specify Password.", code="ValidationError")
    _put(call, record, reset=bool(request.get("PasswordResetRequired")))
    return _shown(record)


@iam.operation("GetLoginProfile", on=USER)
def get_login_profile(call: Call, request: Document) -> Document:
    """Whether a user has a password, and since when."""
    return _shown(holder(call, USER, request))


@iam.operation("UpdateLoginProfile", on=USER, mode="write", secrets=("Password",), ahead=_ahead)
def update_login_profile(call: Call, request: Document) -> None:
    """Replace a password, or let its user replace it at the next sign-in.

    Raises:
        NotFound: The user has none.
        Invalid: ``PasswordPolicyViolation``.
    """
    record = holder(call, USER, request)
    kept = _kept(record)
    reset = bool(request.get("PasswordResetRequired", kept["Reset"]))
    if "Password" in request:
        _put(call, record, reset=reset)
        return
    kept["Reset"] = reset
    call.update(record)


@iam.operation("DeleteLoginProfile", on=USER, mode="write")
def delete_login_profile(call: Call, request: Document) -> None:
    """Take a user's password away; keys go on."""
    record = holder(call, USER, request)
    _kept(record)
    del record.document[PASSWORD]
    call.update(record)


def _myself(call: Call) -> Record:
    """The user who calls, by long-term key or by a session of their own.

    Raises:
        Invalid: ``InvalidUserType``: the root, or a role.
    """
    if call.principal.kind != "user":
        raise Invalid("Only IAM Users can change their own password", code="InvalidUserType")
    record = call.load_arn(USER, call.principal.arn, {"UserName": call.principal.user_name})
    _kept(record)
    return record


def _caller(call: Call, _request: Document) -> str:
    return call.principal.arn if call.principal.kind == "user" else "*"


@iam.operation(
    "ChangePassword",
    on=USER,
    mode="write",
    target=_caller,
    secrets=("OldPassword", "NewPassword"),
    ahead=_ahead_of_change,
)
def change_password(call: Call, _request: Document) -> None:
    """Replace one's own password.

    Raises:
        Denied: The old one is wrong.
        Invalid: ``PasswordPolicyViolation``, or the caller is no user.
    """
    _put(call, _myself(call), reset=False)
