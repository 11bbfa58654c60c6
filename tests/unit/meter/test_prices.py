from __future__ import annotations

from decimal import Decimal

import pytest

from freehold.base.errors import Invalid
from freehold.meter.dimensions import instance_type_of, region_prefix, usage_type
from freehold.meter.prices import PriceBook

MIDNIGHT = 1_767_225_600.0  # 2026-01-01


@pytest.mark.parametrize(
    ("component", "instance_type", "region", "expected"),
    [
        ("JupyterLab", "ml.t3.medium", "us-east-1", "USE1-Studio:JupyterLab-ml.t3.medium"),
        ("CodeEditor", "ml.t3.medium", "us-west-2", "USW2-Studio:CodeEditor-ml.t3.medium"),
        ("KernelGateway", "ml.t3.medium", "eu-west-1", "EU-Studio:KernelGateway-ml.t3.medium"),
        ("Train", "ml.m5.xlarge", "us-east-1", "USE1-Train:ml.m5.xlarge"),
        ("Processing", "ml.m5.xlarge", "eu-central-1", "EUC1-Processing:ml.m5.xlarge"),
        ("Tsform", "ml.m5.xlarge", "ap-northeast-2", "APN2-Tsform:ml.m5.xlarge"),
        ("Host", "ml.m5.xlarge", "us-east-1", "USE1-Host:ml.m5.xlarge"),
        ("Notebk", "ml.t3.medium", "us-east-1", "USE1-Notebk:ml.t3.medium"),
        ("VolumeUsage.gp3", "", "us-east-1", "USE1-Studio:VolumeUsage.gp3"),
        ("FileSystem", "", "us-east-1", "USE1-TimedStorage-ByteHrs"),
        ("ObjectStorage", "", "us-east-1", "USE1-TimedStorage-ByteHrs"),
    ],
)
def test_usage_types_are_spelled_as_on_a_bill(component, instance_type, region, expected):
    assert usage_type(component, instance_type, region) == expected
    assert instance_type_of(expected) == instance_type


def test_an_unknown_region_gets_a_code_of_the_same_make():
    assert region_prefix("xx-central-9") == "XXC9"
    assert region_prefix("local") == "LOCAL"


@pytest.mark.parametrize(
    ("dimension", "instance_type", "rate"),
    [
        ("JupyterLab", "ml.t3.medium", "0.05"),
        ("Train", "ml.m5.xlarge", "0.2304"),
        ("Train", "ml.g5.xlarge", "1.408"),
        ("VolumeUsage.gp3", "", "0.112"),
        ("FileSystem", "", "0.30"),
        ("ObjectStorage", "", "0.023"),
    ],
)
def test_sample_prices_cover_what_we_bill(book, dimension, instance_type, rate):
    price = book.price(dimension, instance_type, "us-east-1", MIDNIGHT)
    assert price.rate == Decimal(rate)
    assert not price.is_missing


def test_the_sample_says_that_it_is_one_and_sizes_every_priced_instance(book):
    assert "SAMPLE DATA" in book.notice
    assert set(book.lists[0].instances) == set(book.instances)
    assert book.instances["ml.g4dn.xlarge"] == (4, 16.0, 1)
    assert book.instances["ml.t3.medium"].memory_gib == 4.0


def test_storage_has_no_minimum_and_instances_the_lists(book):
    assert book.price("VolumeUsage.gp3", "", "us-east-1", MIDNIGHT).minimum_seconds == 0
    assert book.price("Train", "ml.m5.large", "us-east-1", MIDNIGHT).minimum_seconds == 60


def test_a_missing_price_is_zero_and_says_so(book):
    price = book.price("Train", "ml.mine.huge", "us-east-1", MIDNIGHT)
    assert (price.rate, price.is_missing, price.minimum_seconds) == (0, True, 60)
    assert book.price("Train", "ml.m5.large", "us-east-1", 0.0).is_missing


def test_the_list_in_force_and_the_most_exact_name_win():
    book = PriceBook.from_mapping(
        {
            "lists": [
                {
                    "version": "b",
                    "effective_from": "2026-02-01",
                    "instance_hours": {"ml.m5.large": "3"},
                },
                {
                    "version": "a",
                    "effective_from": "2026-01-01",
                    "instance_hours": {"ml.m5.large": "1"},
                    "usage_types": {
                        "Train:ml.m5.large": {"rate": "2", "minimum_seconds": 1},
                        "EU-Train:ml.m5.large": "0",
                    },
                },
            ]
        }
    )
    train = [book.price("Train", "ml.m5.large", r, MIDNIGHT) for r in ("us-east-1", "eu-west-1")]
    assert [(p.rate, p.minimum_seconds, p.is_missing) for p in train] == [
        (2, 1, False),
        (0, 60, False),
    ]
    assert book.price("Host", "ml.m5.large", "us-east-1", MIDNIGHT).rate == 1
    assert book.price("Host", "ml.m5.large", "us-east-1", MIDNIGHT + 31 * 86_400).version == "b"


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({}, "version"),
        ({"version": "x"}, "effective_from"),
        ({"version": "x", "effective_from": "2026-01-01", "instance_hours": {"m": 0.5}}, "m "),
        ({"version": "x", "effective_from": "2026-01-01", "instance_hours": {"m": "-1"}}, "m "),
        ({"version": "x", "effective_from": "2026-01-01", "usage_types": {"u": "NaN"}}, "u "),
    ],
)
def test_a_wrong_file_is_refused_by_name(entry, named):
    with pytest.raises(Invalid, match=named):
        PriceBook.from_mapping({"lists": [entry]})
    with pytest.raises(Invalid, match="lists"):
        PriceBook.from_mapping({})
