from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.edge.listen.tunnels import Frames, Handshake, WebSocketTunnel


def frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x82, size)) + payload
    if size < 1 << 16:
        return b"\x82\x7e" + size.to_bytes(2, "big") + payload
    return b"\x82\x7f" + size.to_bytes(8, "big") + payload


SIZES = st.sampled_from([0, 1, 125, 126, 127, 300, 65535, 65536, 70000])


@given(st.lists(SIZES, min_size=1, max_size=4), st.data())
def test_boundaries_are_found_however_the_stream_is_cut(sizes, data):
    stream, ends = b"", {0}
    for size in sizes:
        stream += frame(b"\x88" * size)
        ends.add(len(stream))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    cuts += data.draw(st.lists(st.sampled_from(sorted(ends)), max_size=3))
    frames, at = Frames(), 0
    for cut in sorted({*cuts, len(stream)}):
        frames.feed(stream[at:cut])
        at = cut
        assert frames.at_boundary is (cut in ends)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self):
        self.sent = b""
        self.state = "open"
        self.protocol = None

    def set_protocol(self, protocol):
        self.protocol = protocol

    def write(self, data):
        self.sent += data

    def is_closing(self):
        return self.state != "open"

    def close(self):
        self.state = "closed" if self.state == "open" else self.state

    def abort(self):
        self.state = "aborted"

    def resume_reading(self):
        pass


def joined(work):
    async def main():
        near, far, valid = Wire(), Wire(), [True]
        tunnel = WebSocketTunnel(near, far, is_valid=lambda: valid[0])
        tunnel.start(b"early", frame(b"greeting"))
        try:
            work(near, far, valid, tunnel)
        finally:
            tunnel.end()

    asyncio.run(main())


def test_what_was_said_before_the_join_is_not_lost():
    def work(near, far, _valid, _tunnel):
        assert far.sent == b"early"
        assert near.sent == frame(b"greeting")

    joined(work)


def test_an_ended_session_is_told_by_a_close_frame_between_frames():
    def work(near, far, valid, _tunnel):
        near.sent = b""
        valid[0] = False
        near.protocol.data_received(b"anything")
        assert near.sent == b"\x88\x19\x03\xf0Your session has ended."
        assert (far.state, far.sent) == ("closed", b"early")
        # What the browser still says is heard, or the connection is reset and the frame lost.
        assert near.state == "open"
        near.protocol.data_received(b"still speaking")
        assert far.sent == b"early"
        assert not near.protocol.eof_received()  # the transport then closes itself

    joined(work)


def test_within_a_frame_an_ended_session_is_cut():
    def work(near, far, valid, _tunnel):
        far.protocol.data_received(frame(b"long")[:3])
        near.sent = b""
        valid[0] = False
        far.protocol.data_received(b"ong")
        assert (near.sent, near.state) == (b"", "aborted")

    joined(work)


def test_a_server_that_ends_says_so():
    def work(near, _far, _valid, tunnel):
        near.sent = b""
        tunnel.shutdown()
        assert near.sent[2:4] == (1012).to_bytes(2, "big")
        assert tunnel.has_ended

    joined(work)


def greeted(*pieces, is_lost=False):
    async def main():
        handshake, wire = Handshake(), Wire()
        wire.pause_reading = lambda: None
        handshake.connection_made(wire)
        for piece in pieces:
            handshake.data_received(piece)
        if is_lost:
            handshake.connection_lost(None)
        return await handshake.head(1)

    return asyncio.run(main())


def test_the_head_of_an_answer_ends_at_the_empty_line():
    told = greeted(
        b"HTTP/1.1 101 Swi", b"tching\r\nUpgrade: websocket\r\nA:b:c\r\n\r", b"\n\x82\x00"
    )
    assert told == (101, [(b"upgrade", b"websocket"), (b"a", b"b:c")], b"\x82\x00")


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_no_answer(said):
    with pytest.raises(ConnectionError):
        greeted(said)


def test_an_end_before_the_head_is_no_answer():
    with pytest.raises(ConnectionError):
        greeted(b"HTTP/1.1 101", is_lost=True)
