"""Flow logs: whose group a line goes to, what it says, and what stands in sum."""

from __future__ import annotations

from tests.support.inprocess import Aws

from freehold.compose import House
from freehold.kernel.network import flows
from freehold.kernel.network.flows import Flow, Totals

ARN = "arn:aws:sagemaker:us-east-1:111122223333:app/d-1/ana/jupyterlab/default"
FLOW = Flow("d-1", ARN, "10.0.0.4", "192.0.2.1", 6, 443, 3, 180, 1000.9, 1005.2)


def append(house: House, *given: Flow) -> None:
    kernel = house.kernel
    kernel.writer.run(lambda unit: flows.append(unit, house.settings, given, kernel.clock.now()))


def totals(house: House, domain_id: str) -> Totals:
    return flows.totals(house.kernel.own_unit(), house.settings, domain_id)


def test_a_line_is_a_flow_log_record_of_the_default_format() -> None:
    interface = flows.interface_of(ARN)
    assert flows.line("111122223333", FLOW) == (
        f"2 111122223333 {interface} 10.0.0.4 192.0.2.1 - 443 6 3 180 1000 1005 REJECT OK"
    )
    assert flows.line("1", FLOW._replace(port=None)).split()[6] == "-"


def test_each_domain_has_a_group_and_each_sandbox_a_stream(aws: Aws, house: House) -> None:
    append(house, FLOW, FLOW._replace(domain_id="d-2", arn=ARN.replace("d-1", "d-2")))
    append(house, FLOW._replace(domain_id=None, arn=ARN.split(":app/")[0] + ":training-job/t"))
    logs = aws.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix="/freehold/flow-logs/")["logGroups"]
    assert [one["logGroupName"].rpartition("/")[2] for one in groups] == ["d-1", "d-2", "no-domain"]
    assert {one["retentionInDays"] for one in groups} == {flows.KEPT_DAYS}
    streams = logs.describe_log_streams(logGroupName=groups[0]["logGroupName"])["logStreams"]
    assert [one["logStreamName"] for one in streams] == [
        f"app/d-1/ana/jupyterlab/default/{flows.interface_of(ARN)}-reject"
    ]
    tags = logs.list_tags_for_resource(resourceArn=groups[0]["logGroupArn"])["tags"]
    assert tags == {"sagemaker:domain-arn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1"}


def test_sums_stand_beside_the_lines(house: House) -> None:
    assert totals(house, "d-1") == Totals()
    append(house, FLOW, FLOW._replace(port=80))
    append(house, FLOW)
    assert totals(house, "d-1") == Totals(flows=3, packets=9)
    assert totals(house, "d-2") == Totals()
