from __future__ import annotations

import importlib.util
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Unsupported
from freehold.objects import crc

HAS_AWSCRT = importlib.util.find_spec("awscrt") is not None
CHECK = b"123456789"
# The check values of the catalogue of parametrised CRC algorithms (CRC RevEng).
CHECK_VALUES = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}


def slow(algorithm: str, data: bytes) -> int:
    """The definition, bit by bit."""
    polynomial = crc.POLYNOMIALS[algorithm]
    ones = (1 << polynomial.width) - 1
    value = ones
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ polynomial.taps if value & 1 else value >> 1
    return value ^ ones


@pytest.mark.parametrize(("algorithm", "value"), CHECK_VALUES.items())
def test_the_polynomials_give_the_published_check_values(algorithm: str, value: int) -> None:
    assert slow(algorithm, CHECK) == value


@pytest.mark.parametrize(("algorithm", "value"), CHECK_VALUES.items())
def test_the_running_functions_give_the_published_check_values(algorithm: str, value: int) -> None:
    if algorithm != "CRC32" and not HAS_AWSCRT:
        with pytest.raises(Unsupported, match="awscrt"):
            crc.running(algorithm)
        return
    step = crc.running(algorithm)
    assert step(memoryview(CHECK)[4:], step(CHECK[:4], 0)) == value


@pytest.mark.parametrize("algorithm", crc.POLYNOMIALS)
@given(first=st.binary(max_size=60), second=st.binary(max_size=60))
def test_joining_is_the_crc_of_the_pieces_in_a_row(
    algorithm: str, first: bytes, second: bytes
) -> None:
    joined = crc.join(algorithm, slow(algorithm, first), slow(algorithm, second), len(second))
    assert joined == slow(algorithm, first + second)


def test_joining_holds_for_lengths_of_real_parts() -> None:
    first, second = b"a" * 8_388_608, b"b" * 5_242_881
    joined = crc.join("CRC32", zlib.crc32(first), zlib.crc32(second), len(second))
    assert joined == zlib.crc32(second, zlib.crc32(first))
