"""A second engine, written from iam-evaluation.md alone: slow, plain, and of no code of ours.

``test_reference.py`` asks both the same. It reads documents with ``json`` and does everything anew
for each question. Only documents that IAM accepts are given to it.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

ANY, ONE = object(), object()
Context = dict[str, Any]  # lower-case keys; str, or tuple; ("clash", ...) as {"clash": (...)}


class Asked(NamedTuple):
    """A question: whose (``arn`` of user or role, ``caller`` of the session), what, with what."""

    kind: str
    arn: str
    caller: str
    account: str
    action: str
    resource: str
    owner: str
    context: Context


class Unresolved(Exception):
    """A variable without a value."""


class Malformed(Exception):
    """A variable that nobody can read."""


def like(pattern: tuple[Any, ...], text: str) -> bool:
    """Section 3.1, by trying everything, once."""

    @cache
    def from_(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        if pattern[i] is ANY:
            return from_(i + 1, j) or (j < len(text) and from_(i, j + 1))
        return j < len(text) and pattern[i] in (ONE, text[j]) and from_(i + 1, j + 1)

    return from_(0, 0)


def tokens(text: str, context: Context, *, variables: bool, wild: bool) -> tuple[Any, ...]:
    """Section 3.4: characters, with the signs of wildcards and the values of variables."""
    found: list[Any] = []
    while text:
        if variables and text.startswith("${"):
            met = re.match(r"\$\{(\*|\?|\$|[^\s,'{}$*?]+(?:, '[^']*')?)\}", text)
            if met is None:
                raise Malformed
            found += value_of(met[1], context)
            text = text[met.end() :]
            continue
        found.append({"*": ANY, "?": ONE}.get(text[0], text[0]) if wild else text[0])
        text = text[1:]
    return tuple(found)


def value_of(inside: str, context: Context) -> str:
    """What stands in ``${...}``, resolved."""
    if inside in ("*", "?", "$"):
        return inside
    key, comma, default = inside.partition(", ")
    value = context.get(key.lower())
    if value in (None, ()) and comma:
        return default[1:-1]
    if not isinstance(value, str):
        raise Unresolved
    return value


def split(text: str) -> list[str]:
    """Section 3.3 (5): the first five colons outside ``${...}``."""
    masked = re.sub(r"\$\{[^}']*(?:'[^']*')?\}", lambda met: "x" * len(met[0]), text)
    places = [at for at, sign in enumerate(masked) if sign == ":"][:5]
    starts = [0, *(at + 1 for at in places)]
    return [text[a:b] for a, b in zip(starts, [*places, len(text)], strict=True)]


def arn_like(entry: str, arn: str, context: Context, *, variables: bool) -> bool:
    """Section 3.3, one entry and one ARN."""
    pattern, parts = split(entry) if variables else entry.split(":", 5), arn.split(":", 5)
    if len(pattern) < 6:
        if not entry.endswith("*"):
            return False
        pattern += ["*"] * (6 - len(pattern))
    made = [tokens(one, context, variables=variables, wild=True) for one in pattern]
    for one, name in zip(made[:5], pattern[:5], strict=True):
        if ":" in one and "${" in name:
            raise Unresolved  # a value with a colon cannot stand in an early part
    return len(parts) == 6 and all(like(a, b) for a, b in zip(made, parts, strict=True))


def lower(value: str) -> str:
    return value.lower()


# -- section 4: conditions ------------------------------------------------------------------------


def number(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None


def moment(text: str) -> Fraction | None:
    if re.fullmatch(r"[0-9]{5,12}", text):
        return Fraction(text)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{8}(Z|[+-][0-9]{2}:[0-9]{2}))?", text):
        return None
    try:
        whole = text if "T" in text else text + "T00:00:00Z"
        return Fraction(datetime.fromisoformat(whole).timestamp())
    except ValueError:
        return None


def address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def truth(text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


def is_arn(text: str) -> bool | None:
    return True if text.startswith("arn:") and text.count(":") >= 5 else None


READERS: dict[str, tuple[Any, Any]] = {
    "Numeric": (number, number),
    "Date": (moment, moment),
    "Bool": (truth, truth),
    "Binary": (octets, octets),
    "IpAddress": (address, network),
}
ORDERS: dict[str, Any] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


def one_hit(base: str, wanted: str, value: str, context: Context, *, variables: bool) -> bool:
    """Section 4.2, a positive operator, one policy value and one request value."""
    if base.startswith("String"):
        wild, fold = base == "StringLike", base.endswith("IgnoreCase")
        made = tokens(wanted, context, variables=variables, wild=wild)
        if fold:
            made, value = tuple(sign.lower() for sign in made), value.lower()
        return like(made, value)
    if base.startswith("Arn"):
        if wanted != "*" and len(split(wanted)) < 6 and not wanted.endswith("*"):
            return False
        matched = wanted == "*" or arn_like(wanted, value, context, variables=variables)
        return bool(is_arn(value)) and matched
    if base == "Bool" and "${" in wanted:
        made = tokens(wanted, context, variables=variables, wild=False)
        return truth(value) is not None and "".join(made).lower() == value.lower()
    for family, (read, read_wanted) in READERS.items():
        if base.startswith(family):
            left, right = read(value), read_wanted(wanted)
            if right is None:
                raise Malformed
            if left is None:
                return False
            if family == "IpAddress":
                return left.version == right.version and left in right
            return bool(ORDERS[base.removeprefix(family) or "Equals"](left, right))
    raise AssertionError(base)


def cannot_read(base: str, value: str) -> bool:
    if base.startswith("Arn"):
        return is_arn(value) is None
    return any(base.startswith(name) and read(value) is None for name, (read, _) in READERS.items())


def hit(base: str, wanted: list[str], value: str, context: Context, **how: bool) -> bool:
    """Does the request value match any policy value, or, negated, none? Doubts by the effect."""
    deny, variables = how["deny"], how["variables"]
    positive = base.replace("Not", "", 1)
    negated = positive != base
    unsure = False
    matched = False
    for one in wanted:
        try:
            matched |= one_hit(positive, one, value, context, variables=variables)
        except Unresolved:
            unsure |= negated
        except Malformed:
            continue  # ``line`` has settled what that means
    if not negated:
        return matched
    if cannot_read(positive, value):
        return deny
    return (not matched) and (deny or not unsure)


def is_malformed(base: str, wanted: list[str], *, variables: bool) -> bool:
    negated = "Not" in base
    for one in wanted:
        try:
            made = base.replace("Not", "", 1)
            value = "arn:a:b:c:d:e" if made.startswith("Arn") else "1"
            one_hit(made, one, value, {}, variables=variables)
        except Malformed:
            return True
        except Unresolved:
            continue
        short = made.startswith("Arn") and len(split(one)) < 6 and not one.endswith("*")
        if negated and short:
            return True
    return False


def line(name: str, key: str, wanted: list[str], context: Context, **how: bool) -> bool:
    """Section 4.3: one key of one operator."""
    deny = how["deny"]
    value = context.get(key.lower())
    if name == "Null":
        return (
            ("true" in map(lower, wanted))
            if value in (None, ())
            else ("false" in map(lower, wanted))
        )
    set_, _, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if_exists, negated = base != rest, "Not" in base
    if is_malformed(base, wanted, variables=how["variables"]) and deny != negated:
        return deny
    if is_unresolved(base, wanted, context, **how):
        return False
    if set_ == "ForAllValues":
        return all(hit(base, wanted, one, context, **how) for one in as_list(value))
    if set_ == "ForAnyValue":
        if not as_list(value):
            return if_exists and deny
        return any(hit(base, wanted, one, context, **how) for one in as_list(value))
    if value in (None, ()):
        return negated or if_exists
    if isinstance(value, str):
        return hit(base, wanted, value, context, **how)
    hits = [hit(base, wanted, one, context, **how) for one in as_list(value)]
    return any(hits) if deny else isinstance(value, dict) and all(hits)


def is_unresolved(base: str, wanted: list[str], context: Context, **how: bool) -> bool:
    """Section 3.4: an unresolved entry of a negated operator spoils an Allow."""
    if how["deny"] or "Not" not in base or not base.startswith(("String", "Arn", "Bool")):
        return False
    for one in wanted:
        try:
            if base.startswith("Arn"):
                arn_like(one, "", context, variables=how["variables"])
            else:
                tokens(one, context, variables=how["variables"], wild=False)
        except Unresolved:
            return True
    return False


def as_list(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(value["clash"])
    return (value,) if isinstance(value, str) else tuple(value)


# -- statements -----------------------------------------------------------------------------------


def listed(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one if isinstance(one, str) else json.dumps(one) for one in found]


def action_in(entries: list[str], action: str) -> bool:
    return any(
        like(tokens(one.lower(), {}, variables=False, wild=True), action.lower()) for one in entries
    )


def resource_in(one: dict[str, Any], asked: Asked, *, variables: bool) -> bool:
    deny, negated = one["Effect"] == "Deny", "NotResource" in one
    matched = unsure = malformed = False
    for entry in listed(one["NotResource" if negated else "Resource"]):
        try:
            if entry == "*":
                matched = True
            elif variables or "${" not in entry:
                short = len(split(entry)) < 6 and not entry.endswith("*")
                whole = entry + ":*" if short and deny != negated else entry
                matched |= arn_like(whole, asked.resource, asked.context, variables=variables)
            else:
                matched |= arn_like(entry, asked.resource, asked.context, variables=False)
        except Unresolved:
            unsure = True
        except Malformed:
            malformed = True
    if malformed and deny and "*" not in listed(one["NotResource" if negated else "Resource"]):
        return True
    if not negated:
        return matched
    if deny:
        return not matched
    return not (matched or unsure or malformed)


def applies(one: dict[str, Any], asked: Asked, *, variables: bool) -> bool:
    """Action, resource and conditions; not the principal."""
    negated = "NotAction" in one
    if action_in(listed(one["NotAction" if negated else "Action"]), asked.action) == negated:
        return False
    if ("Resource" in one or "NotResource" in one) and not resource_in(
        one, asked, variables=variables
    ):
        return False
    return all(
        line(
            name,
            key,
            listed(wanted),
            asked.context,
            deny=one["Effect"] == "Deny",
            variables=variables,
        )
        for name, keys in one.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def statements(text: str, asked: Asked) -> list[dict[str, Any]]:
    """The statements of a document that apply, principals not yet asked."""
    document = json.loads(text)
    found = document["Statement"]
    variables = document.get("Version") == "2012-10-17"
    return [
        one
        for one in (found if isinstance(found, list) else [found])
        if applies(one, asked, variables=variables)
    ]


def grant(one: dict[str, Any], asked: Asked, *, trust: bool, boundary: bool) -> int:
    """Section 3.5: 3 names the caller or everyone, 2 its role, 1 its account, 0 not at all."""
    outside = asked.kind in ("service", "provider", "anonymous")
    if "NotPrincipal" in one:
        named = one["NotPrincipal"]
        who = [] if named == "*" else listed(named.get("AWS", []))
        if boundary:
            return 3
        if named == "*" or "*" in who:
            return 0
        if outside:
            return 0 if names_outside(named, asked) else 3
        spared = account_in(who, asked)
        if asked.kind != "root":
            spared = spared and asked.arn in who
            spared = spared and (asked.kind != "role" or asked.caller in who)
        return 0 if spared else 3
    named = one["Principal"]
    who = [] if named == "*" else listed(named.get("AWS", []))
    if named == "*" or "*" in who:
        closed = trust and one["Effect"] == "Allow" and asked.kind in ("service", "provider")
        if not closed:
            return 3
    if outside:
        return 3 if named != "*" and names_outside(named, asked) else 0
    if asked.kind == "role" and asked.caller in who:
        return 3
    if asked.kind != "root" and asked.arn in who:
        return 2 if asked.kind == "role" else 3
    return 1 if account_in(who, asked) else 0


def names_outside(named: Any, asked: Asked) -> bool:
    kind = {"service": "Service", "provider": "Federated"}.get(asked.kind, "")
    return asked.arn in listed(named.get(kind, []))


def account_in(who: list[str], asked: Asked) -> bool:
    return bool(asked.account) and any(
        one in (asked.account, f"arn:aws:iam::{asked.account}:root") for one in who
    )


# -- section 5 ------------------------------------------------------------------------------------

TRUSTED = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")


def decide(asked: Asked, layers: dict[str, Any]) -> str:
    """``allow``, ``explicitDeny`` or ``implicitDeny``. ``layers`` holds texts by kind."""
    action = asked.action.lower()
    if action == "sts:getcalleridentity":
        return "allow"
    outside = asked.kind in ("service", "provider", "anonymous")
    bound = not outside and ":role/aws-service-role/" not in asked.arn
    own = [] if asked.kind == "root" else list(layers["identity"])
    boundary = None if asked.kind == "root" else layers["boundary"]
    sessions = None if asked.kind == "root" else layers["sessions"]
    if sessions is None and asked.kind == "federated":
        sessions = []
    service_controls = layers["service_controls"] if bound else None
    levels = [*(service_controls or ()), *(layers["resource_controls"] or ())]

    def says(text: str, effect: str) -> bool:
        return any(one["Effect"] == effect for one in statements(text, asked))

    plain = [*own, *([boundary] if boundary else []), *(sessions or ())]
    plain += [text for level in levels for text in level]
    resource, trust = layers["resource"], layers["trust"] or action in TRUSTED
    about = [
        (one["Effect"], grant(one, asked, trust=layers["trust"], boundary=bool(layers["boundary"])))
        for one in (statements(resource, asked) if resource else [])
    ]
    if any(says(text, "Deny") for text in plain) or ("Deny", True) in [
        (effect, found > 0) for effect, found in about
    ]:
        return "explicitDeny"
    if not all(any(says(text, "Allow") for text in level) for level in levels):
        return "implicitDeny"
    if action == "sts:getsessiontoken":
        return "allow"
    if asked.kind == "root" and action in TRUSTED:
        return "implicitDeny"
    best = max([found for effect, found in about if effect == "Allow"], default=0)
    if outside:
        return "allow" if best else "implicitDeny"
    fits = boundary is None or says(boundary, "Allow")
    fits = fits and (sessions is None or any(says(text, "Allow") for text in sessions))
    identity = asked.kind == "root" or any(says(text, "Allow") for text in own)
    if asked.account == asked.owner:
        if best == 3:
            return "allow"
        if best == 2:
            return "allow" if fits else "implicitDeny"
        needed = trust or (action.startswith("kms:") and ":key/" in asked.resource)
    else:
        needed = True
    return "allow" if (best or not needed) and identity and fits else "implicitDeny"
