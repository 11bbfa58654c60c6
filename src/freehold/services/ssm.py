"""Systems Manager's service settings: the account settings of this install, by AWS's own calls.

``/freehold/NAME`` is the setting that ``freehold settings`` calls ``NAME``: guards, switches and
quotas (``kernel/account/settings.py``). Input: an id or its ARN, and a value as the command takes
it. Output: the setting as it stands. AWS's own settings and the rest of the service are not served.
"""

from __future__ import annotations

from freehold.base.errors import Denied, Invalid, NotFound
from freehold.kernel.account import settings
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service

ssm = Service("ssm")

OURS = "/freehold/"
NOUN = "servicesetting"


def _on_setting(call: Call, request: Document) -> str:
    asked = _id(call, request)
    return asked if asked.startswith("arn:") else _arn(call, asked)


@ssm.operation("GetServiceSetting", target=_on_setting)
def get_service_setting(call: Call, request: Document) -> Document:
    """One setting.

    Raises:
        NotFound: There is no such setting.
    """
    return {"ServiceSetting": _shown(call, _id(call, request))}


@ssm.operation("UpdateServiceSetting", mode="write", target=_on_setting)
def update_service_setting(call: Call, request: Document) -> Document:
    """Set one.

    Raises:
        Denied: Something inside a domain asks.
        Invalid: It cannot have this value.
        NotFound: There is no such setting.
    """
    _put(call, _id(call, request), request["SettingValue"])
    return {}


@ssm.operation("ResetServiceSetting", mode="write", target=_on_setting)
def reset_service_setting(call: Call, request: Document) -> Document:
    """Put one back to what a new install has: off. Raises what UpdateServiceSetting raises."""
    _put(call, _id(call, request), settings.OFF)
    return {"ServiceSetting": _shown(call, _id(call, request))}


def _id(call: Call, request: Document) -> str:
    """``/freehold/isolation.lists``, also of its ARN; another account's ARN stays what it is."""
    return str(request["SettingId"]).removeprefix(_arn(call, ""))


def _arn(call: Call, setting_id: str) -> str:
    known = call.kernel.settings
    return f"arn:{known.partition}:ssm:{known.region}:{known.account_id}:{NOUN}{setting_id}"


def _name(setting_id: str) -> str:
    """What ``freehold settings`` calls it.

    Raises:
        NotFound: There is no such setting.
    """
    name = setting_id.removeprefix(OURS)
    if setting_id.startswith(OURS) and settings.is_one(name):
        return name
    raise NotFound(f"There is no service setting {setting_id}: {settings.told(OURS)}.")


def _put(call: Call, setting_id: str, value: str) -> None:
    if call.principal.origin is not None:
        raise Denied(
            "Account settings hold domains apart: nothing that runs in one may change them."
        )
    name = _name(setting_id)
    try:
        settings.put(call.unit, settings.changes([f"{name}={value}"]))
    except Invalid as fault:
        raise Invalid(f"{fault.message}.") from None


def _shown(call: Call, setting_id: str) -> Document:
    value = settings.value(call.unit, _name(setting_id))
    return {
        "SettingId": setting_id,
        "SettingValue": value,
        "ARN": _arn(call, setting_id),
        "Status": "Default" if value == settings.OFF else "Customized",
    }
