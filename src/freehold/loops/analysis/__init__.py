"""The examination whether domains are isolated, run when asked and once a day after changes."""

from freehold.loops.analysis.loop import Analysis

__all__ = ["Analysis"]
