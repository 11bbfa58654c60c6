"""Sessions with an origin: kept over every exchange, and ended with profile, space or role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.issuer import Issuer
from tests.support.people import allow, make_role, make_user, refused, session, trusting
from tests.support.studio import make_domain, make_profile, make_space, session_keys

from freehold.auth import session as tokens
from freehold.compose import House
from freehold.edge.listen.connections import LISTENER, Listener
from freehold.kernel.doors import Door
from freehold.services.sts import issuers

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
URL = "https://login.example.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com"
BOTH = trusting({"Service": "sagemaker.amazonaws.com", "AWS": ROOT})
WEB = trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity")


def opened(house: House, credentials: dict[str, Any]) -> Any:
    """The principal inside a session token."""
    kernel = house.kernel
    token, key = credentials["SessionToken"], credentials["AccessKeyId"]
    return tokens.open(kernel.keyring, token, key, kernel.clock.now()).principal


@pytest.fixture
def issuer(aws: Aws, house: House) -> Issuer:
    made = Issuer(URL)
    issuers.of(house.kernel).get = made.get
    aws.client("iam").create_open_id_connect_provider(Url=URL, ClientIDList=["freehold"])
    return made


def through(aws: Aws, door: str) -> Aws:
    """The same clients, behind a sandbox's own socket."""
    state = {LISTENER: Listener(f"sandbox/{door}", "sandbox", Path("/nowhere"))}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await aws.app(scope | {"state": state}, receive, send)

    made = Aws.__new__(Aws)
    made.app, made.region, made.root, made.loop = app, aws.region, aws.root, aws.loop
    return made


def open_door(house: House, role: str, origin: str | None) -> str:
    """A sandbox of a role and an origin."""
    door = Door("d1", Path("/nowhere"), "token", "arn:job", role, origin)
    house.kernel.doors.open(door)
    return door.id


def by_token(aws: Aws, keys: Any, role: str, token: str, *, is_signed: bool) -> dict[str, Any]:
    """Credentials by web identity."""
    sts = aws.client("sts", keys, is_signed=is_signed)
    answer = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="web", WebIdentityToken=token
    )
    return dict(answer["Credentials"])


def test_an_origin_survives_roles_chains_and_web_identity(
    aws: Aws, house: House, issuer: Issuer
) -> None:
    role = make_role(aws, "exec", BOTH, allow("*"))
    web = make_role(aws, "web", WEB, allow("*"))
    domain = make_domain(aws, "finance", role)
    profile = make_profile(aws, domain.id, "ann")
    inside = session_keys(house, role, profile)
    outside = make_role(aws, "outside", trusting(ROOT), allow("*"))
    chained = session(aws, inside, outside)
    assert opened(house, chained).origin == opened(house, inside).origin
    assert opened(house, session(aws, chained, role)).origin.arn == profile
    for call, more in (("get_session_token", {}), ("get_federation_token", {"Name": "guest"})):
        with refused("AccessDenied"):
            getattr(aws.client("sts", inside), call)(**more)
    # By a sandbox's socket there is no way to call without its origin.
    door = open_door(house, role, profile)
    from_inside = through(aws, door)
    for is_signed in (False, True):
        made = by_token(from_inside, inside, web, issuer.token(), is_signed=is_signed)
        assert opened(house, made).origin == opened(house, inside).origin
        assert from_inside.client("sts", made).get_caller_identity()["Arn"].endswith("/web/web")
        assert opened(house, session(from_inside, made, outside)).origin.arn == profile
    assert opened(house, by_token(aws, inside, web, issuer.token(), is_signed=False)).origin is None


def test_a_sandbox_without_a_domain_or_behind_a_closed_door_gives_no_origin(
    aws: Aws, house: House, issuer: Issuer
) -> None:
    role = make_role(aws, "exec", BOTH, allow("*"))
    web = make_role(aws, "web", WEB)
    from_inside = through(aws, open_door(house, role, None))
    assert (
        opened(house, by_token(from_inside, None, web, issuer.token(), is_signed=False)).origin
        is None
    )
    house.kernel.doors.close("d1")
    with refused("MissingAuthenticationToken"):
        by_token(from_inside, None, web, issuer.token(), is_signed=False)


def test_a_sandbox_of_a_profile_that_is_gone_gives_no_session(
    aws: Aws, house: House, issuer: Issuer
) -> None:
    role = make_role(aws, "exec", BOTH, allow("*"))
    web = make_role(aws, "web", WEB)
    domain = make_domain(aws, "finance", role)
    profile = make_profile(aws, domain.id, "ann")
    from_inside = through(aws, open_door(house, role, profile))
    aws.client("sagemaker").delete_user_profile(DomainId=domain.id, UserProfileName="ann")
    with refused("ValidationError", "does not exist"):
        by_token(from_inside, None, web, issuer.token(), is_signed=False)


def test_sessions_end_with_the_profile_and_a_new_one_inherits_none(aws: Aws, house: House) -> None:
    sagemaker = aws.client("sagemaker")
    role = make_role(aws, "exec", BOTH, allow("*"))
    domain = make_domain(aws, "finance", role)
    profile = make_profile(aws, domain.id, "ann")
    inside = session_keys(house, role, profile)
    chained = session(aws, inside, make_role(aws, "outside", trusting(ROOT), allow("*")))
    for made in (inside, chained):
        aws.client("sagemaker", made).list_models()
    sagemaker.delete_user_profile(DomainId=domain.id, UserProfileName="ann")
    for made in (inside, chained):
        with refused("UnrecognizedClientException"):
            aws.client("sagemaker", made).list_models()
    make_profile(aws, domain.id, "ann")
    for made in (inside, chained):
        with refused("UnrecognizedClientException"):
            aws.client("sagemaker", made).list_models()
        with refused("InvalidClientTokenId"):
            aws.client("sts", made).get_caller_identity()


def test_sessions_end_with_the_space_and_with_the_role(aws: Aws, house: House) -> None:
    sagemaker, iam = aws.client("sagemaker"), aws.client("iam")
    role = make_role(aws, "exec", BOTH, allow("*"))
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ann")
    space = make_space(aws, domain.id, "shared")
    inside = session_keys(house, role, space)
    aws.client("sagemaker", inside).list_models()
    sagemaker.delete_space(DomainId=domain.id, SpaceName="shared")
    with refused("UnrecognizedClientException"):
        aws.client("sagemaker", inside).list_models()
    make_space(aws, domain.id, "shared")
    with refused("UnrecognizedClientException"):
        aws.client("sagemaker", inside).list_models()
    inside = session_keys(house, role, space)
    aws.client("sagemaker", inside).list_models()
    iam.delete_role_policy(RoleName="exec", PolicyName="given")
    iam.delete_role(RoleName="exec")
    with refused("UnrecognizedClientException"):
        aws.client("sagemaker", inside).list_models()
    make_role(aws, "exec", BOTH, allow("*"))
    with refused("UnrecognizedClientException"):
        aws.client("sagemaker", inside).list_models()


def test_long_term_keys_are_no_way_out_of_a_sandbox(aws: Aws, house: House) -> None:
    role = make_role(aws, "exec", BOTH, allow("*"))
    domain = make_domain(aws, "finance", role)
    from_inside = through(aws, open_door(house, role, make_profile(aws, domain.id, "ann")))
    keys = make_user(aws, "ann", allow("*"))
    for call, more in (("get_session_token", {}), ("get_federation_token", {"Name": "guest"})):
        with refused("InvalidClientTokenId"):
            getattr(from_inside.client("sts", keys), call)(**more)
