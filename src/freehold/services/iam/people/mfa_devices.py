"""Virtual MFA devices: seeds of one-time codes, and whose they are.

A device's record holds ``_Seed`` (base32), ``_User`` (ARN of whom it was enabled for) and ``_Step``
(of the code used last); ``services/sts`` asks it for codes. The user's record lists its devices.
"""

from __future__ import annotations

import hmac
import os
from base64 import b32encode, b64encode

from freehold.auth import totp
from freehold.base.errors import InUse, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.services.iam.entities import (
    DEVICES,
    MFA_DEVICE,
    USER,
    check_path,
    check_tags,
    holder,
    iam,
    limit_of,
    namesake,
    new_arn,
    over,
    page,
    tags_of,
)
from freehold.services.iam.people import users

SEED_BYTES = 40  # 64 characters of base32, as AWS's
DEVICES_MAX = 8  # IAM quotas: a user or the root
DRIFT_STEPS = 3  # how far off the first of two codes may be
SEED, OWNER, STEP, ENABLED = "_Seed", "_User", "_Step", "EnableDate"


@iam.operation(
    "CreateVirtualMFADevice",
    on=MFA_DEVICE,
    mode="write",
    target=new_arn(MFA_DEVICE),
    is_create=True,
    tag_action="iam:TagMFADevice",
)
def create_virtual_mfa_device(call: Call, request: Document) -> Document:
    """A device that is nobody's yet; its seed is told this once. There is no picture of it.

    Raises:
        InUse: The name is taken.
    """
    path = request.get("Path") or "/"
    check_path(path)
    check_tags(call.request_tags)
    if namesake(call, MFA_DEVICE, request["VirtualMFADeviceName"]) is not None:
        raise InUse(MFA_DEVICE.exists, code=MFA_DEVICE.exists_code)
    seed = b32encode(os.urandom(SEED_BYTES)).decode()
    document: Document = {
        "Path": path,
        "VirtualMFADeviceName": request["VirtualMFADeviceName"],
        SEED: seed,
    }
    record = call.create(MFA_DEVICE, document, tags=call.request_tags)
    told = {
        "SerialNumber": record.arn,
        "Base32StringSeed": b64encode(seed.encode()).decode(),
    }
    return {"VirtualMFADevice": told | tags_of(record)}


# -- codes ----------------------------------------------------------------------------------------


def _device(call: Call, request: Document) -> Record:
    return call.load_arn(MFA_DEVICE, request["SerialNumber"], request)


def _device_of(call: Call, request: Document) -> tuple[Record, Record | None]:
    """The device that the request names, and the user whose it is; None for the root.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    device = _device(call, request)
    named = request.get("UserName")
    owner = USER.target(call, request) if named else device.document.get(OWNER)
    if not owner or device.document.get(OWNER) != owner:
        raise NotFound(f"MFA Device invalid for user: {device.arn}", code="NoSuchEntity")
    return device, call.unit.find(owner)


def _use_codes(call: Call, device: Record, request: Document) -> None:
    """Accept two codes in a row, and let neither be used again.

    Raises:
        Denied: ``InvalidAuthenticationCode``.
    """
    document = device.document
    codes = request["AuthenticationCode1"], request["AuthenticationCode2"]
    here, last = totp.step_of(call.now), document.get(STEP)
    found = None
    for step in range(max(0, here - DRIFT_STEPS), here + DRIFT_STEPS):
        are_right = [
            hmac.compare_digest(totp.code(document[SEED], at).encode(), given.encode())
            for at, given in zip((step, step + 1), codes, strict=True)
        ]
        if all(are_right) and (last is None or step > last):
            found = step + 1
    if found is None:
        raise Invalid(
            "Authentication code for device is not valid.", code="InvalidAuthenticationCode"
        )
    document[STEP] = found


@iam.operation(
    "EnableMFADevice",
    on=USER,
    mode="write",
    secrets=("AuthenticationCode1", "AuthenticationCode2"),
)
def enable_mfa_device(call: Call, request: Document) -> None:
    """Make a device a user's, who proves to hold it by two codes in a row.

    Raises:
        InUse: It is somebody's.
        Invalid: ``InvalidAuthenticationCode``.
        LimitExceeded: The user has eight.
    """
    user, device = holder(call, USER, request), _device(call, request)
    if device.document.get(OWNER):
        raise InUse(
            f"MFADevice with serial number {device.arn} is already in use.",
            code="EntityAlreadyExists",
        )
    devices = user.document.setdefault(DEVICES, [])
    if len(devices) >= DEVICES_MAX:
        raise over("MFADevicesPerUser", DEVICES_MAX)
    _use_codes(call, device, request)
    devices.append(device.arn)
    device.document |= {OWNER: user.arn, ENABLED: call.now}
    call.update(user)
    call.update(device)


@iam.operation(
    "ResyncMFADevice",
    on=USER,
    mode="write",
    secrets=("AuthenticationCode1", "AuthenticationCode2"),
)
def resync_mfa_device(call: Call, request: Document) -> None:
    """Prove again that a device is at hand; its clock may be off by a few steps only."""
    holder(call, USER, request)
    device, _ = _device_of(call, request)
    _use_codes(call, device, request)
    call.update(device)


@iam.operation("DeactivateMFADevice", on=USER, mode="write")
def deactivate_mfa_device(call: Call, request: Document) -> None:
    """Make a device nobody's; its seed stays what it is."""
    named = {"UserName": call.principal.user_name} | request if _is_user(call) else request
    device, user = _device_of(call, named)
    if user is not None:
        user.document[DEVICES].remove(device.arn)
        call.update(user)
    for member in (OWNER, ENABLED):
        device.document.pop(member, None)
    call.update(device)


def _is_user(call: Call) -> bool:
    return call.principal.kind == "user"


@iam.operation("DeleteVirtualMFADevice", on=MFA_DEVICE, mode="write")
def delete_virtual_mfa_device(call: Call, request: Document) -> None:
    """Delete a device that is nobody's.

    Raises:
        InUse: ``DeleteConflict``.
    """
    device = _device(call, request)
    if device.document.get(OWNER):
        raise InUse("MFA VirtualDevice in use. Must deactivate first.", code="DeleteConflict")
    call.remove(device)


# -- lists ----------------------------------------------------------------------------------------


@iam.operation("ListMFADevices", on=USER)
def list_mfa_devices(call: Call, request: Document) -> Document:
    """The devices of a user, or of the caller."""
    if not request.get("UserName") and call.principal.kind == "root":
        return page("MFADevices", [], None)
    user = holder(call, USER, request)
    found = (call.unit.find(serial) for serial in user.document.get(DEVICES, ()))
    items = [
        {
            "UserName": user.name,
            "SerialNumber": device.arn,
            "EnableDate": device.document[ENABLED],
        }
        for device in found
        if device is not None
    ]
    some, marker = lists.page_of(items, limit_of(request), request.get("Marker"))
    return page("MFADevices", list(some), marker)


@iam.operation("GetMFADevice", on=USER)
def get_mfa_device(call: Call, request: Document) -> Document:
    """One device, and since when it is whose."""
    named = {"UserName": call.principal.user_name} | request if _is_user(call) else request
    device, user = _device_of(call, named)
    answer: Document = {"SerialNumber": device.arn, "EnableDate": device.document[ENABLED]}
    return answer | ({} if user is None else {"UserName": user.name})


@iam.operation("ListVirtualMFADevices")
def list_virtual_mfa_devices(call: Call, request: Document) -> Document:
    """All devices by name, without seeds; only somebody's or only nobody's if asked."""
    wanted = request.get("AssignmentStatus") or "Any"

    def keep(record: Record) -> bool:
        return wanted == "Any" or bool(record.document.get(OWNER)) == (wanted == "Assigned")

    found, marker = lists.page_by_name(
        call, MFA_DEVICE, limit_of(request), request.get("Marker"), keep
    )
    return page("VirtualMFADevices", [_shown(call, device) for device in found], marker)


def _shown(call: Call, device: Record) -> Document:
    answer: Document = {"SerialNumber": device.arn}
    owner = device.document.get(OWNER)
    user = None if owner is None else call.unit.find(owner)
    if user is not None and user.kind == identity.USER:
        answer |= {"User": users.shown(user), "EnableDate": device.document[ENABLED]}
    return answer
