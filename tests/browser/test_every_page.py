"""Every page, in both themes, wide and narrow: accessible, within its width, and pictured."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.browser.conftest import AXE, SCHEMES, WIDTHS, Keys, Visit

# Name of the picture, path, and a text that shows that it is there. {D} is a domain's id.
PAGES = (
    ("domains", "/domains", "finance"),
    ("create-quick", "/domains/create", "First user profile"),
    ("create-custom", "/domains/create?way=custom", "Custom tags go on"),
    ("domain-overview", "/domains/{D}", "Tag propagation"),
    ("domain-users", "/domains/{D}?tab=users", "ana"),
    ("domain-spaces", "/domains/{D}?tab=spaces", "team"),
    ("domain-apps", "/domains/{D}?tab=apps", "Nothing runs"),
    ("domain-resources", "/domains/{D}?tab=resources", "Made by"),
    ("domain-network", "/domains/{D}?tab=network", "Refused in the last 24 hours"),
    ("domain-files", "/domains/{D}?tab=files", "What is kept"),
    ("domain-costs", "/domains/{D}?tab=costs", "By user and space"),
    ("domain-settings", "/domains/{D}?tab=settings", "Defaults of shared spaces"),
    ("domain-delete", "/domains/{D}/delete", "What goes, in this order"),
    ("user-add", "/domains/{D}/users/add", "User profile name"),
    ("user", "/domains/{D}/users/ana", "Settings in force"),
    ("space", "/domains/{D}/spaces/team", "Settings in force"),
    ("access-isolation", "/access", "Isolation check"),
    ("access-policies", "/access?tab=policies", "Trust policy"),
    ("access-policy", "/access?tab=policies&policy=inline:role:work:p", "Look and save"),
    ("access-simulator", "/access?tab=simulator", "Add condition key"),
    ("access-explain", "/access?tab=explain", "Refused in the last hour"),
    ("activity", "/activity", "Who did what, on which thing"),
    ("backfill", "/backfill", "Suggest places"),
    ("people", "/people", "Add person"),
    ("settings", "/settings", "Guards between domains"),
    ("missing", "/domains/d-000000000000", "There is no such thing"),
    ("nowhere", "/nowhere", "leads nowhere"),
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def faults(visit: Visit) -> list[str]:
    """What axe finds, as ``rule: selector``."""
    if not visit.page.evaluate("!!window.axe"):
        visit.page.evaluate(AXE.read_text())
    found = visit.page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_is_accessible_and_fits(
    visit: Callable[..., Visit], root: Keys, finance: str, width: int, scheme: str
) -> None:
    one = visit(width, scheme, reduced_motion="reduce")
    one.allowed.append("400 (Bad Request)")  # of the domain that is missing
    one.allowed.append("404 (Not Found)")  # of people without a password, which IAM answers so
    bad: list[str] = []

    def look(name: str) -> None:
        one.shot(f"{name}-{width}-{scheme}")
        bad.extend(f"{name}: {fault}" for fault in faults(one))
        across = one.page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            bad.append(f"{name}: {across} px across")

    one.go("/sign-in").get_by_label("Access key ID").wait_for()
    look("sign-in")
    one.sign_in(root).wait_for_url("**/domains")
    for name, path, text in PAGES:
        one.walk(path.format(D=finance), text)
        look(name)
    assert not bad, "\n".join(bad)
