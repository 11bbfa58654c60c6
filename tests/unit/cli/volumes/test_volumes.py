"""``freehold volumes``: which file systems there are, and which may go."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, work_role

from freehold.base.errors import Conflict, NotFound
from freehold.cli.main import main
from freehold.cli.volumes import listing, word


def test_a_retained_volume_is_told_from_a_living_domains(aws: Aws) -> None:
    role = work_role(aws, "work")
    living, gone = make_domain(aws, "living", role), make_domain(aws, "gone", role)
    make_profile(aws, living.id, "bob")
    make_profile(aws, living.id, "ana")
    aws.client("sagemaker").delete_domain(DomainId=gone.id)
    found = listing.volumes(aws.client)
    assert [(v.is_used, v.former, v.users) for v in found] == [
        (True, None, ["ana", "bob"]),
        (False, gone.arn, []),
    ]
    lines = word.text(found, None)
    assert "ana, bob" in lines[1]
    assert f"retained from {gone.id}" in lines[2]
    assert lines[-1] == "2 file systems, 1 of no living domain (0 B)"


def test_one_that_a_living_domain_uses_is_never_removed(aws: Aws) -> None:
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    sagemaker, efs = aws.client("sagemaker"), aws.client("efs")
    volume = sagemaker.describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]
    efs.untag_resource(  # what a tag says does not count
        ResourceId=volume, TagKeys=[listing.MANAGED_TAG, "sagemaker:domain-arn"]
    )
    with pytest.raises(Conflict, match="holds the files of domain finance, which lives"):
        listing.unused(aws.client, volume)
    with pytest.raises(NotFound, match="there is no file system fs-0"):
        listing.unused(aws.client, "fs-0")


def test_without_any_it_says_so() -> None:
    assert word.text([], 80) == ["There are no file systems: every domain makes one."]


def test_a_retained_one_waits_for_a_domain_to_come_and_for_no_living_one(aws: Aws) -> None:
    role = work_role(aws, "work")
    gone = make_domain(aws, "gone", role)
    volume = aws.client("sagemaker").describe_domain(DomainId=gone.id)["HomeEfsFileSystemId"]
    aws.client("sagemaker").delete_domain(DomainId=gone.id)
    make_domain(aws, "living", role)
    with pytest.raises(Conflict, match="domain living lives and has its files"):
        listing.attach(aws.client, volume, "living")
    listing.attach(aws.client, volume, "heir")
    assert "waits for heir" in "\n".join(word.text(listing.volumes(aws.client), None))
    listing.detach(aws.client, volume)
    assert all(one.waits_for is None for one in listing.volumes(aws.client))


def test_the_state_is_heard_before_the_word_and_behind_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path)
    for given in (
        ["--state", place],
        ["--state", place, "list"],
        ["list", "--state", place],
        ["remove", "fs-1", "--state", place],
        ["attach", "fs-1", "--domain", "d", "--state", place],
    ):
        assert main(["volumes", *given]) == 1
        assert f"no server is known in {place}" in capsys.readouterr().err
