"""The starter, run as a process of its own in a directory that stands for a home."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freehold.host.inside import starter
from freehold.host.inside.starter import FAILED, MARK

LONG = 60.0
needs_git = pytest.mark.skipif(
    not Path("/usr/bin/git").exists(), reason="needs git on this machine"
)


class Place:
    """A home, orders, and what came of them."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.home.mkdir()
        self.root = root
        self.scripts: list[dict[str, str]] = []
        self.repositories: list[dict[str, Any]] = []
        self.seconds = LONG

    def script(self, text: str) -> None:
        path = self.root / f"script-{len(self.scripts)}.sh"
        path.write_text(text)
        path.chmod(0o755)
        self.scripts.append({"arn": f"arn-{len(self.scripts)}", "path": str(path)})

    def run(self, *argv: str, clone_seconds: float = LONG) -> SimpleNamespace:
        orders = {
            "argv": list(argv or ("/bin/echo", "the app")),
            "home": str(self.home),
            "progress": str(self.root / "progress.json"),
            "scripts": self.scripts,
            "script_seconds": self.seconds,
            "repositories": self.repositories,
            "clone_seconds": clone_seconds,
        }
        (self.root / "orders").write_text(json.dumps(orders))
        done = subprocess.run(
            [sys.executable, "-I", "-S", starter.__file__, str(self.root / "orders")],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONG,
            check=False,
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.home), "SAID": "once"},
        )
        lines = done.stdout.splitlines()
        return SimpleNamespace(
            code=done.returncode,
            scripts=[line.removeprefix(MARK) for line in lines if line.startswith(MARK)],
            app=[line for line in lines if not line.startswith(MARK)],
            progress=json.loads((self.root / "progress.json").read_text()),
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_scripts_run_in_order_in_the_home_before_the_app(place: Place) -> None:
    place.script("#!/bin/bash\necho one $SAID; pwd >&2; printf 'no end'")
    place.script("echo two of bash: ${BASH_VERSION:+yes}")
    done = place.run()
    assert done.code == 0
    assert done.scripts == ["one once", str(place.home), "no end", "two of bash: yes"]
    assert done.app == ["the app"]
    assert (done.progress["step"], done.progress["failure"]) == ("app", None)


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("echo before; exit 3", {"status": 3}),
        ("echo before; kill -9 $$", {"status": -9}),
        ("#!/no/such/interpreter\n", {"status": 126}),
    ],
)
def test_a_script_that_fails_ends_it_all(place: Place, text: str, failure: Any) -> None:
    place.script(text)
    place.script("echo never")
    done = place.run()
    assert done.code == FAILED
    assert done.app == []
    assert "never" not in done.scripts
    assert done.scripts
    assert done.progress["failure"] == failure
    assert done.progress["what"] == "arn-0"


def test_a_script_that_takes_too_long_is_cut_off(place: Place) -> None:
    place.seconds = 0.3
    place.script("echo begun; sleep 50")
    began = time.monotonic()
    done = place.run()
    assert time.monotonic() - began < 10
    assert done.code == FAILED
    assert done.scripts == ["begun"]
    assert done.progress["failure"] == {}


def test_what_a_script_leaves_running_lives_on_and_is_heard(place: Place) -> None:
    mark = place.root / "go"
    place.script(
        f"(while [ ! -e {mark} ]; do sleep 0.05; done; echo late; echo $$ > {place.root}/pid) &\n"
        "echo started\n"
    )
    done = place.run(
        "/bin/bash", "-c", f"touch {mark}; while [ ! -e {place.root}/pid ]; do :; done"
    )
    assert done.code == 0
    assert done.scripts == ["started", "late"]


def test_long_lines_and_bytes_that_are_no_text_pass(place: Place) -> None:
    place.script("head -c 100000 /dev/zero | tr '\\0' x; echo; printf '\\xff\\xfe\\n'")
    place.script("echo end")
    orders = place.run("/bin/true")
    assert sum(line.count("x") for line in orders.scripts) == 100_000
    assert all(len(line) <= starter.LINE_BYTES_MAX for line in orders.scripts)
    assert orders.scripts[-1] == "end"


def test_the_app_does_not_inherit_ignored_signals(place: Place) -> None:
    done = place.run("/bin/sh", "-c", "grep SigIgn /proc/self/status")
    ignored = int(done.app[-1].split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1))


# -- clones ----------------------------------------------------------------------------------------


@pytest.fixture
def origin(place: Place) -> str:
    """A repository behind an https address that the home's own git configuration leads to."""
    source = place.root / "origin" / "work.git"
    run = {"check": True, "capture_output": True, "cwd": place.root}
    env = {"HOME": str(place.root), "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(source)], env=env, **run)
    (source / "read.me").write_text("main")
    for words in (
        ["add", "."],
        ["commit", "-qm", "x"],
        ["switch", "-qc", "dev"],
        ["commit", "-qm", "y", "--allow-empty"],
        ["switch", "-q", "main"],
    ):
        subprocess.run(["git", "-C", str(source), *who, *words], env=env, **run)
    (place.home / ".gitconfig").write_text(
        f'[url "{place.root}/origin/"]\n\tinsteadOf = https://git.example.com/team/\n'
    )
    return "https://git.example.com/team/work.git"


@needs_git
def test_a_repository_is_cloned_by_its_name_and_branch(place: Place, origin: str) -> None:
    place.repositories = [{"url": origin, "branch": "dev"}]
    (place.home / "work-not-cloned.txt").write_text("of an earlier start")
    done = place.run()
    assert done.code == 0
    assert (place.home / "work" / "read.me").read_text() == "main"
    assert (place.home / "work/.git/HEAD").read_text().strip() == "ref: refs/heads/dev"
    assert sorted(os.listdir(place.home)) == [".gitconfig", "work"]
    assert any("was cloned to" in line for line in done.app)


@needs_git
def test_what_is_there_already_is_left_alone(place: Place, origin: str) -> None:
    (place.home / "work").mkdir()
    (place.home / "work" / "mine").write_text("kept")
    place.repositories = [{"url": origin, "branch": None}]
    done = place.run()
    assert done.code == 0
    assert os.listdir(place.home / "work") == ["mine"]
    assert any("is there already" in line for line in done.app)


@needs_git
@pytest.mark.parametrize(
    ("url", "branch", "words"),
    [
        ("https://git.example.com/team/none.git", None, "none"),
        ("https://git.example.com/team/work.git", "nothing", "nothing"),
        ("https://ana:secret@git.example.com/team/work.git", None, "name or password"),
    ],
)
def test_a_clone_that_fails_leaves_a_note_and_stops_nothing(
    place: Place, origin: str, url: str, branch: str | None, words: str
) -> None:
    place.repositories = [{"url": url, "branch": branch}, {"url": origin, "branch": None}]
    place.repositories[1]["url"] = origin.replace("work.git", "work.git/")
    done = place.run()
    assert done.code == 0
    assert done.app[-1] == "the app"
    assert any("was not cloned" in line and words in line for line in done.app)
    name = url.rpartition("/")[2].removesuffix(".git")
    if name == "none":
        assert words in (place.home / "none-not-cloned.txt").read_text()
        assert not (place.home / "none").exists()
    assert (place.home / "work").is_dir()  # the second one came
    assert not any(name.endswith(".cloning") for name in os.listdir(place.home))


@pytest.mark.parametrize("url", ["https://git.example.com/..", "https://git.example.com/-x"])
def test_a_name_that_could_lead_elsewhere_is_no_directory(place: Place, url: str) -> None:
    place.repositories = [{"url": url, "branch": None}]
    done = place.run()
    assert done.code == 0
    assert any("cannot be a directory's" in line for line in done.app)
    assert os.listdir(place.home) == []
