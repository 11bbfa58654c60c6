"""DNS messages, as far as sandboxes need them: one question in, IPv4 addresses or a refusal out.

Pure. Source: RFC 1035, section 4 (messages), RFC 6891 (EDNS: noticed, and never needed, since
answers stay under 512 bytes), RFC 8482 (a server may refuse what it does not serve).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Sequence
from typing import NamedTuple

A, AAAA = 1, 28
IN = 1
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
QUERY_BYTES_MAX = 512
ADDRESSES_MAX = 16
_HEADER = struct.Struct(">HHHHHH")
_IS_ANSWER, _OPCODE, _WISHES_RECURSION, _MAY_RECURSE = 0x8000, 0x7800, 0x0100, 0x0080
_NAME_OF_QUESTION = b"\xc0\x0c"
LABEL_BYTES_MAX, NAME_BYTES_MAX = 63, 255


class Question(NamedTuple):
    """What is asked. ``name`` is lower case, without closing dot, and may hold any character.

    ``raw`` is the question as it came, to be repeated in the answer letter by letter.
    """

    id: int
    flags: int
    name: str
    kind: int
    cls: int
    raw: bytes


class Malformed(Exception):
    """Not one question. ``answer`` says so to who asked; None if there is nobody to answer."""

    def __init__(self, answer: bytes | None = None) -> None:
        super().__init__("not a DNS query of one question")
        self.answer = answer


def question(message: bytes) -> Question:
    """Read a query.

    Raises:
        Malformed: It is none, or holds something else than one question.
    """
    if len(message) < _HEADER.size or len(message) > QUERY_BYTES_MAX:
        raise Malformed
    number, flags, questions, answers, *_ = _HEADER.unpack_from(message)
    if flags & _IS_ANSWER:
        raise Malformed  # two servers would talk for ever
    if flags & _OPCODE:
        raise Malformed(_head(number, flags, NOTIMP))
    if questions != 1 or answers:
        raise Malformed(_head(number, flags, FORMERR))
    labels, at = [], _HEADER.size
    while True:
        size = message[at] if at < len(message) else LABEL_BYTES_MAX + 1
        if size == 0:
            break
        label = message[at + 1 : at + 1 + size]
        # A larger size is a pointer, and there is nothing yet to point to.
        if size > LABEL_BYTES_MAX or len(label) < size or b"." in label:
            raise Malformed(_head(number, flags, FORMERR))
        labels.append(label)
        at += 1 + size
    end = at + 5
    if end > len(message) or end - 4 - _HEADER.size > NAME_BYTES_MAX:
        raise Malformed(_head(number, flags, FORMERR))
    kind, cls = struct.unpack_from(">HH", message, at + 1)
    name = b".".join(labels).decode("latin-1").lower()
    return Question(number, flags, name, kind, cls, message[_HEADER.size : end])


def answer(
    asked: Question, code: int, addresses: Sequence[ipaddress.IPv4Address] = (), seconds: int = 0
) -> bytes:
    """The answer to a question: a response code, or addresses that hold for ``seconds``."""
    given = addresses[:ADDRESSES_MAX]
    records = [
        _NAME_OF_QUESTION + struct.pack(">HHIH", A, IN, seconds, 4) + address.packed
        for address in given
    ]
    head = _head(asked.id, asked.flags, code, 1, len(given))
    return b"".join((head, asked.raw, *records))


def _head(number: int, flags: int, code: int, questions: int = 0, answers: int = 0) -> bytes:
    said = _IS_ANSWER | _MAY_RECURSE | (flags & (_OPCODE | _WISHES_RECURSION)) | code
    return _HEADER.pack(number, said, questions, answers, 0, 0)
