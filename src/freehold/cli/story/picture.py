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


def main(figures: str, place: str) -> None:
    """Stack each domain's people on one bar; the legend names them with their cost."""
    bars = [bar for bar in json.loads(Path(figures).read_text()) if bar["usd"] > 0]
    domains = list(dict.fromkeys(bar["domain"] for bar in bars))
    plot, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    below = dict.fromkeys(domains, 0.0)
    for bar in bars:
        domain, usd = bar["domain"], bar["usd"]
        label = f"{bar['person']} ({domain}): {usd:.5f}"
        axes.bar([domain], [usd], 0.5, bottom=[below[domain]], label=label)
        below[domain] += usd
    axes.set_ylabel("USD")
    axes.set_title("Cost by domain and user, from Cost Explorer (sample prices)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.2)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    plot.savefig(place, dpi=150)
    print(place)


if __name__ == "__main__":
    main(*sys.argv[1:])
