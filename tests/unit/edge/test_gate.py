"""The gate of apps: what is asked again while a session lasts, and what is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_user, policy
from tests.support.studio import make_domain, make_profile, work_role

from freehold.auth import tickets
from freehold.base.errors import Denied
from freehold.compose import House
from freehold.edge.apps.gate import Gate
from freehold.edge.apps.pages import NotReady
from freehold.edge.apps.proxy import Upstream
from freehold.kernel.permission import identity

HOST = "x.studio.localhost"
APP = {"UserProfileName": "ana", "AppType": "JupyterLab", "AppName": "default"}


class Counting(Gate):
    """Counts how often policy is asked."""

    asked = 0

    def _ask(self, *args: Any, **more: Any) -> None:
        self.asked += 1
        super()._ask(*args, **more)


@pytest.fixture
def domain(aws: Aws) -> Any:
    made = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, made.id, "ana")
    make_user(aws, "visitor", allow("sagemaker:*"))
    return made


@pytest.fixture
def gate(house: House) -> Counting:
    return Counting(house.kernel, lambda _arn, _domain_id: f"http://{HOST}:1")


def cookie(house: House, domain: Any) -> str:
    """A session that the user visitor has opened."""
    kernel = house.kernel
    record = kernel.own_unit().find(f"arn:aws:iam::{house.settings.account_id}:user/visitor")
    assert record is not None
    now = kernel.clock.now()
    session = tickets.BrowserSession(
        id="s",
        ticket_id="t",
        host=HOST,
        domain_id=domain.id,
        user_profile_name="ana",
        space_name=None,
        app_type="JupyterLab",
        principal=identity.user(record, house.settings.account_id, "AKIA"),
        issued_at=now,
        expires_at=now + 3600,
    )
    return tickets.seal_browser_session(kernel.keyring, session, os.urandom(12))


def start(aws: Aws, house: House, domain: Any, status: str = "InService") -> None:
    """An app as the loop would have brought it up."""
    aws.client("sagemaker").create_app(DomainId=domain.id, **APP)

    def work(unit: Any) -> None:
        arn = f"arn:aws:sagemaker:us-east-1:111122223333:app/{domain.id}/ana/JupyterLab/default"
        record = unit.find(arn)
        record.status = status
        record.document |= {"_Door": "d", "_Run": "r", "_StartedAt": 1.0, "Status": status}
        unit.save(record, 1.0)

    house.kernel.writer.run(work)


def admit(gate: Gate, sealed: str, client: str = "127.0.0.1") -> Upstream | NotReady:
    return gate.admit(sealed, HOST, client, "GET", is_secure=False)


def test_nothing_is_asked_again_while_nothing_changes(
    aws: Aws, house: House, gate: Counting, domain: Any
) -> None:
    start(aws, house, domain)
    sealed = cookie(house, domain)
    upstream = admit(gate, sealed)
    assert isinstance(upstream, Upstream)
    assert isinstance(upstream.socket, Path)
    for _ in range(100):
        admit(gate, sealed)
        assert upstream.still_valid()
    assert gate.asked == 1


def test_another_address_and_every_change_of_policy_are_asked(
    aws: Aws, house: House, gate: Counting, domain: Any
) -> None:
    start(aws, house, domain)
    sealed = cookie(house, domain)
    upstream = admit(gate, sealed)
    assert isinstance(upstream, Upstream)
    admit(gate, sealed, "10.0.0.9")
    assert gate.asked == 2
    iam = aws.client("iam")
    only_here = allow("sagemaker:*", "*", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})
    iam.put_user_policy(UserName="visitor", PolicyName="p", PolicyDocument=policy(only_here))
    for name in iam.list_user_policies(UserName="visitor")["PolicyNames"]:
        if name != "p":
            iam.delete_user_policy(UserName="visitor", PolicyName=name)
    assert upstream.still_valid()
    with pytest.raises(Denied):
        admit(gate, sealed, "10.0.0.9")
    iam.put_user_policy(
        UserName="visitor", PolicyName="q", PolicyDocument=policy(deny("sagemaker:*"))
    )
    assert not upstream.still_valid()
    with pytest.raises(Denied):
        admit(gate, sealed)


def test_what_a_person_does_is_noted(aws: Aws, house: House, gate: Counting, domain: Any) -> None:
    start(aws, house, domain)
    upstream = admit(gate, cookie(house, domain))
    assert isinstance(upstream, Upstream)
    named = {"DomainId": domain.id, **APP}
    assert "LastUserActivityTimestamp" not in aws.client("sagemaker").describe_app(**named)
    upstream.acted()
    assert "LastUserActivityTimestamp" in aws.client("sagemaker").describe_app(**named)


@pytest.mark.parametrize(("status", "code"), [("Pending", 503), ("Failed", 404), ("Deleted", 404)])
def test_an_app_that_is_not_in_service_says_where_it_stands(
    aws: Aws, house: House, gate: Counting, domain: Any, status: str, code: int
) -> None:
    start(aws, house, domain, status)
    said = admit(gate, cookie(house, domain))
    assert isinstance(said, NotReady)
    assert said.status == code
