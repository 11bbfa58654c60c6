from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Denied, Invalid
from freehold.meter.allocation import (
    AllocationKey,
    activations,
    keys_at_install,
    list_cost_allocation_tags,
    update_cost_allocation_tags_status,
)
from freehold.meter.query.rows import Projection

NOW = 1_795_465_800.0  # 2026-11-23 20:30 UTC


def switch(**keys):
    return {"CostAllocationTagsStatus": [{"TagKey": k, "Status": s} for k, s in keys.items()]}


def test_the_three_automatic_keys_are_active_from_installation():
    keys = keys_at_install(NOW)
    answer = list_cost_allocation_tags({"Status": "Active", "Type": "AWSGenerated"}, keys)
    assert [entry["TagKey"] for entry in answer["CostAllocationTags"]] == [
        "sagemaker:domain-arn",
        "sagemaker:space-arn",
        "sagemaker:user-profile-arn",
    ]
    assert answer["CostAllocationTags"][0]["LastUpdatedDate"] == "2026-11-23T20:30:00Z"
    assert Projection(activations(keys)).is_active("sagemaker:domain-arn", NOW - 1800)


def test_keys_are_filtered_and_paged():
    keys = [AllocationKey("b", last_used_at=NOW), AllocationKey("a"), *keys_at_install(NOW)]
    answer = list_cost_allocation_tags({"Type": "UserDefined", "MaxResults": 1}, keys)
    assert answer["CostAllocationTags"] == [
        {"TagKey": "a", "Type": "UserDefined", "Status": "Inactive"}
    ]
    following = {"Type": "UserDefined", "MaxResults": 1, "NextToken": answer["NextToken"]}
    [entry] = list_cost_allocation_tags(following, keys)["CostAllocationTags"]
    assert (entry["TagKey"], entry["LastUsedDate"]) == ("b", "2026-11-01T00:00:00Z")
    found = list_cost_allocation_tags({"TagKeys": ["b", "none"]}, keys)["CostAllocationTags"]
    assert [entry["TagKey"] for entry in found] == ["b"]


def test_an_unknown_key_is_told_in_the_body_and_the_others_are_switched():
    keys = {"team": AllocationKey("team"), "on": AllocationKey("on", ((1.0, None),), 1.0)}
    request = switch(team="Active", on="Active", nobody="Active")
    changed, answer = update_cost_allocation_tags_status(request, keys, NOW)
    assert changed == [AllocationKey("team", ((NOW, None),), NOW)]
    assert [error["TagKey"] for error in answer["Errors"]] == ["nobody"]


def test_wrong_updates_are_refused():
    with pytest.raises(Invalid):
        update_cost_allocation_tags_status({"CostAllocationTagsStatus": []}, {}, NOW)
    twice = {"CostAllocationTagsStatus": [{"TagKey": "a", "Status": "Active"}] * 2}
    with pytest.raises(Invalid, match="twice"):
        update_cost_allocation_tags_status(twice, {}, NOW)
    with pytest.raises(Denied, match="Linked account doesn't have access"):
        update_cost_allocation_tags_status(switch(a="Active"), {}, NOW, is_payer=False)


@given(
    st.lists(st.tuples(st.sampled_from(["Active", "Inactive"]), st.floats(1, 1e3)), max_size=6),
    st.floats(0, 3e3),
)
def test_backfill_applies_the_current_status_to_the_whole_span(switches, since):
    key, now = AllocationKey("k"), 0.0
    for status, later in switches:
        now += later
        key = key.switched(status, now)
    filled = key.backfilled(since, now)
    assert filled.is_active == key.is_active
    hour = now - 3600 - 1
    if hour >= since:
        assert Projection(activations([filled])).is_active("k", hour) == key.is_active
    for (_, end), (start, _) in zip(filled.spans, filled.spans[1:], strict=False):
        assert end is not None
        assert end <= start
    assert key.switched("Active", now).switched("Inactive", now + 1).is_active is False
