"""Answers of Cost Explorer as the story reads them."""

from __future__ import annotations

from decimal import Decimal

from freehold.cli.story.money import Row, rows, spent

FINANCE = "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1"


def test_tag_groups_are_read_by_their_values_and_days_are_summed() -> None:
    text = (
        f"sagemaker:domain-arn${FINANCE}\tUSE1-Train:ml.m5.large\t0.1\t1\n"
        "sagemaker:domain-arn$\tUSE1-Train:ml.m5.large\t0.5\t2\n"
        f"sagemaker:domain-arn${FINANCE}\tUSE1-Train:ml.m5.large\t0.25\t3\n"
    )
    assert rows(text) == [
        Row(FINANCE, "USE1-Train:ml.m5.large", Decimal("0.35"), Decimal(4)),
        Row("", "USE1-Train:ml.m5.large", Decimal("0.5"), Decimal(2)),
    ]


def test_nothing_answered_is_no_row() -> None:
    assert rows("") == []


def test_a_domains_spend_is_told_by_its_use() -> None:
    found = rows(
        f"x${FINANCE}\tUSE1-Train:ml.m5.large\t1\t1\n"
        f"x${FINANCE}\tUSE1-Studio:JupyterLab-ml.t3.medium\t2\t1\n"
        "x$\tUSE1-Train:ml.m5.large\t4\t1\n"
    )
    assert spent(found, FINANCE, "Train:") == 1
    assert spent(found, FINANCE, "Studio:JupyterLab") == 2
