"""The server's own log: one line an event on stderr, ``key=value``, never a secret."""

from __future__ import annotations

import logging
import sys

logger = logging.getLogger("freehold")


def configure(level: str = "INFO") -> None:
    """Send our lines to stderr. Called once, by the command line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def event(name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one event. ``fields`` hold identifiers and numbers, never secrets or bodies."""
    if logger.isEnabledFor(level):
        text = " ".join(f"{key}={value!s}" for key, value in fields.items())
        logger.log(level, "%s %s", name, text)
