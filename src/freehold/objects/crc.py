"""Cyclic redundancy checks that S3 knows: running over bytes, and joining two without the bytes.

Asked by ``checksums``. CRC32 runs in zlib; CRC32C and CRC64NVME run in AWS's own C library
(``awscrt``), which is loaded at first need: it costs 60 ms and 8 MiB, and most clients send
CRC32. Joining is our own, from the polynomial: see Mark Adler's ``crc32_combine`` in zlib.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from freehold.base.errors import Unsupported

Bytes = bytes | bytearray | memoryview
Running = Callable[[Bytes, int], int]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A reflected CRC whose start and final xor are all ones.

    ``taps`` is the polynomial without its highest term, lowest bit first.
    """

    width: int
    taps: int


POLYNOMIALS = {
    "CRC32": Polynomial(32, 0xEDB88320),
    "CRC32C": Polynomial(32, 0x82F63B78),
    "CRC64NVME": Polynomial(64, 0x9A6C9329AC4BC9B5),
}


@cache
def running(algorithm: str) -> Running:
    """The function (bytes, value so far) -> value; the value of no bytes is 0.

    Raises:
        Unsupported: The library for this algorithm is not installed.
    """
    if algorithm == "CRC32":
        return zlib.crc32
    try:
        library = importlib.import_module("awscrt.checksums")
    except ImportError as missing:
        raise Unsupported(
            f"The checksum algorithm {algorithm} needs the Python package awscrt on the server. "
            "Use CRC32, SHA1 or SHA256, or have it installed.",
            detail=str(missing),
        ) from missing
    found: Running = getattr(library, algorithm.lower())
    return found


def join(algorithm: str, first: int, second: int, second_bytes: int) -> int:
    """The CRC of two pieces in a row, from the CRC of each and the length of the second."""
    polynomial = POLYNOMIALS[algorithm]
    if second_bytes == 0:
        return first
    return _times(polynomial, _shift(polynomial, second_bytes), first) ^ second


@lru_cache(maxsize=64)  # the parts of an upload are nearly all of one length
def _shift(polynomial: Polynomial, length_bytes: int) -> int:
    """``x`` to the power ``8 * length_bytes``, modulo the polynomial."""
    power = 1 << (polynomial.width - 1)  # x^0: the lowest term is the highest bit
    square = 1 << (polynomial.width - 2)  # x^1
    bits = length_bytes * 8
    while bits:
        if bits & 1:
            power = _times(polynomial, power, square)
        square = _times(polynomial, square, square)
        bits >>= 1
    return power


def _times(polynomial: Polynomial, left: int, right: int) -> int:
    """The product of two remainders modulo the polynomial, both reflected."""
    product = 0
    mask = 1 << (polynomial.width - 1)
    while left:
        if left & mask:
            product ^= right
            left ^= mask
        mask >>= 1
        right = (right >> 1) ^ polynomial.taps if right & 1 else right >> 1
    return product
