"""People: added by clicks, signing in for the first time, and kept to their own domain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser import work as made
from tests.browser.conftest import SCHEMES, WIDTHS, Keys, Visit
from tests.browser.test_domain import make_domain, needs_apps
from tests.browser.test_every_page import faults
from tests.support.server import RunningServer, freehold, until

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# Name of the picture, path, and a text that shows that it is there.
PAGES = (
    ("people", "/people", "olga"),
    ("people-create", "/people/create", "IAM user name"),
    ("person", "/people/olga", "Policies may ask for them"),
    ("person-missing", "/people/nobody-here", "There is no such thing"),
    ("user-sign-in", "/domains/{D}/users/ana/sign-in", "Who signs in as this person"),
    ("user-of-ana", "/domains/{D}/users/ana", "Nobody can sign in as this person yet"),
)


@pytest.fixture(scope="module")
def olga(server: RunningServer) -> str:
    """An IAM user with all that a person's page shows."""
    iam = server.client("iam")
    iam.create_user(UserName="olga", Tags=[{"Key": "team", "Value": "risk"}])
    iam.create_login_profile(UserName="olga", Password="Correct-horse-7")
    iam.create_access_key(UserName="olga")
    iam.attach_user_policy(UserName="olga", PolicyArn=ADMINISTRATOR)
    iam.create_group(GroupName="auditors")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="auditors", UserName="olga")
    return "olga"


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_every_page_of_people_is_accessible_and_fits(
    visit: Callable[..., Visit], root: Keys, finance: str, olga: str, width: int, scheme: str
) -> None:
    one = visit(width, scheme, reduced_motion="reduce")
    one.allowed += ["400 (Bad Request)", "404 (Not Found)"]  # who has no password, who is not there
    bad: list[str] = []
    one.go("/sign-in")
    one.sign_in(root).wait_for_url("**/domains")

    def look(name: str) -> None:
        one.shot(f"{name}-{width}-{scheme}")
        bad.extend(f"{name}: {fault}" for fault in faults(one))
        across = one.page.evaluate("document.documentElement.scrollWidth")
        bad.extend([f"{name}: {across} px across"] if across > width else [])

    for name, path, text in PAGES:
        one.walk(path.format(D=finance), text)
        look(name)
    one.walk("/people", "olga")
    one.page.get_by_role("button", name="Add person").click()
    look("people-add")
    assert not bad, "\n".join(bad)


def fill_wizard(page: Page, name: str, user: str = "") -> None:
    """To the review."""
    following = page.get_by_role("button", name="Next")
    page.get_by_label("User profile name").fill(name)
    following.click()
    if user:
        page.get_by_label("IAM user name").fill(user)
    following.click()
    following.click()


def guard(server: RunningServer, value: str) -> None:
    done = freehold("settings", "--state", str(server.state), "set", f"isolation={value}")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def strict(server: RunningServer) -> Iterator[None]:
    """All guards on, as quick setup leaves them."""
    guard(server, "strict")
    yield
    guard(server, "parity")


@pytest.mark.skipif(
    needs_apps[0].args[0] or needs_apps[1].args[0], reason="needs jupyterlab, sandboxes"
)
def test_a_person_is_added_by_clicks_signs_in_and_works_in_one_domain_alone(
    admin: Visit,
    visit: Callable[..., Visit],
    server: RunningServer,
    role: str,
    finance: str,
    strict: None,
) -> None:
    domain = make_domain(server, role, "atelier")
    page = admin.go(f"/domains/{domain}/users/add")
    admin.allowed += ["400 (Bad Request)", "404 (Not Found)"]
    fill_wizard(page, "nora")
    expect(page.locator("pre")).to_contain_text("--password ONE-TIME-PASSWORD")
    expect(page.locator("pre")).to_contain_text('Key":"freehold:user","Value":"nora')
    admin.shot("person-review")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("The password is shown once")).to_be_visible()
    admin.shot("person-hand-over")
    assert not faults(admin)
    password = str(page.locator("code").nth(2).text_content())
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert password not in kept + page.url
    (home,) = server.client("iam").list_user_tags(UserName="nora")["Tags"]
    assert home["Value"].endswith(f":domain/{domain}")  # where the isolation check looks
    expect(page.get_by_text("/console/sign-in?by=password")).to_be_visible()
    page.get_by_role("link", name="To the user profile").click()
    expect(page.get_by_text("One-time password")).to_be_visible()
    page.reload()
    expect(page.get_by_text(password)).to_have_count(0)

    job = "nora-prepare"
    prepare(server, role, domain, job)
    one = visit()
    one.allowed += ["400 (Bad Request)", "403 (Forbidden)"]
    hers = one.go("/sign-in?by=password")  # the address that was handed over
    hers.get_by_label("User name", exact=True).fill("nora")
    hers.get_by_label("Password", exact=True).fill(password)
    hers.get_by_role("button", name="Sign in", exact=True).click()
    hers.get_by_label("New password").fill("Another-horse-8")
    hers.get_by_label("The same again").fill("Another-horse-8")
    hers.get_by_role("button", name="Sign in", exact=True).click()
    expect(hers.get_by_text("nora in atelier")).to_be_visible()
    make_space(one, hers)
    with one.context.expect_page() as opened:
        hers.get_by_role("link", name="Open JupyterLab of nora in a new tab").click()
    opened.value.wait_for_url("**/jupyterlab/default/lab**", timeout=60_000)
    opened.value.close()
    expect(hers.get_by_text("Running", exact=True)).to_be_visible(timeout=30_000)
    expect(hers.get_by_text("1 notebook")).to_be_visible()
    cost = hers.get_by_text("My cost this month (UTC)").locator("xpath=../..")
    expect(cost).to_contain_text("$")
    one.shot("person-own-page")
    change_password(hers, "Another-horse-8", "Third-horse-9")
    hers.get_by_role("link", name=job).click()
    hers.get_by_role("tab", name="Log").click()
    expect(hers.get_by_label(f"Log {job}")).to_contain_text("rows were read")
    one.shot("person-own-log")
    one.go(f"/domains/{finance}/users/ana")
    expect(hers.locator("[data-view=forbidden]").first).to_contain_text("You may not see")
    one.go("/people")
    expect(hers.locator("[data-view=forbidden]").first).to_contain_text(
        "iam:GetAccountAuthorizationDetails"
    )

    page = admin.go(f"/domains/{domain}/users/nora")
    running = page.get_by_role("row").filter(has_text="JupyterLab").filter(has_text="Ready")
    expect(running.get_by_role("button", name="Stop JupyterLab of nora")).to_be_visible()
    expect(page.get_by_text("Password", exact=True)).to_be_visible()  # one-time no more
    admin.shot("user-running")
    running.get_by_role("button", name="Stop JupyterLab of nora").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("stop")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(running).to_have_count(0, timeout=30_000)


def change_password(page: Page, old: str, new: str) -> None:
    """By oneself, and one stays signed in."""
    page.get_by_role("button", name="nora", exact=True).click()
    page.get_by_role("menuitem", name="Change password").click()
    dialog = page.get_by_role("dialog", name="Change your password")
    dialog.get_by_label("Password until now").fill(old)
    dialog.get_by_label("New password").fill(new)
    dialog.get_by_label("The same again").fill("something else")
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_text("It is not the same.")).to_be_visible()
    dialog.get_by_label("The same again").fill(new)
    dialog.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("nora in atelier")).to_be_visible()


def make_space(one: Visit, page: Page) -> None:
    """A private space from one's own page, which stands while the server does not answer."""
    one.allowed.append("ERR_INTERNET_DISCONNECTED")
    page.get_by_role("button", name="Create space").click()
    page.get_by_label("Space name").fill("nora-lab")
    one.context.set_offline(True)
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_text("The server does not answer").first).to_be_visible()
    expect(page.get_by_text("nora in atelier")).to_be_visible()
    one.context.set_offline(False)
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    row = page.get_by_role("row").filter(has_text="nora-lab")
    expect(row).to_contain_text("Private space")


def prepare(server: RunningServer, role: str, domain: str, job: str) -> None:
    """A job of nora's that has ended."""
    sagemaker = server.client("sagemaker")
    arn = sagemaker.describe_domain(DomainId=domain)["DomainArn"]
    profile = arn.replace(":domain/", ":user-profile/") + "/nora"
    tags = {"sagemaker:domain-arn": arn, "sagemaker:user-profile-arn": profile}
    sagemaker.create_processing_job(
        ProcessingJobName=job,
        AppSpecification={
            "ImageUri": made.image(),
            "ContainerEntrypoint": made.command("print('rows were read')"),
        },
        RoleArn=role,
        ProcessingResources={
            "ClusterConfig": {
                "InstanceType": "ml.t3.medium",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            }
        },
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )

    def status() -> str:
        told = sagemaker.describe_processing_job(ProcessingJobName=job)
        return str(told["ProcessingJobStatus"])

    until(lambda: status() in made.ENDED)
    assert status() == "Completed"


def test_a_step_that_fails_says_why_and_goes_on_without_repeating(
    admin: Visit, server: RunningServer, role: str
) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="taken")
    domain = make_domain(server, role, "workshop")
    page = admin.go(f"/domains/{domain}/users/add")
    admin.allowed += ["400 (Bad Request)", "409 (Conflict)", "404 (Not Found)"]
    fill_wizard(page, "hugo", "taken")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("EntityAlreadyExists").first).to_be_visible()
    admin.shot("person-failed")
    assert not faults(admin)
    page.get_by_role("button", name="Change what was typed").click()
    page.get_by_role("button", name="Edit: Sign-in").click()
    page.get_by_role("radio", name="An IAM user that exists").check()
    page.get_by_role("combobox", name="IAM user").fill("taken")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("taken signs in as before.")).to_be_visible()
    named = {"DomainId": domain, "UserProfileName": "hugo"}
    sagemaker = server.client("sagemaker")
    arn = sagemaker.describe_user_profile(**named)["UserProfileArn"]
    tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "freehold:user", "Value": "taken"}]
    assert len(iam.list_attached_user_policies(UserName="taken")["AttachedPolicies"]) == 1
    assert len(iam.list_user_policies(UserName="taken")["PolicyNames"]) == 1
    page = admin.go("/people")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="taken"))
    expect(row).to_contain_text("Not at all")
    expect(row.get_by_role("link", name="workshop/hugo")).to_be_visible()


def test_an_answer_that_was_lost_makes_nothing_twice(
    admin: Visit, server: RunningServer, role: str
) -> None:
    admin.allowed += ["400 (Bad Request)", "409 (Conflict)", "404 (Not Found)", "ERR_FAILED"]
    domain = make_domain(server, role, "faraway")
    page = admin.go(f"/domains/{domain}/users/add")
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The server does it, and nobody hears: once for each of the things that are made."""
        text = f"{route.request.post_data} {route.request.headers.get('x-amz-target', '')}"
        found = re.search("CreateUserProfile|Action=CreateUser|Action=CreateLoginProfile", text)
        if found is None or found[0] in lost:
            route.continue_()
            return
        lost.append(found[0])
        route.fetch()
        route.abort()

    page.route(lambda url: "/console/" not in url, lose)
    fill_wizard(page, "lisa")
    page.get_by_role("button", name="Add user").click()
    done = page.get_by_text("The password is shown once")
    go_on = page.get_by_role("button", name="Go on")
    for _ in range(3):
        expect(done.or_(go_on)).to_be_visible()
        if done.is_visible():
            break
        go_on.click()
    expect(done).to_be_visible()
    assert len(lost) == 3
    password = str(page.locator("code").nth(2).text_content())
    iam = server.client("iam")
    assert iam.get_login_profile(UserName="lisa")["LoginProfile"]["PasswordResetRequired"]
    assert len(password) == 24
    one = admin.context.new_page()
    answer = one.request.post(
        f"{server.url}/console/session",
        headers={"x-freehold-console": "1", "origin": server.url},
        data={"UserName": "lisa", "Password": password, "MfaCode": ""},
    )
    assert answer.json()["Code"] == "PasswordResetRequired", answer.text()


def test_a_persons_keys_and_password_are_made_shown_once_and_taken_away(
    admin: Visit, server: RunningServer, olga: str, tmp_path: Path
) -> None:
    iam = server.client("iam")
    page = admin.go("/people/olga")
    admin.allowed += ["400 (Bad Request)", "404 (Not Found)"]
    page.get_by_role("button", name="Create access key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("It is shown once")).to_be_visible()
    admin.shot("person-key")
    assert not faults(admin)
    with page.expect_download() as saving:
        dialog.get_by_role("button", name="Download credentials file").click()
    saving.value.save_as(tmp_path / "credentials")
    found = re.search(
        r"\[olga\]\naws_access_key_id = (AKIA\w+)\naws_secret_access_key = (\S{40})\n",
        (tmp_path / "credentials").read_text(),
    )
    assert found
    key_id, secret = found.groups()
    as_olga = server.client("sts", {"AccessKeyId": key_id, "SecretAccessKey": secret})
    assert as_olga.get_caller_identity()["Arn"].endswith(":user/olga")
    dialog.get_by_role("button", name="I have it").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name=f"Deactivate {key_id}").click()
    dialog.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("button", name=f"Activate {key_id}")).to_be_visible()
    page.get_by_role("button", name=f"Delete {key_id}").click()
    dialog.get_by_role("textbox").fill("delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("rowheader").filter(has_text=key_id)).to_have_count(0)
    page.get_by_role("button", name="Reset password").click()
    dialog.get_by_role("button", name="Reset").click()
    expect(dialog.get_by_text("One-time password", exact=True).first).to_be_visible()
    dialog.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("it was not replaced yet")).to_be_visible()
    assert iam.get_login_profile(UserName="olga")["LoginProfile"]["PasswordResetRequired"]
    page.get_by_role("button", name="Add to group").click()
    dialog.get_by_role("button", name="Group").click()
    page.get_by_role("option", name="readers").click()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Remove from readers")).to_be_visible()
    page.get_by_role("button", name="Attach policy").click()
    dialog.get_by_role("button", name="Managed policy").click()
    page.get_by_placeholder("Find a policy").fill("IAMReadOnly")
    page.get_by_role("option", name="IAMReadOnlyAccess").click()
    dialog.get_by_role("button", name="Attach", exact=True).click()
    expect(page.get_by_role("link", name="IAMReadOnlyAccess")).to_have_attribute(
        "href", re.compile(r"/console/access\?tab=policies&policy=arn")
    )
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("textbox").fill("olga")
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/console/people")
    names = {one["UserName"] for one in iam.list_users()["Users"]}
    assert "olga" not in names


def test_an_administrator_is_made_by_clicks_and_warned_of_deleting_themselves(
    admin: Visit, visit: Callable[..., Visit], server: RunningServer
) -> None:
    page = admin.go("/people")
    admin.allowed += ["400 (Bad Request)", "404 (Not Found)"]
    page.get_by_role("button", name="Add person").click()
    page.get_by_role("radio", name="An administrator, or another IAM user").check()
    page.get_by_role("dialog").get_by_role("button", name="Next").click()
    page.get_by_label("IAM user name").fill("boss")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("boss was added")).to_be_visible()
    key = server.client("iam").create_access_key(UserName="boss")["AccessKey"]
    one = visit()
    one.allowed += ["400 (Bad Request)", "404 (Not Found)"]
    one.go("/sign-in?to=/people/boss")
    own = one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
    expect(own.get_by_text("This is you")).to_be_visible()
    own.get_by_role("button", name=f"Delete {key['AccessKeyId']}").click()
    expect(own.get_by_role("dialog")).to_contain_text("This is your last active key")
    own.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    own.get_by_role("button", name="Delete", exact=True).click()
    expect(own.get_by_role("dialog")).to_contain_text("You delete the user that you are signed in")
    one.shot("person-delete-self")
