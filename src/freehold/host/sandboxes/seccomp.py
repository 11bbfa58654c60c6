"""The system calls that no sandboxed workload may make, as a BPF program for the kernel.

Assembled by hand: no library needed. Denied calls answer EPERM; ``clone3`` answers ENOSYS so
that the C library falls back to ``clone``, whose flags can be seen (a new namespace is refused);
``socket`` is allowed for unix, IP and netlink only (vsock and others know no network namespace).
Source of the numbers: the kernel's syscall tables (x86-64; generic for aarch64).
"""

from __future__ import annotations

import errno
import platform
import struct

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENT_0 = 0, 4, 16
_X32_BIT = 0x40000000
_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEWNS | CGROUP | UTS | IPC | USER | PID | NET
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

# The same numbers on every architecture that joined the generic table (5.1 and later).
_COMMON = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "quotactl_fd": 443, "open_tree_attr": 467,
}  # fmt: skip
_X86_64 = {
    "ptrace": 101, "pivot_root": 155, "chroot": 161, "acct": 163, "mount": 165, "umount2": 166,
    "swapon": 167, "swapoff": 168, "reboot": 169, "iopl": 172, "ioperm": 173,
    "init_module": 175, "delete_module": 176, "quotactl": 179, "settimeofday": 164,
    "clock_settime": 227, "clock_adjtime": 305, "adjtimex": 159, "kexec_load": 246,
    "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_AARCH64 = {
    "ptrace": 117, "pivot_root": 41, "chroot": 51, "acct": 89, "mount": 40, "umount2": 39,
    "swapon": 224, "swapoff": 225, "reboot": 142, "init_module": 105, "delete_module": 106,
    "quotactl": 60, "settimeofday": 170, "clock_settime": 112, "clock_adjtime": 266,
    "adjtimex": 171, "kexec_load": 104, "add_key": 217, "request_key": 218, "keyctl": 219,
    "unshare": 97, "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268,
    "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273,
    "kexec_file_load": 294, "bpf": 280, "userfaultfd": 282,
}  # fmt: skip
_CLONE3 = 435
_MACHINES = {
    # audit architecture, clone, socket, denied
    "x86_64": (0xC000003E, 56, 41, _X86_64),
    "aarch64": (0xC00000B7, 220, 198, _AARCH64),
}


def program(machine: str | None = None) -> bytes:
    """The filter for this machine (``platform.machine()``), eight bytes an instruction.

    Empty where we have no table: the caller then reports that the filter is missing.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        return b""
    architecture, clone, socket, denied = _MACHINES[machine]
    code = [
        _load(_ARCHITECTURE),
        _jump(_JUMP_EQUAL, architecture, 1, 0),
        _answer(_KILL_PROCESS),
        _load(_NUMBER),
    ]
    if machine == "x86_64":  # the x32 calls would pass every comparison below
        code += [_jump(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1), _refuse(errno.ENOSYS)]
    for number in sorted({*denied.values(), *_COMMON.values()}):
        code += [_jump(_JUMP_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    code += [_jump(_JUMP_EQUAL, _CLONE3, 0, 1), _refuse(errno.ENOSYS)]
    code += [
        _jump(_JUMP_EQUAL, clone, 0, 4),
        _load(_ARGUMENT_0),
        _jump(_JUMP_SET, _NAMESPACE_FLAGS, 0, 1),
        _refuse(errno.EPERM),
        _answer(_ALLOW),
    ]
    code += [_jump(_JUMP_EQUAL, socket, 0, 2 + len(_FAMILIES)), _load(_ARGUMENT_0)]
    for index, family in enumerate(_FAMILIES):
        code.append(_jump(_JUMP_EQUAL, family, len(_FAMILIES) - index, 0))
    code += [_refuse(errno.EAFNOSUPPORT), _answer(_ALLOW)]
    return b"".join(code)


def _load(offset: int) -> bytes:
    return struct.pack("=HBBI", _LOAD, 0, 0, offset)


def _jump(operation: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _answer(action: int) -> bytes:
    return struct.pack("=HBBI", _RETURN, 0, 0, action)


def _refuse(number: int) -> bytes:
    return _answer(_ERRNO | number)
