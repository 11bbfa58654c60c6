from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.base.errors import Invalid
from freehold.compose import House
from freehold.kernel.declare import verbs
from freehold.kernel.declare.verbs import merge, open_token, seal_token
from freehold.store.records import Page, Record, encode
from freehold.store.unit import Unit

PAGE = Page("k", column="name")
Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


@given(
    st.text() | st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    st.integers(0, 1 << 62),
)
def test_a_token_gives_back_its_position(column: Any, row: int) -> None:
    assert open_token(seal_token((column, row), PAGE), PAGE) == (column, row)


@pytest.mark.parametrize(
    "other",
    [
        PAGE._replace(kind="other"),
        PAGE._replace(scope="d-1"),
        PAGE._replace(column="created"),
        PAGE._replace(descending=True),
        PAGE._replace(name_contains="x"),
        PAGE._replace(status="Failed"),
        PAGE._replace(created=(1.0, None)),
        PAGE._replace(tag=("k", "v")),
    ],
)
def test_a_token_holds_for_its_own_question_only(other: Page) -> None:
    with pytest.raises(Invalid, match="another request"):
        open_token(seal_token(("a", 1), PAGE), other)


def test_a_token_holds_for_another_size_of_page() -> None:
    assert open_token(seal_token(("a", 1), PAGE), PAGE._replace(limit=3)) == ("a", 1)


@given(st.text())
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        open_token(text, PAGE)


@given(Json)
def test_a_forged_token_never_reaches_the_store_as_nonsense(forged: Any) -> None:
    sealed = verbs.decode(base64.urlsafe_b64decode(seal_token(("a", 1), PAGE)))
    for content in (forged, [*sealed[:2], forged, 1], [*sealed[:3], forged]):
        token = base64.urlsafe_b64encode(encode(content)).decode()
        try:
            column, row = open_token(token, PAGE)
        except Invalid:
            continue
        assert column is None or isinstance(column, (str, int, float))
        assert -(1 << 63) <= row < 1 << 63


def test_merge_takes_structures_member_by_member_and_lists_whole() -> None:
    document: dict[str, Any] = {"A": {"B": 1, "C": {"D": 2}}, "L": [1, 2], "Id": "d"}
    merge(document, {"A": {"C": {"E": 3}}, "L": [], "N": 4, "Id": "x"}, without=("Id",))
    assert document == {"A": {"B": 1, "C": {"D": 2, "E": 3}}, "L": [], "N": 4, "Id": "d"}


# -- lists through a real client ---------------------------------------------------------------


@pytest.fixture
def peopled(aws: Aws) -> str:
    """A domain with profiles, of another one as well; the id of the first."""
    role = work_role(aws, "work")
    first, second = (make_domain(aws, name, role) for name in ("one", "two"))
    for name in ("ana", "Bob", "cy", "dora", "eve", "anatol", "finn"):
        make_profile(aws, first.id, name)
    make_profile(aws, second.id, "ana")
    for name in ("team", "lab", "atelier"):
        make_space(aws, first.id, name)
    for owner, app_type in (("ana", "JupyterServer"), ("ana", "JupyterLab"), ("eve", "JupyterLab")):
        aws.client("sagemaker").create_app(
            DomainId=first.id, UserProfileName=owner, AppType=app_type, AppName="default"
        )
    return str(first.id)


Filters = st.fixed_dictionaries(
    {},
    optional={
        "SortBy": st.sampled_from(["CreationTime", "LastModifiedTime"]),
        "SortOrder": st.sampled_from(["Ascending", "Descending"]),
        "UserProfileNameContains": st.sampled_from(["a", "AN", "zz"]),
    },
)


def every_page(ask: Any, member: str, **request: Any) -> list[Any]:
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(**request, **token)
        assert len(answer[member]) <= request.get("MaxResults", 10)
        found += answer[member]
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


@given(filters=Filters, size=st.integers(1, 5), in_domain=st.booleans())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_put_together_are_the_whole_list(
    aws: Aws, peopled: str, filters: dict[str, Any], size: int, in_domain: bool
) -> None:
    sm = aws.client("sagemaker")
    asked = filters | ({"DomainIdEquals": peopled} if in_domain else {})
    whole = sm.list_user_profiles(MaxResults=100, **asked)
    assert "NextToken" not in whole
    paged = every_page(sm.list_user_profiles, "UserProfiles", MaxResults=size, **asked)
    assert paged == whole["UserProfiles"]
    part = filters.get("UserProfileNameContains", "").lower()
    assert all(part in item["UserProfileName"].lower() for item in paged)
    assert {item["DomainId"] for item in paged} <= ({peopled} if in_domain else {*_ids(sm)})
    key = filters.get("SortBy", "CreationTime")
    times = [item[key] for item in paged]
    assert times == sorted(times, reverse=filters.get("SortOrder") == "Descending")


def _ids(sm: Any) -> list[str]:
    return [domain["DomainId"] for domain in sm.list_domains()["Domains"]]


def test_a_token_of_another_list_is_refused_with_a_reason(aws: Aws, peopled: str) -> None:
    sm = aws.client("sagemaker")
    token = sm.list_user_profiles(MaxResults=1)["NextToken"]
    with refused("ValidationException", "another request"):
        sm.list_user_profiles(MaxResults=1, DomainIdEquals=peopled, NextToken=token)
    with refused("ValidationException", "NextToken"):
        sm.list_spaces(NextToken=token)
    with refused("ValidationException", "NextToken"):
        sm.list_spaces(NextToken="garbage")


def test_filters_that_no_column_answers_page_as_well(aws: Aws, peopled: str) -> None:
    sm = aws.client("sagemaker")
    asked = {"DomainIdEquals": peopled, "UserProfileNameEquals": "ana"}
    assert len(every_page(sm.list_apps, "Apps", MaxResults=1, **asked)) == 2
    assert len(every_page(sm.list_apps, "Apps", **asked)) == 2


def test_a_page_that_had_to_look_at_too_much_is_short_but_goes_on(aws: Aws, house: House) -> None:
    def many(unit: Unit) -> None:
        for n in range(verbs.SCAN_MAX + 2 * verbs.SCAN_STEP):
            owner = "rare" if n % 2000 == 1999 else "often"
            app = Record("sagemaker:app", f"arn:app/{n}", str(n), uid=str(n), at=float(n))
            app.document = {"AppName": str(n), "UserProfileName": owner, "_Owner": owner}
            app.summary = encode({"AppName": str(n), "UserProfileName": owner})
            unit.create(app)

    house.kernel.writer.run(many)
    sm = aws.client("sagemaker")
    found: list[str] = []
    token: dict[str, str] = {}
    pages = 0
    while True:
        answer = sm.list_apps(UserProfileNameEquals="rare", MaxResults=100, **token)
        found += [app["AppName"] for app in answer["Apps"]]
        pages += 1
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert found == ["1999", "3999"]
    assert pages == 2


def test_list_items_have_the_models_members_only(aws: Aws, peopled: str) -> None:
    items = aws.client("sagemaker").list_user_profiles(DomainIdEquals=peopled)["UserProfiles"]
    assert {key for item in items for key in item} == {
        "DomainId",
        "UserProfileName",
        "Status",
        "CreationTime",
        "LastModifiedTime",
    }
