"""Runs the application under granian: several processes, each with threads, until it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from core.errors import InputError
from release.reader import open_release
from server.connections import allow
from server.readiness import announcement
from server.wsgi import create

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server.settings import Settings

_HEAD_SIZE = 1 << 17  # bytes: a whole address, and every field that has a limit, at its longest
_HEAD_SECONDS = 10  # for the head of a request; a connection that does not send one shall not hold its place for long
_IDLE_SECONDS = 600  # after which granian ends a thread: as late as it allows, for it is slow to start them
_KILL_SECONDS = 5  # for requests that are running; without it, a stop while a process starts never ends


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises ReleaseError without a release, InputError if the port is taken.

    Port 0 stands for any free one; the line that is printed when the server is up tells which.
    """
    open_release(settings.releases)  # says what is missing before any process is started
    settings = replace(settings, port=_free_port(settings), releases=settings.releases.resolve())
    _tell_what_lacks(settings)
    here = Path(__file__).resolve().parent
    server = Granian(
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
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_SECONDS,
        log_level=LogLevels.error,
    )
    with announcement():
        server.serve(target_loader=partial(_load, settings))


def _load(settings: Settings, _target: str) -> WSGIApplication:
    """The application; granian's own loader would import from the current folder before all others."""
    return create(settings)


def _tell_what_lacks(settings: Settings) -> None:
    """Say, where others than this machine can connect and there is no proxy in front, what only a proxy gives."""
    if settings.trusted_proxies or ipaddress.ip_address(settings.host).is_loopback:
        return
    sys.stderr.write(
        f"warning: {settings.host} is reached from elsewhere, and no proxy is in front (PARKGRAPH_TRUSTED_PROXIES): "
        "there is no TLS, and no limit of the requests of a client per second; docs/settings.md#proxies\n"
    )


def _free_port(settings: Settings) -> int:
    """The port to listen on, having made sure that it is free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise InputError(f"cannot listen on {where}: {error.strerror}; choose another --port") from error
        return int(probe.getsockname()[1])
