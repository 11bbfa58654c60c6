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
from tests.support.people import allow, make_user

from freehold.base.settings import Settings
from freehold.cli import settings as word
from freehold.cli.main import main
from freehold.compose import House, open_house
from freehold.edge import settings as edge
from freehold.kernel.permission.guards import guards_in_force
from freehold.store import audit
from freehold.store.database import connect

ALL_OFF = "isolation.lists=off\nisolation.tags=off\nisolation.pass-role=off\n"


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
    assert capsys.readouterr().out == ALL_OFF + "isolation.references=off\n"


def test_a_change_without_a_server_is_kept_and_audited(
    state: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["settings", "--state", str(state), "set", "isolation=strict"]) == 0
    assert main(["settings", "--state", str(state), "set", "isolation.tags=off"]) == 0
    assert capsys.readouterr().out.endswith(
        "isolation.lists=on\nisolation.tags=off\nisolation.pass-role=on\nisolation.references=on\n"
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


@pytest.mark.parametrize("body", [b"", b"{}", b'"isolation=strict"', b'["isolation=maybe"]'])
def test_what_the_server_does_not_understand_is_400(served: Aws, body: bytes) -> None:
    status, told = post(served, body)
    assert status == 400
    assert told["message"]
