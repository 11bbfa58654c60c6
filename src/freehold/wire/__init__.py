"""Bytes to values and back, in each of AWS's protocols. Pure: no clock, file or socket."""

from freehold.wire.faults import fault
from freehold.wire.protocols import parse, serialize
from freehold.wire.request import Reply, Request
from freehold.wire.route import route

__all__ = ["Reply", "Request", "fault", "parse", "route", "serialize"]
