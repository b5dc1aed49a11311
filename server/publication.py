"""One release as it is served, and the switch from one to the next while requests are running."""

from __future__ import annotations

import copy
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from core.errors import ReleaseError
from release import reader
from release.history import History
from release.links import Links
from release.retention import Lease
from server.caching.cache import Cache
from server.data import model
from server.data.description import Collector
from server.data.labels import Labels
from server.data.serialization import context_of
from server.holdings.archive import Archive
from server.holdings.dataset import Catalogue
from server.lookup.index import Index
from server.querying.pool import Pool, new_lanes
from server.querying.processes import Zygote
from server.querying.remote import Remote
from server.terms.vocabulary import Vocabulary
from server.urls import Urls
from server.web.shares import Shares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from core.saved_queries import SavedQuery
    from release.manifest import Manifest
    from release.reader import Release
    from server.querying.evaluator import Evaluator
    from server.settings import Settings

_LOOK_AGAIN = 1.0  # seconds


class _Closing(Protocol):
    def close(self) -> None: ...


_Closed = TypeVar("_Closed", bound=_Closing)


class Publication:
    """Everything that belongs to one open release; closed when its last request has ended."""

    def __init__(self, release: Release, shares: Shares, new_pool: Callable[[], Evaluator], *, ready: bool) -> None:
        """ready: start the processes for queries now, and not at the first query."""
        self.release = release
        self._pool = _AtFirstUse(new_pool)
        self._holders = _Holders()
        if ready:
            self._pool.get()
        self.store: ox.Store = release.open_store()
        self.urls = Urls(self.manifest.base)
        self.model = model.read(self.store, self.manifest.shapes)
        graphs = [graph for graph in (self.manifest.ontology, self.manifest.shapes) if graph]
        self.labels = Labels(self.store, self.model, graphs, self.manifest.prefixes)
        self.collector = Collector(self.store, self.model, self.labels, Links(release.path / reader.LINKS))
        self.index = Index(release.path / reader.INDEX)
        self.context = context_of(release)
        self.shares = shares
        self.lease: Lease | None = None

    @cached_property
    def catalogue(self) -> Catalogue:
        """What the release says of itself; read when it is asked for."""
        return Catalogue(self.release)

    @property
    def manifest(self) -> Manifest:
        return self.release.manifest

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms of the vocabulary, and what the shapes say of them."""
        return Vocabulary(self.store, self.manifest)

    @cached_property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries by their names."""
        return self.release.queries()

    @property
    def pool(self) -> Evaluator:
        return self._pool.get()

    def at_its_own_address(self, site: str) -> Publication:
        """The same release with the addresses that never change: below `/release/<id>/` of the site with that path."""
        other = copy.copy(self)
        other.urls = Urls(self.manifest.base, within=f"{reader.RELEASE}{self.release.id}/", top=site)
        return other

    def hold(self) -> bool:
        """Keep it open until `let_go`; False if it has been closed already."""
        return self._holders.enter()

    def let_go(self) -> None:
        if self._holders.leave():
            self._pool.close()
            self.index.close()
            if self.lease is not None:
                self.lease.close()


class _Holders:
    """Counts who holds a publication, whoever opened it included."""

    def __init__(self) -> None:
        self._count = 1
        self._lock = threading.Lock()

    def enter(self) -> bool:
        with self._lock:
            if not self._count:
                return False
            self._count += 1
            return True

    def leave(self) -> bool:
        """Whether that was the last one."""
        with self._lock:
            self._count -= 1
            return not self._count


class _AtFirstUse(Generic[_Closed]):
    """Something that is made when it is needed, and closed if it was."""

    def __init__(self, new: Callable[[], _Closed]) -> None:
        self._new = new
        self._made: _Closed | None = None
        self._lock = threading.Lock()

    def get(self) -> _Closed:
        with self._lock:
            if self._made is None:
                self._made = self._new()
            return self._made

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()


class Publisher:
    """Opens releases, and has what they share: the process that forks, the clients' shares, the lanes of queries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._zygote = _AtFirstUse(Zygote)
        if not settings.endpoint:
            self._zygote.get()
        self._shares = Shares(settings.client_queries)
        self._lanes = new_lanes(settings)
        self.cache = Cache(settings)

    def open(self, release: Release, *, ready: bool = False) -> Publication:
        """ready: it is the current release: with processes that wait for queries, or asked at another endpoint.

        For other releases processes are started with the first query.
        """

        def new_pool() -> Evaluator:
            if ready and self._settings.endpoint:
                return Remote(release, self._settings)
            return Pool(self._zygote.get(), release, self._settings, self._lanes, self.cache)

        return Publication(release, self._shares, new_pool, ready=ready)

    def close(self) -> None:
        self._zygote.close()


class Current:
    """Knows the publication of the current release; looks for a newer one at most once a second, on a request."""

    def __init__(self, releases: Path, settings: Settings) -> None:
        self._releases, self._publisher = releases, Publisher(settings)
        self.history = History(releases)
        self.archive = Archive(releases, self._publisher, settings.open_releases)
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._target = self._read_target()
        self._publication = self._open()

    @property
    def cache(self) -> Cache:
        """What is kept of answers, of whichever release."""
        return self._publisher.cache

    def at_hand(self) -> Publication:
        """The publication that is current now; whoever wants to use it for long holds it."""
        if time.monotonic() - self._looked > _LOOK_AGAIN and self._lock.acquire(blocking=False):
            try:
                self._looked = time.monotonic()
                self._follow()
            finally:
                self._lock.release()
        return self._publication

    def hold(self) -> Publication:
        """The publication for one request, which has to let it go."""
        while True:
            publication = self.at_hand()
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
        """It has a lease until its last request has ended, so that the folder stays."""
        release = reader.open_release(self._releases)
        lease = Lease(release)
        publication = self._publisher.open(release, ready=True)
        publication.lease = lease
        return publication

    @property
    def base(self) -> str:
        """The base IRI of the release at hand."""
        return self._publication.manifest.base

    def wait_until_ready(self) -> str | None:
        """Return when queries can be answered, with what is wrong with their sandbox if that is tolerated."""
        return self._publication.pool.wait_until_ready()

    def close(self) -> None:
        self.archive.close()
        self._publication.let_go()
        self._publisher.close()
