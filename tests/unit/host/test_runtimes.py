"""Runtimes on disk: found, listed, resolved, and what ships with us."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from freehold.base.errors import Invalid
from freehold.host import runtimes
from freehold.host.runtimes import Runtime

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
REQUIREMENTS = Path(runtimes.__file__).parent / "requirements"


def put(directory: Path, name: str) -> Runtime:
    root = directory / name / "abc"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "python").symlink_to("/usr/bin/python3")
    made = Runtime(
        name=name, root=str(root), prefix="/opt/p", python=str(root / "bin/python"), digest="abc"
    )
    (directory / name / "runtime.json").write_bytes(msgspec.json.encode(made))
    return made


def test_what_is_installed_is_found_at_once(tmp_path: Path) -> None:
    assert runtimes.find("sklearn", tmp_path) is None
    assert runtimes.resolve_image(SKLEARN, tmp_path) is None
    made = put(tmp_path, "sklearn")
    assert runtimes.find("sklearn", tmp_path) == made
    assert runtimes.resolve_image(SKLEARN, tmp_path) == made
    assert runtimes.installed(tmp_path) == [made]
    runtimes.remove("sklearn", tmp_path)
    assert runtimes.find("sklearn", tmp_path) is None


def test_half_of_a_runtime_is_none(tmp_path: Path) -> None:
    made = put(tmp_path, "sklearn")
    Path(made.python).unlink()
    (tmp_path / "jupyterlab").mkdir()
    (tmp_path / "jupyterlab" / "runtime.json").write_text("{")
    assert runtimes.installed(tmp_path) == []
    assert runtimes.installed(tmp_path / "none") == []


def test_a_runtime_binds_itself_and_its_interpreter(tmp_path: Path) -> None:
    made = put(tmp_path, "sklearn")
    assert [bind.target for bind in made.binds()] == [made.root, "/opt/p"]
    assert not any(bind.is_writable for bind in made.binds())


def test_an_unknown_runtime_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="jupyterlab, sklearn"):
        runtimes.install("nothing", tmp_path)


@pytest.mark.parametrize("name", runtimes.names())
def test_every_requirement_is_pinned_with_hashes_and_names_no_registry(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    wanted = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert len(wanted) > 30
    assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", line) for line in wanted)
    assert text.count("--hash=sha256:") >= len(wanted)
    assert "://" not in text
    assert "index" not in re.sub(r"#.*", "", text)
    for line in (REQUIREMENTS / f"{name}.in").read_text().split():
        assert re.match(r"[a-z0-9-]+", line)[0] + "==" in text  # type: ignore[index]
