"""Open releases: the current one, the switch to the next while requests are running, and older ones by their ids."""

from __future__ import annotations

import copy
import logging
import threading
from collections import OrderedDict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from core.errors import ReleaseError
from release import reader
from release.catalog import describe_parts
from release.history import History
from release.links import LinkIndex
from release.published import PublishedQuads
from release.retention import IDENTITY, Lease
from release.search_index import SearchIndex
from server.model import presentation_shapes
from server.model.description import Collector
from server.model.document_metadata import DocumentMetadata
from server.model.examples import examples
from server.model.hierarchy import Hierarchies
from server.model.labels import Labels
from server.model.lists import Listable
from server.model.lookups import Lookups
from server.model.positions import Positions
from server.model.serialization import context_of, is_unlimited
from server.model.urls import Urls
from server.model.vocabulary import Vocabulary
from server.query.pool import Pool, new_queues
from server.query.processes import ForkServer
from server.query.remote import RemoteEvaluator
from server.query.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from core.saved_queries import SavedQuery
    from release.manifest import Manifest
    from release.reader import Release
    from server.query.evaluator import Evaluator
    from server.settings import Settings

_log = logging.getLogger(__name__)
_PAUSE = 1.0  # seconds between two looks for a newer release


class _Closing(Protocol):
    def close(self) -> None: ...


_Closed = TypeVar("_Closed", bound=_Closing)


class OpenRelease:
    """Everything that belongs to one open release; closed when its last request has ended."""

    def __init__(self, release: Release, pool: _AtFirstUse[Evaluator], *, ready: bool) -> None:
        """ready: start the processes for queries now, and not at the first query."""
        self.folder, self.manifest = release, release.manifest
        self._pool = pool
        self._references = _RefCount()
        if ready:
            self._pool.get()
        self.store: ox.Store = release.open_store()
        self.urls = Urls(self.manifest.base)
        self.shapes = release.shapes(self.store)
        self.model = presentation_shapes.read(self.store, self.shapes)
        graphs = [graph for graph in (self.manifest.ontology, self.manifest.shapes) if graph]
        self.published = PublishedQuads(release)
        self.lookups = Lookups(self.store, self.published)
        self.labels = Labels(self.store, self.lookups, self.model, graphs, self.manifest.prefixes)
        self.positions = Positions(self.store, self.lookups, self.model.dates, self.manifest.counts.properties)
        self.links = LinkIndex(release.path / reader.LINKS, self.published.lines)
        properties = self.manifest.counts.properties
        self.collector = Collector(self.store, self.published, self.model, self.labels, self.links, properties)
        self.document_metadata = DocumentMetadata(self.manifest, self.model)
        self.index = SearchIndex(release.path / reader.INDEX)
        self.hierarchies = Hierarchies(self.store, self.index, self.model, properties)
        self.context = context_of(release)
        self.is_unlimited = is_unlimited(self.manifest)
        self.lease: Lease | None = None

    @cached_property
    def catalog(self) -> list[ox.Triple]:
        """The description of the release as a dataset."""
        return self.folder.catalog()

    @cached_property
    def parts(self) -> list[ox.Triple]:
        """The description of the dataset by its parts, in VoID."""
        return describe_parts(self.manifest)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms of the vocabulary, and what the shapes say of them."""
        return Vocabulary(self.store, self.manifest, self.shapes)

    @cached_property
    def listable(self) -> Listable:
        """What lists have of the release."""
        aside = (shape.target_classes for shape in self.shapes.node_shapes.values() if shape.aside)
        return Listable(self.index, self.vocabulary.iris, chain.from_iterable(aside))

    @cached_property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries by their names."""
        return self.folder.queries()

    @cached_property
    def examples(self) -> list[str]:
        """The IRIs of resources that show what there is: those that the publisher names, or else much linked ones."""
        return self.manifest.dataset.examples or examples(self.index, self.links)

    @property
    def pool(self) -> Evaluator:
        return self._pool.get()

    def with_permalinks(self, site: str) -> OpenRelease:
        """A copy whose addresses never change: below `/release/<id>/` of the site with the path `site`."""
        other = copy.copy(self)
        other.urls = Urls(self.manifest.base, within=f"{reader.RELEASE}{self.manifest.id}/", top=site)
        return other

    def acquire(self) -> bool:
        """Keep it open until `release`; False if it has been closed already."""
        return self._references.acquire()

    def release(self) -> None:
        if self._references.release():
            self._pool.close()
            self.index.close()
            self.links.close()
            self.published.close()
            if self.lease is not None:
                self.lease.close()


class _RefCount:
    """Counts the users of an open release, whoever opened it included."""

    def __init__(self) -> None:
        self._count = 1
        self._lock = threading.Lock()

    def acquire(self) -> bool:
        with self._lock:
            if not self._count:
                return False
            self._count += 1
            return True

    def release(self) -> bool:
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

    @property
    def is_made(self) -> bool:
        return self._made is not None

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()


class ReleaseOpener:
    """Opens releases, and has what they share: the process that forks, the queues of queries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._forkserver = _AtFirstUse(ForkServer)
        if not settings.endpoint:
            self._forkserver.get()
        self._queues = new_queues(settings)
        self.validator = Validator(settings, self._queues)

    def open(self, release: Release, *, ready: bool = False) -> OpenRelease:
        """ready: it is the current release: with processes that wait for queries, or asked at another endpoint.

        For other releases processes are started with the first query.
        """

        def new_pool() -> Evaluator:
            if ready and self._settings.endpoint:
                return RemoteEvaluator(release, self._settings)
            return Pool(self._forkserver.get(), release, self._settings, self._queues)

        pool = _AtFirstUse(new_pool)
        try:
            return OpenRelease(release, pool, ready=ready)
        except BaseException:
            pool.close()
            raise

    @property
    def query_processes(self) -> int:
        queries = self._forkserver.get().children if self._forkserver.is_made else 0
        return queries + self.validator.processes

    def queries(self) -> dict[tuple[str, ...], float]:
        return {
            (name, state): count
            for name, queue in self._queues._asdict().items()
            for state, count in zip(("running", "waiting"), queue.counts(), strict=True)
        }

    def close(self) -> None:
        self.validator.close()
        self._forkserver.close()


class ReleaseCache:
    """The releases of a folder by their ids; any thread may call it.

    Those that were asked for last stay open. One that nobody asks for at the moment may be removed from the folder.
    """

    def __init__(self, releases: Path, publisher: ReleaseOpener, size: int) -> None:
        self._folder, self._opener, self._size = releases, publisher, size
        self._open: OrderedDict[str, OpenRelease] = OrderedDict()
        self._lock = threading.Lock()

    def acquire(self, identity: str, current: OpenRelease, on_close: list[Callable[[], None]]) -> OpenRelease | None:
        """The release with that id, with permalinks, for one request; None if the folder has no such release.

        current: acquired by the request as well. on_close: gets the callbacks that end the use of the release.
        """
        if identity == current.manifest.id:
            return current.with_permalinks(current.urls.site)
        if not IDENTITY.fullmatch(identity):
            return None
        try:
            with self._lock:
                opened = self._open.get(identity) or self._add(identity)
                lease = Lease(opened.folder)
                opened.acquire()  # open, because the cache itself uses it
                self._open.move_to_end(identity)
        except ReleaseError:
            self._forget(identity)
            return None
        on_close += [opened.release, lease.close]
        return opened.with_permalinks(current.urls.site)

    def close(self) -> None:
        with self._lock:
            releases = list(self._open.values())
            self._open.clear()
        for opened in releases:
            opened.release()

    def _add(self, identity: str) -> OpenRelease:
        release = reader.open_whole(self._folder / identity)
        with Lease(release):
            opened = self._opener.open(release)
        self._open[identity] = opened
        if len(self._open) > self._size:
            _, oldest = self._open.popitem(last=False)
            oldest.release()
        return opened

    def _forget(self, identity: str) -> None:
        with self._lock:
            opened = self._open.pop(identity, None)
        if opened is not None:
            opened.release()


class CurrentRelease:
    """The current release of a folder; a thread looks for a newer one once a second.

    Requests are answered from the one at hand until the newer one is open and has a process that waits for queries.
    """

    def __init__(self, releases: Path, settings: Settings) -> None:
        self._releases, self._opener = releases, ReleaseOpener(settings)
        self.history = History(releases)
        self.release_cache = ReleaseCache(releases, self._opener, settings.open_releases)
        self._target = self._failed = self._read_target()
        self._release = self._open()
        self._closed = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    def acquire(self) -> OpenRelease:
        """The current release for one request, which has to release it."""
        while True:
            opened = self._release
            if opened.acquire():
                return opened

    def _follow(self) -> None:
        while not self._closed.wait(_PAUSE):
            target = self._read_target()
            if target == self._target:
                continue
            try:
                self._switch(target)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the one at hand still serves
                if target != self._failed:
                    _log.warning("the new release does not open: %s", error)
                self._failed = target

    def _switch(self, target: tuple[Path, int] | None) -> None:
        opened = self._open()
        try:
            opened.pool.wait_until_ready()
        except BaseException:
            opened.release()
            raise
        self._target, old, self._release = target, self._release, opened
        self._closed.wait(_PAUSE)  # to close it takes time, which the first requests shall not wait for
        old.release()

    def _read_target(self) -> tuple[Path, int] | None:
        """The target of the link `current`, and its inode: a build may replace a damaged release by a whole one."""
        link = self._releases / reader.CURRENT
        try:
            return link.readlink(), link.stat().st_ino
        except OSError:
            return None

    def _open(self) -> OpenRelease:
        """It has a lease until its last request has ended, so that the folder stays."""
        release = reader.open_whole(self._releases)
        lease = Lease(release)
        try:
            opened = self._opener.open(release, ready=True)
        except BaseException:
            lease.close()
            raise
        opened.lease = lease
        return opened

    @property
    def base(self) -> str:
        """The base IRI of the release at hand."""
        return self.manifest.base

    @property
    def manifest(self) -> Manifest:
        """That of the release at hand."""
        return self._release.manifest

    @property
    def query_processes(self) -> int:
        """How many query processes there are, those of other releases included."""
        return self._opener.query_processes

    @property
    def validator(self) -> Validator:
        """Validates what clients send."""
        return self._opener.validator

    def queries(self) -> dict[tuple[str, ...], float]:
        """How many queries run and wait in each queue."""
        return self._opener.queries()

    def wait_until_ready(self) -> str | None:
        """Return when queries can be answered, with what is wrong with their sandbox if that is tolerated."""
        return self._release.pool.wait_until_ready()

    def close(self) -> None:
        self._closed.set()
        self._follower.join()
        self.release_cache.close()
        self._release.release()
        self._opener.close()
