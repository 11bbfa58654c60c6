"""Budgets that move: ``loop.py`` watches the ledger, ``act.py`` attaches and detaches policies."""

from freehold.loops.budgets.loop import Budgets

__all__ = ["Budgets"]
