"""The history of a resource as data: the releases from which on other things are said of it, and what came and went."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import ReleaseError
from core.namespaces import ADMS, DCTERMS, FOAF, PROV, RDF_TYPE, XSD
from release.reader import RELEASE
from release.resource_history import moments, rows
from server.versions import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.history import Version
    from release.patch import PatchRow
    from release.resource_history import Moment
    from server.model.urls import Urls
    from server.versions import KeptVersions

_MOMENTS = 50  # on a page
_ROWS = 200  # of one moment
_BYTES = 1 << 16  # of these rows


class Event(StrEnum):
    """What a moment is: the oldest release that is kept has it; it came; it changed; it went."""

    KNOWN = "known"
    CAME = "came"
    CHANGED = "changed"
    WENT = "went"


@dataclass(frozen=True)
class Entry:
    """One moment in the history of a resource.

    before: the release that it is compared with. quads: how many there are from then on. rows: what came and went,
    cut; more: how many are left out. is_bounded: the resource has more than what is compared.
    """

    event: Event
    version: Version
    before: Version | None
    quads: int
    added: int = 0
    removed: int = 0
    rows: list[PatchRow] = field(default_factory=list)
    more: int = 0
    is_bounded: bool = False

    @property
    def id(self) -> str:
        return self.version.id


@dataclass(frozen=True)
class ResourceHistory:
    """A page of the history, newest first. following: the id of the release that the next page goes on from."""

    iri: str
    entries: list[Entry]
    following: str | None


def resource_history(versions: KeptVersions, folder: Path, iri: str, start: int) -> ResourceHistory:
    """The page of the history that begins with a version. start: its place among the versions, the newest is 0."""
    newest_first = versions.all[::-1]
    read = newest_first[start : start + PAGE + 1]  # the last one is there to be compared with
    found = moments(read, partial(versions.state, iri))
    if len(read) > PAGE:
        found = (moment for moment in found if moment.version is not read[-1])
    shown = list(islice(found, _MOMENTS + 1))
    following = read[PAGE - 1].id if len(read) > PAGE else None
    if len(shown) > _MOMENTS:
        following = shown[_MOMENTS - 1].version.id
    return ResourceHistory(iri, [*_entries(folder, iri, shown[:_MOMENTS])], following)


def _entries(folder: Path, iri: str, found: list[Moment]) -> Iterator[Entry]:
    for moment in found:
        if moment.before is None or moment.state_before is None:
            yield Entry(Event.KNOWN, moment.version, None, moment.state.lines)
            continue
        try:
            changed = rows(folder / moment.before.id, folder / moment.version.id, iri)
        except ReleaseError:  # one of them is being removed
            continue
        cut = _cut(changed)
        yield Entry(
            Event.CAME if not moment.state_before.lines else Event.CHANGED if moment.state.lines else Event.WENT,
            moment.version,
            moment.before,
            moment.state.lines,
            sum(row.added for row in changed),
            sum(not row.added for row in changed),
            cut,
            len(changed) - len(cut),
            is_bounded=not (moment.state.is_whole and moment.state_before.is_whole),
        )


def _cut(changed: list[PatchRow]) -> list[PatchRow]:
    """The first rows."""
    size = 0
    for number, row in enumerate(changed):
        size += len(row.line)
        if number == _ROWS or size > _BYTES:
            return changed[:number]
    return changed


def as_json(history: ResourceHistory, urls: Urls) -> dict[str, object]:
    """For programs; rows are those of an RDF Patch."""
    local = urls.document(history.iri).removeprefix(urls.root)
    following = history.following and urls.history(history.iri, "json", before=history.following)
    return {
        "iri": history.iri,
        "history": [
            {
                "release": entry.id,
                "created": entry.version.created,
                "event": entry.event.value,
                "before": entry.before.id if entry.before else None,
                "quads": entry.quads,
                "added": entry.added,
                "removed": entry.removed,
                "url": urls.of_release(entry.id, local) if entry.quads else None,
                "rows": [f"{'A' if row.added else 'D'} {row.line.decode().rstrip()}" for row in entry.rows],
                "more": entry.more,
            }
            for entry in history.entries
        ],
        "next": following,
    }


def note(entry: Entry) -> str:
    """What happened, in English."""
    if entry.event is Event.KNOWN:
        return f"{entry.quads} quads in the oldest release that is kept"
    return f"{entry.added} quads came, {entry.removed} went"


def triples(history: ResourceHistory, urls: Urls) -> list[ox.Triple]:
    """The document as a specialization of its versions (https://www.w3.org/TR/prov-o/), each with its release."""
    document = urls.document(history.iri)
    general, topic = ox.NamedNode(urls.canonical(document)), ox.NamedNode(history.iri)
    statements: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (general, RDF_TYPE, ox.NamedNode(PROV + "Entity")),
        (general, FOAF + "primaryTopic", topic),
    ]
    before: ox.NamedNode | None = None
    for entry in reversed(history.entries):
        time = ox.Literal(entry.version.created, datatype=ox.NamedNode(XSD + "dateTime"))
        if not entry.quads:
            if before is not None:
                statements.append((before, PROV + "invalidatedAtTime", time))
            before = None
            continue
        this = ox.NamedNode(urls.permanent(document, entry.id))
        release = ox.NamedNode(f"{urls.base}{RELEASE}{entry.id}")
        statements += [
            (general, DCTERMS + "hasVersion", this),
            (this, RDF_TYPE, ox.NamedNode(PROV + "Entity")),
            (this, PROV + "specializationOf", general),
            (this, FOAF + "primaryTopic", topic),
            (this, DCTERMS + "isPartOf", release),
            (this, DCTERMS + "issued", time),
            (this, ADMS + "versionNotes", ox.Literal(note(entry), language="en")),
        ]
        if before is not None:
            statements.append((this, PROV + "wasRevisionOf", before))
        before = this
    return [ox.Triple(subject, ox.NamedNode(predicate), value) for subject, predicate, value in statements]
