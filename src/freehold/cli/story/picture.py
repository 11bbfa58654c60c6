"""Draws cost by domain and user. A program of its own: runs with a runtime's matplotlib.

Arguments: figures (JSON: a list of domain, person, usd) and the PNG to write.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib  # type: ignore[import-not-found]

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # type: ignore[import-not-found]

ROOM = 0.08
"""A part narrower than this share of the widest bar has no room for its words."""


def main(figures: str, place: str) -> None:
    """Lay each domain's people end to end on one bar, with their names and costs."""
    bars = [bar for bar in json.loads(Path(figures).read_text()) if bar["usd"] > 0]
    totals: dict[str, float] = {}
    for bar in bars:
        totals[bar["domain"]] = totals.get(bar["domain"], 0.0) + bar["usd"]
    widest = max(totals.values(), default=1.0)
    plot, axes = plt.subplots(figsize=(9, 1.6 + 0.9 * len(totals)), layout="constrained")
    drawn = dict.fromkeys(totals, 0.0)
    for bar in sorted(bars, key=lambda bar: -bar["usd"]):
        domain, usd = bar["domain"], bar["usd"]
        made = axes.barh([domain], [usd], 0.6, left=[drawn[domain]], edgecolor="white")
        if usd > ROOM * widest:
            label = f"{bar['person']}\n{usd:.5f}"
            axes.bar_label(made, [label], label_type="center", color="white", fontsize=9)
        drawn[domain] += usd
    axes.set_xlabel("USD, at sample prices")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    plot.suptitle("Cost by domain and user, as Cost Explorer answers it")
    plot.savefig(place, dpi=150)
    print(place)


if __name__ == "__main__":
    main(*sys.argv[1:])
