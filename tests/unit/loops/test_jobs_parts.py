"""The parts of the jobs loop that are values in, values out, or files in, files out."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.jobs import MemoryFiles

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid
from freehold.loops import instances
from freehold.loops.jobs import finish, metrics, prepare, verdict
from freehold.loops.jobs.data import tree
from freehold.loops.jobs.data.files import Place, place
from freehold.loops.jobs.task import Input, Output
from freehold.runners.runner import LogLine, Status

GIB = 1024**3
WHO = Principal(
    kind="root", arn="arn:aws:iam::1:root", account_id="1", unique_id="1", access_key_id=""
)


def nothing() -> None:
    return None


# -- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("s3://b", Place("b", "")),
        ("s3://b/", Place("b", "")),
        ("s3://b/x/y/", Place("b", "x/y/")),
        ("https://s3.us-east-1.amazonaws.com/b/x", Place("b", "x")),
    ],
)
def test_an_s3_uri_is_a_bucket_and_a_key(uri: str, found: Place) -> None:
    assert place(uri) == found


@pytest.mark.parametrize("uri", ["", "b/x", "s3:///x", "ftp://b/x", "https://host"])
def test_anything_else_is_refused(uri: str) -> None:
    with pytest.raises(Invalid):
        place(uri)


NAMES = st.lists(st.text("ab", min_size=1), max_size=3)


@given(NAMES, st.sampled_from(["", "/"]), NAMES)
def test_a_key_below_holds_no_double_slash(key: list[str], tail: str, parts: list[str]) -> None:
    below = Place("b", "/".join(key) + tail).below(*parts)
    assert below.key.split("/") == ([*key, *parts] or [""])


# -- inputs ---------------------------------------------------------------------------------------

PREFIXES: list[tuple[str, list[str], dict[str, str]]] = [
    ("s3://b/data/", ["data/a", "data/deep/b"], {"a": "data/a", "deep/b": "data/deep/b"}),
    ("s3://b/data", ["data/a", "data2/x"], {"a": "data/a"}),
    ("s3://b/data/a.csv", ["data/a.csv", "data/a.csv.bak"], {"a.csv": "data/a.csv"}),
    ("s3://b/data/part-", ["data/part-1", "data/part-2"], {"part-1": "", "part-2": ""}),
    ("s3://b", ["a", "d/b"], {"a": "a", "d/b": "d/b"}),
    ("s3://b/data/", ["data/", "data/a"], {"a": "data/a"}),
]


@pytest.mark.parametrize(("uri", "keys", "names"), PREFIXES)
def test_a_prefix_becomes_files(
    tmp_path: Path, uri: str, keys: list[str], names: dict[str, str]
) -> None:
    files = MemoryFiles()
    files.objects = {f"s3://b/{key}": key.encode() for key in keys}
    channel = Input("c", place(uri), "input/data/c")
    prepare.download(files, WHO, channel, tmp_path / "ml", os.geteuid(), nothing)
    root = tmp_path / "ml" / "input" / "data" / "c"
    assert {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()} == set(names)


@pytest.mark.parametrize("key", ["data/../../etc/passwd", "data//x", "data/./x", "data/a\0b"])
def test_a_key_that_leads_out_is_refused(tmp_path: Path, key: str) -> None:
    files = MemoryFiles()
    files.objects = {f"s3://b/{key}": b""}
    channel = Input("c", place("s3://b/data/"), "c")
    with pytest.raises(prepare.DownloadFailed, match="cannot be the name of a file"):
        prepare.download(files, WHO, channel, tmp_path / "ml", os.geteuid(), nothing)


@given(st.binary(max_size=5000), st.binary(max_size=5000))
def test_gzip_is_undone_members_in_a_row_included(first: bytes, second: bytes) -> None:
    packed = gzip.compress(first) + gzip.compress(second)
    chunks = (packed[start : start + 7] for start in range(0, len(packed), 7))
    assert b"".join(prepare._inflated(chunks)) == first + second


def test_a_torn_gzip_fails_the_download(tmp_path: Path) -> None:
    files = MemoryFiles()
    files.objects = {"s3://b/a.gz": gzip.compress(b"x" * 1000)[:-9]}
    channel = Input("c", place("s3://b/a.gz"), "c", is_gzip=True)
    with pytest.raises(prepare.DownloadFailed, match="ends too early"):
        prepare.download(files, WHO, channel, tmp_path / "ml", os.geteuid(), nothing)


# -- outputs --------------------------------------------------------------------------------------


@pytest.fixture
def ml(tmp_path: Path) -> Path:
    root = tmp_path / "ml"
    (root / "model" / "deep").mkdir(parents=True)
    (root / "model" / "deep" / "a").write_text("aa")
    (root / "model" / "b").write_text("b")
    (root / "model" / "out").symlink_to("/etc")
    os.mkfifo(root / "model" / "pipe")
    return root


def uploaded(files: MemoryFiles, output: Output, ml: Path) -> dict[str, bytes]:
    finish.upload(files, WHO, output, ml, {}, nothing)
    return files.objects


def test_the_archive_is_the_same_each_time(ml: Path) -> None:
    output = Output("model", Place("b", "model.tar.gz"), archive="model.tar.gz")
    first = uploaded(MemoryFiles(), output, ml)
    assert first == uploaded(MemoryFiles(), output, ml)
    with tarfile.open(fileobj=io.BytesIO(first["s3://b/model.tar.gz"])) as archive:
        assert archive.getnames() == ["b", "deep", "deep/a", "out"]
        assert archive.getmember("out").linkname == "/etc"


def test_a_missing_directory_gives_an_empty_archive_where_one_is_due(tmp_path: Path) -> None:
    (tmp_path / "ml").mkdir()
    due = Output("model", Place("b", "m"), archive="m", is_always=True)
    data = uploaded(MemoryFiles(), due, tmp_path / "ml")["s3://b/m"]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == []
    other = Output("output/data", Place("b", "o"), archive="o")
    assert uploaded(MemoryFiles(), other, tmp_path / "ml") == {}


def test_an_output_larger_than_its_volume_is_refused(ml: Path) -> None:
    output = Output("model", Place("b", "x"))
    with (ml / "model" / "sparse").open("wb") as sparse:
        sparse.truncate(10_000)
    finish.measure(output, ml, 20_000)
    with pytest.raises(Invalid, match="VolumeSizeInGB"):
        finish.measure(output, ml, 9_999)
    finish.measure(Output("output/data", Place("b", "x")), ml, 0)


def test_files_go_one_by_one_and_links_stay_behind(ml: Path) -> None:
    output = Output("model", Place("b", "x"))
    assert uploaded(MemoryFiles(), output, ml) == {"s3://b/x/b": b"b", "s3://b/x/deep/a": b"aa"}


def test_only_what_changed_goes_again(ml: Path) -> None:
    output, seen = Output("model", Place("b", "x"), is_continuous=True), {}
    finish.upload(MemoryFiles(), WHO, output, ml, seen, nothing)
    (ml / "model" / "b").write_text("changed")
    files = MemoryFiles()
    finish.upload(files, WHO, output, ml, seen, nothing)
    assert files.objects == {"s3://b/x/b": b"changed"}


@pytest.mark.parametrize("path", ["model", "deep/model"])
def test_a_link_in_place_of_a_directory_is_not_followed(tmp_path: Path, path: str) -> None:
    secret = tmp_path / "secret" / "model"
    secret.mkdir(parents=True)
    (secret / "key").write_text("s")
    root = tmp_path / "ml"
    root.mkdir()
    first = path.split("/")[0]
    (root / first).symlink_to(secret if first == path else secret.parent)
    assert uploaded(MemoryFiles(), Output(path, Place("b", "x")), root) == {}
    assert tree.text(root, f"{path}/key", 100) is None


def test_directories_without_end_are_refused_by_name_and_still_removed(tmp_path: Path) -> None:
    root = tmp_path / "ml"
    (root / "model").mkdir(parents=True)
    at = os.open(root / "model", os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    for archive in (None, "model.tar.gz"):
        output = Output("model", Place("b", "x"), archive=archive)
        with pytest.raises(Invalid, match="nested deeper than 128"):
            uploaded(MemoryFiles(), output, root)
    prepare.remove(root)
    assert list(tmp_path.iterdir()) == []


# -- verdicts -------------------------------------------------------------------------------------


def ended(**facts: object) -> Status:
    known = {"state": "ended", "started_at": 1.0, "ended_at": 2.0}
    return Status(**(known | facts))  # type: ignore[arg-type]


VERDICTS = [
    (ended(exit_code=0), None, False, "Completed", None),
    (ended(exit_code=3), None, False, "Failed", "AlgorithmError: , exit code: 3"),
    (ended(exit_code=1), "bad", False, "Failed", "AlgorithmError: bad, exit code: 1"),
    (ended(signal=9), None, False, "Failed", "AlgorithmError: , exit code: 137"),
    (ended(signal=15, stopped_by="stop"), "x", True, "Stopped", None),
    (ended(signal=9, stopped_by="max-runtime"), None, False, "Stopped", None),
    (ended(signal=9, stopped_by="memory"), None, False, "Failed", verdict.OUT_OF_MEMORY),
    (ended(started_at=None, message="no bwrap"), None, False, "Failed", "no bwrap"),
    (Status(state="lost", message="gone"), None, False, "Failed", "InternalServerError"),
]


@pytest.mark.parametrize(("status", "failure", "is_stopping", "end", "reason"), VERDICTS)
def test_an_end_has_awss_words(
    status: Status, failure: str | None, is_stopping: bool, end: str, reason: str | None
) -> None:
    found = verdict.judge(status, failure, is_stopping=is_stopping)
    assert found.status == end
    assert (found.reason is None) == (reason is None)
    assert (reason or "") in (found.reason or "")


@given(st.text(max_size=3000))
def test_a_reason_always_fits_and_keeps_the_exit_code(failure: str) -> None:
    found = verdict.judge(ended(exit_code=1), failure, is_stopping=False)
    assert found.reason is not None
    assert len(found.reason) <= 1024
    assert found.reason.endswith(", exit code: 1")


# -- metrics --------------------------------------------------------------------------------------


def test_the_last_value_of_each_metric_is_kept() -> None:
    lines = [LogLine(1000, "out", "loss=2 acc=x"), LogLine(2500, "out", "loss=1e-1")]
    found = metrics.final([("loss", "loss=([0-9e.-]+)"), ("acc", "acc=(.)"), ("bad", "(")], lines)
    assert found == [{"MetricName": "loss", "Value": 0.1, "Timestamp": 2.5}]


def test_an_expression_that_never_ends_costs_only_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "CPU_SECONDS_MAX", 1)
    lines = [LogLine(1, "out", "a" * 64 + "!")]
    assert metrics.final([("slow", "(a+)+$")], lines) == []


# -- instances ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cpus", "gib"),
    [
        ("ml.t3.medium", 2, 4),
        ("ml.m5.large", 2, 8),
        ("ml.m5.xlarge", 4, 16),
        ("ml.m5.24xlarge", 96, 384),
        ("ml.c5.2xlarge", 8, 16),
        ("ml.r5d.large", 2, 16),
        ("ml.m7i-flex.large", 2, 8),
    ],
)
def test_an_instance_type_has_its_familys_shape(name: str, cpus: int, gib: int) -> None:
    found = instances.limits(name)
    assert (found.cpus, found.memory_bytes) == (cpus, gib * GIB)


@pytest.mark.parametrize(
    ("name", "is_accelerated"),
    [("ml.g5.xlarge", True), ("ml.p4d.24xlarge", True), ("ml.m5.large", False)],
)
def test_accelerators_are_known(name: str, is_accelerated: bool) -> None:
    assert instances.is_accelerated(name) is is_accelerated
