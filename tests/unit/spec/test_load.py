from __future__ import annotations

import subprocess
import sys

import pytest

from freehold.base import settings
from freehold.spec import load
from freehold.spec.model import Shape


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FREEHOLD_CACHE", str(tmp_path / "cache"))
    load.service.cache_clear()
    yield tmp_path / "cache"
    load.service.cache_clear()


def _file(name: str):
    return next((settings.cache_directory() / "models").glob(f"*/{name}.msgpack"))


def test_a_model_is_the_same_object_each_time():
    assert load.service("sts") is load.service("sts")


def test_an_unknown_service_is_a_key_error():
    with pytest.raises(KeyError):
        load.service("dynamodb")


def test_a_kept_model_is_the_model_that_was_made():
    made = load.service("efs")
    load.service.cache_clear()
    kept = load.service("efs")
    assert kept is not made
    assert list(kept.operations) == list(made.operations)
    assert list(kept.shape_names()) == list(made.shape_names())


@pytest.mark.parametrize("damage", [b"", b"\x00", b"\xff" * 100])
def test_a_damaged_cache_is_done_without_and_mended(damage):
    load.service("sts")
    whole = _file("sts").read_bytes()
    _file("sts").write_bytes(damage)
    load.service.cache_clear()
    assert "AssumeRole" in load.service("sts").operations
    assert _file("sts").read_bytes() == whole


def test_one_flipped_byte_is_noticed():
    load.service("sts")
    content = bytearray(_file("sts").read_bytes())
    content[-20] ^= 1
    _file("sts").write_bytes(content)
    load.service.cache_clear()
    assert "AssumeRole" in load.service("sts").operations


def test_a_cache_that_cannot_be_written_is_done_without(cache):
    cache.write_text("a file where the directory should be")
    assert "AssumeRole" in load.service("sts").operations


def test_what_only_people_read_is_left_out():
    text = repr(load.trimmed("sts"))
    assert "documentation" not in text
    assert "deprecatedMessage" not in text


@pytest.mark.parametrize("name", load.SERVICES)
def test_every_shape_and_operation_of_every_service_can_be_built(name):
    service = load.service(name)
    for operation in service.operations.values():
        assert operation.input is None or isinstance(operation.input, Shape)
        assert operation.output is None or isinstance(operation.output, Shape)
        for error in operation.errors:
            assert service.shape(error).is_exception
    for shape_name in service.shape_names():
        for member in service.shape(shape_name).members.values():
            assert isinstance(member.shape, Shape)


@pytest.mark.parametrize(
    ("name", "protocol", "signing_name"),
    [
        ("sagemaker", "json", "sagemaker"),
        ("sagemaker-runtime", "rest-json", "sagemaker"),
        ("iam", "query", "iam"),
        ("ec2", "ec2", "ec2"),
        ("efs", "rest-json", "elasticfilesystem"),
        ("cloudwatch", "json", "monitoring"),
        ("resourcegroupstaggingapi", "json", "tagging"),
        ("s3", "rest-xml", "s3"),
    ],
)
def test_services_speak_what_real_clients_speak(name, protocol, signing_name):
    service = load.service(name)
    assert (service.protocol, service.signing_name) == (protocol, signing_name)


def test_a_service_may_be_had_in_another_protocol():
    assert load.service("cloudwatch", "query").protocol == "query"
    assert load.service("iam", "query") is load.service("iam")


def test_paginators_are_merged_in():
    operation = load.service("sagemaker").operations["ListTrainingJobs"]
    assert (operation.input_token, operation.limit_key) == (("NextToken",), "MaxResults")
    assert operation.result_key == ("TrainingJobSummaries",)


def test_no_botocore_code_is_imported():
    code = "import sys, freehold.spec.load as l; l.service('sts'); print('botocore' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
