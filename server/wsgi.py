"""What the application server calls in each of its processes.

All of it is imported before they are forked: that takes most of the time of starting, and a process that is replaced
shall be there again at once.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from core.memory import collect_rarely
from server import cores, metrics, signals
from server.app import create_app
from server.connections import watch
from server.query import sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server.metrics import SharedMemory
    from server.readiness import Announcement
    from server.settings import Settings


def create(
    settings: Settings, announcement: Announcement, memory: SharedMemory, parent: int, number: int
) -> WSGIApplication:
    """The application, its middleware first; this process ends with its parent, whatever that dies of.

    number: which of the web processes it is. A signal to stop that comes while it starts ends it; granian sets handlers
    later.
    """
    sandbox.die_with_parent(parent)
    cores.take_share(number, settings.workers)
    signals.receive_in_thread()
    try:
        app = create_app(settings, memory)
    except ParkGraphError as error:
        announcement.fail(error)
    gc.collect()
    gc.freeze()  # what is there now stays, and need not be looked through again and again
    collect_rarely()
    connections = app.extensions["connections"] = watch(settings)
    counted: metrics.Metrics = app.extensions["metrics"]
    counted.watch(metrics.CONNECTIONS, lambda: {(): connections.count})
    connections.cuts = counted.tally((metrics.CUTS, ()))
    counted.start()
    if settings.metrics_address is not None:
        metrics.serve(counted, *settings.metrics_address)
    announcement.tell_when_up(settings)
    return app.wsgi_app
