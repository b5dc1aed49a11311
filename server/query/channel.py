"""Messages between a web process and a query process: bytes, and with them at most one descriptor (unix(7))."""

from __future__ import annotations

import array
import socket
import struct

_LENGTH = struct.Struct("!Q")  # of a message, before it
_PACKET = 1 << 16  # bytes that are sent at once


class Channel:
    """One end of a pair of sockets of the type SOCK_SEQPACKET; used by one thread at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: bytes, descriptor: int | None = None) -> None:
        """Send a message; OSError where nobody is at the other end."""
        data = _LENGTH.pack(len(message)) + message
        if descriptor is None:
            self._socket.send(data[:_PACKET])
        else:
            socket.send_fds(self._socket, [data[:_PACKET]], [descriptor])
        for start in range(_PACKET, len(data), _PACKET):
            self._socket.send(data[start : start + _PACKET])

    def receive(self) -> tuple[bytes, int | None]:
        """Wait for a message; EOFError where the other end has been closed, OSError where it was while sending."""
        data, ancillary, _, _ = self._socket.recvmsg(_PACKET, socket.CMSG_SPACE(array.array("i").itemsize))
        if not data:
            raise EOFError
        descriptor = array.array("i", ancillary[0][2])[0] if ancillary else None
        (length,) = _LENGTH.unpack_from(data)
        packets = [data[_LENGTH.size :]]
        missing = length - len(packets[0])
        while missing:
            packets.append(self._socket.recv(_PACKET))
            if not packets[-1]:
                raise EOFError
            missing -= len(packets[-1])
        return b"".join(packets), descriptor

    def close(self) -> None:
        self._socket.close()
