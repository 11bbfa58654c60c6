from __future__ import annotations

import pytest

from freehold.edge.listen import hosts

SERVES = hosts.served("eu-west-1", lambda bucket: bucket in {"ours", "with.dots"})
SERVES_US = hosts.served("us-east-1", lambda bucket: bucket == "ours")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sts.amazonaws.com", True),
        ("sts.eu-west-1.amazonaws.com", True),
        ("sts.us-west-2.amazonaws.com", False),
        ("iam.amazonaws.com", True),
        ("api.sagemaker.eu-west-1.amazonaws.com", True),
        ("runtime.sagemaker.eu-west-1.amazonaws.com", True),
        ("ce.us-east-1.amazonaws.com", True),
        ("budgets.amazonaws.com", True),
        ("tagging.eu-west-1.amazonaws.com", True),
        ("cloudtrail.eu-west-1.amazonaws.com", True),
        ("access-analyzer.eu-west-1.amazonaws.com", True),
        ("s3.eu-west-1.amazonaws.com", True),
        ("s3.amazonaws.com", False),
        ("ours.s3.eu-west-1.amazonaws.com", True),
        ("with.dots.s3.eu-west-1.amazonaws.com", True),
        ("ours.s3.dualstack.eu-west-1.amazonaws.com", True),
        ("ours.s3.eu-west-2.amazonaws.com", False),
        ("theirs.s3.eu-west-1.amazonaws.com", False),
        (".s3.eu-west-1.amazonaws.com", False),
        ("d-1.studio.eu-west-1.sagemaker.aws", True),
        ("x.app.aws", True),
        ("sagemaker.aws", False),
        ("dynamodb.eu-west-1.amazonaws.com", False),
        ("sts.amazonaws.com.evil.example", False),
        ("evilsts.amazonaws.com", False),
        ("pypi.org", False),
        ("", False),
    ],
)
def test_only_what_we_serve_in_our_region_is_ours(host, expected):
    assert SERVES(host) is expected


@pytest.mark.parametrize("host", ["s3.amazonaws.com", "ours.s3.amazonaws.com"])
def test_us_east_1_has_the_old_name_of_s3_too(host):
    assert SERVES_US(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sm-pysdk-t-us-east-1.s3.us-east-1.amazonaws.com", True),
        ("sm-pysdk-t-eu-west-1.s3.eu-west-1.amazonaws.com", True),
        ("sm-pysdk-t-x.s3.us-east-1.amazonaws.com.evil.example", False),
        ("s3.us-east-1.amazonaws.com", False),
    ],
)
def test_the_sdks_telemetry_is_known_in_every_region(host, expected):
    assert hosts.is_telemetry(host) is expected
