from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.studio.settings import effective_settings, laid_over

DOMAIN = {
    "DefaultUserSettings": {
        "ExecutionRole": "user",
        "SecurityGroups": ["sg-1"],
        "JupyterLabAppSettings": {
            "DefaultResourceSpec": {"InstanceType": "a"},
            "LifecycleConfigArns": ["x"],
        },
    },
    "DefaultSpaceSettings": {"ExecutionRole": "space", "SecurityGroups": ["sg-9"]},
}
PROFILE = {
    "UserProfileName": "ana",
    "UserSettings": {
        "SecurityGroups": ["sg-2", "sg-1"],
        "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "b"}},
    },
}
OWN = {
    "SpaceName": "own",
    "SpaceSharingSettings": {"SharingType": "Private"},
    "SpaceSettings": {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "c"}}},
}


def test_a_profile_beats_its_domain_and_security_groups_are_added() -> None:
    found = effective_settings(DOMAIN, PROFILE)
    assert found == {
        "ExecutionRole": "user",
        "SecurityGroups": ["sg-1", "sg-2"],
        "JupyterLabAppSettings": {
            "DefaultResourceSpec": {"InstanceType": "b"},
            "LifecycleConfigArns": ["x"],
        },
    }


def test_a_private_space_has_its_owners_settings_and_its_own_on_top() -> None:
    found = effective_settings(DOMAIN, OWN, PROFILE)
    assert found["JupyterLabAppSettings"]["DefaultResourceSpec"] == {"InstanceType": "c"}
    assert found["SecurityGroups"] == ["sg-1", "sg-2"]
    assert found["ExecutionRole"] == "user"
    assert effective_settings(DOMAIN, OWN)["SecurityGroups"] == ["sg-1"]


def test_a_shared_space_has_the_domains_settings_for_spaces_and_nobodys() -> None:
    for shared in ({"SpaceName": "old"}, OWN | {"SpaceSharingSettings": {"SharingType": "Shared"}}):
        found = effective_settings(DOMAIN, shared, PROFILE)
        assert found["ExecutionRole"] == "space"
        assert found["SecurityGroups"] == ["sg-9"]


documents = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda one: isinstance(one, dict))


@given(documents, documents)
def test_nothing_given_is_changed_and_twice_is_once(under: Any, over: Any) -> None:
    before = copy.deepcopy((under, over))
    found = laid_over(under, over)
    assert (under, over) == before
    assert laid_over(found, over) == found
    assert laid_over(under, {}) == under
    assert laid_over({}, over) == over
