"""The generated pages: fresh, the same every time, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.cli import reference
from freehold.services.catalog import SERVICES

DOCS = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(reference.pages()))
def test_the_pages_in_docs_are_fresh(name: str) -> None:
    assert (DOCS / name).read_text() == reference.pages()[name], f"run `{reference.COMMAND}`"


def test_the_page_does_not_depend_on_the_order_of_the_services() -> None:
    assert reference.operations(SERVICES) == reference.operations(reversed(SERVICES))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_operation_that_aws_has_is_either_served_or_refused(service) -> None:  # type: ignore[no-untyped-def]
    text = reference.operations([service])
    served, _, refused = text.partition(" refused by name")
    for name in service.model.operations:
        assert (f"| `{name}` |" in served) is (name in service.operations), name
    for name in set(service.model.operations) - set(service.operations):
        assert name in refused, name
    assert f"{len(service.operations)} operation" in served


def test_check_writes_nothing_and_fails_where_a_page_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "operations.md"
    assert reference.main([str(tmp_path), "--check"]) == 1
    assert not page.exists()
    assert reference.main([str(tmp_path)]) == 0
    assert reference.main([str(tmp_path), "--check"]) == 0
    page.write_text(page.read_text() + "by hand\n")
    capsys.readouterr()
    assert reference.main([str(tmp_path), "--check"]) == 1
    assert "is stale" in capsys.readouterr().err
