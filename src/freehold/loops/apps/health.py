"""Looks at apps that run: are they well, are they used, and has one been idle for too long.

Input: records of apps in service, each asked once a minute on a few threads of our own, so that
one that hangs holds up nobody. Output: ``kernel.activity``, and for each app that is to be shut
down the reason. Settings and prices are read anew at each look: a change holds a minute later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from freehold.base.clock import iso
from freehold.kernel.account import switches
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.studio import idle
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.kernel.studio.settings import effective_settings, is_private
from freehold.loops.apps.probe import Report
from freehold.meter.dimensions import component_key
from freehold.store.unit import Unit

LOOK_SECONDS = 60.0
THREADS = 4
IN_FLIGHT_MAX = 64  # the others wait for a later turn

Ask = Callable[[Path, Record], Report]


class Health:
    """What was seen of each app, as long as it runs."""

    def __init__(self, kernel: Kernel, ask: Ask, pool: Executor | None = None) -> None:
        """Ask ``kernel``'s apps by ``ask``, on ``pool`` (None: threads of our own)."""
        self._kernel = kernel
        self._ask = ask
        self._pool = pool or ThreadPoolExecutor(THREADS, thread_name_prefix="health")
        self._asked: dict[str, Future[Report]] = {}
        self._next: dict[str, float] = {}
        self._prices = kernel.prices

    def close(self) -> None:
        """Wait for no answer any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look(self, apps: Iterable[Record], now: float) -> list[tuple[Record, str]]:
        """Take in answers, ask whoever is due; the apps to shut down, each with the reason."""
        running = {app.uid: app for app in apps}
        for gone in self._next.keys() - running.keys():
            del self._next[gone]
            self._asked.pop(gone, None)
        self._kernel.activity.keep_only(running)
        over = []
        for uid, app in running.items():
            if uid not in self._asked and now >= self._next.get(uid, 0.0):
                if len(self._asked) >= IN_FLIGHT_MAX:
                    continue
                self._next[uid] = now + LOOK_SECONDS
                self._asked[uid] = self._pool.submit(self._ask, self._kernel.settings.state, app)
            asked = self._asked.get(uid)
            if asked is not None and asked.done():
                del self._asked[uid]
                self._take(uid, asked, now)
                reason = self._judge(app, now)
                if reason is not None:
                    over.append((app, reason))
        return over

    def _take(self, uid: str, asked: Future[Report], now: float) -> None:
        """Keep what an app answered.

        One that does not answer is still thought to work if it did at the last look: a kernel that
        takes every processor leaves none for the answer.
        """
        activity = self._kernel.activity
        report = asked.result() if asked.exception() is None else Report(is_well=False)
        is_busy = report.is_busy if report.is_well else activity.of(uid).is_busy
        activity.looked(uid, now, is_busy=is_busy)
        if report.is_busy:
            activity.used(uid, now)
        elif report.active_at is not None:
            activity.used(uid, min(report.active_at, now))

    def _judge(self, app: Record, now: float) -> str | None:
        """Why the app is to be shut down; None if it is not."""
        kind = APP_TYPES[app.document["AppType"]]
        if not kind.has_idle_shutdown:
            return None
        minutes = self.minutes(self._kernel.own_unit(), app, now)
        seen = self._kernel.activity.of(app.uid)
        started = app.document.get("_InServiceAt", app.created)
        since = idle.idle_since(started, seen.active_at, is_busy=seen.is_busy)
        if since is None or not idle.is_over(since, minutes, now):
            return None
        return f"idle since {iso(since)}, which is longer than {minutes} minutes"

    def minutes(self, unit: Unit, app: Record, now: float) -> int | None:
        """How long this app may be idle, as settings and prices stand; None: for ever."""
        document, kind = app.document, APP_TYPES[app.document["AppType"]]
        head, domain_id = app.arn.partition(":app/")[0], document["DomainId"]
        domain = unit.find(f"{head}:domain/{domain_id}")
        noun = "space" if document.get("SpaceName") else "user-profile"
        name = document.get("SpaceName") or document["UserProfileName"]
        owner = unit.find(f"{head}:{noun}/{domain_id}/{name}")
        if domain is None or owner is None:
            return None
        bare, person = dict(owner.document), None
        own = bare.pop("SpaceSettings", {})
        if is_private(bare):
            named = bare["OwnershipSettings"]["OwnerUserProfileName"]
            person = unit.find(f"{head}:user-profile/{domain_id}/{named}")
        whole = effective_settings(domain.document, bare, person.document if person else None)
        governing = idle.settings_of(whole.get(kind.settings, {}))
        said = idle.settings_of(own.get(kind.settings, {})).get("IdleTimeoutInMinutes")
        return idle.timeout_minutes(governing, said, self._span(unit, app, now))

    def _span(self, unit: Unit, app: Record, now: float) -> idle.Span | None:
        """Prices, where the account lets dear instances wait for less."""
        if switches.IDLE_BY_PRICE not in switches.in_force(unit):
            return None
        kind = APP_TYPES[app.document["AppType"]]
        instance, book = app.document["ResourceSpec"]["InstanceType"], self._prices.book()
        price = book.price(
            component_key(kind.component), instance, self._kernel.settings.region, now
        )
        bounds = book.span(now)
        if price.is_missing or bounds is None:
            return None
        return idle.Span(price.rate, *bounds)
