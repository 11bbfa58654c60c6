"""Runs training and processing jobs: waits for room, prepares, launches, watches, finishes."""

from freehold.loops.jobs.loop import Jobs

__all__ = ["Jobs"]
