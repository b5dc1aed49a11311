"""Messages between processes: in go bytes of any length, with and without a descriptor, out come the same."""

from __future__ import annotations

import os
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from server.query.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTHS = (0, 1, 65_527, 65_528, 65_529, 131_072, 1 << 20, 3_000_001)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = map(Channel, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    yield one, other
    one.close()
    other.close()


def test_messages_of_every_length(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    messages = [os.urandom(length) for length in LENGTHS]
    with ThreadPoolExecutor(1) as thread:
        sent = thread.map(one.send, messages)
        assert [other.receive() for _ in messages] == [(message, None) for message in messages]
        assert len([*sent]) == len(messages)


@pytest.mark.parametrize("length", [0, 100_000])
def test_a_descriptor_goes_with_a_message(ends: tuple[Channel, Channel], length: int) -> None:
    one, other = ends
    with tempfile.TemporaryFile() as file:
        file.write(b"whole")
        file.seek(0)
        with ThreadPoolExecutor(1) as thread:
            sent = thread.submit(one.send, b"x" * length, file.fileno())
            message, descriptor = other.receive()
            sent.result()
    assert message == b"x" * length
    assert descriptor is not None
    with os.fdopen(descriptor, "rb") as received:
        assert received.read() == b"whole"
    one.send(b"next")
    assert other.receive() == (b"next", None)


def test_the_other_end_closes(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    one.close()
    with pytest.raises(EOFError):
        other.receive()
    with pytest.raises(BrokenPipeError):
        other.send(b"")
