"""MFA: whether a request brings a right code of its caller's own device, and using that code up.

Devices are records of ``services/iam``: ``_Seed`` is base32, ``_User`` the ARN of whose it is,
``_Step`` the step of the code that was used last. Asked inside the writer's transaction, so that
of two calls with one code only one passes.
"""

from __future__ import annotations

import weakref

from freehold.auth import totp
from freehold.base.errors import Denied
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.dispatch import Kernel

DEVICE = "iam:mfa-device"
WRONG_MAX = 5  # codes of one device in one minute: there are a million, and three are right
WRONG_SECONDS = 60.0
DEVICES_REMEMBERED_MAX = 10_000

_wrong: weakref.WeakKeyDictionary[Kernel, dict[str, list[float]]] = weakref.WeakKeyDictionary()


def given(call: Call, request: Document) -> bool:
    """Whether the caller proved MFA; False if the request says nothing of it.

    Raises:
        Denied: ``AccessDenied``: not the caller's device, a wrong or used code, or half of both.
    """
    serial, code = request.get("SerialNumber"), request.get("TokenCode")
    if not serial and not code:
        return False
    if not serial or not code:
        raise _failed(", must provide both MFA serial number and one time pass code.")
    device = call.unit.find(serial)
    if device is None or device.kind != DEVICE or not _is_of(device, call):
        raise _failed(
            ", unable to validate MFA code.  Please verify your MFA serial number is valid and "
            "associated with this user."
        )
    wrong = _recently_wrong(call, serial)
    last = device.document.get("_Step")
    step = None
    if len(wrong) < WRONG_MAX:
        step = totp.matched(device.document["_Seed"], code, call.now, last)
    if step is None:
        wrong.append(call.now)
        raise _failed(" with invalid MFA one time pass code. ")
    device.document["_Step"] = step
    call.save(device)
    return True


def _is_of(device: Record, call: Call) -> bool:
    """Whether a device was enabled for the caller: a user, or the root; sessions have none."""
    principal = call.principal
    return principal.kind in ("root", "user") and device.document.get("_User") == principal.arn


def _recently_wrong(call: Call, serial: str) -> list[float]:
    """The instants of the last wrong codes of a device, to be added to."""
    devices = _wrong.setdefault(call.kernel, {})
    if len(devices) > DEVICES_REMEMBERED_MAX:
        devices.clear()
    since = call.now - WRONG_SECONDS
    devices[serial] = kept = [at for at in devices.get(serial, ()) if at > since][-WRONG_MAX:]
    return kept


def _failed(how: str) -> Denied:
    return Denied(f"MultiFactorAuthentication failed{how}", code="AccessDenied")
