"""One job in hand: the slow steps of its life, each run on a thread of the loop's pool.

Input: a record that was taken. Output: a ``Verdict`` if the job has come to its end, None if it
goes on. Nothing here writes the record; ``loop.py`` does, on its own thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from freehold.base import log
from freehold.base.errors import Fault, Internal, Throttled
from freehold.host import runtimes
from freehold.host.runtimes import Runtime
from freehold.kernel import doors, logs
from freehold.kernel.dispatch import Kernel
from freehold.loops import instances, surroundings
from freehold.loops.jobs import finish, launch, metrics, prepare, verdict, watch
from freehold.loops.jobs.data import tree
from freehold.loops.jobs.data.files import Files
from freehold.loops.jobs.task import Task
from freehold.loops.jobs.verdict import Verdict
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner, Status
from freehold.store.records import Record

TRIES = 6
RETRY_SECONDS = 0.5  # doubled each time

T = TypeVar("T")


class Closing(Exception):
    """The server ends; the step is done again by the next one."""


class Stopping(Exception):
    """A stop was asked for while the job was prepared."""


@dataclass(slots=True)
class Result:
    """How a finished job ended, and what is to be told of it."""

    verdict: Verdict
    metrics: list[dict[str, Any]] = field(default_factory=list)
    message: str | None = None


@dataclass(slots=True)
class Hand:
    """A job in hand. ``step`` is the slow step that is under way, if any."""

    record: Record
    task: Task
    token: str
    stream: str
    is_prepared: bool = False
    is_started: bool = False
    is_finishing: bool = False
    is_stopping: bool = False
    was_told: bool = False
    status: Status | None = None
    synced_at: float = 0.0
    stepped_at: float = 0.0
    seen: finish.Seen = field(default_factory=dict)
    step: Future[Result | None] | None = None

    @property
    def source(self) -> watch.Source:
        """Its log."""
        return watch.Source(self.task.work, self.task.group, self.stream)


class Steps:
    """The slow steps. Safe between threads: all state is the hand's."""

    def __init__(self, kernel: Kernel, runner: Runner, networks: Networks, files: Files) -> None:
        self._kernel = kernel
        self._runner = runner
        self._networks = networks
        self._files = files
        self._launching = threading.Lock()
        self.closing = threading.Event()

    # -- before -------------------------------------------------------------------------------

    def prepare(self, hand: Hand) -> Result | None:
        """Everything up to a process that is being started."""
        task = hand.task
        try:
            if self._runner.look(task.work).state != "absent":
                self.open_door(hand)
                return None
            return self._prepare(hand)
        except Closing:
            raise
        except Stopping:
            return Result(verdict.STOPPED)
        except prepare.DownloadFailed as failure:
            return Result(verdict.failed(f"ClientError: Data download failed: {failure}"))
        except Fault as fault:
            return Result(_refused(fault))
        except Exception:
            log.logger.exception("job %s could not be prepared", task.arn)
            return Result(verdict.failed(verdict.INTERNAL))

    def _prepare(self, hand: Hand) -> Result | None:
        task, settings = hand.task, self._kernel.settings
        runtime = runtimes.resolve_image(task.image, settings.runtimes)
        if runtime is None:
            return Result(verdict.failed(f"ClientError: Cannot find image {task.image}."))
        if instances.is_accelerated(task.instance_type):
            text = f"this machine has no accelerators as {task.instance_type} has them"
            return Result(verdict.failed(f"CapacityError: Unable to provision capacity: {text}."))
        uids = self._kernel.uids
        owner = uids.owner(uids.number(f"{task.arn} {hand.record.created:.6f}", "job"))
        ml = prepare.make(settings.state, task, owner)
        who = self._kernel.doors.session(self._kernel.own_unit(), task.role, task.origin)

        def check() -> None:
            self._go_on()
            if hand.is_stopping:
                raise Stopping

        for given in task.inputs:
            self._tried(
                lambda given=given: prepare.download(  # type: ignore[misc]
                    self._files, who, given, ml, owner, check
                )
            )
        check()
        self._launch(hand, runtime, owner)
        return None

    def _launch(self, hand: Hand, runtime: Runtime, owner: int) -> None:
        task, settings = hand.task, self._kernel.settings
        netns = self._networks.join(hand.record).netns
        self.open_door(hand)
        base = prepare.directory(settings.state, task.id)
        work = launch.work(settings, task, runtime, base, owner, hand.token, netns)
        first = (int(self._kernel.clock.now() * 1000), launch.heading(task, runtime))
        logs.write_log(self._kernel, task.group, hand.stream, [first])
        with self._launching:
            self._tried(lambda: self._runner.start(work))

    def open_door(self, hand: Hand) -> None:
        """Let the sandbox reach us; again after a restart of ours."""
        surroundings.make_place(self._kernel.settings, hand.task.id, None)
        if not hand.task.is_isolated:
            is_direct = self._networks.is_direct(hand.task.work)
            door = launch.door(self._kernel.settings, hand.task, hand.token, is_direct=is_direct)
            self._kernel.doors.open(door)

    # -- while it runs ------------------------------------------------------------------------

    def sync(self, hand: Hand) -> Result | None:
        """Bring away what changed of outputs that are wanted while the job runs."""
        try:
            self._upload(hand, lambda output: output.is_continuous)
        except Fault as fault:
            log.event("jobs.sync_failed", level=30, job=hand.task.arn, reason=fault.message)
        except OSError as error:
            log.event("jobs.sync_failed", level=30, job=hand.task.arn, reason=error)
        return None

    # -- after --------------------------------------------------------------------------------

    def finish(self, hand: Hand) -> Result | None:
        """Results, log and metrics of a job whose process is no more."""
        task = hand.task
        ml = prepare.directory(self._kernel.settings.state, task.id) / "ml"
        try:
            watch.pump_all(self._kernel, self._runner, hand.source)
            failure = tree.text(ml, "output/failure", verdict.REASON_CHARACTERS_MAX)
            status = hand.status or self._runner.look(task.work)
            end = verdict.judge(status, failure, is_stopping=hand.is_stopping)
            result = Result(end)
            result.message = tree.text(ml, "output/message", verdict.REASON_CHARACTERS_MAX)
            if status.started_at is not None:
                keeps = end.keeps_results
                self._upload(hand, lambda output: keeps or output.on_failure)
            if task.metrics:
                result.metrics = metrics.final(
                    task.metrics, watch.every_line(self._runner, task.work)
                )
            return result
        except Closing:
            raise
        except (Throttled, Internal) as fault:
            log.event("jobs.finish_failed", level=40, job=task.arn, reason=fault.message)
            return Result(verdict.failed(verdict.INTERNAL))
        except Fault as fault:
            text = f"ClientError: Artifact upload failed: {fault.message}"
            return Result(verdict.failed(text))
        except Exception:
            log.logger.exception("job %s could not be finished", task.arn)
            return Result(verdict.failed(verdict.INTERNAL))

    def _upload(self, hand: Hand, wanted: Callable[[Any], bool]) -> None:
        task = hand.task
        outputs = [output for output in task.outputs if wanted(output)]
        if not outputs:
            return
        ml = prepare.directory(self._kernel.settings.state, task.id) / "ml"
        who = self._kernel.doors.session(self._kernel.own_unit(), task.role, task.origin)
        for output in outputs:
            finish.measure(output, ml, task.volume_bytes)
            self._tried(
                lambda output=output: finish.upload(  # type: ignore[misc]
                    self._files, who, output, ml, hand.seen, self._go_on
                )
            )

    # -- patience -----------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self.closing.is_set():
            raise Closing

    def _tried(self, action: Callable[[], T]) -> T:
        """Do it, again for a while if the server has too much to do."""
        for attempt in range(TRIES):
            try:
                return action()
            except (Throttled, Internal) as fault:
                is_passing = isinstance(fault, Throttled) or fault.retryable
                if not is_passing or attempt == TRIES - 1:
                    raise
            if self.closing.wait(RETRY_SECONDS * 2**attempt):
                raise Closing
        raise AssertionError("unreachable")

    def clear(self, hand_id: str, work: str) -> None:
        """Remove what an ended job left on this machine."""
        place = doors.place(self._kernel.settings.state, hand_id)
        prepare.remove(place)
        prepare.remove(prepare.directory(self._kernel.settings.state, hand_id))
        try:
            self._runner.forget(work)
        except Fault as fault:
            log.event("jobs.forget_failed", level=30, work=work, reason=fault.message)


def _refused(fault: Fault) -> Verdict:
    if isinstance(fault, (Throttled, Internal)):
        log.event("jobs.prepare_failed", level=40, reason=fault.message, detail=fault.detail)
        return verdict.failed(f"{verdict.INTERNAL} ({fault.message})")
    return verdict.failed(f"ClientError: {fault.message}")
