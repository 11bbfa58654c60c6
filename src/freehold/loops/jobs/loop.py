"""The loop of jobs: takes those that wait, oldest first, and brings each to its end.

A turn is short: it looks at the queue, at the runner and at steps that came to an end, and
writes what is new. Slow steps run on a pool (``hand.py``). After a crash the records tell what
was in hand, the runner tells what still runs, and every step may be done again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from freehold.base import log
from freehold.base.errors import Fault
from freehold.kernel.dispatch import Kernel
from freehold.loops.crowd import Crowd
from freehold.loops.jobs import book, verdict, watch
from freehold.loops.jobs.data.files import Files
from freehold.loops.jobs.hand import Closing, Hand, Result, Steps
from freehold.loops.jobs.task import PROCESSING, TRAINING, read
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner
from freehold.store import records
from freehold.store.records import Record

AT_ONCE = max(4, 2 * (os.cpu_count() or 1))  # jobs with a process, or being prepared for one
AHEAD = 8  # how far behind its head the queue is looked at
HANDS_MAX = 100_000
LOOK_SECONDS = 0.2
START_LOOK_SECONDS = 0.03
FRESH_SECONDS = 2.0  # a step that lasts longer is not waited for by looking often
LOG_SECONDS = 1.0
SYNC_SECONDS = 5.0
TURN_SECONDS_MIN = 0.02  # writes wake the loop; more turns than this help nobody
IDLE_SECONDS = 30.0
YIELD_SECONDS = 1.0  # between two launches while a crowd is answered
YIELD_LOOK_SECONDS = 0.05
ENDED = frozenset({"Completed", "Failed", "Stopped"})


class Jobs:
    """The loop."""

    name = "jobs"
    kinds = frozenset({TRAINING, PROCESSING})

    def __init__(
        self,
        kernel: Kernel,
        runner: Runner,
        networks: Networks,
        files: Files,
        *,
        at_once: int = AT_ONCE,
        pool: Executor | None = None,
        pulse: Callable[[], float] = time.monotonic,
    ) -> None:
        """Move the jobs of ``kernel``'s install.

        Args:
            kernel: Whose jobs they are.
            runner: Where they run.
            networks: What gives each its network.
            files: The S3 that they read and write.
            at_once: Bounds the jobs that have, or are about to have, a process.
            pool: Where slow steps run; None makes threads.
            pulse: Seconds that only grow; they set the rhythm and are kept nowhere.
        """
        self._kernel = kernel
        self._runner = runner
        self._networks = networks
        self._steps = Steps(kernel, runner, networks, files)
        self._at_once = at_once
        self._hands: dict[str, Hand] = {}
        self._pool = pool or ThreadPoolExecutor(at_once + 2, thread_name_prefix="jobs")
        self._pulse = pulse
        self._crowd = Crowd(lambda: kernel.answered, pulse)
        self._is_adopted = False
        self._turned_at = self._looked_at = self._logged_at = self._launched_at = 0.0

    def close(self) -> None:
        """Let steps that run come to their next check; what they left is done again."""
        self._steps.closing.set()
        self._pool.shutdown(cancel_futures=True)

    def turn(self) -> float:
        """Do what is due; seconds until something is due again."""
        if self._steps.closing.wait(max(0.0, self._turned_at + TURN_SECONDS_MIN - self._pulse())):
            return IDLE_SECONDS
        try:
            if not self._is_adopted:
                self._adopt()
            self._settle()
            if self._pulse() >= self._looked_at + self._look_seconds():
                self._look()
            self._queue()
            return self._rest()
        except Closing:
            return IDLE_SECONDS
        finally:
            self._turned_at = self._pulse()

    # -- after a restart ----------------------------------------------------------------------

    def _adopt(self) -> None:
        """Take up what an earlier server had in hand; open its doors."""
        connection = self._kernel.own_unit().connection
        for record in records.due(connection, self.name, book.FAR, HANDS_MAX):
            if record.status not in ENDED and book.phase(record) is not None:
                self._guard(record)
        self._submit(self._sweep)
        self._is_adopted = True

    def _guard(self, record: Record) -> None:
        """Take a job up; one that makes no sense ends at once and harms no other."""
        try:
            self._pick_up(record)
        except Fault as fault:
            self._hands.pop(record.arn, None)
            book.settle(self._kernel, record, verdict.failed(f"ClientError: {fault.message}"))

    def _pick_up(self, record: Record) -> None:
        document = record.document
        task = read(record, self._networks.interface(record))
        hand = Hand(record, task, document["_Token"], document["_Stream"])
        hand.is_stopping = record.status == "Stopping"
        self._hands[record.arn] = hand
        phase = book.phase(record)
        hand.is_started = phase == book.RUNNING
        if phase == book.PREPARING:
            self._begin(hand, self._steps.prepare)
        elif phase == book.RUNNING:
            hand.is_prepared = True
            self._steps.open_door(hand)
        else:
            self._finish(hand)

    def _sweep(self) -> None:
        """Remove the remains of jobs whose records are gone, or were cleared before a crash."""
        unit = self._kernel.own_unit()
        for place in (self._kernel.settings.state / "jobs").glob("*"):
            with suppress(OSError):
                record = unit.find((place / "arn").read_text())
                is_over = record is None or record.uid != place.name or record.mover is None
                if is_over:
                    for kind in ("training-job", "processing-job"):
                        self._steps.clear(place.name, f"{kind}-{place.name}")

    # -- steps that came to an end ------------------------------------------------------------

    def _settle(self) -> None:
        for hand in list(self._hands.values()):
            step = hand.step
            if step is None or not step.done():
                continue
            hand.step = None
            result = _result(step)
            if result is not None:
                self._end(hand, result)
            elif not hand.is_finishing:
                hand.is_prepared = True

    def _end(self, hand: Hand, result: Result) -> None:
        book.settle(
            self._kernel,
            hand.record,
            result.verdict,
            metrics=result.metrics,
            message=result.message,
        )
        del self._hands[hand.record.arn]
        self._kernel.doors.close(hand.task.id)

    # -- what runs ----------------------------------------------------------------------------

    def _look(self) -> None:
        self._looked_at = now = self._pulse()
        for hand in list(self._hands.values()):
            if hand.is_prepared and not hand.is_finishing:
                self._each(hand, self._look_at)
        if now >= self._logged_at + LOG_SECONDS:
            self._logged_at = now
            sources = [
                hand.source
                for hand in self._hands.values()
                if hand.is_prepared and not hand.is_finishing
            ]
            watch.pump(self._kernel, self._runner, sources)

    def _look_at(self, hand: Hand) -> None:
        status = hand.status = self._runner.look(hand.task.work)
        if status.state in ("ended", "lost", "absent"):
            if hand.step is None:
                book.ended(self._kernel, hand.record, status)
                self._finish(hand)
            return
        if status.started_at is not None and not hand.is_started:
            book.started(self._kernel, hand.record, status)
            hand.is_started = True
        if hand.is_stopping and not hand.was_told and status.state == "running":
            self._runner.stop(hand.task.work)
            hand.was_told = True
        is_continuous = any(output.is_continuous for output in hand.task.outputs)
        if is_continuous and hand.step is None and self._pulse() >= hand.synced_at + SYNC_SECONDS:
            hand.synced_at = self._pulse()
            self._begin(hand, self._steps.sync)

    def _finish(self, hand: Hand) -> None:
        hand.is_prepared = hand.is_finishing = True
        self._begin(hand, self._steps.finish)

    # -- what waits ---------------------------------------------------------------------------

    def _queue(self) -> None:
        """Look at the head of the queue: stops first, then what waits, in order of creation."""
        free = self._at_once - sum(not hand.is_finishing for hand in self._hands.values())
        now = self._kernel.clock.now()
        connection = self._kernel.own_unit().connection
        for record in records.due(connection, self.name, now, max(0, free) + AHEAD):
            hand = self._hands.get(record.arn)
            if hand is not None:
                hand.is_stopping = record.status == "Stopping"
                book.heard(self._kernel, record)
            elif record.status in ENDED:
                book.clear(self._kernel, record)
                work = f"{record.kind.partition(':')[2]}-{record.uid}"
                self._submit(self._steps.clear, record.uid, work)
            elif book.phase(record) is not None:
                self._guard(record)
            elif (end := _ended_waiting(record, now)) is not None:
                book.settle(self._kernel, record, end)
            elif free > 0 and self._may_launch():
                free -= self._take(record)
            elif free <= 0 and record.document.get("SecondaryStatus") == "Starting":
                book.wait(self._kernel, record)

    def _may_launch(self) -> bool:
        """Launching takes a hundred times the CPU of an answer, and so yields to a crowd."""
        is_due = self._pulse() >= self._launched_at + YIELD_SECONDS
        return is_due or not self._crowd.is_here()

    def _take(self, record: Record) -> int:
        if not book.take(self._kernel, record):
            return 0
        self._launched_at = self._pulse()
        taken = self._kernel.own_unit().find(record.arn)
        if taken is None:
            return 0
        self._guard(taken)
        return 1

    # -- rhythm -------------------------------------------------------------------------------

    def _submit(self, step: Callable[..., Any], *given: Any) -> Future[Any]:
        """Run a slow step on the pool."""
        if self._steps.closing.is_set():
            raise Closing
        return self._pool.submit(step, *given)

    def _begin(self, hand: Hand, step: Callable[[Hand], Result | None]) -> None:
        hand.stepped_at = self._pulse()
        hand.step = self._submit(step, hand)

    def _each(self, hand: Hand, action: Callable[[Hand], None]) -> None:
        """One job's trouble is not the others'."""
        try:
            action(hand)
        except Fault as fault:
            log.event("jobs.step_failed", level=40, job=hand.task.arn, reason=fault.message)

    def _look_seconds(self) -> float:
        is_starting = any(
            hand.is_prepared and not hand.is_started and not hand.is_finishing
            for hand in self._hands.values()
        )
        return START_LOOK_SECONDS if is_starting else LOOK_SECONDS

    def _rest(self) -> float:
        fresh = self._pulse() - FRESH_SECONDS
        if any(hand.step and hand.stepped_at > fresh for hand in self._hands.values()):
            return START_LOOK_SECONDS
        if self._hands:
            return self._look_seconds()
        following = records.next_due(self._kernel.own_unit().connection, self.name)
        if following is None:
            return IDLE_SECONDS
        wait = following - self._kernel.clock.now()
        return min(IDLE_SECONDS, max(YIELD_LOOK_SECONDS, wait))


def _ended_waiting(record: Record, now: float) -> verdict.Verdict | None:
    """A job that comes to its end before its turn."""
    if record.status == "Stopping":
        return verdict.STOPPED
    longest = record.document["StoppingCondition"].get("MaxWaitTimeInSeconds")
    if longest is not None and now - record.created > longest:
        return verdict.WAITED
    return None


def _result(step: Future[Result | None]) -> Result | None:
    """What a step answered; a step that the end of the server cut off answers nothing."""
    try:
        return step.result()
    except Closing:
        return None
