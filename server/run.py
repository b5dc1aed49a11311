"""Runs the application under granian: several processes, each with threads, until it is told to stop."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from core.errors import InputError
from release.reader import open_release
from server.announcing import announcement

if TYPE_CHECKING:
    from server.settings import Settings

_KILL_SECONDS = 5  # for requests that are running; without it, a stop while a process starts never ends


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises ReleaseError without a release, InputError if the port is taken.

    Port 0 stands for any free one; the line that is printed when the server is up tells which.
    """
    open_release(settings.releases)  # says what is missing before any process is started
    settings = replace(settings, port=_free_port(settings), releases=settings.releases.resolve())
    os.environ.update(settings.to_environment())
    server = Granian(
        "server.wsgi:create",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_SECONDS,
        log_level=LogLevels.error,
    )
    with announcement():
        server.serve()


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
