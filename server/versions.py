"""The versions of what has an address: which releases have it, and which of them differ.

Of a resource, its states in the releases say so; of all else, each release that is kept counts as a version.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from core.errors import ReleaseError
from core.formats import by_extension
from release.resource_history import State, moments, state_of
from server.model.urls import THINGS
from server.semantics.memento import Memento, at, since

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from release.history import History, Version
    from server.model.urls import Urls
    from server.query.cache import Cache

PAGE = 100  # versions that one list is made of
_DOCUMENT = "doc"


class KeptVersions:
    """The releases of one base IRI that are kept, oldest first, at one moment."""

    def __init__(self, history: History, cache: Cache, base: str) -> None:
        """cache: keeps states of resources; they never change, and are by far smaller than what they are made of."""
        found = history.versions()
        self.all = tuple(version for version in reversed(found.all) if version.kept and version.base == base)
        self._current = next((place for place, one in enumerate(self.all) if one.id == found.current), None)
        self._switched = datetime.fromtimestamp(found.switched, UTC).replace(microsecond=0)
        self._folder, self._cache = history.folder, cache

    def at(self, when: datetime) -> int:
        """The place of the version that was current at that time, or of the first one."""
        if self._current is not None and when >= self._switched:
            return self._current  # which need not be the newest, where the site has gone back to it
        return at(self.all, when)

    def state(self, iri: str, version: Version) -> State | None:
        """What a version says of a resource; None if that cannot be read, as while it is being removed."""
        key = (version.id, "state", iri)
        found: State | None = self._cache.get(key)
        if found is None:
            try:
                found = state_of(self._folder / version.id, iri)
            except ReleaseError:
                return None
            if found.lines:  # whoever asks for what is nowhere fills no memory
                self._cache.put(key, found, (*key, *found))
        return found

    def has(self, iri: str, version: Version) -> bool:
        """Whether a version says anything of a resource."""
        state = self.state(iri, version)
        return state is not None and bool(state.lines)

    def resource(self, local: str, urls: Urls) -> str | None:
        """The IRI of what is at this path, if that is a resource or its document, else None."""
        known = resources(local, urls)
        return next(filter(self.have, known), next(iter(known), None))

    def have(self, iri: str) -> bool:
        """Whether any of the newest says anything of a resource."""
        return any(self.has(iri, version) for version in self.all[: -PAGE - 1 : -1])

    def place(self, iri: str | None, when: datetime) -> int:
        """The place of the version that has the resource as it was at that time.

        What a resource was before the first version that has it is what it was in that one.
        """
        place = self.at(when)
        if iri is None or any(self.has(iri, version) for version in self.all[max(place - PAGE, 0) : place + 1][::-1]):
            return place
        later = range(place + 1, min(place + PAGE, len(self.all)))
        return next((other for other in later if self.has(iri, self.all[other])), place)

    def mementos(self, iri: str | None, page: int, address: Callable[[str], str]) -> list[Memento]:
        """The mementos on one page of the versions, oldest first. address: of what a release has, by the id of that."""
        start = page * PAGE
        versions: Sequence[Version] = self.all[start : start + PAGE]
        if iri is not None:
            read = self.all[max(start - 1, 0) : start + PAGE]  # with the one before, to be compared with
            found = [*moments(read[::-1], partial(self.state, iri))][::-1]
            known = {version.id for version in versions}
            versions = [moment.version for moment in found if moment.state.lines and moment.version.id in known]
        return [Memento(address(version.id), since(version)) for version in versions]

    @property
    def digest(self) -> str:
        """Tells these versions from others."""
        return hashlib.sha256(repr([version.id for version in self.all]).encode()).hexdigest()

    @property
    def pages(self) -> int:
        """How many pages the versions have."""
        return -(-len(self.all) // PAGE)


def resources(local: str, urls: Urls) -> list[str]:
    """The IRIs that a path below the root, with its query string, may stand for; the likeliest first."""
    path, _, query = local.partition("?")
    path = unquote(path)
    if path.startswith(THINGS):
        return [next(urls.iris(path))]
    if path == _DOCUMENT or path.startswith(f"{_DOCUMENT}."):
        return parse_qs(query).get("iri", [])[:1]
    if not path.startswith(f"{_DOCUMENT}/"):
        return []
    name = THINGS + path.removeprefix(f"{_DOCUMENT}/")
    stem, _, extension = name.rpartition(".")
    return [next(urls.iris(each)) for each in ((name, stem) if by_extension(extension) and stem else (name,))]
