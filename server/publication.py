"""One release as it is served, and the switch from one to the next while requests are running."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from release import reader
from server import model
from server.description import Collector
from server.labels import Labels
from server.pool import Pool
from server.processes import Zygote
from server.serialization import context_of
from server.shares import Shares
from server.urls import Urls

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from release.manifest import Manifest
    from release.reader import Release
    from server.settings import Settings

_LOOK_AGAIN = 1.0  # seconds


class Publication:
    """Everything that belongs to one open release; closed when its last request has ended."""

    def __init__(self, release: Release, zygote: Zygote, settings: Settings, shares: Shares) -> None:
        self.release = release
        self.pool = Pool(zygote, release.path, settings)
        self.store: ox.Store = release.open_store()
        self.urls = Urls(self.manifest.base)
        self.model = model.read(self.store, self.manifest.shapes)
        graphs = [graph for graph in (self.manifest.ontology, self.manifest.shapes) if graph]
        self.labels = Labels(self.store, self.model, graphs, self.manifest.prefixes)
        self.collector = Collector(self.store, self.model, self.labels)
        self.context = context_of(release)
        self.shares = shares
        self._users = 1  # the holder itself
        self._lock = threading.Lock()

    @property
    def manifest(self) -> Manifest:
        return self.release.manifest

    def hold(self) -> bool:
        """Keep it open until `let_go`; False if it has been closed already."""
        with self._lock:
            if not self._users:
                return False
            self._users += 1
            return True

    def let_go(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users:
                return
        self.pool.close()
        del self.store


class Current:
    """Knows the publication of the current release; looks for a newer one at most once a second, on a request."""

    def __init__(self, releases: Path, settings: Settings) -> None:
        self._releases, self._settings = releases, settings
        self._zygote = Zygote()
        self._shares = Shares(settings.client_queries)
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._target = self._read_target()
        self._publication = self._open()

    def hold(self) -> Publication:
        """The publication for one request, which has to let it go."""
        if time.monotonic() - self._looked > _LOOK_AGAIN and self._lock.acquire(blocking=False):
            try:
                self._looked = time.monotonic()
                self._follow()
            finally:
                self._lock.release()
        while True:
            publication = self._publication
            if publication.hold():
                return publication

    def _follow(self) -> None:
        target = self._read_target()
        if target == self._target:
            return
        try:
            publication = self._open()
        except ReleaseError:
            return  # it was cut short or is being removed: the one at hand still serves
        self._target, old, self._publication = target, self._publication, publication
        old.let_go()

    def _read_target(self) -> Path | None:
        try:
            return (self._releases / reader.CURRENT).readlink()
        except OSError:
            return None

    def _open(self) -> Publication:
        return Publication(reader.open_release(self._releases), self._zygote, self._settings, self._shares)

    @property
    def base(self) -> str:
        """The base IRI of the release at hand."""
        return self._publication.manifest.base

    def wait_until_ready(self) -> str | None:
        """Return when queries can be answered, with what is wrong with their sandbox if that is tolerated."""
        return self._publication.pool.wait_until_ready()

    def close(self) -> None:
        self._publication.let_go()
        self._zygote.close()
