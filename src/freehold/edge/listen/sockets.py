"""Sockets to listen on and paths to connect to, with errors that say what to do.

Input: addresses from the settings, socket paths from whoever starts sandboxes. Output: bound,
listening sockets for ``server.py``, and paths short enough for ``connect`` for ``proxy.py``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from freehold.base.errors import Denied, Fault, InUse, Invalid

BACKLOG = 1024
PATH_BYTES_MAX = 107
"""What ``sockaddr_un`` holds on Linux, without the closing zero."""


def tcp(host: str, port: int) -> list[socket.socket]:
    """Listen on every address that ``host`` names; port 0 picks one port for all of them.

    Raises:
        InUse: Somebody else listens there.
        Denied: The port needs a privilege that we lack.
        Invalid: The host is not an address of this machine.
    """
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except OSError as error:
        raise Invalid(f"The host {host!r} does not resolve to an address to listen on.") from error
    bound: list[socket.socket] = []
    try:
        for family, kind, proto, _, address in dict.fromkeys(found):
            chosen = bound[0].getsockname()[1] if bound and port == 0 else port
            bound.append(_bound(family, kind, proto, (address[0], chosen, *address[2:])))
    except OSError as error:
        for one in bound:
            one.close()
        raise _explained(error, f"{host}:{port}") from error
    return bound


def _bound(family: int, kind: int, proto: int, address: tuple[object, ...]) -> socket.socket:
    one = socket.socket(family, kind, proto)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
        one.listen(BACKLOG)
        one.setblocking(False)
    except OSError:
        one.close()
        raise
    return one


def unix(path: Path, mode: int) -> socket.socket:
    """Listen on ``path``, replacing a socket that an earlier server left there.

    The socket is bound beside its place and then renamed, so that a client never meets a
    gap or a socket with other rights than ``mode``. The directory must exist.

    Raises:
        Invalid: The directory does not exist, or the place is taken by something else.
        Denied: The directory is not writable for us.
    """
    if path.exists() and not path.is_socket():
        raise Invalid(f"{path} is in the way: it is not a socket.")
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = path.with_name(f".{path.name[:40]}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        with reachable(fresh) as short:
            one.bind(short)
        fresh.chmod(mode)
        one.listen(BACKLOG)
        one.setblocking(False)
        fresh.replace(path)
    except OSError as error:
        one.close()
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _explained(error, str(path)) from error
    return one


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A spelling of ``path`` that fits into a socket address, valid inside the block.

    A longer path is reached through its directory's descriptor under ``/proc/self/fd``.
    """
    if len(os.fsencode(path)) <= PATH_BYTES_MAX:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _explained(error: OSError, where: str) -> Fault:
    match error.errno:
        case errno.EADDRINUSE:
            return InUse(f"{where} is in use by another program: stop it, or choose another port.")
        case errno.EACCES | errno.EPERM:
            return Denied(f"This user may not listen on {where}: choose a port above 1023.")
        case errno.EADDRNOTAVAIL:
            return Invalid(f"{where} is not an address of this machine.")
        case errno.ENOENT:
            return Invalid(f"Cannot listen on {where}: its directory does not exist.")
    return Invalid(f"Cannot listen on {where}: {os.strerror(error.errno or 0)}.")
