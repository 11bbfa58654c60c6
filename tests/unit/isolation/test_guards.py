"""Guards in force close what they promise to close, and nothing else."""

from __future__ import annotations

from tests.support.people import allow
from tests.unit.isolation.conftest import Account
from tests.unit.isolation.test_plants import HEAD, user_of


def test_with_lists_names_are_seen_until_the_guard_is_on(account: Account) -> None:
    for line in account.lines.values():
        account.tighten(line, with_lists=True)

    assert not account.examine().is_isolated(is_strict=True)
    guards = frozenset({"lists", "tags", "pass-role", "references"})
    assert account.examine(guards=guards).is_isolated(is_strict=True)


def test_versions_of_models_need_the_guard_on_references(account: Account) -> None:
    for line in account.lines.values():
        account.tighten(line, with_lists=True)

    assert not account.examine(guards=frozenset({"lists"})).is_isolated()
    assert account.examine(guards=frozenset({"references"})).is_isolated()


def test_guard_on_roles_closes_a_loose_pass_role(account: Account) -> None:
    account.allow(account.lines["finance"], allow("iam:PassRole"))

    assert not account.examine().is_isolated()
    assert account.examine(guards=frozenset({"pass-role"})).is_isolated()


def test_guard_on_tags_closes_plants_by_tag(account: Account) -> None:
    user_of(
        account,
        account.lines["finance"],
        "pat",
        allow(["sagemaker:CreateExperiment", "sagemaker:AddTags"], f"{HEAD}:experiment/pat-*"),
    )

    assert not account.examine().is_isolated()
    assert account.examine(guards=frozenset({"tags"})).is_isolated()
