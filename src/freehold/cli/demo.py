"""``freehold demo``: two lines of business end to end, by unmodified clients, on this machine.

Plays the chapters of ``story/`` in order and leaves the server running. Nothing is faked: what
does not come out as told ends the story with the reason, and the exit code says so.
"""

from __future__ import annotations

import argparse
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold.cli.story import cast, ground, house, isolation, money, work
from freehold.cli.story.cast import Line
from freehold.cli.story.house import LOG
from freehold.cli.story.shell import Shell, environment, exports
from freehold.cli.story.teller import StoryFailed, Teller

STATE_DEFAULT = Path("demo/state")
PICTURE = "costs.png"


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "demo",
        help="the whole story on this machine, with a fresh state",
        description=(
            "Play the whole story: domains, notebooks, jobs, isolation, costs. An earlier demo "
            "on the same state is stopped and its state removed. The server is left running."
        ),
    )
    word.add_argument("--state", type=Path, help=f"its directory (default: {STATE_DEFAULT})")
    word.add_argument(
        "--stop", action="store_true", help="only stop what an earlier demo left running"
    )
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Play it, or end it."""
    state = (chosen.state or STATE_DEFAULT).absolute()
    teller = Teller()
    if chosen.stop:
        house.halt(state, teller)
        return 0
    try:
        play(state, teller)
    except (StoryFailed, OSError, ValueError, KeyError, IndexError) as error:
        raise StoryFailed(_reason(state, teller, error)) from error
    return 0


def _reason(state: Path, teller: Teller, error: Exception) -> str:
    said = error.message if isinstance(error, StoryFailed) else f"{type(error).__name__}: {error}"
    reason = f"{said}\n  in chapter {teller.number} ({teller.title}), {teller.seconds:.0f} s in"
    if (state / LOG).exists():
        reason += f"\n  the server's log: {state / LOG}"
    return reason


def play(state: Path, teller: Teller) -> None:
    """All chapters, in order.

    Raises:
        StoryFailed: Something did not come out as it must.
    """
    since = datetime.now(UTC)
    teller.chapter("A fresh server")
    house.end_earlier(state, teller)
    runtime = house.install_runtimes(teller)
    _, pid = house.start_server(state, teller)
    nobody = Shell(teller, environment(Path(runtime.root) / "bin"))
    variables = exports(nobody.run("freehold", "env", "--state", str(state), shows=False))
    teller.answer(" ".join(variables))
    admin = nobody.become("$", variables)

    finance, research = lines = cast.finance(), cast.sustainability()
    teller.chapter("Before there were domains")
    ground.make_old_experiments(admin)
    teller.chapter("Two domains, their people and their spaces")
    ground.make_roles(admin, lines)
    ground.make_domains(admin, lines)
    ground.make_people(admin, lines)
    teller.chapter("JupyterLab, opened by presigned URLs, and real work in its kernels")
    work.start_apps(admin, lines)
    work.run_notebooks(admin, lines)
    work.visit_together(admin, finance)
    teller.chapter("What was made carries its domain and its person")
    work.learn_arns(admin, lines)
    shown = [(finance, name) for name in ("experiment", "pipeline", "package", "job")]
    work.show_tags(admin, [*shown, (research, "processing")])
    _isolate(admin, finance, research, state)
    teller.chapter("What it costs, by domain, use and person")
    account = money.Money(admin, lines, since)
    account.show_usage()
    people = account.show_people()
    account.set_budget(finance)
    picture = state / PICTURE
    account.draw(people, runtime.python, picture)
    _end(admin, finance, state, pid, picture)


def _isolate(admin: Shell, finance: Line, research: Line, state: Path) -> None:
    """Both isolation policies in turn, and the backfill."""
    directory = state / "policies"
    teller = admin.teller
    teller.chapter("Isolation, as the announcement of 2022 gives it")
    isolation.narrow(admin, finance, directory)
    first = isolation.attach(admin, finance, "isolation-2022", directory)
    caller = isolation.credentials(admin, finance, state)
    isolation.try_by_hand(caller, research)
    isolation.try_from_notebook(admin, finance, research)
    teller.chapter("Old experiments, backfilled by the announcement's loop")
    isolation.backfill(admin, caller, finance)
    teller.chapter("Isolation, as AWS's guide gives it today")
    isolation.detach(admin, finance, first)
    isolation.attach(admin, finance, "isolation-today", directory)
    isolation.try_by_hand(caller, research)
    isolation.try_from_notebook(admin, finance, research)
    isolation.create_inside(caller, finance)
    isolation.still_there(admin, research)


def _end(admin: Shell, line: Line, state: Path, pid: int, picture: Path) -> None:
    """Leave the server running, with a notebook to open and what to type next."""
    teller = admin.teller
    teller.chapter("Yours")
    desk = line.desks[0]
    landing = f"app:JupyterLab:lab/tree/{desk.path}"
    teller.say(f"open within five minutes, in a browser on this machine, as {desk.person}:")
    url = admin.aws(*work.presigned(line, desk, desk.person, landing), shows=False)
    program, place = _shown(Path(house.program())), _shown(state)
    teller.print(
        f"\nThe story came out as told in {teller.seconds:.0f} s. The server goes on running "
        f"(process {pid}).\n"
        f"  console     {admin.environment['AWS_ENDPOINT_URL']}/console/\n"
        f"  notebook    {url}\n"
        f"  picture     {_shown(picture)}\n"
        f"  its log     {_shown(state / LOG)}\n"
        "Type next:\n"
        f"  {program} console --state {place}    # how to sign in to the console\n"
        f'  eval "$({program} env --state {place})"\n'
        f'  export PATH="{Path(admin.environment["PATH"].partition(":")[0])}:$PATH"'
        "    # the aws command, where there is none\n"
        "  aws sagemaker list-domains\n"
        "Stop it, with its notebooks:\n"
        f"  {program} demo --state {place} --stop"
    )


def _shown(path: Path) -> str:
    """A path as it can be typed here: relative where it lies below."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
