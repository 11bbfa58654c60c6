from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.cli.main import main
from freehold.compose import House


def test_console_says_where_it_is_and_which_key_but_no_secret(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"host": "127.0.0.1", "port": 7070, "tls_port": 7443, "region": "us-east-1"}
    place = house.settings.server_file
    place.write_text(json.dumps(facts | {"account_id": house.settings.account_id}))
    assert main(["console", "--state", str(house.settings.state)]) == 0
    said = capsys.readouterr().out
    assert "Open http://127.0.0.1:7070/console/" in said
    assert "Access key ID: AKIA" in said
    row = house.kernel.reader.connection.execute("select secret from access_key").fetchone()
    assert row[0] not in said


def test_console_of_no_server_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["console", "--state", str(tmp_path)]) == 1
    assert "no server is known" in capsys.readouterr().err
