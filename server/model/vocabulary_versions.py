"""Versions of the vocabulary: which release has the one that an `owl:versionIRI` names.

https://www.w3.org/TR/owl2-syntax/#Versioning_of_OWL_2_Ontologies
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import ReleaseError
from core.namespaces import OWL
from release import reader

if TYPE_CHECKING:
    from pathlib import Path

    from release.history import Versions
    from release.manifest import Manifest

_VERSION = ox.NamedNode(OWL + "versionIRI")


def names_in(store: ox.Store, manifest: Manifest) -> list[str]:
    """The versions of the vocabulary of a release, by what their IRIs have behind that of the vocabulary."""
    if manifest.ontology is None:
        return []
    found = store.quads_for_pattern(None, _VERSION, None, ox.NamedNode(manifest.ontology))
    begin = f"{manifest.ontology.rstrip('#/')}/"
    iris = sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))
    return [iri.removeprefix(begin) for iri in iris if iri.startswith(begin)]


def newest(folder: Path, versions: Versions) -> dict[str, str]:
    """Name of a version → id of the release that has it: the current one, or else the newest that is kept."""
    kept = [version.id for version in versions.all if version.kept]
    found: dict[str, str] = {}
    for identity in sorted(kept, key=lambda identity: identity != versions.current):
        for name in _names(folder, identity):
            found.setdefault(name, identity)
    return found


def _names(folder: Path, identity: str) -> tuple[str, ...]:
    try:
        return _read(folder / identity)
    except (ReleaseError, OSError):  # it is being removed, or damaged
        return ()


@lru_cache(1_000)
def _read(path: Path) -> tuple[str, ...]:
    """Those of one release, which never change."""
    release = reader.open_release(path)
    return tuple(names_in(release.open_store(), release.manifest))
