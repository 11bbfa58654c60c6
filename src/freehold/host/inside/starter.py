"""Before an app's own command, inside its sandbox and as its own user: scripts, then clones.

Input: orders that ``loops/apps/start.py`` wrote, a file whose path is the one argument. Output:
what scripts say, on our output with ``MARK`` before each line; where we are, in the progress file;
then the app's command in our place. A script that fails ends us, and with us the sandbox, so a
server that dies in the midst changes nothing. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

MARK = "\x02LifecycleConfigOnStart\x03"
LINE_BYTES_MAX = 16 * 1024  # well below what a log keeps of one line
FAILED = 117  # our exit code where a script failed
GIT_SAID_MAX = 2000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")


def main(path: str) -> None:
    """Carry out the orders; returns only by ending the process."""
    with open(path) as source:
        orders: dict[str, Any] = json.load(source)
    progress = Progress(orders["progress"])
    for script in orders["scripts"]:
        progress.say("script", script["arn"])
        failure = run(script, orders["script_seconds"], orders["home"])
        if failure is not None:
            progress.say("script", script["arn"], failure)
            os._exit(FAILED)
    ends = time.monotonic() + orders["clone_seconds"]
    for repository in orders["repositories"]:
        progress.say("clone", repository["url"])
        clone(repository, orders["home"], ends)
    progress.say("app")
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would keep that
        signal.signal(number, signal.SIG_DFL)
    os.execvp(orders["argv"][0], orders["argv"])  # noqa: S606


class Progress:
    """Tells the server where we are, each time in one whole file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def say(self, step: str, what: str = "", failure: dict[str, Any] | None = None) -> None:
        """``failure``: ``{"status": exit status, negative for a signal}``, empty: out of time."""
        told = {"step": step, "what": what, "at": time.time(), "failure": failure}
        partial = self._path + ".partial"
        try:
            with open(partial, "w") as target:
                json.dump(told, target)
            os.replace(partial, self._path)
        except OSError as error:  # a full disk hides where we are, and stops nothing
            say(f"progress cannot be told: {error}")


def say(text: str) -> None:
    """A line of ours in the app's own log."""
    os.write(1, f"freehold: {text}\n".encode(errors="replace"))


# -- scripts --------------------------------------------------------------------------------------


def run(script: dict[str, Any], seconds: float, home: str) -> dict[str, Any] | None:
    """Run one script to its end; None if it went well, else what ``Progress.say`` is told.

    What it leaves running in the background lives on, and goes on to be heard.
    """
    read, write = os.pipe()
    ends = time.monotonic() + seconds
    try:
        process = subprocess.Popen(
            _command(script["path"]), cwd=home, stdin=subprocess.DEVNULL, stdout=write, stderr=write
        )
    except OSError as error:
        os.write(1, f"{MARK}{script['path']}: {error.strerror}\n".encode())
        return {"status": 126}
    finally:
        os.close(write)
    relay = Relay(read)
    over = os.pidfd_open(process.pid)
    try:
        while process.poll() is None:
            left = ends - time.monotonic()
            if left <= 0:
                process.kill()
                relay.end()
                return {}
            ready, _, _ = select.select([over, *relay.sources()], [], [], left)
            if read in ready:
                relay.move()
    finally:
        os.close(over)
    relay.rest()
    return None if process.returncode == 0 else {"status": process.returncode}


def _command(path: str) -> list[str]:
    """A script names its interpreter in its first line; without one it is bash's."""
    with open(path, "rb") as source:
        return [path] if source.read(2) == b"#!" else ["/bin/bash", path]


class Relay:
    """Passes on what a script says, a marked line at a time."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._partial = b""
        self._is_open = True

    def sources(self) -> list[int]:
        """What to wait for."""
        return [self._source] if self._is_open else []

    def move(self) -> None:
        """Pass on what is there; it must be readable."""
        data = os.read(self._source, 64 * 1024)
        self._is_open = bool(data)
        *lines, self._partial = (self._partial + data).split(b"\n")
        while len(self._partial) > LINE_BYTES_MAX:
            lines.append(self._partial[:LINE_BYTES_MAX])
            self._partial = self._partial[LINE_BYTES_MAX:]
        self._write(lines)

    def end(self) -> None:
        """Pass on what stands there now, a last line without its end as well."""
        while self._is_open and select.select([self._source], [], [], 0)[0]:
            self.move()
        if self._partial:
            self._write([self._partial])
            self._partial = b""

    def rest(self) -> None:
        """The script has ended: if something that it left still speaks, a child of ours listens.

        The child belongs to the sandbox's first process, not to the app, and ends with the last
        of those who speak.
        """
        self.end()
        if self._is_open:
            child = os.fork()
            if child == 0:
                if os.fork() == 0:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    while self._is_open:
                        self.move()
                os._exit(0)
            os.waitpid(child, 0)
        os.close(self._source)

    def _write(self, lines: list[bytes]) -> None:
        mark = MARK.encode()
        whole = b"".join(
            mark + line[at : at + LINE_BYTES_MAX] + b"\n"
            for line in lines
            for at in range(0, len(line) or 1, LINE_BYTES_MAX)
        )
        while whole:
            whole = whole[os.write(1, whole) :]


# -- code repositories ----------------------------------------------------------------------------


def clone(repository: dict[str, Any], home: str, ends: float) -> None:
    """Clone one into the home by its name, if nothing of that name is there.

    A failure stops nothing: it leaves a note beside the place and a line in the log.
    """
    url = repository["url"]
    name = url.rstrip("/").removesuffix(".git").rstrip("/").rpartition("/")[2]
    if not _NAME.fullmatch(name):
        say(f"the repository {url} was not cloned: its name cannot be a directory's")
        return
    place, note = f"{home}/{name}", f"{home}/{name}-not-cloned.txt"
    if os.path.lexists(place):
        say(f"the repository {url} was not cloned: {place} is there already")
        return
    trouble = _cloned(url, repository.get("branch"), place, ends)
    try:
        if trouble is None:
            say(f"the repository {url} was cloned to {place}")
            if os.path.lexists(note):
                os.unlink(note)
            return
        say(f"the repository {url} was not cloned: {' '.join(trouble.split())}")
        with open(note, "w") as target:
            target.write(
                f"{url} could not be cloned when this app started:\n\n{trouble}\n\n"
                f"Clone it from a terminal (git clone {url}), or delete the app and start it "
                "again once the cause is mended.\n"
            )
    except OSError as error:
        say(f"{note}: {error.strerror}")


def _cloned(url: str, branch: str | None, place: str, ends: float) -> str | None:
    """Clone beside the place and move there when it is whole; None, or what went wrong."""
    git = shutil.which("git")
    if git is None:
        return "git is not installed on this machine."
    if "@" in urlsplit(url).netloc:
        return "Its address holds a name or password, which would show on a command line."
    partial = f"{os.path.dirname(place)}/.{os.path.basename(place)}.cloning"
    shutil.rmtree(partial, ignore_errors=True)
    argv = [git, "clone", "--quiet", *(["--branch", branch] if branch else [])]
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "GIT_SSH_COMMAND": "false"}
    if trusted := os.environ.get("SSL_CERT_FILE"):
        quiet["GIT_SSL_CAINFO"] = trusted
    try:
        done = subprocess.run(
            [*argv, "--", url, partial],
            cwd=os.path.dirname(place),
            env=os.environ | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(0.1, ends - time.monotonic()),
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[-GIT_SAID_MAX:]
            return said or f"git ended with status {done.returncode}."
        os.rename(partial, place)
    except subprocess.TimeoutExpired:
        return "It took too long."
    except OSError as error:
        return str(error)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return None


if __name__ == "__main__":
    main(sys.argv[1])
