"""What quick setup makes, a step a thing: found, or made, and taken back if a later one fails.

Talks AWS's API through clients that it is given; told to by ``setup.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from freehold.base.errors import Conflict, Fault
from freehold.cli.quick.clients import Clients
from freehold.kernel.permission import tight
from freehold.kernel.tagging import DOMAIN_TAG

MARK = "freehold:quick-setup"  # tag of a role that quick setup made; its value is the domain's name
ABSENT = frozenset({"NoSuchEntity", "NoSuchBucket", "NotFound", "404", "ResourceNotFound"})
HOME_GB = (5, 100)  # default and largest size of a space's home, AWS's own
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(slots=True)
class Setup:
    """One run. ``say`` is told each thing: ``made`` or ``exists``, what, and its name or ARN."""

    clients: Clients
    domain_name: str
    say: Callable[[str, str, str], None]
    role_arn: str = ""
    domain_arn: str = ""
    domain_id: str = ""
    bucket: str = ""
    _undo: list[tuple[str, Callable[[], Any]]] = field(default_factory=list)

    @property
    def role_name(self) -> str:
        """SageMaker's own prefix, which AWS's managed policies let people pass."""
        return f"AmazonSageMaker-{self.domain_name}"[:64]

    # -- steps, in order ---------------------------------------------------------------------

    def role(self) -> None:
        """The execution role: nobody else's.

        Raises:
            Conflict: A role of that name was made by somebody else.
        """
        iam, name = self.clients("iam"), self.role_name
        role = _found(lambda: iam.get_role(RoleName=name)["Role"])
        if role is not None:
            tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())}
            if tags.get(MARK) != self.domain_name:
                raise Conflict(
                    f"there is a role {name} that quick setup did not make for the domain "
                    f"{self.domain_name}: choose another domain name, or remove the role"
                )
            self.role_arn = role["Arn"]
            self.say("exists", "execution role", self.role_arn)
            return
        made = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description=f"Execution role of the domain {self.domain_name}",
            Tags=[{"Key": MARK, "Value": self.domain_name}],
        )
        self.role_arn = made["Role"]["Arn"]
        self._made("execution role", self.role_arn, lambda: iam.delete_role(RoleName=name))

    def domain(self) -> None:
        """The domain, in the default VPC; its people and its shared spaces work as its role.

        Raises:
            Conflict: A domain of that name works as another role.
        """
        sagemaker = self.clients("sagemaker")
        known = next(
            (one for one in _domains(sagemaker) if one["DomainName"] == self.domain_name), None
        )
        if known is not None:
            self._take(sagemaker.describe_domain(DomainId=known["DomainId"]))
            return
        storage = {
            "DefaultEbsStorageSettings": {
                "DefaultEbsVolumeSizeInGb": HOME_GB[0],
                "MaximumEbsVolumeSizeInGb": HOME_GB[1],
            }
        }
        settings = {"ExecutionRole": self.role_arn, "SpaceStorageSettings": storage}
        made = sagemaker.create_domain(
            DomainName=self.domain_name,
            AuthMode="IAM",
            DefaultUserSettings=settings,
            DefaultSpaceSettings=settings,
        )
        self.domain_id, self.domain_arn = made["DomainId"], made["DomainArn"]
        drop = {"HomeEfsFileSystem": "Delete"}
        self._made(
            "domain",
            self.domain_arn,
            lambda: sagemaker.delete_domain(DomainId=self.domain_id, RetentionPolicy=drop),
        )

    def _take(self, domain: dict[str, Any]) -> None:
        roles = {
            domain.get(member, {}).get("ExecutionRole")
            for member in ("DefaultUserSettings", "DefaultSpaceSettings")
        }
        if roles != {self.role_arn}:
            raise Conflict(
                f"there is a domain {self.domain_name} ({domain['DomainId']}) whose execution role "
                f"is not {self.role_arn}: choose another --domain-name"
            )
        self.domain_id, self.domain_arn = domain["DomainId"], domain["DomainArn"]
        self.say("exists", "domain", self.domain_arn)

    def files(self) -> None:
        """The domain's bucket. Its name holds the domain's id, which is never used again."""
        s3 = self.clients("s3")
        self.bucket = f"sagemaker-{self.domain_id}"
        if _found(lambda: s3.head_bucket(Bucket=self.bucket)) is not None:
            self.say("exists", "bucket", self.bucket)
            return
        region = self.domain_arn.split(":")[3]
        more: dict[str, Any] = {}
        if region != "us-east-1":  # S3 takes its first region only unnamed
            more["CreateBucketConfiguration"] = {"LocationConstraint": region}
        s3.create_bucket(Bucket=self.bucket, **more)
        self._made("bucket", self.bucket, lambda: s3.delete_bucket(Bucket=self.bucket))
        tag = {"Key": DOMAIN_TAG, "Value": self.domain_arn}
        s3.put_bucket_tagging(Bucket=self.bucket, Tagging={"TagSet": [tag]})

    def policy(self, *, with_lists: bool) -> None:
        """The tight policy, inline: it goes with the role. One that was changed is left alone."""
        iam, partition = self.clients("iam"), self.domain_arn.split(":")[1]
        region, account = self.domain_arn.split(":")[3:5]
        wanted = tight.tight_policy(
            *(partition, region, account, self.domain_arn, self.domain_id),
            *(self.role_arn, self.bucket),
            with_lists=with_lists,
        )
        held = {"RoleName": self.role_name, "PolicyName": tight.NAME}
        known = _found(lambda: iam.get_role_policy(**held)["PolicyDocument"])
        what = f"{tight.NAME} of {self.role_name}"
        if known is not None:
            is_same = known == wanted
            self.say("exists" if is_same else "differs, left as it is", "isolation policy", what)
            return
        text = json.dumps(wanted, separators=(",", ":"))
        iam.put_role_policy(**held, PolicyDocument=text)
        self._made("isolation policy", what, lambda: iam.delete_role_policy(**held))

    def profile(self, name: str) -> None:
        """One person."""
        sagemaker = self.clients("sagemaker")
        named = {"DomainId": self.domain_id, "UserProfileName": name}
        known = _found(lambda: sagemaker.describe_user_profile(**named)["UserProfileArn"])
        if known is not None:
            self.say("exists", "user profile", known)
            return
        arn = sagemaker.create_user_profile(**named)["UserProfileArn"]
        self._made("user profile", arn, lambda: sagemaker.delete_user_profile(**named))

    # -- taking back -------------------------------------------------------------------------

    def _made(self, what: str, name: str, undo: Callable[[], Any]) -> None:
        self._undo.append((f"{what} {name}", undo))
        self.say("made", what, name)

    def will_undo(self, what: str, undo: Callable[[], Any]) -> None:
        """Something that was changed elsewhere is to be taken back too."""
        self._undo.append((what, undo))

    def take_back(self) -> list[str]:
        """Remove what this run made, last first; what could not be removed."""
        left = []
        while self._undo:
            what, undo = self._undo.pop()
            try:
                undo()
            except (Fault, BotoCoreError, ClientError) as error:
                left.append(f"{what} ({error})")
            else:
                self.say("taken back", *what.rsplit(" ", 1))
        return left


def _found(ask: Callable[[], Any]) -> Any:
    """What ``ask`` gives, None if it does not exist."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


def _domains(sagemaker: Any) -> Any:
    for page in sagemaker.get_paginator("list_domains").paginate():
        yield from page["Domains"]
