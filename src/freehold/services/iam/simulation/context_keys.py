"""GetContextKeysForCustomPolicy and -ForPrincipalPolicy: what a simulation should be told.

The keys of conditions and policy variables, each once, as the policies spell them.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.iam.entities import iam
from freehold.services.iam.simulation import scenes, sources
from freehold.services.iam.simulation.sources import Source
from freehold.services.iam.simulation.verdict import keys_of, once


def _source(_call: Call, request: Document) -> str:
    return str(request["PolicySourceArn"])


def _answer(found: Iterable[Source]) -> Document:
    keys = once(
        key
        for source in found
        for statement in source.policy.statements
        for key in keys_of(statement, has_variables=source.policy.has_variables)
    )
    return {"ContextKeyNames": keys}


@iam.operation("GetContextKeysForCustomPolicy")
def get_context_keys_for_custom_policy(_call: Call, request: Document) -> Document:
    """The keys of the policies given.

    Raises:
        Invalid: ``InvalidInput``: one is malformed.
    """
    return _answer(sources.given(request["PolicyInputList"], "identity"))


@iam.operation("GetContextKeysForPrincipalPolicy", mode="slow", target=_source)
def get_context_keys_for_principal_policy(call: Call, request: Document) -> Document:
    """The keys of all policies of a user (groups' too), group or role, and of those given.

    Raises:
        NotFound: ``NoSuchEntity``.
        Invalid: ``InvalidInput``.
    """
    holder = scenes.entity(call, request["PolicySourceArn"])
    given = sources.given(request.get("PolicyInputList", []), "identity")
    return _answer([*sources.of_holder(call, holder), *given])
