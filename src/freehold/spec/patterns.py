"""AWS's regular expressions, which are Java's, as Python's.

Input: a shape's ``pattern`` as the model has it. Output: a Python pattern for ``re.search``
that matches what Java's ``matches()`` would: the whole string. Unicode classes, which Python
lacks, become classes that hold at least as much: we never refuse what AWS accepts.
"""

from __future__ import annotations

import functools
import re

from freehold.spec import patches

# Longest text that a pattern is tried on, unless it is a single class repeated: others may
# take quadratic time, and a body may be megabytes. Longer text is not looked at by pattern.
PATTERN_CHARS_MAX = 4096

_CLASSES = {
    # In Python \w is L, N and "_". The models use \p{L} next to \p{N} and "_" nearly always.
    "L": r"\w",
    "N": r"\w",
    "Z": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "Zs": r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000",
    # Marks, symbols and punctuation: only ever seen beside letters and digits.
    "M": r"\S",
    "S": r"\S",
    "P": r"\S",
    "Alnum": "a-zA-Z0-9",
    "ASCII": r"\x00-\x7f",
    "Print": r"\x20-\x7e",
}
_UNICODE = re.compile(r"\\p\{(\w+)\}")
_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
_ANYTHING = frozenset({r"[\s\S]*", r"[\S\s]*"})
_FLAG = re.compile(r"\(\?([is])\)")
_SINGLE = re.compile(r"\^?\(?(?:\.|\[(?:\\.|[^\]\\])+\])(?:[*+]|\{\d+,\d*\})?\)?\$?")


@functools.cache
def translate(pattern: str) -> str | None:
    """The anchored Python pattern; None where none can be had or all text matches."""
    text = patches.PATTERNS.get(pattern, pattern)
    text = text.replace(_SURROGATES, r"\U00010000-\U0010FFFF").replace(r"\z", r"\Z")
    text = re.sub(r"\$\{\d+,\d*\}", "$", text)
    if text in _ANYTHING:
        return None
    flags = "".join(sorted(set(_FLAG.findall(text))))
    if _UNICODE.search(text) is None:
        flags = "a" + flags  # Java's \w, \d and \s are of ASCII alone
    body = _unicode_classes(_FLAG.sub("", text))
    anchored = rf"\A(?{flags}:{body})\Z"
    try:
        re.compile(anchored)
    except (re.error, RecursionError, OverflowError):
        return None
    return anchored


@functools.cache
def is_bounded(pattern: str) -> bool:
    """Whether the pattern costs linear time on text of any length: one class, repeated."""
    return _SINGLE.fullmatch(patches.PATTERNS.get(pattern, pattern)) is not None


@functools.cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """``translate``, compiled."""
    text = translate(pattern)
    return re.compile(text) if text else None


def _unicode_classes(text: str) -> str:
    """Replace the Unicode classes, with brackets of its own where it stands outside a class.

    A hyphen behind a class within a class is itself, and Python wants it escaped.
    """
    parts: list[str] = []
    at, is_inside = 0, False
    while at < len(text):
        found = _UNICODE.match(text, at)
        if found:
            inner = _CLASSES.get(found[1], r"\s\S")
            part, end = (inner if is_inside else f"[{inner}]"), found.end()
        else:
            end = at + (2 if text[at] == "\\" else 1)
            part = text[at:end]
        parts.append(part)
        is_class = bool(found) or part in {r"\w", r"\s", r"\d", r"\S"}
        if is_inside and is_class and text[end : end + 1] == "-" and text[end + 1 :][:1] != "]":
            parts.append(r"\-")
            end += 1
        is_inside = (is_inside or part == "[") and part != "]"
        at = end
    return "".join(parts)
