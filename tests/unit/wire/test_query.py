from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.spec import load
from freehold.wire import Request, parse, serialize

IAM = load.service("iam").operations
EC2 = load.service("ec2").operations


def _read(operation, body: str):
    return parse(operation, Request("POST", "/", "", {}, body.encode()))


def test_lists_are_read_in_the_order_of_their_numbers():
    body = "UserName=u" + "".join(
        f"&Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=v" for n in (10, 2, 1)
    )
    tags = _read(IAM["TagUser"], body)["Tags"]
    assert [tag["Key"] for tag in tags] == ["k1", "k2", "k10"]


def test_ec2_names_are_capitalised_and_lists_bare():
    body = "Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&SubnetId.1=subnet-1"
    assert _read(EC2["DescribeSubnets"], body) == {
        "Filters": [{"Name": "vpc-id", "Values": ["a", "b"]}],
        "SubnetIds": ["subnet-1"],
    }


def test_unknown_parameters_are_passed_over():
    assert _read(IAM["ListUsers"], "Action=ListUsers&Version=1&Colour=red&X.1.2=3") == {}


@pytest.mark.parametrize(
    "body",
    [
        "MaxItems=abc",
        "MaxItems=",
        "MaxItems=1e3",
        "MaxItems.1=3&MaxItems=x",
        "PathPrefix=%FF",
        "a&" * 30_000,
    ],
)
def test_what_cannot_be_read_is_refused(body):
    with pytest.raises(Invalid):
        _read(IAM["ListUsers"], body)


@pytest.mark.parametrize("number", ["x", "-1", "٣", "1" * 30, "1.5"])
def test_items_are_numbered(number):
    with pytest.raises(Invalid):
        _read(IAM["TagUser"], f"UserName=u&Tags.member.{number}=k&Tags.member.{number}.Key=k")


@given(st.text(max_size=200))
def test_any_form_is_read_or_refused(body):
    for operation in (IAM["TagUser"], EC2["DescribeSubnets"]):
        try:
            document = _read(operation, body.encode("utf-8", "replace").decode())
        except Invalid:
            continue
        assert isinstance(document, dict)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Tags", "Tags.member", "Tags.member.1", "Tags.member.1.Key", "Tags.1",
                             "UserName", "UserName.1", ".", "Tags.member.1.Key.x", ""]),
            st.sampled_from(["", "a", "1"]),
        )
    )
)  # fmt: skip
def test_clashing_names_are_read_or_refused(pairs):
    body = "&".join(f"{name}={value}" for name, value in pairs)
    try:
        document = _read(IAM["TagUser"], body)
    except Invalid:
        return
    assert set(document) == {"UserName", "Tags"}


def test_deep_names_do_not_nest_without_bound():
    assert _read(EC2["DescribeSubnets"], "Filter" + ".1" * 100_000 + "=x") is not None


def test_an_answer_stands_in_awss_envelope():
    reply = serialize(IAM["GetUser"], {"User": {"UserName": "a<b"}}, "rid")
    assert reply.body.decode() == (
        '<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetUserResult>'
        "<User><UserName>a&lt;b</UserName></User></GetUserResult>"
        "<ResponseMetadata><RequestId>rid</RequestId></ResponseMetadata></GetUserResponse>"
    )


def test_ec2_without_output_answers_true():
    operation = next(each for each in EC2.values() if each.output_name is None)
    assert b"<return>true</return>" in serialize(operation, {}, "rid").body
