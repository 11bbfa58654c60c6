"""The command: its exit codes, its table, its JSON; while a server holds the state, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.people import allow
from tests.unit.isolation.conftest import Account

from freehold.cli.main import main


def run(account: Account, *more: str) -> int:
    return main(["isolation", "--state", str(account.house.settings.state), *more])


def test_isolated_is_zero_and_says_so(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(account) == 0
    printed = capsys.readouterr().out
    assert "finance -> risk     isolated" in printed
    assert "LEAK" not in printed


def test_a_leak_is_one_and_is_told_with_its_cure(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.allow(account.lines["finance"], {"Sid": "Wide", **allow("sagemaker:DescribeModel")})

    assert run(account) == 1

    printed = capsys.readouterr().out
    assert "finance -> risk     LEAK 1" in printed
    assert "risk -> finance  isolated" in printed
    assert "who    arn:aws:iam::111122223333:role/work-finance" in printed
    assert "may    DescribeModel" in printed
    assert "since  policy loose, statement Wide" in printed
    assert "cure   in loose Wide narrow Resource" in printed


def test_json_holds_the_same(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.allow(account.lines["finance"], allow("sagemaker:DescribeModel"))

    assert run(account, "--json") == 1

    found = json.loads(capsys.readouterr().out)
    pair = next(one for one in found["pairs"] if not one["isolated"])
    assert pair["findings"][0]["actions"] == ["sagemaker:DescribeModel"]
    assert pair["findings"][0]["exact"] is True
    assert not found["isolated"]


def test_what_cannot_be_asked_is_two(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["isolation", "--state", str(tmp_path / "none")]) == 2
    assert run(account, "--domain", "nowhere") == 2
    assert run(account, "--home", "nobody") == 2
    assert run(account, "--home", "arn:aws:iam::111122223333:user/no=finance") == 2
    assert capsys.readouterr().err.count("freehold isolation: ") == 4
