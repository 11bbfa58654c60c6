"""Fixtures of the browser tests: one server, one Chromium, and pages that complain.

A page that logs an error, breaks the page's policy or asks another host fails its test. Screenshots
go to ``tests/browser/shots`` (ignored by git) to be looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from tests.support.people import policy, trusting
from tests.support.server import RunningServer

SHOTS = Path(__file__).parent / "shots"
CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")

GO = "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }"
SETTLED = "() => !/\\.\\.\\.|Loading /.test(document.getElementById('page')?.innerText ?? '')"

Keys = tuple[str, str]

# Chromium breaks off what it loads when this machine gets an address, as when a sandbox is given
# the first network of its VPC beside it. The console asks again.
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="needs chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all tests of this folder; each makes domains of its own."""
    place = tmp_path_factory.mktemp("console")
    made = RunningServer(place / "state", place / "log")
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="session")
def root(server: RunningServer) -> Keys:
    """The administrator's keys."""
    made = server.environment()
    return made["AWS_ACCESS_KEY_ID"], made["AWS_SECRET_ACCESS_KEY"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; as root it has no sandbox of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server"]
        )
        yield browser
        browser.close()


class Visit:
    """A page of the console in a browser of its own, and what went wrong on it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self.allowed: list[str] = []
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) =>"
            " console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));"
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error" and NETWORK_CHANGED not in message.text:
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"asked somebody else: {request.url}")

    def go(self, path: str) -> Page:
        """Open a page of the console, ``/domains``; back when nothing more is asked."""
        try:
            self.page.goto(f"{self.url}/console{path}")
        except PlaywrightError as error:
            if NETWORK_CHANGED not in error.message:
                raise
            self.page.goto(f"{self.url}/console{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def walk(self, path: str, text: str) -> Page:
        """Follow a link to ``path`` without loading anew, until ``text`` is there and all quiet."""
        self.page.evaluate(GO, f"/console{path}")
        self.page.get_by_text(text).first.wait_for()
        self.page.wait_for_function(SETTLED)
        return self.page

    def sign_in(self, keys: Keys) -> Page:
        """Type keys into the form that is shown."""
        self.page.get_by_label("Access key ID").fill(keys[0])
        self.page.get_by_label("Secret access key").fill(keys[1])
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        return self.page

    def shot(self, name: str) -> None:
        """A picture to be looked at."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def check(self) -> None:
        """Nothing went wrong but what was allowed to."""
        bad = [one for one in self.complaints if not any(word in one for word in self.allowed)]
        assert not bad, bad


@pytest.fixture
def visit(chromium: Browser, server: RunningServer) -> Iterator[Callable[..., Visit]]:
    """Opens browsers that share nothing; each is checked at the end."""
    made: list[Visit] = []

    def open_one(width: int = 1440, scheme: str = "light", **more: Any) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **more
        )
        one = Visit(context, server.url)
        one.allowed.append("401 (Unauthorized)")  # nobody is signed in at first
        made.append(one)
        return one

    yield open_one
    for one in made:
        one.context.close()
    for one in made:
        one.check()


@pytest.fixture(scope="session")
def admin_state(chromium: Browser, server: RunningServer, root: Keys) -> Any:
    """What a browser keeps of the administrator's sign-in: a cookie."""
    one = Visit(chromium.new_context(), server.url)
    one.go("/sign-in")
    one.sign_in(root).wait_for_url("**/domains")
    kept = one.context.storage_state()
    one.context.close()
    return kept


@pytest.fixture
def admin(visit: Callable[..., Visit], admin_state: Any) -> Visit:
    """A wide, light page with the administrator signed in on it; at ``/domains``."""
    one = visit(storage_state=admin_state)
    one.go("/domains")
    return one


@pytest.fixture(scope="session")
def role(server: RunningServer) -> str:
    """An execution role that may do everything."""
    iam = server.client("iam")
    made = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=everything)
    return str(made)


@pytest.fixture(scope="session")
def finance(server: RunningServer, role: str) -> str:
    """The id of a domain with a person, ana, and a space, team."""
    sagemaker = server.client("sagemaker")
    settings = {"ExecutionRole": role}
    arn = sagemaker.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings=settings,
    )["DomainArn"]
    made = str(arn.rsplit("/", 1)[1])
    sagemaker.create_user_profile(DomainId=made, UserProfileName="ana")
    sagemaker.create_space(DomainId=made, SpaceName="team")
    return made
