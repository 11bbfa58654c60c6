"""The filter, run by a small interpreter of classic BPF: what it answers to which call."""

from __future__ import annotations

import errno
import struct

import pytest

from freehold.host.sandboxes import seccomp

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def answer(machine: str, number: int, first: int = 0, architecture: int | None = None) -> int:
    data = struct.pack("=iIQ6Q", -1, 0, 0, 0, 0, 0, 0, 0, 0)
    architecture = ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("=IIQ6Q", number, architecture, 0, first, 0, 0, 0, 0, 0)
    code = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    at, register = 0, 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            register = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x06:
            return value
        else:
            is_true = {0x15: register == value, 0x35: register >= value, 0x45: register & value}
            at += if_true if is_true[operation] else if_false


CASES = [
    ("x86_64", "read", 0, 0, ALLOW),
    ("x86_64", "execve", 59, 0, ALLOW),
    ("x86_64", "unshare", 272, 0, ERRNO | errno.EPERM),
    ("x86_64", "mount", 165, 0, ERRNO | errno.EPERM),
    ("x86_64", "ptrace", 101, 0, ERRNO | errno.EPERM),
    ("x86_64", "clone3", 435, 0, ERRNO | errno.ENOSYS),
    ("x86_64", "clone as fork", 56, 17, ALLOW),
    ("x86_64", "clone as thread", 56, 0x3D0F00, ALLOW),
    ("x86_64", "clone with CLONE_NEWUSER", 56, 0x10000011, ERRNO | errno.EPERM),
    ("x86_64", "socket AF_UNIX", 41, 1, ALLOW),
    ("x86_64", "socket AF_INET6", 41, 10, ALLOW),
    ("x86_64", "socket AF_NETLINK", 41, 16, ALLOW),
    ("x86_64", "socket AF_VSOCK", 41, 40, ERRNO | errno.EAFNOSUPPORT),
    ("x86_64", "socket AF_PACKET", 41, 17, ERRNO | errno.EAFNOSUPPORT),
    ("x86_64", "x32's unshare", 0x40000000 | 272, 0, ERRNO | errno.ENOSYS),
    ("aarch64", "read", 63, 0, ALLOW),
    ("aarch64", "unshare", 97, 0, ERRNO | errno.EPERM),
    ("aarch64", "clone as fork", 220, 17, ALLOW),
    ("aarch64", "clone with CLONE_NEWNET", 220, 0x40000011, ERRNO | errno.EPERM),
    ("aarch64", "socket AF_ALG", 198, 38, ERRNO | errno.EAFNOSUPPORT),
]


@pytest.mark.parametrize(("machine", "name", "number", "first", "expected"), CASES)
def test_the_filter_answers(
    machine: str, name: str, number: int, first: int, expected: int
) -> None:
    assert answer(machine, number, first) == expected, name


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert answer(machine, 0, architecture=0x40000003) == KILL


def test_a_machine_without_a_table_has_no_filter() -> None:
    assert seccomp.program("riscv64") == b""


def test_the_filter_fits_the_kernels_bound() -> None:
    for machine in ARCHITECTURES:
        assert 0 < len(seccomp.program(machine)) // 8 <= 4096
