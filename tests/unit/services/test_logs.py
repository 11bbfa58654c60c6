"""CloudWatch Logs through a real client: groups, streams, events, filters and permissions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from tests.support.inprocess import Aws

from freehold.base.errors import Invalid
from freehold.compose import House
from freehold.kernel import logs as kept
from freehold.services.logs.patterns import compile_pattern

GROUP = "/aws/sagemaker/TrainingJobs"


@pytest.fixture
def logs(aws: Aws) -> Any:
    return aws.client("logs")


@pytest.fixture
def now() -> int:
    return int(time.time() * 1000)


def put(logs: Any, stream: str, start: int, *messages: str, group: str = GROUP) -> None:
    events = [{"timestamp": start + n, "message": text} for n, text in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def make(logs: Any, *streams: str, group: str = GROUP) -> None:
    logs.create_log_group(logGroupName=group)
    for stream in streams:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def refused(code: str, words: str, operation: Any, **request: Any) -> None:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert words in error["Message"], error


def test_what_is_missing_or_there_twice_is_refused_in_the_words_of_aws(logs: Any) -> None:
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    gone = "The specified log group does not exist."
    refused("ResourceNotFoundException", gone, logs.describe_log_streams, logGroupName=GROUP)
    refused("ResourceNotFoundException", gone, logs.get_log_events, **where)
    make(logs, "s")
    refused(
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
        logs.create_log_group,
        logGroupName=GROUP,
    )
    refused(
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
        logs.create_log_stream,
        **where,
    )
    refused(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
        logs.get_log_events,
        logGroupName=GROUP,
        logStreamName="other",
    )


def test_groups_are_described_by_beginning_and_by_part_in_pages(logs: Any) -> None:
    for name in ("/a/one", "/a/two", "/b/one"):
        logs.create_log_group(logGroupName=name)

    def names(**request: Any) -> list[str]:
        return [group["logGroupName"] for group in logs.describe_log_groups(**request)["logGroups"]]

    assert names() == ["/a/one", "/a/two", "/b/one"]
    assert names(logGroupNamePrefix="/a") == ["/a/one", "/a/two"]
    assert names(logGroupNamePattern="one") == ["/a/one", "/b/one"]
    pages = list(
        logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 1})
    )
    assert len(pages) == 3
    group = logs.describe_log_groups(logGroupNamePrefix="/b")["logGroups"][0]
    assert group["arn"] == "arn:aws:logs:us-east-1:111122223333:log-group:/b/one:*"
    assert group["logGroupArn"] == "arn:aws:logs:us-east-1:111122223333:log-group:/b/one"
    assert abs(group["creationTime"] - time.time() * 1000) < 60_000


def test_reading_forward_ends_with_the_token_it_began_with_and_sees_what_comes_later(
    logs: Any, now: int
) -> None:
    make(logs, "s")
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    empty = logs.get_log_events(**where, startFromHead=True)
    assert messages(empty) == []
    put(logs, "s", now, "a", "b", "c")
    first = logs.get_log_events(**where, nextToken=empty["nextForwardToken"], limit=2)
    assert messages(first) == ["a", "b"]
    second = logs.get_log_events(**where, nextToken=first["nextForwardToken"], limit=2)
    assert messages(second) == ["c"]
    third = logs.get_log_events(**where, nextToken=second["nextForwardToken"])
    assert messages(third) == []
    assert third["nextForwardToken"] == second["nextForwardToken"]
    put(logs, "s", now + 10, "d")
    assert messages(logs.get_log_events(**where, nextToken=third["nextForwardToken"])) == ["d"]


def test_reading_backward_gives_the_last_page_first_and_ends_the_same_way(
    logs: Any, now: int
) -> None:
    make(logs, "s")
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    put(logs, "s", now, "a", "b", "c")
    last = logs.get_log_events(**where, limit=2)
    assert messages(last) == ["b", "c"]
    before = logs.get_log_events(**where, nextToken=last["nextBackwardToken"], limit=2)
    assert messages(before) == ["a"]
    end = logs.get_log_events(**where, nextToken=before["nextBackwardToken"])
    assert messages(end) == []
    assert end["nextBackwardToken"] == before["nextBackwardToken"]
    turned = logs.get_log_events(**where, nextToken=end["nextForwardToken"])
    assert messages(turned) == ["a", "b", "c"]
    refused(
        "InvalidParameterException",
        "The specified nextToken is invalid.",
        logs.get_log_events,
        **where,
        nextToken="x/1",
    )


def test_get_log_events_includes_its_start_and_not_its_end(logs: Any, now: int) -> None:
    make(logs, "s")
    put(logs, "s", now, "a", "b", "c")
    found = logs.get_log_events(
        logGroupName=GROUP,
        logStreamName="s",
        startTime=now + 1,
        endTime=now + 2,
        startFromHead=True,
    )
    assert messages(found) == ["b"]
    found = logs.filter_log_events(logGroupName=GROUP, startTime=now + 1, endTime=now + 2)
    assert messages(found) == ["b", "c"]
    huge = (1 << 63) - 1
    assert len(messages(logs.filter_log_events(logGroupName=GROUP, endTime=huge))) == 3


def test_a_page_holds_a_megabyte(logs: Any, now: int) -> None:
    make(logs, "s")
    for n in range(6):
        put(logs, "s", now + n, "x" * 250_000)
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    first = logs.get_log_events(**where, startFromHead=True)
    assert len(first["events"]) == 4
    rest = logs.get_log_events(**where, nextToken=first["nextForwardToken"])
    assert len(rest["events"]) == 2
    last = logs.get_log_events(**where)
    assert [event["timestamp"] for event in last["events"]] == [now + n for n in (2, 3, 4, 5)]
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP))
    assert [len(page["events"]) for page in pages] == [4, 2]


def test_streams_are_described_by_name_and_by_last_event(logs: Any, now: int) -> None:
    make(logs, "job/algo-1", "job/algo-2", "job2/algo-1", "other")
    put(logs, "other", now, "a")
    put(logs, "job/algo-1", now + 5, "b", "c")

    def names(**request: Any) -> list[str]:
        found = logs.describe_log_streams(logGroupName=GROUP, **request)["logStreams"]
        return [stream["logStreamName"] for stream in found]

    assert names(logStreamNamePrefix="job/") == ["job/algo-1", "job/algo-2"]
    assert names(logStreamNamePrefix="job", descending=True)[0] == "job2/algo-1"
    assert names(orderBy="LastEventTime", descending=True)[:2] == ["job/algo-1", "other"]
    paginator = logs.get_paginator("describe_log_streams")
    for order in ({}, {"descending": True}, {"orderBy": "LastEventTime"}):
        pages = paginator.paginate(logGroupName=GROUP, **order, PaginationConfig={"PageSize": 3})
        assert [len(page["logStreams"]) for page in pages] == [3, 1]
    stream = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="job/algo-1")
    told = stream["logStreams"][0]
    assert (told["firstEventTimestamp"], told["lastEventTimestamp"]) == (now + 5, now + 6)
    assert told["arn"].endswith(f":log-group:{GROUP}:log-stream:job/algo-1")
    refused(
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
        logs.describe_log_streams,
        logGroupName=GROUP,
        orderBy="LastEventTime",
        logStreamNamePrefix="job",
    )


def test_put_log_events_keeps_what_is_in_time_and_tells_the_rest(logs: Any, now: int) -> None:
    make(logs, "s")
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    hour = 3_600_000
    old = [{"timestamp": now - 15 * 24 * hour, "message": "old"}]
    told = logs.put_log_events(**where, logEvents=old)["rejectedLogEventsInfo"]
    assert told == {"tooOldLogEventEndIndex": 1}
    events = [{"timestamp": now, "message": "now"}, {"timestamp": now + 3 * hour, "message": "new"}]
    answer = logs.put_log_events(**where, logEvents=events)
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert messages(logs.get_log_events(**where)) == ["now"]
    refused(
        "InvalidParameterException",
        "chronological",
        logs.put_log_events,
        **where,
        logEvents=events[::-1],
    )
    spread = [{"timestamp": now - 25 * hour, "message": "a"}, {"timestamp": now, "message": "b"}]
    refused("InvalidParameterException", "24 hours", logs.put_log_events, **where, logEvents=spread)
    long = [{"timestamp": now, "message": "x" * 600_000}] * 2
    refused("InvalidParameterException", "too large", logs.put_log_events, **where, logEvents=long)


def test_filter_finds_words_over_all_streams_in_order_of_time(logs: Any, now: int) -> None:
    make(logs, "a", "b", "c")
    put(logs, "a", now, "ERROR one", "fine", "fine again")
    put(logs, "b", now + 1, "late ERROR two")
    put(logs, "c", now - 5, "ERROR zero")

    def found(**request: Any) -> list[str]:
        return messages(logs.filter_log_events(logGroupName=GROUP, **request))

    assert found(filterPattern="ERROR") == ["ERROR zero", "ERROR one", "late ERROR two"]
    assert found(filterPattern="ERROR -late") == ["ERROR zero", "ERROR one"]
    assert found(filterPattern='"ERROR one"') == ["ERROR one"]
    assert found(filterPattern="?zero ?two") == ["ERROR zero", "late ERROR two"]
    assert found(logStreamNames=["b", "c"]) == ["ERROR zero", "late ERROR two"]
    assert found(logStreamNamePrefix="a") == ["ERROR one", "fine", "fine again"]
    pages = list(
        logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, interleaved=True, PaginationConfig={"PageSize": 2}
        )
    )
    assert [text for page in pages for text in messages(page)] == [
        "ERROR zero",
        "ERROR one",
        "fine",
        "late ERROR two",
        "fine again",
    ]
    assert len({event["eventId"] for page in pages for event in page["events"]}) == 5
    refused(
        "ResourceNotFoundException",
        "stream does not exist",
        logs.filter_log_events,
        logGroupName=GROUP,
        logStreamNames=["zz"],
    )
    refused(
        "InvalidParameterException",
        "Invalid filter pattern",
        logs.filter_log_events,
        logGroupName=GROUP,
        filterPattern="{ $.x = 1 }",
    )


def test_a_group_may_be_named_by_its_arn(logs: Any, now: int) -> None:
    make(logs, "s")
    put(logs, "s", now, "a")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    assert messages(logs.filter_log_events(logGroupIdentifier=arn)) == ["a"]
    refused(
        "InvalidParameterException",
        "not both",
        logs.filter_log_events,
        logGroupIdentifier=arn,
        logGroupName=GROUP,
    )


def test_retention_hides_what_is_older(logs: Any, now: int, house: House) -> None:
    day = 86_400_000
    kept.write_log(house.kernel, GROUP, "s", [(now - 2 * day, "old"), (now, "new")])
    where = {"logGroupName": GROUP, "logStreamName": "s"}
    assert messages(logs.get_log_events(**where)) == ["old", "new"]
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    assert messages(logs.get_log_events(**where)) == ["new"]
    assert messages(logs.filter_log_events(logGroupName=GROUP)) == ["new"]
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 1
    refused(
        "InvalidParameterException",
        "must be one of",
        logs.put_retention_policy,
        logGroupName=GROUP,
        retentionInDays=2,
    )
    logs.delete_retention_policy(logGroupName=GROUP)
    assert messages(logs.get_log_events(**where)) == ["old", "new"]


def test_deleting_takes_the_lines_along(logs: Any, now: int) -> None:
    make(logs, "a", "b")
    put(logs, "a", now, "1")
    put(logs, "b", now, "2")
    logs.delete_log_stream(logGroupName=GROUP, logStreamName="a")
    assert messages(logs.filter_log_events(logGroupName=GROUP)) == ["2"]
    logs.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=True)
    refused("ValidationException", "protected", logs.delete_log_group, logGroupName=GROUP)
    logs.put_log_group_deletion_protection(
        logGroupIdentifier=GROUP, deletionProtectionEnabled=False
    )
    logs.delete_log_group(logGroupName=GROUP)
    assert logs.describe_log_groups()["logGroups"] == []
    make(logs, "b")
    assert messages(logs.filter_log_events(logGroupName=GROUP)) == []


def test_a_loop_writes_into_groups_and_streams_that_it_makes(logs: Any, house: House) -> None:
    kept.write_log(
        house.kernel, GROUP, "job/algo-1", [(1_700_000_000_000, "one"), (1_700_000_000_000, "")]
    )
    kept.write_log(house.kernel, GROUP, "job/algo-1", [(1_700_000_000_001, "two")])
    found = logs.get_log_events(logGroupName=GROUP, logStreamName="job/algo-1", startFromHead=True)
    assert messages(found) == ["one", " ", "two"]


def test_groups_are_tagged_here_and_by_the_tagging_service(logs: Any, aws: Aws) -> None:
    logs.create_log_group(logGroupName=GROUP, tags={"team": "a"})
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"cost": "b"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a", "cost": "b"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team", "none"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"cost": "b"}
    tagging = aws.client("resourcegroupstaggingapi")
    found = tagging.get_resources(ResourceTypeFilters=["logs:log-group"])
    assert [one["ResourceARN"] for one in found["ResourceTagMappingList"]] == [arn]
    many = {f"k{n}": "v" for n in range(50)}
    refused("TooManyTagsException", "51", logs.tag_resource, resourceArn=arn, tags=many)


def user(aws: Aws, *statements: dict[str, Any]) -> Any:
    iam = aws.client("iam")
    iam.create_user(UserName="reader")
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    return aws.client("logs", (key["AccessKeyId"], key["SecretAccessKey"]))


def test_permission_is_asked_on_the_arns_that_aws_asks_it_on(logs: Any, aws: Aws, now: int) -> None:
    make(logs, "mine", "theirs")
    arn = f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}"
    reader = user(
        aws,
        {"Effect": "Allow", "Action": "logs:Get*", "Resource": f"{arn}:log-stream:mine"},
        {"Effect": "Allow", "Action": "logs:FilterLogEvents", "Resource": f"{arn}:*"},
        {"Effect": "Allow", "Action": "logs:DescribeLogStreams", "Resource": arn},
        {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"},
    )
    assert messages(reader.get_log_events(logGroupName=GROUP, logStreamName="mine")) == []
    assert messages(reader.filter_log_events(logGroupName=GROUP)) == []
    denied = "AccessDeniedException"
    refused(
        denied,
        f"{arn}:log-stream:theirs",
        reader.get_log_events,
        logGroupName=GROUP,
        logStreamName="theirs",
    )
    refused(denied, f"{arn}:log-stream:", reader.describe_log_streams, logGroupName=GROUP)
    refused(denied, "log-group::log-stream:", reader.describe_log_groups)
    reader.create_log_group(logGroupName="plain")
    refused(
        denied,
        'An additional permission "logs:TagResource" is required.',
        reader.create_log_group,
        logGroupName="tagged",
        tags={"a": "b"},
    )


def test_conditions_see_the_tags_of_the_group(logs: Any, aws: Aws) -> None:
    logs.create_log_group(logGroupName="a", tags={"team": "a"})
    logs.create_log_group(logGroupName="b", tags={"team": "b"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    reader = user(
        aws, {"Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": condition}
    )
    assert reader.describe_log_streams(logGroupName="a")["logStreams"] == []
    refused("AccessDeniedException", "log-group:b:", reader.delete_log_group, logGroupName="b")


PATTERNS = [
    ("", "anything", True),
    ("ERROR", "an ERROR here", True),
    ("ERROR", "an error here", False),
    ("ERROR main", "main: ERROR", True),
    ("ERROR main", "ERROR", False),
    ("-ERROR", "fine", True),
    ("-ERROR", "ERROR", False),
    ('"a b"', "x a b y", True),
    ('"a b"', "a  b", False),
    ('-"a b"', "a b", False),
    (r'"say \"hi\""', 'they say "hi"', True),
    ("?a ?b", "only b", True),
    ("?x ?z", "only b", False),
]


@pytest.mark.parametrize(("pattern", "line", "matches"), PATTERNS)
def test_patterns_match_as_documented(pattern: str, line: str, matches: bool) -> None:
    assert compile_pattern(pattern)(line) is matches


@pytest.mark.parametrize(
    "pattern",
    ["{ $.a = 1 }", "[a, b]", "%x.*%", "a:b", '""', '"open', "-", "?a b", "[", "!(", "a-b"],
)
def test_patterns_that_are_not_understood_are_refused(pattern: str) -> None:
    with pytest.raises(Invalid, match="Invalid filter pattern"):
        compile_pattern(pattern)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_quoted_phrase_matches_every_line_that_holds_it(
    phrase: str, ahead: str, behind: str
) -> None:
    quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
    assert compile_pattern(f'"{quoted}"')(ahead + phrase + behind)
