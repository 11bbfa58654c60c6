from __future__ import annotations

import pytest

from freehold.base.errors import Invalid
from freehold.objects import names

GOOD = ["abc", "sagemaker-us-east-1-000000000001", "a.b-c.d", "1ab", "a" * 63, "1.2.3.a", "a--b"]
BAD = [
    "",
    "ab",
    "a" * 64,
    "Abc",
    "a_b",
    "-abc",
    "abc-",
    ".abc",
    "abc.",
    "a..b",
    "192.168.5.4",
    "xn--abc",
    "sthree-abc",
    "amzn-s3-demo-x",
    "abc-s3alias",
    "abc--ol-s3",
    "abc.mrap",
    "abc--x-s3",
    "abc--table-s3",
    "äbc",
    "abc\n",
    "a/b",
]


@pytest.mark.parametrize("name", GOOD)
def test_a_name_by_the_rules_is_a_bucket(name: str) -> None:
    names.check_bucket(name)
    assert names.may_be_bucket(name)


@pytest.mark.parametrize("name", BAD)
def test_a_name_against_a_rule_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(Invalid, match=r"The specified bucket is not valid\. \w") as refused:
        names.check_bucket(name)
    assert refused.value.code == "InvalidBucketName"
    assert not names.may_be_bucket(name)


def test_a_name_of_our_own_routes_is_refused() -> None:
    with pytest.raises(Invalid, match="path of its own"):
        names.check_bucket("console", reserved={"console"})


@pytest.mark.parametrize("key", ["a", "a" * 1024, "é" * 512, "../a", "a//b/", " ", "a\x00b"])
def test_a_key_is_any_text_of_1_to_1024_bytes(key: str) -> None:
    names.check_key(key)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "InvalidArgument"),
        ("a" * 1025, "KeyTooLongError"),
        ("é" * 513, "KeyTooLongError"),
        ("\udc80", "InvalidArgument"),
    ],
)
def test_other_keys_are_refused(key: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.check_key(key)
    assert refused.value.code == code
