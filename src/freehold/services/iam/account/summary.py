"""GetAccountSummary: how much of everything the account has, and how much it may have."""

from __future__ import annotations

from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import credentials, identity, trust
from freehold.services.iam import attachments, inline, policies
from freehold.services.iam.entities import (
    DEVICES,
    GROUP,
    INSTANCE_PROFILE,
    MFA_DEVICE,
    MOST,
    POLICY,
    ROLE,
    USER,
    iam,
)
from freehold.services.iam.people import access_keys, groups
from freehold.services.iam.roles import roles

QUOTAS: dict[str, int] = {
    "UsersQuota": MOST["User"],
    "GroupsQuota": MOST["Group"],
    "RolesQuota": MOST["Role"],
    "PoliciesQuota": MOST["Policy"],
    "InstanceProfilesQuota": MOST["InstanceProfile"],
    "PolicySizeQuota": policies.CHARACTERS_MAX,
    "VersionsPerPolicyQuota": policies.VERSIONS_MAX,
    "PolicyVersionsInUseQuota": 10_000,
    "AttachedPoliciesPerUserQuota": attachments.ATTACHED_MAX,
    "AttachedPoliciesPerGroupQuota": attachments.ATTACHED_MAX,
    "AttachedPoliciesPerRoleQuota": attachments.ATTACHED_MAX,
    "UserPolicySizeQuota": inline.CHARACTERS_MAX["User"],
    "GroupPolicySizeQuota": inline.CHARACTERS_MAX["Group"],
    "RolePolicySizeQuota": inline.CHARACTERS_MAX["Role"],
    "AssumeRolePolicySizeQuota": roles.TRUST_CHARACTERS_MAX,
    "AccessKeysPerUserQuota": access_keys.ACCESS_KEYS_MAX,
    "GroupsPerUserQuota": groups.GROUPS_PER_USER_MAX,
    "SigningCertificatesPerUserQuota": 2,
    "ServerCertificatesQuota": 20,
}
# What IAM has and this server has not: certificates, the root's password, tokens of version 2.
NOTHING = {
    "ServerCertificates": 0,
    "AccountSigningCertificatesPresent": 0,
    "AccountPasswordPresent": 0,
    "AccountMFAEnabled": 0,
    "GlobalEndpointTokenVersion": 1,
}


@iam.operation("GetAccountSummary", mode="slow")
def get_account_summary(call: Call, _request: Document) -> Document:
    """Counts of now, and quotas."""
    root = identity.root_arn(call.kernel.settings)
    counts = {
        "Users": call.count(USER),
        "Groups": call.count(GROUP),
        "Roles": call.count(ROLE),
        "Policies": call.count(POLICY, ""),
        "InstanceProfiles": call.count(INSTANCE_PROFILE),
        "Providers": call.unit.count(trust.OIDC_PROVIDER),
        "PolicyVersionsInUse": _versions_in_use(call),
        "MFADevices": call.count(MFA_DEVICE),
        "MFADevicesInUse": sum(len(user.document.get(DEVICES, ())) for user in call.all(USER)),
        "AccountAccessKeysPresent": int(bool(credentials.access_keys(call, root))),
    }
    return {"SummaryMap": QUOTAS | NOTHING | counts}


def _versions_in_use(call: Call) -> int:
    return sum(len(policy.document[identity.VERSIONS]) for policy in call.all(POLICY, scope=""))
