"""What IAM refuses, in its order and with its words (iam-evaluation.md section 2.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freehold.base.errors import Invalid
from freehold.policy.document import parse, size

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}


def document(*statements: dict[str, Any], **top: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **top})


def refusal(text: str, kind: Any = "identity") -> str:
    with pytest.raises(Invalid) as caught:
        parse(text, kind)
    assert caught.value.code == "MalformedPolicyDocument"
    return caught.value.message


def without(element: str, base: dict[str, Any] = GOOD) -> dict[str, Any]:
    return {key: value for key, value in base.items() if key != element}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        "NaN",
        "[" * 100_000,
        '{"Statement": []}',
        '{"Version": "2012-10-17"}',
        '{"Statement": "x"}',
        '{"Statement": [1]}',
        document(GOOD, Version="2012-10-18"),
        document(GOOD, Version=2012),
        document(GOOD, Id=1),
        document(GOOD, Ids="x"),
        document({**GOOD, "action": "s3:*"}),
        document({**GOOD, "NotAction": "s3:*"}),
        document({**GOOD, "NotResource": "*"}),
        document({**GOOD, "Effect": "Permit"}),
        document(without("Effect")),
        document({**GOOD, "Action": 1}),
        document({**GOOD, "Action": [1]}),
        document({**GOOD, "Resource": {"a": "b"}}),
        document({**GOOD, "Sid": 1}),
        document({**GOOD, "Condition": []}),
        document({**GOOD, "Condition": {"String": {"k": "v"}}}),
        document({**GOOD, "Condition": {"String": {}}}),
        document({**GOOD, "Condition": {"StringEquals": "v"}}),
        document({**GOOD, "Condition": {"StringEquals": {"k": {}}}}),
        document({**GOOD, "Condition": {"StringEquals": {"k": None}}}),
        document({**GOOD, "Condition": {"StringEquals": {"k": [["v"]]}}}),
        '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": '
        '{"StringEquals": {"k": "a", "k": "b"}}}}',
        document(GOOD) + "\u20ac",
        "\ufeff" + document(GOOD),
        document(GOOD).replace("GetObject", "Get\x07Object"),
        document({**GOOD, "Sid": "\ud800"}),
        document({**GOOD, "Condition": {"StringEquals": {"": "v"}}}),
        document(GOOD, Version=["2012-10-17"]),
        document(GOOD, Version=None),
        document({**GOOD, "Effect": ["Allow"]}),
        document({**GOOD, "Condition": None}),
        '{"Statement": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"Statement": ' + '{"Condition":' * 50_000 + "1" + "}" * 50_000 + "}",
        '{"Statement": {"Effect": "Allow", "Action": 1e999999, "Resource": "*"}}',
    ],
)
def test_syntax_errors(text: str) -> None:
    assert refusal(text) == SYNTAX


WORDS = [
    (document({**GOOD, "Effect": "allow"}), LEGACY),
    (document({**GOOD, "Resource": "arn:aws:s3::bucket"}), LEGACY),
    (document({**GOOD, "Condition": {"DateLessThan": {"k": "soon"}}}), LEGACY),
    (
        document({**GOOD, "Sid": "A"}, {**GOOD, "Sid": "A"}),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    (
        document({**GOOD, "Sid": "a b"}),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
        "the regular expression [0-9A-Za-z]*",
    ),
    (document(without("Action")), "Policy statement must contain actions."),
    (document({**GOOD, "Action": []}), "Policy statement must contain actions."),
    (document(without("Resource")), "Policy statement must contain resources."),
    (document({**GOOD, "Resource": []}), "Policy statement must contain resources."),
    (
        document({**GOOD, "Action": "GetObject"}),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    (
        document({**GOOD, "Action": "s3:Get:Object"}),
        "Actions/Condition can contain only one colon.",
    ),
    (document({**GOOD, "Action": "s*:GetObject"}), "Vendor s* is not valid"),
    (document({**GOOD, "Resource": "b"}), 'Resource b must be in ARN format or "*".'),
    (
        document({**GOOD, "Resource": "arn:azure:s3"}),
        'Partition "azure" is not valid for resource "arn:azure:s3:*:*:*".',
    ),
    (
        document({**GOOD, "Resource": "arn:aws:s*:::b"}),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    (
        document({**GOOD, "Resource": "arn:aws:iam:us-east-1:1:user/a"}),
        "IAM resource arn:aws:iam:us-east-1:1:user/a cannot contain region information.",
    ),
    (
        document({**GOOD, "Resource": "arn:aws:iam::1:people/a"}),
        'IAM resource path must either be "*" or start with user/, federated-user/, role/, '
        "group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
        "oidc-provider/, report/, access-report/.",
    ),
    (document({**GOOD, "Principal": "*"}), "Policy document should not specify a principal."),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_each_fault_has_iams_words(text: str, words: str) -> None:
    assert refusal(text) == words


@pytest.mark.parametrize("index", range(len(WORDS)))
def test_the_earlier_check_wins(index: int) -> None:
    both = json.loads(WORDS[index][0])
    for later, words in WORDS[index + 1 :]:
        both["Statement"] = json.loads(WORDS[index][0])["Statement"]
        both["Statement"] += json.loads(later)["Statement"]
        if "unique" not in WORDS[index][1] and "unique" not in words:
            assert refusal(json.dumps(both)) == WORDS[index][1]


def test_the_shapes_of_resources_at_their_edges() -> None:
    def of(resource: str) -> str:
        return refusal(document({**GOOD, "Resource": resource}))

    assert of("a:b") == 'Partition "b" is not valid for resource "arn:b:*:*:*:*".'
    assert of("arn:x:s3:a:b:c:d") == 'Partition "x" is not valid for resource "arn:x:s3:a:b:c:d".'
    assert of("urn:aws:s3:::b") == 'Resource urn:aws:s3:::b must be in ARN format or "*".'
    assert of("arn:aws") == "Resource vendor must be fully qualified and cannot contain regexes."
    assert of("arn:aws:*") == "Resource vendor must be fully qualified and cannot contain regexes."
    assert parse(document({**GOOD, "Resource": "arn:*:s3:::b"}), "identity")


def test_huge_numbers_are_text() -> None:
    line = '"Condition": {"NumericLessThan": {"k": [1e999999, ' + "9" * 5000 + "]}}"
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", ' + line + "}}"
    assert parse(text, "identity").statements[0].lines[0].values[0] == "1e999999"


def test_trust_policies_have_their_own_rules() -> None:
    assert refusal(document({**TRUST, "Resource": "*"}), "trust") == (
        "Has prohibited field Resource."
    )
    assert refusal(document({**TRUST, "Action": "s3:GetObject"}), "trust") == (
        "AssumeRole policy may only specify STS AssumeRole actions."
    )
    nobody = {"AWS": "arn:aws:iam::000000000001:role/*"}
    assert refusal(document({**TRUST, "Principal": nobody}), "trust") == (
        'Invalid principal in policy: "AWS":"arn:aws:iam::000000000001:role/*"'
    )
    assert refusal(document(without("Principal", TRUST)), "trust") == (
        "Missing required field Principal."
    )
    everyone_else = {**without("Principal", TRUST), "NotPrincipal": {"AWS": "000000000001"}}
    assert refusal(document(everyone_else), "trust") == SYNTAX
    assert refusal(document({**TRUST, "Principal": "x"}), "trust") == SYNTAX
    assert refusal(document({**TRUST, "Principal": {}}), "trust") == SYNTAX
    assert refusal(document({**TRUST, "Principal": {"Person": "x"}}), "trust") == SYNTAX
    assert parse(document({**TRUST, "Sid": "with spaces"}), "trust").statements[0].sid


def test_numbers_and_booleans_are_read_as_their_text() -> None:
    found = parse(
        '{"Statement": {"Effect": "Deny", "NotAction": "*", "NotResource": "*", "Condition":'
        ' {"NumericEquals": {"k": [10, 1.50]}, "Bool": {"k": true}}}}',
        "identity",
    )
    assert [line.values for line in found.statements[0].lines] == [("10", "1.50"), ("true",)]
    assert not found.has_variables
    assert found.statements[0].is_not_action
    assert found.statements[0].is_not_resource


def test_unknown_actions_keys_and_resource_types_are_stored() -> None:
    odd = {
        "Effect": "Allow",
        "Action": ["none:Such*", "*"],
        "Resource": "arn:aws:none:::x/${aws:nobody}",
        "Condition": {"StringLike": {"none:such": "x"}, "StringEquals": {}},
    }
    assert parse(document(odd, {**GOOD, "Sid": ""}, {**GOOD, "Sid": ""}), "boundary")


def test_white_space_does_not_count() -> None:
    assert size('{ "a" :\n\t"b c"}\r\n') == len('{"a":"bc"}')
