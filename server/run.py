"""Runs the application under granian: several processes, each with threads, until it is told to stop."""

from __future__ import annotations

import errno
import ipaddress
import multiprocessing
import os
import socket
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from core.errors import InputError
from release.reader import open_release
from server.connections import allow
from server.metrics import SharedMemory
from server.readiness import Announcement
from server.supervisor import Supervisor
from server.wsgi import create

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server.settings import Settings

_HEAD_SIZE = 1 << 17  # bytes: a whole address, and every field that has a limit, at its longest
_HEAD_SECONDS = 10  # for the head of a request; a connection that does not send one shall not hold its place for long
_IDLE_SECONDS = 600  # after which granian ends a thread: as late as it allows, for it is slow to start them
_STOP_SECONDS = 2  # beyond the limit of a query, for what is under way when the server is told to stop
_PAUSE = 0.05  # seconds
_PORT_SECONDS = 2  # for the web processes of a server that was killed to give up its port


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises ReleaseError without a release, InputError if the port is taken.

    Port 0 stands for any free one; the line that is printed when the server is up tells which.
    """
    open_release(settings.releases)  # says what is missing before any process is started
    settings = replace(
        settings,
        port=_free_port(settings.host, settings.port, "choose another --port"),
        releases=settings.releases.resolve(),
        project=str(Path(settings.project).resolve()) if settings.project else "",
    )
    multiprocessing.set_start_method("fork", force=True)  # web processes share what is made here
    announcement, memory = Announcement(), SharedMemory.create(settings.workers)
    if settings.metrics_address is not None:
        _free_port(*settings.metrics_address, "choose another PARKGRAPH_METRICS")
    _tell_what_lacks(settings)
    here = Path(__file__).resolve().parent
    server = Supervisor(
        f"{here / 'wsgi.py'}:create",  # as a file, and its modules from here: the folder one is in may have others
        working_dir=here.parent,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads,
        blocking_threads_idle_timeout=_IDLE_SECONDS,
        backpressure=allow(),
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_SECONDS * 1000, max_buffer_size=_HEAD_SIZE),
        workers_kill_timeout=settings.query_seconds + _STOP_SECONDS,
        log_level=LogLevels.error,
    )
    with announcement.checked():
        server.serve(target_loader=partial(_load, settings, announcement, memory, os.getpid()))


def _load(
    settings: Settings, announcement: Announcement, memory: SharedMemory, parent: int, _target: str, number: int
) -> WSGIApplication:
    """The application; granian's own loader would import from the current folder before all others."""
    return create(settings, announcement, memory, parent, number)


def _tell_what_lacks(settings: Settings) -> None:
    """Say, where others than this machine can connect and there is no proxy in front, what only a proxy gives."""
    if settings.trusted_proxies or ipaddress.ip_address(settings.host).is_loopback:
        return
    sys.stderr.write(
        f"warning: {settings.host} is reached from elsewhere, and no proxy is in front (PARKGRAPH_TRUSTED_PROXIES): "
        "there is no TLS, and no limit of the requests of a client per second; docs/settings.md#proxies\n"
    )


def _free_port(host: str, port: int, fix: str) -> int:
    """The port to listen on, having made sure that it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    end = time.monotonic() + _PORT_SECONDS
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE and time.monotonic() < end:
                    time.sleep(_PAUSE)
                    continue
                where = f"{host}:{port}"
                raise InputError(f"cannot listen on {where}: {error.strerror}; {fix}") from error
            return int(probe.getsockname()[1])
