"""Budgets: limits on what may be spent, alerts when they are passed, actions that hold it back.

``budgets.py`` keeps the budgets and tells what was spent of them, ``notifications.py`` has their
alerts, ``actions.py`` what is to happen by itself; ``loops/budgets`` watches, alerts and acts.
"""

from freehold.services.budgets import actions, budgets, notifications, tags
from freehold.services.budgets.service import budgets as service

__all__ = ["actions", "budgets", "notifications", "service", "tags"]
