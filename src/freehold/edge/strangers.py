"""Calls that nobody signed: on threads of their own, and never more of them than a few wait.

``edge/api.py`` hands over what AWS takes unsigned. These calls may wait for an identity provider,
so they stand beside all others and hold nobody else up.
"""

from __future__ import annotations

import asyncio

from freehold.base.errors import Fault, Throttled
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.dispatch import Kernel

WAITING_MAX = 64


class Strangers:
    """The unsigned calls of one server. Used on one event loop."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiting = 0

    async def run(self, call: Call) -> Document:
        """Run a call on a thread that may wait.

        Raises:
            Throttled: Too many wait already.
            Fault: It was refused.
        """
        kernel = self._kernel
        if self._waiting >= WAITING_MAX:
            fault: Fault = Throttled("Rate exceeded")
            kernel.refused(call, fault)
            raise fault
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(kernel.outside, kernel.read_slowly, call)
        finally:
            self._waiting -= 1
