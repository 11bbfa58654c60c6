"""Filter patterns of FilterLogEvents: words and quoted phrases that a line must or must not hold.

Input: the pattern's text. Output: a test of one line. Patterns of JSON fields, of columns and
regular expressions are refused by name: a filter that is not understood must not match.
Source: CloudWatch Logs, "Filter pattern syntax", terms in unstructured log events.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from freehold.base.errors import Invalid

_TERM = re.compile(r'\s*([-?]?)("(?:[^"\\]|\\.)*"|[^\s"]+)')
_PLAIN = re.compile(r"\w+")

Test = Callable[[str], bool]


def compile_pattern(pattern: str) -> Test:
    """A test for lines: all plain terms, none of ``-term``; or any one of ``?term``.

    Terms are looked for anywhere in the line, with regard to case.

    Raises:
        Invalid: The pattern is malformed, or of a kind that is not served.
    """
    text = pattern.strip()
    if text[:1] in ("{", "["):
        kind = "of JSON fields" if text[0] == "{" else "of columns"
        raise Invalid(
            f"Invalid filter pattern: patterns {kind} are not supported by this server. "
            "Use plain terms and quoted phrases."
        )
    wanted: dict[str, list[str]] = {"": [], "-": [], "?": []}
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise Invalid(f"Invalid filter pattern: unbalanced quotes in '{text[at:]}'")
        wanted[found[1]].append(_term(found[2]))
        at = found.end()
    every, never, one = (tuple(wanted[sign]) for sign in ("", "-", "?"))
    if one and (every or never):
        raise Invalid(
            "Invalid filter pattern: optional terms (?term) cannot be combined with other terms."
        )
    if one:
        return lambda line: any(term in line for term in one)
    return lambda line: (
        all(term in line for term in every) and not any(term in line for term in never)
    )


def _term(text: str) -> str:
    if text.startswith("%"):
        raise Invalid(
            "Invalid filter pattern: regular expressions (%...%) are not supported by this server."
        )
    if text.startswith('"') and len(text) > 2:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if not _PLAIN.fullmatch(text):
        raise Invalid(
            f"Invalid filter pattern: Invalid character(s) in term '{text}'. "
            "Put terms with other characters than letters, digits and _ into double quotes."
        )
    return text
