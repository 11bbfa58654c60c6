"""Signing in, staying in, and getting out."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect
from tests.browser.conftest import Keys, Visit
from tests.support.people import allow, policy
from tests.support.server import RunningServer

MINUTE = 60_000


def new_user(server: RunningServer, name: str, *actions: str) -> Keys:
    iam = server.client("iam")
    iam.create_user(UserName=name)
    if actions:
        text = policy(allow(list(actions)))
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_one_comes_back_to_where_one_wanted_to_go(
    visit: Callable[..., Visit], root: Keys, finance: str
) -> None:
    one = visit()
    page = one.go(f"/domains/{finance}?tab=spaces")
    expect(page).to_have_url(f"{one.url}/console/sign-in?to=%2Fdomains%2F{finance}%3Ftab%3Dspaces")
    one.sign_in((root[0], "x" * 40))
    expect(page.get_by_text("does not belong to this access key")).to_be_visible()
    one.sign_in(root)
    page.wait_for_url(f"**/domains/{finance}?tab=spaces")
    expect(page.get_by_role("rowheader", name="team")).to_be_visible()


def test_a_link_to_somebody_elses_site_is_not_followed(
    visit: Callable[..., Visit], root: Keys
) -> None:
    one = visit()
    one.go("/sign-in?to=//evil.example/x")
    one.sign_in(root).wait_for_url("**/console/domains")


def test_no_key_outlives_the_page_and_the_cookie_is_out_of_reach(
    admin: Visit, server: RunningServer, root: Keys
) -> None:
    page = admin.page
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert root[0] not in kept
    assert "ASIA" not in kept
    assert page.evaluate("document.cookie") == ""
    (cookie,) = admin.context.cookies(f"{server.url}/console/session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert root[1] not in json.dumps(cookie)
    page.reload()  # the keys are gone with the page; the cookie gives new ones
    expect(page.get_by_role("heading", name="Domains")).to_be_visible()


def test_sign_out_leads_to_the_sign_in_and_stays_there(
    visit: Callable[..., Visit], root: Keys
) -> None:
    one = visit()
    one.go("/sign-in")
    page = one.sign_in(root)
    page.get_by_role("button", name="root").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    one.go("/domains")
    expect(page.get_by_label("Access key ID")).to_be_visible()


def test_a_password_signs_in(
    visit: Callable[..., Visit], server: RunningServer, finance: str
) -> None:
    iam = server.client("iam")
    new_user(server, "petra", "sagemaker:*", "iam:ChangePassword")
    iam.create_login_profile(
        UserName="petra", Password="Correct-horse-7", PasswordResetRequired=True
    )
    one = visit()
    one.allowed += ["403 (Forbidden)", "400 (Bad Request)"]  # costs are not hers
    page = one.go("/sign-in")
    page.get_by_role("button", name="User name and password").click()
    page.get_by_label("User name", exact=True).fill("petra")
    page.get_by_label("Password", exact=True).fill("Correct-horse-7")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("New password").fill("Another-horse-8")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The two new passwords differ.")).to_be_visible()
    page.get_by_label("The same again").fill("Another-horse-8")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/domains")
    expect(page.get_by_role("link", name="finance")).to_be_visible()
    expect(page.get_by_role("button", name="petra")).to_be_visible()


def test_who_may_see_nothing_is_told_what_is_missing(
    visit: Callable[..., Visit], server: RunningServer
) -> None:
    one = visit()
    one.allowed += ["400 (Bad Request)", "403 (Forbidden)"]
    one.go("/sign-in?to=/domains")
    page = one.sign_in(new_user(server, "nobody"))
    view = page.locator("[data-view=forbidden]")
    expect(view).to_contain_text("You may not see the domains")
    expect(view).to_contain_text("not authorized to perform: sagemaker:ListDomains")
    expect(view).to_contain_text("explain this")
    one.shot("forbidden")


def test_a_session_that_ends_under_a_form_costs_nothing_that_was_typed(
    visit: Callable[..., Visit], server: RunningServer, finance: str
) -> None:
    keys = new_user(server, "tom", "sagemaker:*", "iam:List*", "ec2:Describe*")
    iam = server.client("iam")
    again = iam.create_access_key(UserName="tom")["AccessKey"]
    one = visit()
    one.allowed.append("400 (Bad Request)")  # whose profile is it? tom may not ask for tags
    page = one.page
    page.clock.install()
    one.go("/sign-in?to=/domains/create%3Fway%3Dcustom")
    one.sign_in(keys)
    page.get_by_label("Domain name").fill("half-typed")
    expect(
        page.get_by_role("link", name="Jobs")
    ).to_be_visible()  # the navigation has asked its own
    iam.delete_access_key(UserName="tom", AccessKeyId=keys[0])
    page.clock.fast_forward(11 * MINUTE)  # the page's keys end soon: it asks for new ones
    page.get_by_role("button", name="Next").click()  # this step lists roles
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_contain_text("was deactivated or deleted")
    one.shot("session-ended")
    one.sign_in((again["AccessKeyId"], again["SecretAccessKey"]))
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_label("Domain name")).to_have_value("half-typed")


def test_a_page_never_becomes_somebody_elses(
    visit: Callable[..., Visit], server: RunningServer, root: Keys
) -> None:
    keys = new_user(server, "una", "sagemaker:*", "iam:List*", "ec2:Describe*")
    one = visit()
    one.allowed.append("400 (Bad Request)")  # whose profile she has: she may not ask
    page = one.page
    page.clock.install()
    one.go("/sign-in?to=/domains/create%3Fway%3Dcustom")
    one.sign_in(keys)
    page.get_by_label("Domain name").fill("of-una")
    other = one.context.new_page()  # another tab: the cookie is the browser's
    other.goto(f"{one.url}/console/domains")
    other.get_by_role("button", name="una").click()
    other.get_by_role("menuitem", name="Sign out").click()
    other.get_by_label("Access key ID").fill(root[0])
    other.get_by_label("Secret access key").fill(root[1])
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("button", name="root")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    page.clock.fast_forward(11 * MINUTE)
    page.get_by_role("button", name="Next").click()  # this step lists roles, and needs keys
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_contain_text("root signed in in another tab of this browser")
    assert set(sent) == {f"{one.url}/console/session/refresh"}
    one.sign_in(root)  # in the dialog: what waited is not root's to do, what was typed not root's
    expect(page.get_by_role("button", name="root")).to_be_visible()
    expect(page.get_by_label("Domain name")).to_have_value("")
