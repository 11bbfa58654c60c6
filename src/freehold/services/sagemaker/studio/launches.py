"""What an app is started with: instance, image, scripts, repositories, and under which name.

Asked by CreateApp once owner and type are known; the answers stand on the app's record for the
loop that starts it (``loops/apps/start.py``). What would not be honoured is refused by name.
Facts: domains.md 1.3, 1.4, 1.7, 1.8 and section 4.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio.app_types import AppType
from freehold.kernel.studio.settings import effective_settings, is_private
from freehold.services.sagemaker.images import custom
from freehold.services.sagemaker.studio import attachments
from freehold.services.sagemaker.studio.code_repositories import CODE_REPOSITORY
from freehold.services.sagemaker.studio.spaces import SPACE, owner_document

SESSION_NAME = "session_name"  # of a call's ``internal``: who stands behind a presigned URL


def fill_in(call: Call, app: Document, kind: AppType, domain: Record, owner: Record) -> None:
    """Add all that the loop must know of how the app starts.

    In recovery mode an app starts as bare as it can: without scripts, repositories and what a
    custom image's configuration asks for.
    """
    whole = _governing(call, domain, owner)
    settings = whole.get(kind.settings, {})
    spec = app["ResourceSpec"] = _spec(app, kind, settings)
    scripts = _scripts(call, app, kind, spec, settings)
    chosen = custom.choose(call, kind, spec, settings)
    app["_Runtime"], app["_ImageVersion"] = chosen.runtime, chosen.version
    if not app.get("RecoveryMode"):
        app["_Scripts"] = scripts
        app["_Repositories"] = _repositories(call, kind, settings)
        app["_Container"] = chosen.container or {}
    app["_IpAddressType"] = domain.document.get("DomainSettings", {}).get("IpAddressType", "ipv4")
    if owner.kind == SPACE.kind:
        app["_Ownership"] = owner.document.get("OwnershipSettings", {}) | owner.document.get(
            "SpaceSharingSettings", {}
        )
    mode = whole.get("StudioWebPortalSettings", {}).get("ExecutionRoleSessionNameMode")
    if mode == "USER_IDENTITY" and _is_ones_own(owner):
        app["_SessionName"] = call.internal.get(SESSION_NAME) or call.principal.plain_name


def _governing(call: Call, domain: Record, owner: Record) -> Document:
    profile = owner_document(call, owner.document) if owner.kind == SPACE.kind else None
    return effective_settings(domain.document, owner.document, profile)


def _is_ones_own(owner: Record) -> bool:
    return owner.kind != SPACE.kind or is_private(owner.document)


def _spec(app: Document, kind: AppType, settings: Document) -> Document:
    """The request's over what governs (domains.md 1.7)."""
    spec = custom.laid_over(settings.get("DefaultResourceSpec", {}), app.get("ResourceSpec", {}))
    spec.setdefault("InstanceType", kind.instance)
    if kind.only_instance not in (None, spec["InstanceType"]):
        raise Invalid(f"The InstanceType of a {kind.name} app must be {kind.only_instance}.")
    if "TrainingPlanArn" in spec:
        raise Invalid("TrainingPlanArn is not supported: this server has no training plans.")
    return spec


def _scripts(
    call: Call, app: Document, kind: AppType, spec: Document, settings: Document
) -> list[str]:
    """Lifecycle configurations in the order in which they run: the built-in one comes first.

    A default one that the request clears by the word None does not run.
    """
    found = []
    built_in = settings.get("BuiltInLifecycleConfigArn")
    if built_in and built_in != custom.CLEARED:
        attachments.require_script(call, built_in, kind.name)
        app["BuiltInLifecycleConfigArn"] = built_in
        found.append(built_in)
    chosen = spec.get("LifecycleConfigArn")
    if chosen:
        attachments.require_script(call, chosen, kind.name)
        if chosen not in settings.get("LifecycleConfigArns", ()):
            raise Invalid(
                f"StudioLifecycleConfig [{chosen}] is not among the LifecycleConfigArns of the "
                "settings that govern this app."
            )
        found.append(chosen)
    if found and not kind.has_scripts:
        raise Invalid(f"Apps of the type {kind.name} run no lifecycle configurations.")
    return list(dict.fromkeys(found))


def _repositories(call: Call, kind: AppType, settings: Document) -> list[Document]:
    """What is cloned into the home: addresses, each with the branch that is known for it."""
    asked = settings.get("CodeRepositories", ()) if kind.has_repositories else ()
    if not asked:
        return []
    branches = {
        git["RepositoryUrl"]: git["Branch"]
        for git in (known.document["GitConfig"] for known in call.all(CODE_REPOSITORY))
        if git.get("Branch")
    }
    return [
        {"Url": one["RepositoryUrl"], "Branch": branches.get(one["RepositoryUrl"])} for one in asked
    ]
