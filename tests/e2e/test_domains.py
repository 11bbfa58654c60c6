"""Domains on a real server: Terraform's way, many hands at once, and power cuts in the midst."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support import needs, terraform_story
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, until
from tests.support.together import CUT, OK, together

pytestmark = needs.sandboxes("jupyterlab")
HANDS = 4  # clients of their own, each with a connection
KINDS = ("domain", "user-profile", "space", "app")
ANA = {"UserProfileName": "ana"}
APP = {"AppType": "JupyterServer", "AppName": "default"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "domains")


@pytest.fixture(scope="module")
def role(server: RunningServer) -> str:
    iam = server.client("iam")
    trust = trusting(
        {"Service": "sagemaker.amazonaws.com"}, ["sts:AssumeRole", "sts:SetSourceIdentity"]
    )
    arn: str = iam.create_role(RoleName="work", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    return arn


@pytest.fixture(scope="module")
def hands(server: RunningServer) -> list[Any]:
    return [server.client("sagemaker") for _ in range(HANDS)]


def make(sm: Any, role: str, name: str) -> str:
    """A domain with ana in it."""
    settings = {"ExecutionRole": role}
    made = sm.create_domain(
        DomainName=name,
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings=settings,
    )
    sm.create_user_profile(DomainId=made["DomainId"], **ANA)
    return str(made["DomainId"])


# -- what is kept, beside the API --------------------------------------------------------------


def kept(state: Path) -> dict[str, list[SimpleNamespace]]:
    """Studio's records as they stand in the store."""
    with closing(sqlite3.connect(f"file:{state / 'freehold.db'}?mode=ro", uri=True)) as opened:
        rows = opened.execute("select kind, scope, name, status, document from resource").fetchall()
    found: dict[str, list[SimpleNamespace]] = {kind: [] for kind in KINDS}
    for kind, scope, name, status, document in rows:
        noun = kind.removeprefix("sagemaker:")
        if noun in found and kind.startswith("sagemaker:"):
            read = json.loads(document)
            found[noun].append(
                SimpleNamespace(scope=scope, name=name, status=status, document=read)
            )
    return found


def require_whole(state: Path) -> None:
    """Nothing stands without what it stands in, and no name stands twice."""
    found = kept(state)
    domains = {one.document["DomainId"] for one in found["domain"]}
    people = {(one.scope, one.name) for one in found["user-profile"]}
    spaces = {(one.scope, one.name) for one in found["space"]}
    for kind in KINDS[1:]:
        assert {one.scope for one in found[kind]} <= domains, kind
    for space in found["space"]:
        owner = space.document.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        assert owner is None or (space.scope, owner) in people
    for app in found["app"]:
        document = app.document
        owner = (app.scope, document.get("UserProfileName") or document["SpaceName"])
        assert owner in people | spaces
    for names in (
        [one.name for one in found["domain"]],
        [(scope, name.lower()) for scope, name in sorted(people)],
        [(scope, name.lower()) for scope, name in sorted(spaces)],
    ):
        assert len(set(names)) == len(names), names


def processes(state: Path) -> list[str]:
    """Command lines of processes of runs of this state."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"{state}/runs" in line:
                found.append(line)
    return found


def require_nothing_left(server: RunningServer) -> None:
    """No record, process, door or live run of any domain."""
    assert {kind: found for kind, found in kept(server.state).items() if found} == {}
    until(lambda: not processes(server.state))
    doors = server.state / "doors"
    assert not doors.is_dir() or list(doors.iterdir()) == []


def tear_down(sm: Any, domain_id: str) -> None:
    """End everything of a domain, in order, whatever state it is in."""
    apps = sm.list_apps(DomainIdEquals=domain_id)["Apps"]
    for app in apps:
        named = {k: v for k, v in app.items() if k in ("UserProfileName", "SpaceName")}
        named |= {"DomainId": domain_id, "AppType": app["AppType"], "AppName": app["AppName"]}
        until(lambda named=named: sm.describe_app(**named)["Status"] != "Pending")
        if sm.describe_app(**named)["Status"] == "InService":
            sm.delete_app(**named)
        until(lambda named=named: sm.describe_app(**named)["Status"] in ("Deleted", "Failed"))
    for space in sm.list_spaces(DomainIdEquals=domain_id)["Spaces"]:
        sm.delete_space(DomainId=domain_id, SpaceName=space["SpaceName"])
    for one in sm.list_user_profiles(DomainIdEquals=domain_id)["UserProfiles"]:
        sm.delete_user_profile(DomainId=domain_id, UserProfileName=one["UserProfileName"])
    sm.delete_domain(DomainId=domain_id)


# -- Terraform -------------------------------------------------------------------------------------


def test_terraform_sees_no_difference_from_the_first_apply_to_the_last_destroy(
    server: RunningServer, role: str
) -> None:
    terraform_story.tell(server.client, role, with_apps=True)
    require_nothing_left(server)


# -- many hands ------------------------------------------------------------------------------------


def test_of_many_creates_of_one_name_one_wins(
    server: RunningServer, role: str, hands: list[Any]
) -> None:
    def one_wins(*asks: Any) -> None:
        assert sorted(together(*asks)) == ["ResourceInUse"] * (len(asks) - 1) + [OK]

    request = {"DomainName": "one", "AuthMode": "IAM", "DefaultUserSettings": {}}
    one_wins(*[lambda sm=sm: sm.create_domain(**request) for sm in hands])
    sm = hands[0]
    (domain_id,) = [
        one["DomainId"] for one in sm.list_domains()["Domains"] if one["DomainName"] == "one"
    ]
    settings = {"ExecutionRole": role}
    sm.update_domain(
        DomainId=domain_id, DefaultUserSettings=settings, DefaultSpaceSettings=settings
    )
    names = ["Ana", "ana", "ANA", "aNa"]
    named = list(zip(hands, names, strict=True))
    one_wins(*[
        lambda sm=sm, name=name: sm.create_user_profile(DomainId=domain_id, UserProfileName=name)
        for sm, name in named
    ])  # fmt: skip
    one_wins(*[
        lambda sm=sm, name=name: sm.create_space(DomainId=domain_id, SpaceName=f"{name}-s")
        for sm, name in named
    ])  # fmt: skip
    (one,) = sm.list_user_profiles(DomainIdEquals=domain_id)["UserProfiles"]
    owner = one["UserProfileName"]
    app = {"DomainId": domain_id, "UserProfileName": owner, **APP}
    one_wins(*[lambda sm=sm: sm.create_app(**app) for sm in hands])
    until(lambda: sm.describe_app(**app)["Status"] == "InService")
    assert len(processes(server.state)) == 1
    said = together(*[lambda sm=sm: sm.delete_app(**app) for sm in hands])
    assert said.count(OK) == 1
    assert set(said) <= {OK, "ResourceInUse", "ValidationException"}
    assert set(together(*[lambda sm=sm: sm.create_app(**app) for sm in hands])) <= {
        "ResourceInUse",
        OK,  # once the end had come
    }
    require_whole(server.state)
    tear_down(sm, domain_id)
    require_nothing_left(server)


def test_what_is_changed_while_it_goes_has_one_clear_winner(
    server: RunningServer, role: str, hands: list[Any]
) -> None:
    sm = hands[0]
    for turn in range(6):
        domain_id = make(sm, role, f"turn-{turn}")
        named = {"DomainId": domain_id}
        owned = {
            "OwnershipSettings": {"OwnerUserProfileName": "ana"},
            "SpaceSharingSettings": {"SharingType": "Private"},
        }
        gone, space, update, whole = together(
            lambda: hands[0].delete_user_profile(**named, **ANA),  # noqa: B023
            lambda: hands[1].create_space(**named, SpaceName="own", **owned),  # noqa: B023
            lambda: hands[2].update_user_profile(**named, **ANA, UserSettings={}),  # noqa: B023
            lambda: hands[3].delete_domain(**named),  # noqa: B023
        )
        assert {gone, space} in ({OK, "ResourceNotFound"}, {OK, "ResourceInUse"})
        assert update in (OK, "ResourceNotFound")
        assert whole == "ResourceInUse" or (whole == OK and gone == OK)
        require_whole(server.state)
        if whole != OK:
            update, gone = together(
                lambda: hands[1].update_domain(**named, TagPropagation="ENABLED"),  # noqa: B023
                lambda: tear_down(hands[0], named["DomainId"]),  # noqa: B023
            )
            assert (update in (OK, "ResourceNotFound"), gone) == (True, OK)
    require_nothing_left(server)


def test_a_domain_does_not_go_while_an_app_starts_in_it(
    server: RunningServer, role: str, hands: list[Any]
) -> None:
    sm = hands[0]
    domain_id = make(sm, role, "starting")
    app = {"DomainId": domain_id, **ANA, **APP}
    start, profile, domain = together(
        lambda: hands[0].create_app(**app),
        lambda: hands[1].delete_user_profile(DomainId=domain_id, **ANA),
        lambda: hands[2].delete_domain(DomainId=domain_id),
    )
    assert {start, profile} in ({OK, "ResourceInUse"}, {OK, "ResourceNotFound"})
    require_whole(server.state)
    if start == OK:
        assert domain == "ResourceInUse"
        tear_down(sm, domain_id)
    elif domain != OK:
        sm.delete_domain(DomainId=domain_id)
    require_nothing_left(server)


# -- power cuts ------------------------------------------------------------------------------------


def test_a_power_cut_in_the_midst_of_anything_leaves_a_whole_house(
    server: RunningServer, role: str, hands: list[Any]
) -> None:
    chance = random.Random(11)
    for turn in range(3):
        domain_id = make(hands[0], role, f"cut-{turn}")
        hands[0].create_user_profile(DomainId=domain_id, UserProfileName="bob")
        done: list[str] = []

        def people(sm: Any, at: int, domain_id: str = domain_id, done: Any = done) -> None:
            for number in range(10_000):
                name = f"p{at}-{number}"
                sm.create_user_profile(DomainId=domain_id, UserProfileName=name)
                done.append(name)

        cut = threading.Timer(chance.uniform(0.05, 0.4), server.kill)
        cut.start()
        said = together(
            lambda: hands[0].create_app(DomainId=domain_id, **ANA, **APP),  # noqa: B023
            lambda: people(hands[1], 1),
            lambda: people(hands[2], 2),
            lambda: hands[3].delete_user_profile(
                DomainId=domain_id,  # noqa: B023
                UserProfileName="bob",
            ),
        )
        cut.join()
        assert said[1:3] == [CUT, CUT]
        require_whole(server.state)
        server.start()
        require_whole(server.state)
        sm = server.client("sagemaker")
        known = {one.name for one in kept(server.state)["user-profile"]}
        assert set(done) <= known  # what was answered is kept
        if said[3] == OK:
            assert "bob" not in known
        if said[0] == OK:
            assert sm.list_apps(DomainIdEquals=domain_id)["Apps"]
        uids = [one.document["HomeEfsFileSystemUid"] for one in kept(server.state)["user-profile"]]
        assert len(set(uids)) == len(uids)
        for one in sorted(known - {"ana", "bob"}):
            sm.delete_user_profile(DomainId=domain_id, UserProfileName=one)
        tear_down(sm, domain_id)
        require_nothing_left(server)


def test_a_power_cut_while_an_app_goes_up_or_down_leaves_no_process_of_nobody(
    server: RunningServer, role: str, hands: list[Any]
) -> None:
    sm = hands[0]
    domain_id = make(sm, role, "cut-app")
    app = {"DomainId": domain_id, **ANA, **APP}
    sm.create_app(**app)
    until(lambda: processes(server.state))
    server.kill()
    server.start()
    until(lambda: sm.describe_app(**app)["Status"] == "InService")
    assert len(processes(server.state)) == 1
    sm.delete_app(**app)
    server.kill()
    assert together(lambda: sm.describe_app(**app)) == [CUT]
    server.start()
    until(lambda: sm.describe_app(**app)["Status"] == "Deleted")
    tear_down(sm, domain_id)
    require_nothing_left(server)
