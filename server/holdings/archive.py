"""Releases besides the current one: opened when they are asked for, a few kept open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from release.reader import open_release
from release.retention import IDENTITY, Lease

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from server.publication import Publication, Publisher


class Archive:
    """The releases of a folder by their ids; any thread may call it.

    Those that were asked for last stay open. One that nobody asks for at the moment may be removed from the folder.
    """

    def __init__(self, releases: Path, publisher: Publisher, size: int) -> None:
        self._folder, self._publisher, self._size = releases, publisher, size
        self._open: OrderedDict[str, Publication] = OrderedDict()
        self._lock = threading.Lock()

    def hold(self, identity: str, current: Publication, at_end: list[Callable[[], None]]) -> Publication | None:
        """The release with that id at its own address, for one request; None if it is not there.

        current: held by the request as well. at_end: gets what has to be called when the request has ended.
        """
        if identity == current.release.id:
            return current.at_its_own_address(current.urls.site)
        if not IDENTITY.fullmatch(identity):
            return None
        try:
            with self._lock:
                publication = self._open.get(identity) or self._add(identity)
                lease = Lease(publication.release)
                publication.hold()  # the archive itself holds it, so it is open
                self._open.move_to_end(identity)
        except ReleaseError:
            self._forget(identity)
            return None
        at_end += [publication.let_go, lease.close]
        return publication.at_its_own_address(current.urls.site)

    def close(self) -> None:
        with self._lock:
            publications = list(self._open.values())
            self._open.clear()
        for publication in publications:
            publication.let_go()

    def _add(self, identity: str) -> Publication:
        release = open_release(self._folder / identity)
        with Lease(release):
            publication = self._publisher.open(release)
        self._open[identity] = publication
        if len(self._open) > self._size:
            _, oldest = self._open.popitem(last=False)
            oldest.let_go()
        return publication

    def _forget(self, identity: str) -> None:
        with self._lock:
            publication = self._open.pop(identity, None)
        if publication is not None:
            publication.let_go()
