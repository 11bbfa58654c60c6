"""The words of the command: what they print, and how they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.jobs import install_runtime

from freehold.base.settings import Settings
from freehold.cli.main import main
from freehold.compose import open_house
from freehold.host import runtimes


def test_runtimes_are_listed_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FREEHOLD_RUNTIMES", str(tmp_path))
    assert main(["runtime", "list"]) == 0
    said = capsys.readouterr().out
    for name in runtimes.names():
        assert f"freehold runtime install {name}" in said
    found = install_runtime(tmp_path)
    place = tmp_path / "tests"
    facts = json.loads((place / "runtime.json").read_text())
    name = sorted(runtimes.names())[0]
    (place / "runtime.json").write_text(json.dumps(facts | {"name": name}))
    place.rename(tmp_path / name)
    assert main(["runtime", "list"]) == 0
    said = capsys.readouterr().out
    assert f"scikit-learn {found.versions['scikit-learn']}" in said
    assert f"freehold runtime install {name}" not in said


def test_what_a_stranger_called_something_moves_no_cursor_in_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = str(tmp_path / "\x1b[2Jred.tar.gz")
    assert main(["domain", "restore", named, "--verify-only"]) == 1
    said = capsys.readouterr().err
    assert "?[2Jred.tar.gz" in said
    assert "\x1b" not in said


def test_an_unknown_runtime_or_word_is_refused_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["runtime", "install", "cobol"], ["downgrade"], [], ["credentials"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 2
    assert "cobol" in capsys.readouterr().err


def test_a_state_without_a_server_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["env", "--state", str(tmp_path)],
        ["credentials", "--state", str(tmp_path), "--domain-id", "d", "--space-name", "s"],
    ):
        assert main(words) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        assert "no server is known in" in said.err


def test_the_administrators_lines_take_a_session_token_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(state=tmp_path / "s", account_id="111122223333")
    open_house(settings).close()
    facts = {name: getattr(settings, name) for name in ("host", "port", "tls_port", "region")}
    settings.server_file.write_text(json.dumps(facts | {"account_id": settings.account_id}))
    assert main(["env", "--state", str(settings.state)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("export ") for line in lines)
    assert "export AWS_SESSION_TOKEN=''" in lines
