"""``freehold settings``: with a server and without one; what is no setting is told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.support.inprocess import Aws, answer
from tests.support.people import allow, make_user, refused

from freehold.base.settings import Settings
from freehold.cli import settings as word
from freehold.cli.main import main
from freehold.compose import House, open_house
from freehold.edge import settings as edge
from freehold.kernel.permission.guards import guards_in_force
from freehold.store import audit
from freehold.store.database import connect

GUARDS_OFF = "isolation.lists=off\nisolation.tags=off\nisolation.pass-role=off\n"
QUOTAS_OFF = (
    "idle.by-price=off\n"
    "quota.domains=off\nquota.user-profiles=off\nquota.spaces=off\nquota.apps=off\n"
)


def record(settings: Settings) -> None:
    facts = {
        "host": settings.host,
        "port": settings.port,
        "tls_port": settings.tls_port,
        "account_id": settings.account_id,
        "region": settings.region,
    }
    settings.server_file.write_text(json.dumps(facts))


@pytest.fixture
def state(settings: Settings) -> Path:
    """An install whose server does not run."""
    open_house(settings).close()
    record(settings)
    return settings.state


def test_everything_is_off_at_first(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--state", str(state), "list"]) == 0
    assert capsys.readouterr().out == GUARDS_OFF + "isolation.references=off\n" + QUOTAS_OFF


def test_a_change_without_a_server_is_kept_and_audited(
    state: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["settings", "--state", str(state), "set", "isolation=strict"]) == 0
    assert main(["settings", "--state", str(state), "set", "isolation.tags=off"]) == 0
    assert capsys.readouterr().out.endswith(
        "isolation.lists=on\nisolation.tags=off\nisolation.pass-role=on\nisolation.references=on\n"
        + QUOTAS_OFF
    )
    house = open_house(settings)
    try:
        assert guards_in_force(house.kernel.own_unit()) == {"lists", "pass-role", "references"}
    finally:
        house.close()
    entries = [entry for _, entry in audit.read(connect(settings.database, read_only=True), 0, 99)]
    found = [entry for entry in entries if entry.operation == "PutSettings"]
    assert [entry.request for entry in found][1:] == [b'{"isolation.tags":"off"}']
    assert found[0].principal.endswith(":root")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["isolation.list=on"], "there is no setting isolation.list: the settings are isolation,"),
        (["isolation.lists=yes"], "isolation.lists cannot be yes: it is on or off"),
        (["isolation=on"], "isolation cannot be on: it is strict or parity"),
        (["isolation.lists="], "isolation.lists cannot be empty"),
        (["isolation.lists"], "isolation.lists is no setting with a value"),
        (["isolation.lists=on", "x=y"], "there is no setting x"),
        (["isolation.lists=on", "isolation.lists=off"], "isolation.lists=on and isolation.lists="),
        (["isolation=strict", "isolation.tags=off"], "isolation=strict and isolation.tags=off con"),
        (["quota.domains=1", "quota.domains=2"], "quota.domains=1 and quota.domains=2 contradict"),
        (["quota.domains"], "quota.domains is no setting with a value"),
        (["quota.domains="], "quota.domains cannot be empty: it is a number up to 1000000, or off"),
        (["quota.domains=-1"], "quota.domains cannot be -1"),
        (["quota.domains=٣"], "quota.domains cannot be ٣"),
        (["quota.domains=" + "9" * 5000], "it is a number up to 1000000, or off"),
        (["quota.domain=1"], "there is no quota domain: the quotas are domains, user-profiles,"),
        (["quota.domains@d-abc=1"], "domains are counted in the account"),
        (["quota.spaces.JupyterLab.ml.t3.medium=1"], "only apps are counted by type"),
        (["quota.apps.Jupyter.ml.t3.medium=1"], "Jupyter is no AppType"),
        (["quota.apps.JupyterLab.ml.huge=1"], "ml.huge is no AppInstanceType"),
        (["quota.apps@d-nowhere=1"], "is for domain d-nowhere, which does not exist"),
    ],
)
def test_what_is_no_setting_is_one_line_and_changes_nothing(
    state: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["settings", "--state", str(state), "set", *words]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    main(["settings", "--state", str(state), "list"])
    assert "=on" not in capsys.readouterr().out


def test_quotas_are_set_and_taken_away_without_a_server(
    state: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["quota.domains=50", "quota.domains=50", "quota.apps.JupyterLab.ml.g5.xlarge=2"]
    assert main(["settings", "--state", str(state), "set", *words]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "quota.domains=50" in told
    assert told[-1] == "quota.apps.JupyterLab.ml.g5.xlarge=2"
    assert main(["settings", "--state", str(state), "set", "quota.domains=off"]) == 0
    assert main(["settings", "--state", str(state), "list"]) == 0
    assert "quota.domains=off" in capsys.readouterr().out.splitlines()


def test_a_state_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--state", str(tmp_path), "list"]) == 1
    assert "no server is known" in capsys.readouterr().err


def test_a_state_in_use_whose_server_is_silent_is_told(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(house.settings)
    told: list[list[str]] = []
    monkeypatch.setattr(word, "_tell", lambda _settings, words: told.append(words))
    assert main(["settings", "--state", str(house.settings.state), "set", "isolation=strict"]) == 0
    assert told == [["isolation=strict"]]  # the running server's to do


# -- the running server ---------------------------------------------------------------------------


def post(aws: Aws, body: bytes, keys: Any = None, client: str = "127.0.0.1") -> tuple[int, Any]:
    keys = keys or aws.root
    request = AWSRequest("POST", "http://127.0.0.1:7070" + edge.SETTINGS, data=body)
    SigV4Auth(Credentials(*keys), "sagemaker", aws.region).add_auth(request)
    got = answer(aws.app, aws.loop, request.prepare(), client)
    return got.status_code, json.loads(got.content)


@pytest.fixture
def served(house: House, aws: Aws) -> Aws:
    edge.join(house.api, house.kernel)
    return aws


def test_a_running_server_obeys_at_once(served: Aws, house: House) -> None:
    keys = make_user(served, "lister", allow("sagemaker:List*"))
    theirs = served.client("sagemaker", keys)
    served.client("sagemaker").create_experiment(ExperimentName="e")
    assert theirs.list_experiments()["ExperimentSummaries"]
    status, told = post(served, b'["isolation.lists=on"]')
    assert (status, told["isolation.lists"], told["isolation.tags"]) == (200, "on", "off")
    assert theirs.list_experiments()["ExperimentSummaries"] == []
    assert post(served, b'["isolation=parity"]')[0] == 200
    assert theirs.list_experiments()["ExperimentSummaries"]


def test_only_the_root_on_this_machine_is_heard(served: Aws, house: House) -> None:
    keys = make_user(served, "admin", allow("*"))
    assert post(served, b'["isolation=strict"]', keys)[0] == 403
    assert post(served, b'["isolation=strict"]', (served.root[0], "no-secret"))[0] == 403
    assert post(served, b'["isolation=strict"]', client="10.1.2.3")[0] == 403
    assert guards_in_force(house.kernel.own_unit()) == frozenset()


def test_a_running_server_holds_a_quota_at_once(served: Aws) -> None:
    sm = served.client("sagemaker")
    ask = {"AuthMode": "IAM", "DefaultUserSettings": {}}
    made = sm.create_domain(DomainName="a", **ask)["DomainId"]
    words = json.dumps(["quota.domains=1", f"quota.user-profiles@{made}=0"]).encode()
    status, told = post(served, words)
    assert (status, told["quota.domains"], told[f"quota.user-profiles@{made}"]) == (200, "1", "0")
    limit = "The account-level service limit 'Total domains' is 1 Domains, with current utilization"
    with refused("ResourceLimitExceeded", f"{limit} of 1 Domains and a request delta of 1 Domains"):
        sm.create_domain(DomainName="b", **ask)
    with refused("ResourceLimitExceeded", "'Total user profiles per domain' is 0 UserProfiles"):
        sm.create_user_profile(DomainId=made, UserProfileName="ana")
    sm.delete_domain(DomainId=made)  # and with it goes what was set for it
    status, told = post(served, b'["quota.domains=off"]')
    assert f"quota.user-profiles@{made}" not in told
    sm.create_domain(DomainName="b", **ask)


@pytest.mark.parametrize("body", [b"", b"{}", b'"isolation=strict"', b'["isolation=maybe"]'])
def test_what_the_server_does_not_understand_is_400(served: Aws, body: bytes) -> None:
    status, told = post(served, body)
    assert status == 400
    assert told["message"]
