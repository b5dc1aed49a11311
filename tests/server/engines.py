"""Other endpoints for the tests: Oxigraph's own server, Virtuoso, and one that misbehaves as it is told."""

from __future__ import annotations

import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PATIENCE, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PORTS = 10_000  # to choose from


@contextmanager
def oxigraph() -> Iterator[str]:
    """The address of a running Oxigraph server that holds nothing."""
    port = free_port()
    program = Path(sys.executable).parent / "oxigraph"
    with running(program, "serve", "--bind", f"127.0.0.1:{port}", stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        assert "Listening" in process.stdout.readline(), "oxigraph did not start"
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Virtuoso:
    """A running Virtuoso: its address, the port for SQL, and the folder that its bulk loader reads."""

    url: str
    port: int
    folder: Path

    def execute(self, *statements: str) -> str:
        """Execute statements of its SQL; what it prints."""
        command = [
            "isql-vt",
            f"127.0.0.1:{self.port}",
            *VIRTUOSO_ACCOUNT,
            "ERRORS=stdout",
            *map("exec={}".format, statements),
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout


VIRTUOSO_ACCOUNT = ("dba", "dba")  # of a new database
_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
Charset = UTF-8
[SPARQL]
MaxQueryExecutionTime = {seconds}
{more}
"""


@contextmanager
def virtuoso(folder: Path, *settings: str, seconds: int = 60) -> Iterator[Virtuoso]:
    """A Virtuoso with a new database in the folder; without the program the test is skipped.

    settings: lines for its section SPARQL. seconds: that it lets a query run.
    """
    if shutil.which("virtuoso-t") is None:
        pytest.skip("Virtuoso is not at hand: install Debian's virtuoso-opensource-7-bin")
    http, sql = free_port(), free_port()
    text = _VIRTUOSO.format(http=http, sql=sql, folder=folder, seconds=seconds, more="\n".join(settings))
    (folder / "virtuoso.ini").write_text(text, encoding="utf-8")
    url = f"http://127.0.0.1:{http}"
    command = ("virtuoso-t", "+foreground", "+configfile", folder / "virtuoso.ini")
    with running(*command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def is_up() -> bool:
            assert process.poll() is None, "Virtuoso did not start"
            with suppress(OSError), socket.create_connection(("127.0.0.1", http)):
                return True
            return False

        wait_until(is_up)
        yield Virtuoso(url, sql, folder)


def free_port() -> int:
    """A free port below those that the kernel gives out by itself, so that it stays free until it is used."""
    end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="utf-8").split()[0])
    while True:
        port = end - 1 - secrets.randbelow(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Misbehaving:
    """An endpoint whose answer to each request is whatever `answer` does with the connection."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/query"
        self.answer: Callable[[socket.socket], None] = lambda _: None
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def sends(self, head: str, body: bytes = b"") -> None:
        """From now on answer with this, and close."""
        data = head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body
        self.answer = lambda connection: connection.sendall(data)

    def close(self) -> None:
        self.ended.set()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.requests.append(_request(connection))
                self.answer(connection)
            except OSError:
                pass  # the client has gone


class Tls(Misbehaving):
    """Misbehaving behind TLS, for the name localhost; `trust` is the certificate."""

    def __init__(self, folder: Path) -> None:
        self.trust, key = folder / "certificate.pem", folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(self.trust)]
        subprocess.run(command, check=True, capture_output=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.trust, key)
        super().__init__()
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")

    def _one(self, connection: socket.socket) -> None:
        with suppress(ssl.SSLError):  # a client that does not trust it
            super()._one(self._context.wrap_socket(connection, server_side=True))


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(1 << 16)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = lengths[0] if lengths else 0  # a GET has none
    while len(body) < length:
        body += connection.recv(1 << 16)
    return head + b"\r\n\r\n" + body
