"""The tight policy: what a person may do in one domain, and nowhere else.

Given to the execution role that quick setup makes for a domain; `freehold isolation` must find no
way out of it, and its cures point here. One text for both, so that neither can drift.
Sources: iam-evaluation.md section 4.4 (presence and value, never ``ForAllValues`` alone),
domains.md 3.4 (private and shared spaces).
"""

from __future__ import annotations

from typing import Any

from freehold.kernel.tagging import DOMAIN_TAG

NAME = "freehold-tight"
# Statements about the caller's own profile: the person's own policy says its name in them.
_OWN = frozenset({"OwnApps", "PrivateApps", "OwnSpaces", "OpenOwnApps"})
_CALLER = "${sagemaker:UserProfileName}"  # of a session from inside a domain; a user has none
# Kinds that stand in their domain by name: granted by ARN, never by tag.
STUDIO = ("domain", "user-profile", "space", "app")
# What is done to work that is there. No AddTags, no DeleteTags, no list without a parent.
OWN_WORK = (
    "Describe*",
    "Update*",
    "Delete*",
    "Start*",
    "Stop*",
    "Retry*",
    "Send*",
    "Associate*",
    "Disassociate*",
    "BatchGetMetrics",
    "BatchPutMetrics",
    "InvokeEndpoint*",
    "CreateImageVersion",  # asked on the image, and brings no tags of its own
    "ListAliases",
    "ListImageVersions",
    "ListModelPackages",
    "ListPipelineExecutions*",
    "ListTags",
)
# What shows the whole account unless the guard isolation.lists confines it.
LISTS = (  # by name: ``List*`` would hold ListTags of anything, which a tag can confine
    *(
        f"sagemaker:List{nouns}"
        for nouns in (
            *("Apps", "Domains", "Endpoint*", "Experiments", "ModelPackageGroups", "Models"),
            *("Pipelines", "ProcessingJobs", "Spaces", "TrainingJobs", "TransformJobs"),
            *("TrialComponents", "Trials", "UserProfiles"),
        )
    ),
    "sagemaker:Search",
    "sagemaker:GetSearchSuggestions",
    "tag:Get*",
    "ce:Get*",
)
_OBJECTS = (
    "s3:GetObject*",
    "s3:PutObject*",
    "s3:DeleteObject*",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_METRICS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
_BUCKET = ("s3:ListBucket", "s3:ListBucketMultipartUploads")
Statement = dict[str, Any]


def tight_policy(
    partition: str,
    region: str,
    account: str,
    domain_arn: str,
    domain_id: str,
    role_arn: str,
    bucket: str,
    *,
    with_lists: bool = False,
) -> dict[str, Any]:
    """An identity policy for the execution role of one domain, below IAM's 6,144 characters.

    It lets a data scientist create, run, read, change and delete work of the domain, use their own
    and the shared spaces, pass the domain's role to SageMaker, and keep files in the bucket. It
    leaves out what cannot be confined: lists, Search and cost (``with_lists``), tags of resources
    that are there and IAM. Versions of models are registered in groups whose
    names begin with the domain's id, since AWS asks about the version's name alone.

    Args:
        partition: As in ARNs, ``aws``.
        region: Of the domain.
        account: Twelve digits.
        domain_arn: Value of the tag ``sagemaker:domain-arn``.
        domain_id: ``d-...``.
        role_arn: The one role that may be passed on, to SageMaker only.
        bucket: The domain's bucket, or ``BUCKET/PREFIX``: then only what lies below it.
        with_lists: Grant lists, Search and cost too, and versions in groups of any name. Only
            for accounts where the guards ``isolation.lists`` and ``isolation.references`` are on:
            without them lists show every domain's names, and versions land in any group.
    """
    place = f"arn:{partition}:sagemaker:{region}:{account}:"
    statements = [
        *_work(place, domain_arn),
        _models(place, domain_arn, "*" if with_lists else f"{domain_id}*"),
        *_studio(partition, domain_id, _CALLER),
        {
            "Sid": "PassOwnRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        },
        *_files(partition, bucket),
        *_logs(f"arn:{partition}:logs:*:*:", domain_arn, domain_id),
        # Ours tell the storage of a domain to whoever may describe it (services/cloudwatch.py).
        _allow("SeeFigures", ["pricing:GetProducts", *_METRICS], "*"),
    ]
    if with_lists:
        statements.append(_allow("Lists", list(LISTS), "*"))
    return {"Version": "2012-10-17", "Statement": statements}


def people_policy(
    partition: str,
    region: str,
    account: str,
    domain_arn: str,
    domain_id: str,
    role_arn: str,
    bucket: str,
) -> dict[str, Any]:
    """The tight policy for the IAM users of a domain's people: a managed policy, one a domain.

    It has lists, cost and budgets, without which nobody finds their own page, and one's own
    password; what concerns one profile alone is ``own_policy``'s. Arguments: ``tight_policy``'s.
    """
    whole = tight_policy(partition, region, account, domain_arn, domain_id, role_arn, bucket)
    kept = [one for one in whole["Statement"] if one["Sid"] not in _OWN]
    me = f"arn:{partition}:iam::{account}:user/${{aws:username}}"
    kept += [
        # Lists alone: versions in groups of any name are for accounts with guards (``with_lists``).
        _allow("Lists", list(LISTS), "*"),
        _allow("SeeBudgets", "budgets:ViewBudget", f"arn:{partition}:budgets::{account}:budget/*"),
        _allow("OwnPassword", "iam:ChangePassword", me),
        _allow("PasswordRules", "iam:GetAccountPasswordPolicy", "*"),
    ]
    return whole | {"Statement": kept}


def own_policy(partition: str, domain_id: str, profile: str) -> dict[str, Any]:
    """What an IAM user may do with the one profile that is theirs: inline, beside the other.

    A user's keys carry no profile, so its name stands here. All inline policies of a user together
    hold 2,048 characters (IAM quota): people of three domains need a managed one.
    """
    own = [one for one in _studio(partition, domain_id, profile) if one["Sid"] in _OWN]
    return {"Version": "2012-10-17", "Statement": own}


def _allow(sid: str, actions: Any, resources: Any, **condition: Any) -> Statement:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def _work(place: str, domain_arn: str) -> list[Statement]:
    """Work is born with the domain's tag and reached by it; nobody changes whose it is."""
    studio = [f"{place}{kind}/*" for kind in STUDIO]
    elsewhere = [*studio, f"{place}model-package/*"]
    born = {"StringEquals": {f"aws:RequestTag/{DOMAIN_TAG}": domain_arn}}
    own = {"StringEquals": {f"aws:ResourceTag/{DOMAIN_TAG}": domain_arn}}
    return [
        {
            "Sid": "CreateOwnWork",
            "Effect": "Allow",
            "Action": "sagemaker:Create*",
            "NotResource": elsewhere,
            "Condition": born,
        },
        {
            "Sid": "OwnWork",
            "Effect": "Allow",
            "Action": [f"sagemaker:{action}" for action in OWN_WORK],
            "NotResource": studio,
            "Condition": own,
        },
        _allow(
            "TagWhatIsCreated",
            "sagemaker:AddTags",
            f"{place}*",
            **{"Null": {"sagemaker:TaggingAction": "false"}} | born,
        ),
        {
            "Sid": "KeepDomainTags",
            "Effect": "Deny",
            "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags"],
            "Resource": "*",
            "Condition": {
                "Null": {"sagemaker:TaggingAction": "true"},
                "ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"},
            },
        },
    ]


def _models(place: str, domain_arn: str, names: str) -> Statement:
    """Versions in groups of these names, and packages of their own."""
    return _allow(
        "RegisterModels",
        "sagemaker:CreateModelPackage",
        f"{place}model-package/{names}",
        StringEquals={f"aws:RequestTag/{DOMAIN_TAG}": domain_arn},
    )


def _studio(partition: str, domain_id: str, name: str) -> list[Statement]:
    """The domain's own pages, one's own (``name``) and the shared spaces, and apps in them.

    A domain's id is of one account and region: neither is said, so that there is room for more.
    """
    place = f"arn:{partition}:sagemaker:*:*:"
    me = f"{place}user-profile/{domain_id}/{name}"
    spaces, apps = f"{place}space/{domain_id}/*", f"{place}app/{domain_id}/*"
    on_apps = ["sagemaker:CreateApp", "sagemaker:DeleteApp"]
    on_spaces = [f"sagemaker:{verb}Space" for verb in ("Create", "Update", "Delete")]
    owned = {"ArnLike": {"sagemaker:OwnerUserProfileArn": me}}
    private = {"StringEquals": {"sagemaker:SpaceSharingType": "Private"}}
    return [
        _allow(
            "SeeOwnDomain",
            ["sagemaker:ListTags"]
            + [f"sagemaker:Describe{noun}" for noun in ("Domain", "UserProfile", "Space", "App")],
            [f"{place}domain/{domain_id}", f"{place}user-profile/{domain_id}/*", spaces, apps],
        ),
        _allow(
            "OwnApps",
            on_apps,
            f"{place}app/{domain_id}/{name}/*",
            Null={"sagemaker:SpaceSharingType": "true"},
        ),
        _allow(
            "SharedApps",
            on_apps,
            apps,
            StringEquals={"sagemaker:SpaceSharingType": "Shared"},
        ),
        _allow("PrivateApps", on_apps, apps, **owned | private),
        _allow("OwnSpaces", on_spaces, spaces, **owned),
        _allow("SharedSpaces", on_spaces, spaces, Null={"sagemaker:OwnerUserProfileArn": "true"}),
        _allow("OpenOwnApps", "sagemaker:CreatePresignedDomainUrl", me),
    ]


def _files(partition: str, bucket: str) -> list[Statement]:
    """One bucket, or what lies below one prefix of it."""
    name, _, prefix = bucket.partition("/")
    prefix = prefix.strip("/")
    arn = f"arn:{partition}:s3:::{name}"
    if not prefix:
        return [
            _allow("OwnObjects", list(_OBJECTS), f"{arn}/*"),
            _allow("OwnBucket", [*_BUCKET, "s3:GetBucketLocation"], arn),
        ]
    return [
        _allow("OwnObjects", list(_OBJECTS), f"{arn}/{prefix}/*"),
        _allow(
            "OwnPrefix",
            list(_BUCKET),
            arn,
            StringLike={"s3:prefix": [f"{prefix}/*", f"{prefix}/"]},
        ),
        _allow("BucketPlace", "s3:GetBucketLocation", arn),
    ]


def _logs(place: str, domain_arn: str, domain_id: str) -> list[Statement]:
    """Lines of the domain's apps and jobs.

    All domains share the groups that job logs go to. Ours tell conditions whose job wrote a stream
    (services/logs); on AWS that statement grants nothing.
    Names of streams are asked on the group that all domains' jobs share: they tell names of jobs,
    unless the guard ``isolation.lists`` is on. Without them no client finds the log of a job.
    """
    jobs, studio = (f"{place}log-group:/aws/sagemaker/{name}" for name in ("*Jobs", "studio"))
    return [
        _allow(
            "OwnLogs",
            "logs:GetLogEvents",
            f"{studio}:log-stream:{domain_id}/*",
        ),
        _allow(
            "OwnJobLogs",
            "logs:GetLogEvents",
            "*",
            StringEquals={f"aws:ResourceTag/{DOMAIN_TAG}": domain_arn},
        ),
        _allow("NamesOfJobLogs", "logs:DescribeLogStreams", f"{jobs}:*"),
    ]
