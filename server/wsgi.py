"""What the application server calls in each of its processes."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server.settings import Settings


def create(settings: Settings) -> WSGIApplication:
    """The application, its middleware first.

    A signal to stop ends a process that is still starting: the handler that it has from the process that forked it
    would swallow it. granian sets its own later.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # imported here, because this takes most of the time of starting
    from core.errors import ParkGraphError  # noqa: PLC0415
    from server.app import create_app  # noqa: PLC0415
    from server.connections import watch  # noqa: PLC0415
    from server.readiness import announce_when_up, fail_startup  # noqa: PLC0415

    try:
        app = create_app(settings)
    except ParkGraphError as error:
        fail_startup(error)
    gc.collect()
    gc.freeze()  # what is there now stays, and need not be looked through again and again
    watch(settings)
    announce_when_up(settings)
    return app.wsgi_app
