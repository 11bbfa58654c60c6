"""When an app that nobody uses is shut down: a decision from values alone.

Input: IdleSettings as they govern the app, what a space says for itself, prices, and when the app
was used last. Output: minutes to wait, and whether they have passed. Facts: domains.md 1.3, 1.6;
the rule by price is ours (docs/operate/apps.md).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, NamedTuple

Document = dict[str, Any]

MINUTES_LEAST, MINUTES_MOST = 60, 525_600  # the model's own bounds
MINUTES_DEFAULT = 60  # where shutdown is switched on and nobody says after how long


class Span(NamedTuple):
    """Hourly prices: this app's, and the cheapest and dearest instance type of the price list."""

    own: Decimal
    cheapest: Decimal
    dearest: Decimal


def settings_of(app_settings: Document) -> Document:
    """IdleSettings in JupyterLabAppSettings, CodeEditorAppSettings and their like."""
    found: Document = app_settings.get("AppLifecycleManagement", {}).get("IdleSettings", {})
    return found


def timeout_minutes(
    settings: Document, of_space: int | None = None, span: Span | None = None
) -> int | None:
    """How long an app may be idle; None if it may for ever.

    Never under the Min and never over the Max that the settings give, whatever else is said.

    Args:
        settings: IdleSettings of domain and profile, laid over each other.
        of_space: IdleTimeoutInMinutes of the space itself: a person's own word, which no price
            changes.
        span: Prices, where the account scales by them: the cheapest type waits for the longest,
            the dearest for the shortest, between them by the logarithm of the price. Without a
            Max the longest is IdleTimeoutInMinutes, without a Min the shortest is 60.
    """
    if settings.get("LifecycleManagement") != "ENABLED":
        return None
    least = settings.get("MinIdleTimeoutInMinutes") or MINUTES_LEAST
    asked = settings.get("IdleTimeoutInMinutes") or max(least, MINUTES_DEFAULT)
    most = settings.get("MaxIdleTimeoutInMinutes") or MINUTES_MOST
    if of_space is not None:
        minutes = of_space
    elif span is None or span.own <= 0 or not 0 < span.cheapest < span.dearest:
        minutes = asked
    else:
        longest = settings.get("MaxIdleTimeoutInMinutes") or max(asked, least)
        minutes = round(longest - _share(span) * (longest - least))
    return int(min(max(minutes, least), max(most, least)))


def _share(span: Span) -> float:
    """Where the price lies between the cheapest (0) and the dearest (1), by its logarithm."""
    low, high = math.log(span.cheapest), math.log(span.dearest)
    return min(1.0, max(0.0, (math.log(span.own) - low) / (high - low)))


def idle_since(started_at: float, active_at: float | None, *, is_busy: bool) -> float | None:
    """Since when nobody has used the app; None while it is busy. Its start counts as use."""
    if is_busy:
        return None
    return max(started_at, active_at or 0.0)


def is_over(since: float | None, minutes: int | None, now: float) -> bool:
    """Whether an app that is idle ``since`` then has had its time."""
    return since is not None and minutes is not None and now - since >= minutes * 60.0
