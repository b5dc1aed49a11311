"""Search by name, and suggestions while typing: `/search?q=<text>`."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from flask import Blueprint, Response, render_template, request

from core.formats import CSV, HTML, JSON, OPEN_SEARCH, SUGGESTIONS
from core.labels import Name
from release.excerpts import excerpt
from release.index_tags import KINDS, tag
from release.search import LONGEST, NameMatch, Results, find, find_texts, has_words
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import answer, chosen_or_named, to_json
from server.pages.graphs import certain
from server.pages.page import page, text_of
from server.pages.resource_list import OFFERS, ResourceEntry, collection, entries, limit, respond, to_csv
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.search_index import IndexedTerm

blueprint = Blueprint("search", __name__)

_RESULTS = 50
_SUGGESTED = 8
_TEXTS, _EXCERPT = 20, 240  # resources that are found by their texts, characters of each that are shown
_FOR_CLASSES = 200  # results whose classes are offered as filters
DESCRIPTION = "opensearch.xml"

# With the name that matched, which may not be the one shown, or what is around the words in a text.
Found: TypeAlias = list[tuple[ResourceEntry, Name]]


@blueprint.get("/search")
def search() -> Response:
    """Resources with a name like `q`, as a page, RDF, CSV, JSON or OpenSearch suggestions."""
    choice = chosen_or_named((*OFFERS, SUGGESTIONS), request.args.get("format"))
    text = request.args.get("q", "").strip()
    if len(text) > LONGEST:
        detail = gettext("'q' has to have at most %(most)s characters.", most=LONGEST)
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    class_, kind = _class(), _kind()
    results = Results([])
    if text:
        count = limit(_SUGGESTED if choice.format is SUGGESTIONS else _RESULTS)
        results = find(current_release().index, text, count, _tags(class_, kind))
    found = _found(results.found)
    urls = current_release().urls
    kept = tuple((name, request.args[name]) for name in ("q", "class", "kind", "limit") if name in request.args)
    address = urls.canonical(urls.search(*kept))
    total = None if results.more else len(found)
    return respond(
        choice,
        {
            HTML: lambda: _html(text, class_, kind, found, results),
            JSON: lambda: _json(text, found, results, _in_texts(text, class_, kind, found)),
            CSV: lambda: to_csv(["matched"], ((entry, [matched.text]) for entry, matched in found)),
            SUGGESTIONS: lambda: _suggestions(text, found),
        },
        lambda: collection(address, (entry for entry, _ in found), total, {}),
    )


@blueprint.get(f"/{DESCRIPTION}")
def description() -> Response:
    """The OpenSearch 1.1 description of this search (https://github.com/dewitt/opensearch), by canonical addresses."""
    urls, title = current_release().urls, text_of(current_release().manifest.dataset.title)
    name, address = title.text if title else gettext("Data"), urls.canonical(urls.file("search"))
    return answer(NegotiatedFormat.of(OPEN_SEARCH), lambda: render_template(DESCRIPTION, name=name, address=address))


def _class() -> IndexedTerm | None:
    iri = request.args.get("class")
    if not iri:
        return None
    found = next((term for term in current_release().index.classes.values() if term.iri == iri), None)
    if found is None:
        detail = gettext("The data of this release have no members of <%(iri)s>.", iri=iri)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return found


def _kind() -> str | None:
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        detail = gettext("'kind' is one of %(kinds)s.", kinds=", ".join(KINDS))
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    return kind


def _tags(class_: IndexedTerm | None, kind: str | None) -> Iterator[str]:
    if class_:
        yield tag(class_.id)
    if kind:
        yield tag(KINDS.index(kind))


def _found(matches: list[NameMatch]) -> Found:
    """The results in their order."""
    by_number = {entry.number: entry for entry in entries(current_release().index.resources(_numbers(matches)))}
    return [(by_number[match.resource], Name(match.text, match.language)) for match in matches]


def _numbers(matches: list[NameMatch]) -> list[int]:
    return [match.resource for match in matches]


def _in_texts(text: str, class_: IndexedTerm | None, kind: str | None, found: Found) -> Found:
    """What has the words in a text and was not found by a name, with so much of the text as is shown."""
    known = {entry.number for entry, _ in found}
    matches = find_texts(current_release().index, text, len(known) + _TEXTS, _tags(class_, kind))
    others = [match for match in matches if match.resource not in known][:_TEXTS]
    return [(entry, Name(excerpt(name.text, text, _EXCERPT), name.language)) for entry, name in _found(others)]


def _as_json(found: Found) -> list[dict[str, object]]:
    return [entry.as_json() | {"matched": name.text, "matchedLanguage": name.language} for entry, name in found]


def _json(text: str, found: Found, results: Results, in_texts: Found) -> str:
    return to_json(
        {
            "release": current_release().folder.id,
            "query": text,
            "guessed": results.guessed,
            "partial": results.partial,
            "more": results.more,
            "results": _as_json(found),
            "texts": _as_json(in_texts),
        }
    )


def _suggestions(text: str, found: Found) -> str:
    """The text, then names, classes and addresses in parallel lists (OpenSearch Suggestions 1.1)."""
    urls = current_release().urls
    names = [entry.name.text for entry, _ in found]
    classes = [entry.class_.name.text if entry.class_ else "" for entry, _ in found]
    return json.dumps(
        [text, names, classes, [urls.canonical(entry.href or "") for entry, _ in found]], ensure_ascii=False
    )


def _html(text: str, class_: IndexedTerm | None, kind: str | None, found: Found, results: Results) -> str:
    index = current_release().index
    offered = index.main_classes
    if text:
        every = find(index, text, _FOR_CLASSES, _tags(None, kind))
        present = {resource.class_ for resource in index.resources(set(_numbers(every.found)))}
        offered = [term for term in offered if term.id in present or term == class_]
    kept = (("q", text), *((("kind", kind),) if kind else ()))
    return page(
        "search.html",
        title=gettext("Search"),
        text=text,
        found=[(entry, None if has_words(entry.name.text, text) else matched) for entry, matched in found],
        in_texts=_in_texts(text, class_, kind, found),
        results=results,
        kind=kind,
        class_=class_,
        classes=offered,
        counted=current_release().listable.counts,
        kept=kept,
        formats=[offer for offer in certain(OFFERS) if offer is not HTML],
    )
