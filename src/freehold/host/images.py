"""What an image URI means here: an entry of ``catalogue.json``, told without asking anybody.

The account of a framework URI is a namespace of AWS's, kept per repository: the same repository
name in somebody's own account is another image, and unknown.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import msgspec

_CATALOGUE = Path(__file__).parent / "catalogue.json"
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|[a-z0-9.]+)"
    r"/(?P<repository>[a-z0-9._/-]+)(?::(?P<tag>[A-Za-z0-9._-]+))?"
)
_PUBLIC = re.compile(r"public\.ecr\.aws/sagemaker/(?P<repository>[a-z0-9._-]+):(?P<tag>[\w.-]+)")
_STUDIO = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:image(?:-version)?/(?P<name>[\w.-]+)(?:/\S+)?"
)
_LOCAL = re.compile(r"local://venv/(?P<name>[a-z0-9][a-z0-9._-]*)")


class Image(msgspec.Struct, frozen=True):
    """A known image: the runtime that serves it and the version that it asks for ('' if none)."""

    runtime: str
    version: str = ""


@functools.lru_cache(maxsize=1024)
def known_image(uri: str) -> Image | None:
    """The catalogue's answer; None for an image that we do not know.

    Known forms: the SDK's framework URIs, ``public.ecr.aws/sagemaker/...``, Studio image ARNs,
    and ``local://venv/NAME`` for any runtime by its own name.
    """
    if match := _LOCAL.fullmatch(uri):
        return Image(match["name"])
    if match := _STUDIO.fullmatch(uri):
        for entry in catalogue()["studio_images"]:
            if re.fullmatch(entry["name"], match["name"]):
                return Image(entry["runtime"])
        return None
    for pattern in (_ECR, _PUBLIC):
        if match := pattern.fullmatch(uri):
            account = match.groupdict().get("account")
            return _framework(account, match["repository"], match["tag"] or "latest")
    return None


def _framework(account: str | None, repository: str, tag: str) -> Image | None:
    for entry in catalogue()["images"]:
        if not re.fullmatch(entry["repository"], repository):
            continue
        found = re.fullmatch(entry["tag"], tag)
        if found and (account is None or account in entry["accounts"]):
            return Image(entry["runtime"], found["version"])
    return None


@functools.cache
def catalogue() -> dict[str, Any]:
    """The catalogue as it ships."""
    found: dict[str, Any] = json.loads(_CATALOGUE.read_text())
    return found
