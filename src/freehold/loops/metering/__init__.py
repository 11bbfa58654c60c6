"""Turns what happened into what it cost: change events to intervals, intervals to line items."""

from freehold.loops.metering.loop import Metering

__all__ = ["Metering"]
