"""One view, wide in light and narrow in dark, without loading it anew: pictured and accessible."""

from __future__ import annotations

from tests.browser.conftest import SCHEMES, WIDTHS, Visit
from tests.browser.test_every_page import faults


def look_everywhere(visit: Visit, name: str) -> None:
    """Fail with what axe finds, or with what is wider than the page; leaves it wide and light."""
    bad: list[str] = []
    for width, scheme in reversed(list(zip(WIDTHS, SCHEMES, strict=True))):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visit.page.wait_for_function(
            "dark => document.body.classList.contains('awsui-dark-mode') === dark",
            arg=scheme == "dark",
        )
        visit.shot(f"{name}-{width}-{scheme}")
        bad.extend(f"{width} {scheme}: {fault}" for fault in faults(visit))
        across = visit.page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            bad.append(f"{width} {scheme}: {across} px across")
    assert not bad, "\n".join(bad)
