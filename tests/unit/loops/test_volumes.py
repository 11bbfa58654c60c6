"""The loop that ends file systems of deleted domains."""

from __future__ import annotations

from tests.support.inprocess import Aws
from tests.support.studio import make_domain, work_role

from freehold.compose import House
from freehold.host import volumes
from freehold.loops.files import Volumes


def test_a_volume_goes_only_if_its_domain_was_deleted_with_it(aws: Aws, house: House) -> None:
    sagemaker, efs = aws.client("sagemaker"), aws.client("efs")
    role = work_role(aws, "work")
    state = house.settings.state
    kept = make_domain(aws, "kept", role)
    gone = make_domain(aws, "gone", role)
    for domain in (kept, gone):
        described = sagemaker.describe_domain(DomainId=domain.id)
        volumes.make_volume(state, described["HomeEfsFileSystemId"])
    kept_id = sagemaker.describe_domain(DomainId=kept.id)["HomeEfsFileSystemId"]
    sagemaker.delete_domain(DomainId=kept.id)
    sagemaker.delete_domain(DomainId=gone.id, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    loop = Volumes(house.kernel)
    loop.turn()
    loop.turn()
    assert volumes.volumes(state) == [kept_id]
    assert [one["FileSystemId"] for one in efs.describe_file_systems()["FileSystems"]] == [kept_id]
