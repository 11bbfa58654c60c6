"""Turns the records of one domain into requests that make another. Values in, values out.

What names the old domain names the new one: its ARN, those of its people and spaces, its file
system. What names anything else stays, unless the administrator maps it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from freehold.kernel.tagging import AUTOMATIC

Document = dict[str, Any]
INSIDE = frozenset({"domain", "user-profile", "space", "app"})  # ARNs that hold a domain's id
SETTINGS = ("DefaultUserSettings", "DefaultSpaceSettings")


@dataclass(frozen=True, slots=True)
class Names:
    """What was, and what it is now.

    ``whole`` maps texts that are exactly the old one; ``old_arn`` and ``new_arn`` are those of
    the domain, from which the ARNs of all in it follow.
    """

    old_arn: str
    new_arn: str = ""
    whole: Mapping[str, str] = field(default_factory=dict)

    def of(self, value: Any) -> Any:
        """The value with every name renewed."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self.of(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.of(one) for one in value]
        return value

    def _text(self, text: str) -> str:
        if text in self.whole:
            return self.whole[text]
        if not self.new_arn or not text.startswith("arn:"):
            return text
        old_head, _, old_id = self.old_arn.rpartition(":domain/")
        new_head, _, new_id = self.new_arn.rpartition(":domain/")
        if not text.startswith(f"{old_head}:"):
            return text
        kind, *rest = text[len(old_head) + 1 :].split("/")
        if kind not in INSIDE or rest[:1] != [old_id]:
            return text
        return f"{new_head}:" + "/".join([kind, new_id, *rest[1:]])


def picked(document: Document, members: Collection[str]) -> Document:
    """The members that a request takes, without what is empty."""
    return {
        key: value for key, value in document.items() if key in members and value not in ({}, None)
    }


def without_own_files(domain: Document) -> Document:
    """A domain's settings without mounts of its own file system, which a create cannot know."""
    own = domain.get("HomeEfsFileSystemId")
    changed = dict(domain)
    for member in SETTINGS:
        settings = dict(domain.get(member, {}))
        if "CustomFileSystemConfigs" in settings:
            settings["CustomFileSystemConfigs"] = [
                one
                for one in settings["CustomFileSystemConfigs"]
                if one.get("EFSFileSystemConfig", {}).get("FileSystemId") != own
            ]
        if settings:
            changed[member] = settings
    return changed


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags that people gave; the automatic ones come after everything that they name."""
    return {key: value for key, value in tags.items() if key not in AUTOMATIC}


def automatic_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The others."""
    return {key: value for key, value in tags.items() if key in AUTOMATIC}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As requests take them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
