"""The changes that a release made: a page entity by entity, or an RDF Patch of all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby, islice
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.errors import ReleaseError
from core.formats import HTML, N_QUADS, RDF_PATCH
from release import history, patch
from release.reader import RELEASE
from server.http.context import current_release, links, request_context
from server.http.files import written_response
from server.http.languages import gettext, languages
from server.http.responses import answer, chosen_or_named, conditional_answer
from server.pages.page import page, presenter
from server.pages.presentation import Presenter
from server.query.writing import Spool
from server.routes import releases
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.rdf import Node
    from server.pages.values import ShownValue
    from server.releases import OpenRelease

OFFERS = (HTML, RDF_PATCH)
_ENTITIES = 50  # on a page
_ROWS = 200  # quads of one entity
_READ = 1_000_000  # rows that are read for a page; who wants to see what is beyond takes the patch

blueprint = Blueprint("changes", __name__)


@dataclass
class ChangedTriple:
    """A triple that was added or removed, with its named graphs.

    merged: the default graph changed too. subject: where it is not the resource that the rows are about.
    """

    property: ShownValue
    value: ShownValue
    added: bool
    merged: bool = False
    graphs: list[ShownValue] = field(default_factory=list)
    subject: ShownValue | None = None


@dataclass(frozen=True)
class ChangedResource:
    """A resource and its changed triples; more: how many rows are left out."""

    value: ShownValue
    rows: list[ChangedTriple]
    more: int


@blueprint.get("/changes")
def changes() -> Response:
    """The changes since the previous release, or since `?from=<id>`; `after=` continues after an entity."""
    release = current_release()
    steps, old = _patch_path(release)
    choice = chosen_or_named(OFFERS, request.args.get("format"))
    if choice.format is HTML:
        kept = old is not None and releases.versions().kept(old)  # what went is shown as it was, if that is there
        response = answer(choice, lambda: _html(steps, old), old or "", request.args.get("after", ""), str(kept))
    else:
        response = conditional_answer((choice.media_type, old or ""), lambda: _patch(steps, old))
    response.vary.add("Accept")
    return response


def _patch_path(release: OpenRelease) -> tuple[list[history.PatchStep], str | None]:
    """The patches that lead to this release, and the id of the release that they start from."""
    known = releases.versions()
    old = request.args.get("from") or release.manifest.predecessor
    if old is None:
        return [], None
    if "from" in request.args and old not in {version.id for version in known.all}:
        raise releases.missing(old)
    steps = history.patch_path(known, old, release.manifest.id)
    if steps is None:
        detail = gettext("What changed since release '%(id)s' is not known: one that came between was removed.", id=old)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return steps, old


def _rows(steps: list[history.PatchStep]) -> Iterator[patch.PatchRow]:
    """The rows of these patches; a 404 problem if a release among them is removed meanwhile, else ReleaseError."""
    try:
        yield from history.rows(releases.current().history.folder, steps)
    except ReleaseError as error:
        if all(map(releases.versions().kept, [step.release for step in steps])):
            raise
        raise HTTPProblem(HTTPStatus.NOT_FOUND, str(error)) from error


def _patch(steps: list[history.PatchStep], old: str | None) -> Response:
    if old is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("No release came before this one."))
    manifest = current_release().manifest
    this, previous = (f"{manifest.base}{RELEASE}{identity}" for identity in (manifest.id, old))
    with Spool(math.inf) as spool:
        for line in patch.write(_rows(steps), this, previous):
            spool.write(line)
        response = written_response(spool.body(), spool.size, {"Content-Type": RDF_PATCH.content_type})
    response.headers["Content-Disposition"] = f'attachment; filename="{old}-{manifest.id}.{RDF_PATCH.extension}"'
    return response


def _html(steps: list[history.PatchStep], old: str | None) -> str:
    release = current_release()
    entities, following, truncated = _page(_rows(steps), _presenters(old), request.args.get("after", ""))
    parameters = {"from": old} if "from" in request.args and old else {}
    return page(
        "changes.html",
        title=gettext("What changed"),
        old=old,
        counted=release.manifest.changes if old == release.manifest.predecessor else None,
        entities=entities,
        following=following and links().path("changes", **parameters, after=following),
        truncated=truncated,
        patch=links().file(f"changes?format={RDF_PATCH.extension}" + (f"&from={old}" if parameters else "")),
    )


def _presenters(identity: str | None) -> dict[bool, Presenter]:
    """The presenter of this release, for what was added, and that of the old one, for what was removed."""
    release, new = current_release(), presenter()
    on_close = request_context().on_close
    old = releases.current().release_cache.acquire(identity, release, on_close) if identity else None
    if old is None:
        return {True: new, False: new}
    urls = old.urls.asking_for(links().language)
    return {True: new, False: Presenter(old.model, old.labels, urls, languages(), old.lookups)}


def _page(
    rows: Iterator[patch.PatchRow], shown: dict[bool, Presenter], after: str
) -> tuple[list[ChangedResource], str | None, bool]:
    """The entities that follow `after`, in the order of their N-Triples terms; the last if others do; whether cut."""
    read = islice(rows, _READ)
    following = (row for row in read if _subject(row) > after.encode())
    entities: list[ChangedResource] = []
    last = ""
    for subject, group in groupby(following, key=_subject):
        if len(entities) == _ENTITIES:
            return entities, last, False
        entities.append(_entity(group, shown))
        last = subject.decode()
    return entities, None, next(rows, None) is not None


def _subject(row: patch.PatchRow) -> bytes:
    return row.line.partition(b" ")[0]


def _entity(group: Iterator[patch.PatchRow], shown: dict[bool, Presenter]) -> ChangedResource:
    changed = list(islice(group, _ROWS))
    subject = cast("Node", next(iter(ox.parse(changed[0].line, N_QUADS.rdf))).subject)
    is_there = next(current_release().store.quads_for_pattern(subject, None, None, None), None) is not None
    rows = changed_triples(changed, shown, subject)
    return ChangedResource(shown[is_there].value(subject), rows, sum(1 for _ in group))


def changed_triples(changed: list[patch.PatchRow], shown: dict[bool, Presenter], about: Node) -> list[ChangedTriple]:
    """The triples of these rows, each once, in the order of their names.

    shown: presenters of what was added and of what was removed. about: the resource whose rows they are.
    """
    quads = [cast("ox.Quad", quad) for quad in ox.parse(b"".join(row.line for row in changed), N_QUADS.rdf)]
    found: dict[tuple[bool, object, ox.NamedNode, object], ChangedTriple] = {}
    for row, quad in zip(changed, quads, strict=True):
        key = (row.added, quad.subject, quad.predicate, quad.object)
        by = shown[row.added]
        if key not in found:
            found[key] = ChangedTriple(by.value(quad.predicate), by.value(quad.object), row.added)
            if quad.subject != about:
                found[key].subject = by.value(cast("Node", quad.subject))
        if isinstance(quad.graph_name, ox.DefaultGraph):
            found[key].merged = True
        else:
            found[key].graphs.append(by.value(cast("ox.NamedNode", quad.graph_name)))
    return sorted(found.values(), key=_in_order)


def _in_order(row: ChangedTriple) -> tuple[bool, str, bool, str]:
    return row.subject is not None, row.property.name.text, row.added, (row.subject or row.value).name.text
