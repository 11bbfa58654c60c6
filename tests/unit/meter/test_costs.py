from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.costs import METRICS, amount, cost_and_usage
from freehold.meter.query.rows import DIMENSIONS, Row

NOW = datetime(2026, 11, 23, 20, 39, tzinfo=UTC).timestamp()
DOMAIN = "sagemaker:domain-arn"
FINANCE = "arn:aws:sagemaker:us-east-1:000000000001:domain/d-finance00000"
ACTIVE = {DOMAIN: [(0.0, None)], "team": [(0.0, None)]}


def ask(
    start="2026-11-23", end="2026-11-24", granularity="DAILY", metrics=("UnblendedCost",), **more
):
    return {
        "TimePeriod": {"Start": start, "End": end},
        "Granularity": granularity,
        "Metrics": list(metrics),
        **more,
    }


def by(*keys):
    return [{"Type": "TAG" if k[0].islower() else "DIMENSION", "Key": k} for k in keys]


def groups(answer):
    return [
        (r["TimePeriod"]["Start"], *g["Keys"], g["Metrics"]["UnblendedCost"]["Amount"])
        for r in answer["ResultsByTime"]
        for g in r["Groups"]
    ]


def total(answer):
    return sum(
        Decimal(r["Total"]["UnblendedCost"]["Amount"])
        if r["Total"]
        else sum(Decimal(g["Metrics"]["UnblendedCost"]["Amount"]) for g in r["Groups"])
        for r in answer["ResultsByTime"]
    )


def test_every_bucket_appears_even_without_spend(row):
    answer = cost_and_usage(ask("2026-11-21", "2026-11-24"), [row()], NOW, ACTIVE)
    assert [r["TimePeriod"]["Start"] for r in answer["ResultsByTime"]] == [
        "2026-11-21",
        "2026-11-22",
        "2026-11-23",
    ]
    assert [r["Total"]["UnblendedCost"] for r in answer["ResultsByTime"]] == [
        {"Amount": "0", "Unit": "USD"},
        {"Amount": "0", "Unit": "USD"},
        {"Amount": "1", "Unit": "USD"},
    ]
    assert all(r["Groups"] == [] for r in answer["ResultsByTime"])
    assert "GroupDefinitions" not in answer


def test_months_are_clipped_to_the_request(row):
    answer = cost_and_usage(ask("2026-10-20", "2026-11-10", "MONTHLY"), [row()], NOW, ACTIVE)
    assert [tuple(r["TimePeriod"].values()) for r in answer["ResultsByTime"]] == [
        ("2026-10-20", "2026-11-01"),
        ("2026-11-01", "2026-11-10"),
    ]
    assert total(answer) == 0


def test_hours_are_asked_with_a_time(row):
    asked = ask("2026-11-23T10:00:00Z", "2026-11-23T12:00:00Z", "HOURLY")
    [first, second] = cost_and_usage(asked, [row()], NOW, ACTIVE)["ResultsByTime"]
    assert first["TimePeriod"] == {"Start": "2026-11-23T10:00:00Z", "End": "2026-11-23T11:00:00Z"}
    assert (first["Total"]["UnblendedCost"]["Amount"], first["Estimated"]) == ("1", True)
    assert second["Total"]["UnblendedCost"]["Amount"] == "0"


def test_a_day_is_an_estimate_until_six_hours_after_its_end(row):
    answer = cost_and_usage(ask("2026-11-21", "2026-11-24"), [], NOW, ACTIVE)
    assert [r["Estimated"] for r in answer["ResultsByTime"]] == [False, False, True]


def test_all_seven_metrics_are_served_and_money_is_one(row):
    answer = cost_and_usage(ask(metrics=METRICS), [row(cost="1.50")], NOW, ACTIVE)
    values = answer["ResultsByTime"][0]["Total"]
    assert set(values) == set(METRICS)
    assert values["AmortizedCost"] == values["BlendedCost"] == {"Amount": "1.5", "Unit": "USD"}
    assert values["UsageQuantity"] == {"Amount": "2", "Unit": "Hrs"}
    assert values["NormalizedUsageAmount"] == {"Amount": "0", "Unit": "N/A"}


def test_usage_of_mixed_units_has_no_unit(row):
    rows = [row(), row(unit="GB-Mo"), row()]
    answer = cost_and_usage(ask(metrics=["UsageQuantity"]), rows, NOW, ACTIVE)
    assert answer["ResultsByTime"][0]["Total"]["UsageQuantity"] == {"Amount": "6", "Unit": "N/A"}


def test_forecasts_spelling_of_a_metric_is_taken(row):
    answer = cost_and_usage(ask(metrics=["UNBLENDED_COST"]), [row()], NOW, ACTIVE)
    assert total(answer) == 1


def test_untagged_spend_stands_in_the_group_without_a_value(row):
    rows = [row(tags={DOMAIN: FINANCE}), row(cost="3"), row(cost="4", tags={DOMAIN: ""})]
    answer = cost_and_usage(ask(GroupBy=by(DOMAIN)), rows, NOW, ACTIVE)
    assert groups(answer) == [
        ("2026-11-23", f"{DOMAIN}$", "7"),
        ("2026-11-23", f"{DOMAIN}${FINANCE}", "1"),
    ]
    assert answer["GroupDefinitions"] == by(DOMAIN)
    assert answer["ResultsByTime"][0]["Total"] == {}


def test_notebooks_are_told_from_training_within_a_domain(row):
    notebook = "USE1-Studio:JupyterLab-ml.t3.medium"
    rows = [row(tags={DOMAIN: FINANCE}), row(cost="5", usage_type=notebook, tags={DOMAIN: FINANCE})]
    answer = cost_and_usage(ask(GroupBy=by(DOMAIN, "USAGE_TYPE")), rows, NOW, ACTIVE)
    assert [group[1:] for group in groups(answer)] == [
        (f"{DOMAIN}${FINANCE}", notebook, "5"),
        (f"{DOMAIN}${FINANCE}", "USE1-Train:ml.m5.xlarge", "1"),
    ]


def test_a_key_shows_only_in_hours_in_which_it_was_active(row):
    noon = datetime(2026, 11, 23, 12, 30, tzinfo=UTC).timestamp()
    rows = [row(hour=f"2026-11-23T{h}:00", tags={"team": "a"}) for h in (11, 12, 13)]
    spans = {"team": [(noon, noon + 60)]}
    answer = cost_and_usage(ask(GroupBy=by("team")), rows, NOW, spans)
    assert [group[1:] for group in groups(answer)] == [("team$", "2"), ("team$a", "1")]


def test_readable_names_are_given_for_groups_that_are_shown(row):
    answer = cost_and_usage(
        ask(GroupBy=by("LINKED_ACCOUNT")),
        [row()],
        NOW,
        ACTIVE,
        names={"000000000001": "Bank", "x": "y"},
    )
    assert answer["DimensionValueAttributes"] == [
        {"Value": "000000000001", "Attributes": {"description": "Bank"}}
    ]


def test_pages_together_are_the_whole_and_tokens_are_bound_to_the_request(row):
    rows = [row(hour=f"2026-11-{d}T05:00", tags={"team": t}) for d in (21, 23) for t in "abcde"]
    asked = ask("2026-11-20", "2026-11-24", GroupBy=by("team"))
    whole = groups(cost_and_usage(asked, rows, NOW, ACTIVE))
    seen, shown, token = [], [], None
    while True:
        page = cost_and_usage({**asked, "NextPageToken": token}, rows, NOW, ACTIVE, page_groups=3)
        seen += groups(page)
        shown += [r["TimePeriod"]["Start"] for r in page["ResultsByTime"]]
        if (token := page.get("NextPageToken")) is None:
            break
        last = token
    assert seen == whole
    assert sorted(set(shown)) == ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
    with pytest.raises(Invalid) as other:
        cost_and_usage({**asked, "Granularity": "MONTHLY", "NextPageToken": last}, [], NOW, ACTIVE)
    assert other.value.code == "RequestChangedException"
    for garbage in ("x", "!!!", last[:-4] + "AAAA", "e30="):
        with pytest.raises(Invalid) as bad:
            cost_and_usage({**asked, "NextPageToken": garbage}, [], NOW, ACTIVE)
        assert bad.value.code == "InvalidNextTokenException"


FIRST = datetime(2026, 11, 1, 0, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("request_", "now", "message"),
    [
        (ask("2026-11-01", "2026-11-01"), FIRST, "Start date (and hour) should be before end date"),
        (ask("2026-11-02", "2026-11-01"), NOW, "Start date (and hour) should be before end date"),
        (ask("2026-11-02", "2026-12-02"), NOW, "end date past the beginning of next month"),
        (ask("2025-08-02", "2026-11-02"), NOW, "To retrieve data beyond the past 14 months"),
        (ask("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"), NOW, "Hourly timePeriod is not"),
        (ask("2026-11-22", "2026-11-23", "HOURLY"), NOW, "yyyy-MM-ddTHH:mm:ssZ"),
        (ask("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", "HOURLY"), NOW, "past 14 days"),
        (ask("2026-11-22T00:30:00Z", "2026-11-23T00:00:00Z", "HOURLY"), NOW, "whole hour"),
        (ask("2026-02-30", "2026-11-03"), NOW, "is not a date"),
        (ask("", "2026-11-03"), NOW, "Start is missing"),
        (ask(granularity="WEEKLY"), NOW, "Granularity"),
        (ask(metrics=[]), NOW, "Metrics is required"),
        (ask(metrics=["Cost"]), NOW, "Metric Cost is invalid"),
        (ask(GroupBy=by("SERVICE", "OPERATION", "AZ")), NOW, "at most 2"),
        (ask(GroupBy=by("SERVICE", "SERVICE")), NOW, "twice"),
        (
            ask(GroupBy=by("RESOURCE_ID")),
            NOW,
            "Group Definition dimension is invalid. Valid values",
        ),
        (ask(GroupBy=[{"Type": "NO", "Key": "A"}]), NOW, "Group Definition type is invalid."),
        (ask(GroupBy=[{"Type": "TAG", "Key": ""}]), NOW, "Group Definition is invalid. Both type"),
        (ask(Filter={}), NOW, "Expression has no root"),
    ],
)
def test_wrong_requests_are_refused_in_awss_words(request_, now, message):
    with pytest.raises(Invalid) as refused:
        cost_and_usage(request_, [], now, ACTIVE)
    assert message in refused.value.message
    assert refused.value.code is None


def test_the_whole_current_month_and_old_month_starts_may_be_asked(row):
    asked = ask("2025-01-01", "2026-12-01", "MONTHLY")
    assert len(cost_and_usage(asked, [row()], NOW, ACTIVE)["ResultsByTime"]) == 23


def test_cost_categories_are_refused_clearly():
    for kind in ("COST_CATEGORY", "PRODUCT_ATTRIBUTE"):
        with pytest.raises(Unsupported, match=kind):
            cost_and_usage(ask(GroupBy=[{"Type": kind, "Key": "Team"}]), [], NOW, ACTIVE)


def test_the_sister_operation_wants_a_filter_and_resources(row):
    rows = [row(resource_arn="arn:a"), row(resource_arn="arn:b", cost="4")]
    service = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}}
    asked = ask(GroupBy=by("RESOURCE_ID"), Filter=service)
    answer = cost_and_usage(asked, rows, NOW, ACTIVE, with_resources=True)
    assert [group[1:] for group in groups(answer)] == [("arn:a", "1"), ("arn:b", "4")]
    for wrong in (ask(GroupBy=by("RESOURCE_ID")), ask(Filter=service)):
        with pytest.raises(Invalid):
            cost_and_usage(wrong, rows, NOW, ACTIVE, with_resources=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"), ("0E-10", "0"), ("-0.00", "0"), ("1.5000", "1.5"), ("100", "100"),
        ("0.0000000001", "0.0000000001"), ("1E+3", "1000"), ("-2.50", "-2.5"),
    ],
)  # fmt: skip
def test_amounts_are_printed_plainly(value, text):
    assert amount(Decimal(value)) == text


MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
ROWS = st.lists(
    st.builds(
        Row,
        hour=st.integers(0, 95).map(lambda h: int((MIDNIGHT + timedelta(hours=h)).timestamp())),
        service=st.sampled_from(["Amazon SageMaker", "Amazon Elastic File System"]),
        usage_type=st.sampled_from(["USE1-Train:ml.m5.large", "USE1-TimedStorage-ByteHrs"]),
        operation=st.sampled_from(["RunInstance", ""]),
        instance_type=st.sampled_from(["", "ml.m5.large"]),
        region=st.sampled_from(["us-east-1", ""]),
        record_type=st.just("Usage"),
        account=st.just("000000000001"),
        tags=st.dictionaries(
            st.sampled_from(["team", DOMAIN, "off"]), st.sampled_from(["", "a", "b$c"])
        ),
        quantity=st.decimals(-5, 1000, places=10),
        unit=st.sampled_from(["Hrs", "GB-Mo"]),
        cost=st.decimals(-5, 1000, places=10),
    ),
    max_size=30,
)
SPANS = st.fixed_dictionaries(
    {
        "team": st.lists(
            st.integers(-5, 100).map(lambda h: (MIDNIGHT + timedelta(hours=h)).timestamp()),
            max_size=3,
        ).map(lambda at: [(a, a + 36_000.0) for a in sorted(at)])
    }
)
GROUPINGS = st.lists(
    st.sampled_from(["team", DOMAIN, "off", "SERVICE", "USAGE_TYPE", "REGION", "AZ", "OPERATION"]),
    min_size=1,
    max_size=2,
    unique=True,
)


@given(ROWS, SPANS, GROUPINGS, st.sampled_from(["DAILY", "MONTHLY"]))
def test_groups_add_up_exactly_to_the_ungrouped_total(rows, spans, keys, granularity):
    plain = ask("2026-11-20", "2026-11-24", granularity)
    whole = cost_and_usage(plain, rows, NOW, spans)
    parts = cost_and_usage({**plain, "GroupBy": by(*keys)}, rows, NOW, spans)
    assert total(whole) == total(parts) == sum(row.cost for row in rows)


@given(ROWS, SPANS, st.integers(1, 3))
def test_half_open_periods_add_up(rows, spans, days):
    cut = f"2026-11-{20 + days}"
    whole, first, second = (
        total(cost_and_usage(ask(a, b), rows, NOW, spans))
        for a, b in (("2026-11-20", "2026-11-24"), ("2026-11-20", cut), (cut, "2026-11-24"))
    )
    assert first + second == whole


LEAVES = st.one_of(
    st.builds(
        lambda key, values: {"Dimensions": {"Key": key, "Values": values}},
        st.sampled_from([key for key in DIMENSIONS if key != "RESOURCE_ID"]),
        st.lists(st.sampled_from(["us-east-1", "NoRegion", "RunInstance"]), min_size=1),
    ),
    st.builds(
        lambda key, values: {"Tags": {"Key": key, "Values": values}},
        st.sampled_from(["team", DOMAIN]),
        st.lists(st.sampled_from(["", "a"]), min_size=1),
    ),
    st.just({"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}}),
    st.just({"Tags": {}}),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda e: {"Not": e}, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda es: {"And": es}),
        st.lists(inner, min_size=2, max_size=3).map(lambda es: {"Or": es}),
    ),
    max_leaves=5,
)


@given(ROWS, SPANS, EXPRESSIONS)
def test_a_filter_and_its_opposite_part_the_total(rows, spans, expression):
    asked = ask("2026-11-20", "2026-11-24")
    inside = total(cost_and_usage({**asked, "Filter": expression}, rows, NOW, spans))
    outside = total(cost_and_usage({**asked, "Filter": {"Not": expression}}, rows, NOW, spans))
    assert inside + outside == sum(row.cost for row in rows)


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda b: b64encode(b).decode()))
def test_a_token_that_we_never_gave_is_refused(text):
    with pytest.raises(Invalid) as refused:
        cost_and_usage(ask(GroupBy=by("team"), NextPageToken=text), [], NOW, ACTIVE)
    assert refused.value.code == "InvalidNextTokenException"
