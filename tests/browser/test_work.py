"""Jobs with their logs, experiments, the registry, and a person's own page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser import work as made
from tests.browser.conftest import SCHEMES, WIDTHS, Keys, Visit
from tests.browser.test_every_page import faults
from tests.browser.work import Work
from tests.support.server import RunningServer, until

from freehold.host.sandboxes import probe

pytestmark = [
    pytest.mark.skipif(made.image() is None, reason="needs: freehold runtime install sklearn"),
    pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
]

LIVE = """
import time
for line in range(600):
    print(f"tick {line}", flush=True)
    time.sleep(0.2)
"""
# Name of the picture, path, and a text that shows that it is there.
PAGES = (
    ("jobs", "/jobs", made.OUTSIDE),
    ("job", f"/jobs/training/{made.TRAINED}", "Hyperparameters"),
    ("job-log", f"/jobs/training/{made.TRAINED}?tab=log", "the whole log"),
    ("job-data", f"/jobs/training/{made.TRAINED}?tab=data", "Inside the job"),
    ("job-metrics", f"/jobs/training/{made.TRAINED}?tab=metrics", "accuracy"),
    ("job-tags", f"/jobs/training/{made.TRAINED}?tab=tags", "risk"),
    ("job-failed", f"/jobs/processing/{made.FAILED}", "Why it failed"),
    ("objects", f"/objects?uri=s3://{made.BUCKET}/raw/", "rows.csv"),
    ("experiments", "/experiments", made.EXPERIMENT),
    ("experiment", f"/experiments/{made.EXPERIMENT}", "run-2"),
    ("experiment-compare", f"/experiments/{made.EXPERIMENT}?tab=compare", "Only what differs"),
    ("registry", "/registry", made.GROUP),
    ("registry-models", "/registry?tab=models", made.MODEL),
    ("registry-group", f"/registry/{made.GROUP}", "Of week 2"),
    ("registry-policy", f"/registry/{made.GROUP}?tab=policy", "DescribeModelPackageGroup"),
    ("registry-version", f"/registry/{made.GROUP}/1", "Made by the job"),
    ("model", f"/models/{made.MODEL}", "Model data"),
    ("pipelines", "/pipelines", made.PIPELINE),
    ("pipeline", f"/pipelines/{made.PIPELINE}", "Prepare"),
    ("home", "/home?DomainId={D}&UserProfileName=ana", "Latest jobs"),
    ("home-nobody", "/home", "No user profile is known"),
)


@pytest.fixture(scope="module")
def work(server: RunningServer, role: str, finance: str) -> Work:
    """What the pages show."""
    found = Work(server, role, finance)
    found.make()
    return found


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_every_page_of_work_is_accessible_and_fits(
    visit: Callable[..., Visit], root: Keys, work: Work, width: int, scheme: str
) -> None:
    one = visit(width, scheme, reduced_motion="reduce")
    one.allowed.append("400 (Bad Request)")  # a group without a policy, a bucket without a file
    bad: list[str] = []
    one.go("/sign-in")
    one.sign_in(root).wait_for_url("**/domains")
    for name, path, text in PAGES:
        one.walk(path.format(D=work.domain), text)
        one.shot(f"{name}-{width}-{scheme}")
        bad += [f"{name}: {fault}" for fault in faults(one)]
        across = one.page.evaluate("document.documentElement.scrollWidth")
        bad += [f"{name}: {across} px across"] if across > width else []
    assert not bad, "\n".join(bad)


def test_a_log_is_read_while_it_is_written_and_the_job_is_stopped(admin: Visit, work: Work) -> None:
    work.process("live-1", LIVE, work.tags)
    page = admin.go("/jobs/processing/live-1?tab=log")
    log = page.get_by_label("Log live-1")
    expect(log).to_contain_text("tick 3", timeout=30_000)
    expect(log).to_contain_text("tick 12", timeout=30_000)  # it goes on by itself
    expect(page.get_by_text("and more come")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused at")).to_be_visible()
    page.get_by_label("Find in the log").fill("TICK 1")
    expect(page.get_by_text(re.compile(r"1 of \d"))).to_be_visible()
    page.get_by_label("Find in the log").press("Enter")
    expect(page.get_by_text(re.compile(r"2 of \d"))).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("stop")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True).first).to_be_visible(timeout=60_000)
    assert work.status("live-1") == "Stopped"


def test_a_log_goes_on_after_the_server_was_away(
    admin: Visit, work: Work, server: RunningServer
) -> None:
    admin.allowed += ["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET"]
    work.process("away-1", LIVE, work.tags)
    page = admin.go("/jobs/processing/away-1?tab=log")
    log = page.get_by_label("Log away-1")
    expect(log).to_contain_text("tick 3", timeout=30_000)
    server.stop()
    try:
        expect(page.get_by_text("The server does not answer").first).to_be_visible()
        expect(log).to_contain_text("tick 3")  # what was read stays
    finally:
        server.start()
    last = str(log.text_content()).strip().split()[-1]
    expect(log).to_contain_text(f"tick {int(last) + 5}", timeout=30_000)
    lines = [line for line in str(log.text_content()).splitlines() if line.startswith("tick")]
    assert len(lines) == len(set(lines))  # none twice
    work.sagemaker.stop_processing_job(ProcessingJobName="away-1")


def test_a_hundred_thousand_lines_do_not_choke_the_page(
    admin: Visit, work: Work, tmp_path: Path
) -> None:
    page = admin.page
    begun = time.monotonic()
    admin.page.goto(f"{admin.url}/console/jobs/processing/{made.CHATTY}?tab=log")
    state = page.locator(".log-state")
    expect(state).to_have_text("100,001 lines, the whole log", timeout=30_000)  # one is ours
    read = time.monotonic() - begun
    begun = time.monotonic()
    page.get_by_label("Find in the log").fill("line 99990 ")
    expect(page.locator(".bar [role=status]")).to_have_text("1 of 1")
    found = time.monotonic() - begun
    seen = (
        "() => { const f = document.querySelector('.log'); return f.scrollTop + f.clientHeight; }"
    )
    until(lambda: page.evaluate(seen) > 1_000_000)  # it is brought into view
    begun = time.monotonic()
    page.get_by_role("checkbox", name="Wrap").check()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    wrapped = time.monotonic() - begun
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "log")
    lines = (tmp_path / "log").read_text().splitlines()
    print(f"{len(lines)} lines: read {read:.2f} s, found {found:.2f} s, wrapped {wrapped:.2f} s")
    assert len(lines) == made.LINES + 1
    assert lines[-1].startswith(f"line {made.LINES - 1} ")
    assert found < 3.0
    assert wrapped < 3.0


def test_jobs_are_found_by_domain_creator_and_status_in_a_link(admin: Visit, work: Work) -> None:
    page = admin.go(f"/jobs?domain={work.domain}&creator=ana&status=Failed")
    choices = page.locator(".choices")
    expect(page.get_by_role("link", name=made.FAILED)).to_be_visible()
    expect(page.get_by_role("link", name=made.TRAINED)).to_have_count(0)
    choices.get_by_role("button", name="Status").click()
    page.get_by_role("option", name="Completed").click()
    expect(page.get_by_role("link", name=made.TRAINED)).to_be_visible()
    expect(page).to_have_url(re.compile("status=Completed"))
    choices.get_by_role("button", name="Domain").click()
    page.get_by_role("option", name="No domain (untagged)").click()
    choices.get_by_role("button", name="Creator").click()
    page.get_by_role("option", name="All creators").click()
    expect(page.get_by_role("link", name=made.OUTSIDE)).to_be_visible()
    expect(page.get_by_role("link", name=made.TRAINED)).to_have_count(0)


def test_an_output_is_found_in_s3_and_downloaded(admin: Visit, work: Work) -> None:
    page = admin.go(f"/jobs/training/{made.TRAINED}?tab=data")
    page.get_by_role("link", name=f"s3://{made.BUCKET}/raw/").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download raw/rows.csv").click()
    assert Path(download.value.path()).read_text() == "price\n1\n"


def test_an_object_of_any_name_is_found_and_downloaded(
    admin: Visit, work: Work, server: RunningServer
) -> None:
    key = "odd/<b>\x01 + %41.txt"
    server.client("s3").put_object(Bucket=made.BUCKET, Key=key, Body=b"found")
    page = admin.go(f"/objects?uri=s3://{made.BUCKET}/odd/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download odd/<b>").click()
    assert Path(download.value.path()).read_text() == "found"


def test_markup_in_a_hyperparameter_is_text_and_the_job_can_be_made_again(
    admin: Visit, work: Work
) -> None:
    page = admin.go(f"/jobs/training/{made.TRAINED}")
    expect(page.get_by_text(made.NASTY).first).to_be_visible()
    page.get_by_role("button", name="Create again by the aws CLI").click()
    command = page.locator("pre", has_text="create-training-job")
    expect(command).to_contain_text("--training-job-name forest-2")
    expect(command).to_contain_text("risk")
    expect(command).not_to_contain_text("sagemaker:domain-arn")


def test_runs_are_chosen_and_compared(admin: Visit, work: Work) -> None:
    page = admin.go(f"/experiments/{made.EXPERIMENT}")
    page.get_by_role("checkbox", name="Choose run-0").click()
    expect(page.get_by_role("checkbox", name="Choose run-0")).to_be_checked()  # by the address
    page.get_by_role("checkbox", name="Choose run-2").click()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("runs=run-0%2Crun-2"))
    chart = page.get_by_label("loss over the steps of each run")
    expect(chart.first).to_be_visible()
    lines = page.locator("path[stroke*=charts-palette]")
    expect(lines).to_have_count(4)  # two runs, two metrics
    parameters = page.get_by_role("table", name="Parameters")
    expect(parameters.get_by_role("row")).to_have_count(3)
    page.get_by_role("checkbox", name="Only what differs").nth(1).check()
    expect(parameters.get_by_role("row")).to_have_count(2)


def test_a_version_is_approved_with_a_comment(admin: Visit, work: Work) -> None:
    page = admin.go(f"/registry/{made.GROUP}")
    page.get_by_role("radio", name="Choose version 2").check()
    page.get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Better by two points.")
    dialog.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("row", name="2").get_by_text("Approved")).to_be_visible()
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.get_by_text("Better by two points.")).to_be_visible()
    made_by = page.get_by_role("link", name=made.TRAINED, exact=True)
    expect(made_by).to_be_visible()
    arn = work.sagemaker.list_model_packages(
        ModelPackageGroupName=made.GROUP, ModelApprovalStatus="Approved"
    )["ModelPackageSummaryList"][0]["ModelPackageArn"]
    assert arn.endswith("/2")


def test_a_person_lands_on_their_own_page_and_starts_a_notebook(
    visit: Callable[..., Visit], server: RunningServer, work: Work
) -> None:
    one = visit()
    one.allowed += ["400 (Bad Request)", "403 (Forbidden)"]  # the list of domains is not hers
    one.go("/sign-in")
    page = one.sign_in(made.scientist(server, "ana"))
    page.wait_for_url("**/home")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    expect(page.get_by_role("rowheader", name="team")).to_be_visible()
    expect(page.get_by_text("per hour").first).to_be_visible()  # before anything is started
    expect(page.get_by_role("link", name=made.TRAINED)).to_be_visible()
    expect(page.get_by_role("link", name=made.OUTSIDE)).to_have_count(0)
    one.shot("home-ana")


def test_a_profile_that_is_tagged_for_another_is_not_hers(
    visit: Callable[..., Visit], server: RunningServer, work: Work
) -> None:
    arn = work.sagemaker.create_user_profile(
        DomainId=work.domain,
        UserProfileName="berta",
        Tags=[{"Key": "freehold:user", "Value": "carl"}],
    )["UserProfileArn"]
    one, other = visit(), visit()
    for each in (one, other):
        each.allowed += ["400 (Bad Request)", "403 (Forbidden)"]
        each.go("/sign-in")
    page = one.sign_in(made.scientist(server, "berta"))
    expect(page.get_by_text("No user profile is known to be yours")).to_be_visible()
    page = other.sign_in(made.scientist(server, "carl"))
    expect(page.get_by_text("berta in finance")).to_be_visible()
    assert arn.endswith("/berta")
    work.sagemaker.delete_user_profile(DomainId=work.domain, UserProfileName="berta")
