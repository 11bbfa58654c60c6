"""The guard isolation.lists: what one may not describe is in no list, and pages stay full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import root_keys
from tests.support.guards import switch, two_lines, whole
from tests.support.inprocess import Aws
from tests.support.jobs import install_runtime
from tests.support.people import allow, deny, make_user, policy, refused
from tests.support.spending import meter, spend

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel import logs as kept
from freehold.kernel.permission.guards import remembered
from freehold.kernel.permission.guards.dependence import dependence
from freehold.kernel.tagging import DOMAIN_TAG
from freehold.policy.compile import compile_stored
from freehold.policy.evaluate import Attached, Layers

LISTS = [
    ("list_experiments", "ExperimentSummaries", "ExperimentName"),
    ("list_trials", "TrialSummaries", "TrialName"),
    ("list_trial_components", "TrialComponentSummaries", "TrialComponentName"),
    ("list_models", "Models", "ModelName"),
    ("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    ("list_pipelines", "PipelineSummaries", "PipelineName"),
    ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName"),
    ("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName"),
]
STUDIO = [
    ("list_domains", "Domains", "DomainId"),
    ("list_user_profiles", "UserProfiles", "DomainId"),
    ("list_spaces", "Spaces", "DomainId"),
    ("list_apps", "Apps", "DomainId"),
]
SEARCHED = ["Experiment", "ExperimentTrial", "Model", "TrainingJob", "Pipeline", "ModelPackage"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place: Path = tmp_path_factory.mktemp("lists")
    install_runtime(place / "runtimes")
    settings = Settings(
        state=place / "state", account_id="111122223333", runtimes=place / "runtimes"
    )
    opened = open_house(settings, SystemClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(aws: Aws, house: House) -> SimpleNamespace:
    finance, other = two_lines(aws, house)
    return SimpleNamespace(
        finance=finance, other=other, sm=aws.client("sagemaker", finance.keys), house=house
    )


@pytest.fixture
def guarded(world: SimpleNamespace) -> Iterator[SimpleNamespace]:
    switch(world.house, "isolation.lists=on")
    yield world
    switch(world.house, "isolation.lists=off")


@pytest.mark.parametrize(("name", "key", "member"), LISTS)
def test_lists_show_ones_own_domain_only_and_all_of_it(
    guarded: SimpleNamespace, name: str, key: str, member: str
) -> None:
    found, _ = whole(guarded.sm, name, key, 10)
    assert {item[member] for item in found} == {"finance-thing"}


@pytest.mark.parametrize(("name", "key", "member"), STUDIO)
def test_lists_of_studio_show_ones_own_domain_only(
    guarded: SimpleNamespace, name: str, key: str, member: str
) -> None:
    found, _ = whole(guarded.sm, name, key, 10)
    assert {item[member] for item in found} == {guarded.finance.domain.id}


@pytest.mark.parametrize(("name", "key", "member"), [*LISTS, *STUDIO])
def test_lists_show_everything_without_the_guard(
    world: SimpleNamespace, name: str, key: str, member: str
) -> None:
    found, _ = whole(world.sm, name, key, 10)
    assert len({item[member] for item in found}) == 2


def test_the_root_and_who_may_describe_everything_see_everything(
    guarded: SimpleNamespace, aws: Aws
) -> None:
    keys = make_user(aws, "auditor", allow(["sagemaker:List*", "sagemaker:Describe*"]))
    for client in (aws.client("sagemaker"), aws.client("sagemaker", keys)):
        assert len(client.list_experiments()["ExperimentSummaries"]) == 2


def test_versions_of_a_foreign_group_are_not_listed(guarded: SimpleNamespace) -> None:
    versions = guarded.sm.list_model_packages(ModelPackageGroupName="finance-thing")
    assert len(versions["ModelPackageSummaryList"]) == 1
    foreign = guarded.sm.list_model_packages(ModelPackageGroupName="sustainability-thing")
    assert foreign["ModelPackageSummaryList"] == []


def test_a_foreign_trial_and_one_that_is_not_look_the_same_but_for_its_name(
    guarded: SimpleNamespace,
) -> None:
    found = guarded.sm.list_trial_components(TrialName="finance-thing")
    assert found["TrialComponentSummaries"] == []  # nothing is associated
    for name in ("sustainability-thing", "no-such-thing"):
        with refused("ResourceNotFound", f"Trial [{name}] does not exist"):
            guarded.sm.list_trial_components(TrialName=name)


@pytest.mark.parametrize("kind", SEARCHED)
def test_search_finds_ones_own_only(guarded: SimpleNamespace, kind: str) -> None:
    found = guarded.sm.search(Resource=kind)["Results"]
    assert len(found) == 1
    assert guarded.other.domain.arn not in str(found)


def test_tags_of_a_foreign_thing_are_refused_as_those_of_none(guarded: SimpleNamespace) -> None:
    assert guarded.sm.list_tags(ResourceArn=guarded.finance.made["model"])["Tags"]
    for arn in (guarded.other.made["model"], guarded.other.made["model"] + "-none"):
        with refused("AccessDeniedException", "sagemaker:DescribeModel", "isolation.lists"):
            guarded.sm.list_tags(ResourceArn=arn)


def test_the_tagging_api_tells_of_ones_own_only(guarded: SimpleNamespace, aws: Aws) -> None:
    tagging = aws.client("resourcegroupstaggingapi", guarded.finance.keys)
    found, token = [], ""
    while True:
        page = tagging.get_resources(ResourcesPerPage=3, PaginationToken=token)
        found += page["ResourceTagMappingList"]
        token = page["PaginationToken"]
        if not token:
            break
        assert len(page["ResourceTagMappingList"]) == 3
    assert found
    assert not [one["ResourceARN"] for one in found if guarded.other.domain.arn in str(one)]
    named = tagging.get_resources(ResourceARNList=[guarded.other.made["model"]])
    assert named["ResourceTagMappingList"] == []
    values = tagging.get_tag_values(Key=DOMAIN_TAG)["TagValues"]
    assert values == [guarded.finance.domain.arn]
    aws.client("sagemaker").add_tags(
        ResourceArn=guarded.other.made["model"], Tags=[{"Key": "secret-project", "Value": "x"}]
    )
    assert "secret-project" not in tagging.get_tag_keys()["TagKeys"]


def test_pages_are_full_until_the_end_and_in_order(
    guarded: SimpleNamespace, aws: Aws, house: House
) -> None:
    other = aws.client("sagemaker", guarded.other.keys)
    names = []
    for number in range(23):
        if number % 4 == 0:
            names.append(f"page-mine-{number:02}")
            guarded.sm.create_experiment(ExperimentName=names[-1])
        else:
            other.create_experiment(ExperimentName=f"page-theirs-{number:02}")
    for size in (1, 2, 3, 5):
        for order in ("Ascending", "Descending"):
            found, sizes = whole(
                guarded.sm,
                "list_experiments",
                "ExperimentSummaries",
                size,
                SortBy="Name",
                SortOrder=order,
            )
            got = [one["ExperimentName"] for one in found]
            wanted = sorted([*names, "finance-thing"], reverse=order == "Descending")
            assert got == wanted
            assert all(full == size for full in sizes[:-1])
            assert sizes[-1] > 0


def test_a_token_is_not_good_for_another_question(guarded: SimpleNamespace) -> None:
    guarded.sm.create_experiment(ExperimentName="token-1")
    token = guarded.sm.list_experiments(MaxResults=1)["NextToken"]
    with refused("ValidationException", "another request"):
        guarded.sm.list_models(MaxResults=1, NextToken=token)


def test_policies_by_name_are_decided_name_by_name(guarded: SimpleNamespace, aws: Aws) -> None:
    keys = make_user(
        aws,
        "by-name",
        allow("sagemaker:List*"),
        allow("sagemaker:DescribeExperiment", "arn:aws:sagemaker:*:*:experiment/named-*"),
    )
    for name in ("named-1", "nameless-1", "named-2"):
        guarded.sm.create_experiment(ExperimentName=name)
    found, sizes = whole(
        aws.client("sagemaker", keys), "list_experiments", "ExperimentSummaries", 1
    )
    assert {one["ExperimentName"] for one in found} == {"named-1", "named-2"}
    assert sizes == [1, 1]


def test_another_tag_than_the_domains_is_heeded(guarded: SimpleNamespace, aws: Aws) -> None:
    keys = make_user(
        aws,
        "by-team",
        allow("sagemaker:List*"),
        allow(
            "sagemaker:DescribeExperiment",
            Condition={"StringEquals": {"aws:ResourceTag/Team": "red"}},
        ),
    )
    sm = aws.client("sagemaker")
    for name, team in (("team-1", "red"), ("team-2", "blue"), ("team-3", "red")):
        sm.create_experiment(ExperimentName=name, Tags=[{"Key": "team", "Value": team}])
    found = aws.client("sagemaker", keys).list_experiments()["ExperimentSummaries"]
    assert {one["ExperimentName"] for one in found} == {"team-1", "team-3"}


def test_streams_of_shared_log_groups_are_those_of_ones_own_jobs(
    guarded: SimpleNamespace, aws: Aws, house: House
) -> None:
    group = "/aws/sagemaker/TrainingJobs"
    keys = make_user(
        aws,
        "reader",
        allow("logs:*"),
        allow(
            "sagemaker:DescribeTrainingJob",
            Condition={
                "StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": guarded.finance.domain.arn}
            },
        ),
    )
    for name in ("finance-thing", "sustainability-thing", "gone"):
        kept.write_log(house.kernel, group, f"{name}/algo-1-1", [(1, "a line")])
    found = aws.client("logs", keys).describe_log_streams(logGroupName=group)["logStreams"]
    assert [one["logStreamName"] for one in found] == ["finance-thing/algo-1-1"]


def test_cost_is_told_of_what_one_may_describe(
    guarded: SimpleNamespace, aws: Aws, house: House
) -> None:
    for line in (guarded.finance, guarded.other):
        spend(house, 7200, 3600, name=f"{line.name}/gone", tags={DOMAIN_TAG: line.domain.arn})
    spend(house, 7200, 3600, name="nobody/gone", tags={})
    meter(house)
    ask: dict[str, Any] = {
        "TimePeriod": {
            "Start": _day(house.kernel.clock.now() - 86400),
            "End": _day(house.kernel.clock.now() + 86400),
        },
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
    }
    group = [{"Type": "TAG", "Key": DOMAIN_TAG}]
    theirs = aws.client("ce", guarded.finance.keys)
    mine = f"{DOMAIN_TAG}${guarded.finance.domain.arn}"
    grouped = theirs.get_cost_and_usage(**ask, GroupBy=group)
    assert _keys(grouped) == {mine}
    alone = _total(theirs.get_cost_and_usage(**ask))
    root = aws.client("ce")
    by_root = root.get_cost_and_usage(**ask, GroupBy=group)
    assert {mine, f"{DOMAIN_TAG}$"} < _keys(by_root)
    assert 0 < alone < _total(root.get_cost_and_usage(**ask))
    filtered = theirs.get_cost_and_usage(
        **ask, Filter={"Tags": {"Key": DOMAIN_TAG, "Values": [guarded.other.domain.arn]}}
    )
    assert _total(filtered) == 0
    tags = theirs.get_tags(TimePeriod=ask["TimePeriod"], TagKey=DOMAIN_TAG)["Tags"]
    assert tags == [guarded.finance.domain.arn]
    switch(house, "isolation.lists=off")
    assert len(_keys(theirs.get_cost_and_usage(**ask, GroupBy=group))) >= 3


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _keys(answer: Any) -> set[str]:
    return {key for day in answer["ResultsByTime"] for one in day["Groups"] for key in one["Keys"]}


def _total(answer: Any) -> float:
    return sum(
        float(day["Total"]["UnblendedCost"]["Amount"])
        for day in answer["ResultsByTime"]
        if day["Total"]
    )


# -- decisions that are remembered -----------------------------------------------------------------


def test_what_was_decided_before_is_decided_anew_when_a_policy_or_an_address_changes(
    guarded: SimpleNamespace, aws: Aws
) -> None:
    here, there = "10.0.0.1", "10.0.0.2"
    within = {"Condition": {"IpAddress": {"aws:SourceIp": here}}}
    keys = make_user(
        aws, "sometimes", allow("sagemaker:List*"), allow("sagemaker:DescribeDomain", **within)
    )

    def seen(source_ip: str) -> int:
        client = aws.client("sagemaker", keys, source_ip=source_ip)
        return len(client.list_domains()["Domains"])

    every = len(aws.client("sagemaker").list_domains()["Domains"])
    for _ in range(2):
        assert seen(here) == every
        assert seen(there) == 0
    statements = [allow("sagemaker:List*"), deny("sagemaker:DescribeDomain")]
    aws.client("iam").put_user_policy(
        UserName="sometimes", PolicyName="given", PolicyDocument=policy(*statements)
    )
    assert seen(here) == 0


def test_the_clock_and_every_variable_are_keys_that_count() -> None:
    asked = policy(
        allow(
            "sagemaker:Describe*",
            "arn:aws:sagemaker:*:*:domain/${aws:PrincipalTag/team}",
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
                "StringEquals": {"aws:ResourceTag/team": "${aws:username}"},
            },
        )
    )
    compiled = compile_stored(asked, "identity")
    layers = Layers(identity=(Attached("p", None, "identity", compiled),))
    found = dependence(layers, "sagemaker:DescribeDomain", "domain/")
    assert found.other_keys == {"aws:currenttime", "aws:username", "aws:principaltag/team"}
    assert found.tag_keys == {"team"}
    assert found.on_arn


def test_what_is_remembered_has_a_bound() -> None:
    known = remembered.Remembered()
    known.of("a")["x"] = True
    assert known.of("a") == {"x": True}
    assert known.of("b") == {}
    for number in range(remembered.QUESTIONS_MAX + 2):
        known.of(number)
    assert known.of("a") == {}
    many = known.of("a")
    many.update(dict.fromkeys(range(remembered.DECISIONS_MAX + 1), True))
    assert known.of("a") == {}
