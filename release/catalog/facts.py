"""What the catalogue is made from, and the IRIs that it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from core.namespaces import RDFS
from release.reader import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from release.catalog.licences import Licences
    from release.catalog.statistics import Statistics
    from release.dumps.index import Dump
    from release.manifest import Manifest

_LABEL = ox.NamedNode(RDFS + "label")
_NOT_IN_FRAGMENT = re.compile(r"[^A-Za-z0-9._~/-]")


@dataclass(frozen=True)
class Facts:
    """The release, its dumps, and what was found in its data.

    collections: name → graphs, as the release was given them. labels: IRI → names by language, of classes and graphs.
    """

    manifest: Manifest
    dumps: Sequence[Dump]
    statistics: Statistics
    licences: Licences
    collections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _members: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of collections; there may be many graphs

    @property
    def base(self) -> str:
        return self.manifest.base

    @property
    def catalog(self) -> str:
        return self.manifest.catalog_graph

    @property
    def dataset(self) -> str:
        """The IRI of this release as a dataset."""
        return f"{self.base}{RELEASE}{self.manifest.id}"

    def node(self, name: str) -> str:
        """A part of what is said of this release; what holds for all releases is a part of `catalog`."""
        return f"{self.dataset}/catalog#{quote(_NOT_IN_FRAGMENT.sub('-', name), safe='/')}"

    def address(self, local: str) -> str:
        """Where something of this release stays."""
        return f"{self.dataset}/{local}"

    @property
    def title(self) -> dict[str, str]:
        return self.manifest.dataset.title

    @property
    def description(self) -> dict[str, str]:
        """As the publisher says, or else the numbers."""
        counts = self.manifest.counts
        numbers = f"{counts.triples} triples about {counts.entities} resources."
        return self.manifest.dataset.description or {"en": numbers}

    @property
    def publisher(self) -> dict[str, str]:
        """As it calls itself, or else the host."""
        return self.manifest.dataset.publisher or {"": urlsplit(self.base).netloc}

    def collection(self, name: str) -> tuple[str, ...]:
        """The graphs of a collection; where there is none of that name, the graph whose IRI ends so."""
        if name not in self._members:
            graphs, wanted = self.manifest.counts.graphs, self.collections.get(name)
            found = (iri for iri in graphs if _is_of(iri, wanted) or (wanted is None and _is_called(iri, name)))
            self._members[name] = tuple(found)
        return self._members[name]

    def vocabularies(self) -> list[str]:
        """The namespaces of all classes and properties in use."""
        terms = (*self.manifest.counts.classes, *self.manifest.counts.properties)
        return sorted({namespace(iri) for iri in terms})


def _is_of(iri: str, graphs: tuple[str, ...] | None) -> bool:
    return any(iri == one or (one.endswith("/") and iri.startswith(one)) for one in graphs or ())


def _is_called(iri: str, name: str) -> bool:
    return iri.rstrip("/#").endswith(name)


def namespace(iri: str) -> str:
    """An IRI up to its last hash or slash."""
    head, hash_, _ = iri.rpartition("#")
    if hash_:
        return head + hash_
    head, slash, _ = iri.rpartition("/")
    return head + slash if slash else iri


def read_labels(store: ox.Store, iris: Sequence[str]) -> dict[str, dict[str, str]]:
    """The names of resources, in whichever graph they are."""
    labels: dict[str, dict[str, str]] = {}
    for iri in iris:
        for quad in store.quads_for_pattern(ox.NamedNode(iri), _LABEL, None, None):
            if isinstance(quad.object, ox.Literal):
                labels.setdefault(iri, {}).setdefault(quad.object.language or "", quad.object.value)
    return labels
