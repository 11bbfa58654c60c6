"""While a job runs: its lines go to Logs, each once, whatever crashes in between.

How far a log was read stands in the same transaction as the lines that were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from freehold.kernel import logs
from freehold.kernel.dispatch import Kernel
from freehold.runners.runner import LogLine, LogPage, Runner
from freehold.store import events
from freehold.store.unit import Unit

PAGES_MAX = 4  # of about a mebibyte, for one job in one turn


class Source(NamedTuple):
    """A work whose log is read, and the stream that it goes to.

    A line that begins with ``mark`` goes, without it, to the stream ``marked`` instead.
    """

    work: str
    group: str
    stream: str
    mark: str | None = None
    marked: str = ""

    @property
    def cursor(self) -> str:
        """Under which name the store keeps how far it was read."""
        return f"log {self.work}"


def pump(kernel: Kernel, runner: Runner, sources: Sequence[Source]) -> bool:
    """Bring what is new of every source, in one write. True if more may wait."""
    connection = kernel.own_unit().connection
    found: list[tuple[Source, int, LogPage]] = []
    has_more = False
    for source in sources:
        offset = events.cursor(connection, source.cursor)
        for _ in range(PAGES_MAX):
            page = runner.logs(source.work, offset)
            if page.offset == offset:
                break
            found.append((source, offset, page))
            offset = page.offset
        else:
            has_more = True
    if found:
        kernel.writer.run(lambda unit: _keep(unit, kernel, found))
    return has_more


def _keep(unit: Unit, kernel: Kernel, found: list[tuple[Source, int, LogPage]]) -> None:
    for source, offset, page in found:
        if events.cursor(unit.connection, source.cursor) == offset:
            _append(unit, kernel, source, page)
            events.move_cursor(unit.connection, source.cursor, page.offset)


def _append(unit: Unit, kernel: Kernel, source: Source, page: LogPage) -> None:
    streams: dict[str, list[logs.Event]] = {source.stream: []}
    for line in page.lines:
        stream, text = source.stream, line.text
        if source.mark is not None and text.startswith(source.mark):
            stream, text = source.marked, text.removeprefix(source.mark)
        streams.setdefault(stream, []).append((line.at_ms, text or " "))
    settings, now = kernel.settings, kernel.clock.now()
    if unit.find(logs.group_arn(settings, source.group)) is None:
        logs.create_group(unit, settings, source.group, now)
    for stream, lines in streams.items():
        if unit.find(logs.stream_arn(settings, source.group, stream)) is None:
            logs.create_stream(unit, settings, source.group, stream, now)
        logs.add_events(unit, source.group, stream, lines, now)


def pump_all(kernel: Kernel, runner: Runner, source: Source) -> None:
    """Bring all that is left of one log."""
    while pump(kernel, runner, (source,)):
        pass


def every_line(runner: Runner, work: str) -> Iterator[LogLine]:
    """The whole log, as far as the runner keeps it, a page at a time."""
    offset = 0
    while (page := runner.logs(work, offset)).offset != offset:
        yield from page.lines
        offset = page.offset
