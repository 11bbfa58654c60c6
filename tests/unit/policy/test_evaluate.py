"""What the data-driven cases do not say: names in decisions, bound principals, sentences."""

from __future__ import annotations

import json
from typing import Any

from freehold.policy.compile import ACTIONS_KEPT_MAX, compile_policy, compile_stored
from freehold.policy.document import parse
from freehold.policy.evaluate import Attached, Layers, Request, decide

A = "000000000001"
ROLE = f"arn:aws:iam::{A}:role/target"
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def asks(action: str = "sts:AssumeRole", resource: str = ROLE, **context: Any) -> Request:
    user = f"arn:aws:iam::{A}:user/ana"
    return Request(user, user, "user", A, action, resource, A, context)


def policy(*found: dict[str, Any], kind: Any = "identity", **more: Any) -> Attached:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(found)})
    return Attached(
        "inline", more.pop("arn", None), kind, compile_policy(parse(text, kind), **more)
    )


def test_a_principal_bound_to_a_unique_id_is_not_inherited_by_its_name() -> None:
    named = {**TRUST, "Principal": {"AWS": f"arn:aws:iam::{A}:user/ana"}}
    bound = {f"arn:aws:iam::{A}:user/ana": "AIDAOLDOLDOLDOLDOLD1"}
    layers = Layers(resource=policy(named, kind="trust", bound=bound))
    assert decide(asks(**{"aws:userid": "AIDAOLDOLDOLDOLDOLD1"}), layers).is_allowed
    assert not decide(asks(**{"aws:userid": "AIDANEWNEWNEWNEWNEW1"}), layers).is_allowed
    assert not decide(asks(), layers).is_allowed


def test_a_bound_role_covers_its_sessions_by_the_head_of_their_user_id() -> None:
    arn = f"arn:aws:iam::{A}:role/studio"
    layers = Layers(
        resource=policy(
            {**TRUST, "Principal": {"AWS": arn}}, kind="trust", bound={arn: "AROAOLDOLDOLDOLDOLD1"}
        )
    )
    session = asks(**{"aws:userid": "AROAOLDOLDOLDOLDOLD1:SageMaker"})._replace(
        principal_arn=arn,
        caller_arn=f"arn:aws:sts::{A}:assumed-role/studio/SageMaker",
        principal_kind="role",
    )
    assert decide(session, layers).is_allowed
    other = session._replace(context={"aws:userid": "AROANEWNEWNEWNEWNEW1:SageMaker"})
    assert not decide(other, layers).is_allowed


def test_a_decision_names_policy_and_statement() -> None:
    grant = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    layers = Layers(identity=(policy({**grant, "Action": "ec2:*"}, grant, arn="arn:of:policy"),))
    decision = decide(asks("s3:GetObject", "arn:aws:s3:::b/k"), layers)
    assert (decision.policy, decision.statement, decision.layer) == (
        "arn:of:policy",
        "#1",
        "identity",
    )


def test_a_refusal_names_every_layer_that_did_not_allow() -> None:
    grant = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    other = policy({**grant, "Action": "ec2:*"})
    request = asks("s3:GetObject", "arn:aws:s3:::b/k")
    refused = decide(request, Layers(identity=(other,), boundary=other, sessions=(other,)))
    assert refused.missing == ("identity", "boundary", "session")
    abroad = request._replace(resource_account="000000000002")
    assert decide(abroad, Layers()).missing == ("resource", "identity")


def test_sts_gives_no_reason_where_a_trust_policy_does_not_allow() -> None:
    refused = decide(asks(), Layers())
    assert refused.message("U", "sts:AssumeRole", ROLE) == (
        f"User: U is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    )


def test_a_stored_document_that_cannot_be_read_denies_everything() -> None:
    grant = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    corrupt = Attached("odd", None, "identity", compile_stored("{", "identity"))
    for layers in (
        Layers(identity=(grant, corrupt)),
        Layers(identity=(grant,), boundary=corrupt),
        Layers(identity=(grant,), sessions=(grant, corrupt)),
        Layers(identity=(grant,), resource=corrupt),
    ):
        refused = decide(asks("s3:GetObject", "arn:aws:s3:::b/k"), layers)
        assert (refused.effect, refused.policy) == ("explicitDeny", "odd")


def test_made_up_action_names_do_not_fill_memory() -> None:
    found = policy({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})
    for number in range(ACTIONS_KEPT_MAX + 10):
        found.compiled.candidates(f"s3:Get{number}")
    assert len(found.compiled._by_action) <= ACTIONS_KEPT_MAX


def test_an_unresolved_variable_refuses_on_both_sides() -> None:
    grant = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    hidden = ["arn:aws:s3:::${nobody}/*"]
    request = asks("s3:GetObject", "arn:aws:s3:::b/k")
    excepted = {"Action": "s3:*", "NotResource": hidden}
    assert not decide(
        request, Layers(identity=(policy({"Effect": "Allow", **excepted}),))
    ).is_allowed
    assert not decide(
        request, Layers(identity=(policy(grant, {"Effect": "Deny", **excepted}),))
    ).is_allowed
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": hidden}
    assert decide(request, Layers(identity=(policy(grant, denied),))).is_allowed
