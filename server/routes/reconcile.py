"""The reconciliation service, API 0.2: which entities are meant by names in other people's tables, and their values.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core import __version__
from core.formats import HTML, JSON
from core.labels import Name
from release.index_tags import KINDS, tag
from release.search import LONGEST, find
from server.http.context import current_release
from server.http.headers import EMBEDDABLE
from server.http.languages import chosen_language, gettext, languages
from server.http.responses import answer
from server.model.data_extension import CONTENTS, properties_of, read_path, values_of
from server.model.reconciliation import Reconciler
from server.pages.page import page, presenter, shown, text_of
from server.pages.reconciliation import description_of, named, type_of
from server.pages.sentences import sentence
from server.semantics import sparql_protocol
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import RETRY, HTTPProblem
from server.semantics.reconciliation import (
    BATCH,
    CALLBACK,
    EXTEND,
    QUERIES,
    is_callback,
    read_extension,
    read_queries,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.shapes import PropertyPath
    from server.model.data_extension import ExtensionProperty
    from server.model.reconciliation import Candidate

blueprint = Blueprint("reconcile", __name__)

_SECONDS = 4.0  # that the searches of one request share
_SUGGESTED, _FURTHEST = 20, 1_000  # suggestions at once, and the greatest cursor
_PROPOSED, _MOST_PROPOSED = 50, 100  # properties
_TYPES = 50  # that are offered as defaults
_PREVIEW = {"width": 400, "height": 220}  # pixels
_JSONP = "text/javascript"


@blueprint.get("/reconcile")
def service() -> Response:
    """The service manifest; with `queries` or `extend` the answer to these."""
    return _respond(sparql_protocol.from_address(request.environ))


@blueprint.post("/reconcile")
def post() -> Response:
    """Reconciliation queries or a data extension query in a form."""
    if request.mimetype != sparql_protocol.FORM:
        detail = f"Queries come as {sparql_protocol.FORM}."
        raise HTTPProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers={"Accept-Post": sparql_protocol.FORM})
    return _respond(sparql_protocol.from_body(request.environ, request.get_data()))


def _respond(arguments: Mapping[str, str]) -> Response:
    if QUERIES in arguments:
        return _json(lambda: _results(arguments[QUERIES]))
    if EXTEND in arguments:
        return _json(lambda: _extended(arguments[EXTEND]))
    if request.method == "POST":
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"Send '{QUERIES}' or '{EXTEND}'.")
    return _json(_manifest)


def _json(make: Callable[[], Mapping[str, Any]]) -> Response:
    """The answer as JSON, or as the call of a function in JSONP; it may have names in the reader's language."""
    callback = request.args.get(CALLBACK)
    if callback is not None and not is_callback(callback):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'{CALLBACK}' has to be the name of a function.")
    choice = NegotiatedFormat.of(JSON) if callback is None else NegotiatedFormat(JSON, _JSONP)

    def text() -> str:
        made = json.dumps(make(), ensure_ascii=False)
        # an empty comment in front keeps the name from being anything but JavaScript
        return f"{made}\n" if callback is None else f"/**/{callback}({made});\n"

    if request.method == "POST":
        response = Response(text(), content_type=choice.content_type)
        response.cache_control.no_store = True
    else:
        response = answer(choice, text, *languages(), _root())
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def _manifest() -> dict[str, Any]:
    release, root = current_release(), _root()
    site, endpoint = text_of(release.manifest.dataset.title), f"{root}reconcile"

    def path(local: str) -> dict[str, str]:
        return {"service_url": endpoint, "service_path": f"/{local}"}

    return {
        "versions": ["0.1", "0.2"],
        "name": site.text if site else release.manifest.base,
        "identifierSpace": release.manifest.base,
        "schemaSpace": release.manifest.ontology or release.manifest.base,
        "documentation": f"{root}dumps/",
        "logo": f"{root}static/icon.svg",
        "serviceVersion": f"{__version__}+{release.manifest.id}",
        "defaultTypes": [type_of(iri) for iri in _types()[:_TYPES]],
        "view": {"url": f"{root}doc?iri={{{{id}}}}"},
        "preview": {"url": f"{endpoint}/preview?id={{{{id}}}}", **_PREVIEW},
        "suggest": {kind: path(f"suggest/{kind}") for kind in _SUGGEST},
        "extend": {
            "propose_properties": path("properties"),
            "property_settings": [
                {"name": "limit", "label": gettext("Values at most"), "type": "number", "default": 0},
                {
                    "name": "content",
                    "label": gettext("Content"),
                    "type": "select",
                    "default": CONTENTS[0],
                    "choices": [
                        {"value": value, "name": name}
                        for value, name in zip(CONTENTS, (gettext("Name"), "IRI", gettext("Number")), strict=True)
                    ],
                },
            ],
        },
        "batchSize": BATCH,
    }


def _root() -> str:
    """The address that those of the service begin with: under the host that was asked, as clients reach it."""
    release = current_release()
    canonical = f"{release.manifest.base}{release.urls.within}"
    is_canonical = request.host in {"", urlsplit(canonical).netloc}
    return canonical if is_canonical else f"{request.host_url.rstrip('/')}{release.urls.root}"


def _types() -> list[str]:
    """The classes whose members are entities by themselves, the most used first."""
    release = current_release()
    aside = {iri for iri, _ in release.listable.apart}
    return [term.iri for term in release.index.main_classes if not term.part and term.iri not in aside]


def _path(id_: str) -> PropertyPath | None:
    return read_path(id_, current_release().manifest.prefixes)


def _results(text: str) -> dict[str, Any]:
    """A reconciliation result batch; a 503 problem where the searches take too long."""
    queries, release = read_queries(text), current_release()
    check = _time(f"The queries take longer than {_SECONDS:g} seconds together: send fewer, or shorter ones, at once.")
    reconciler = Reconciler(release.index, release.store, release.listable.terms, _path, check)
    return {
        key: {"result": [_candidate(one) for one in reconciler.candidates(query)]} for key, query in queries.items()
    }


def _time(detail: str) -> Callable[[], None]:
    """A function that raises a 503 problem with this detail when the time of a request is over."""
    end = time.monotonic() + _SECONDS

    def check() -> None:
        if time.monotonic() > end:
            raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=RETRY)

    return check


def _candidate(candidate: Candidate) -> dict[str, Any]:
    """A reconciliation candidate as JSON."""
    entity = named(candidate.iri)
    return {
        **entity,
        "score": candidate.score,
        "match": candidate.match,
        "features": [{"id": id_, "value": value} for id_, value in candidate.features.items()],
    }


def _extended(text: str) -> dict[str, Any]:
    """A data extension response; a 400 problem where a property is none."""
    ids, properties = read_extension(text)
    release, show = current_release(), presenter()
    paths = {one.id: path for one in properties if (path := _path(one.id))}
    for one in properties:
        if one.id not in paths:
            detail = (
                f"'{one.id[:100]}' is no property: give an IRI, a name with a prefix, or a path such as <IRI>/^<IRI>."
            )
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    known = release.index.numbers(ids)
    check = _time(f"The values take longer than {_SECONDS:g} seconds together: ask for fewer at once.")

    def name(node: ox.NamedNode) -> str:
        return show.name(node).text

    def values(id_: str, one: ExtensionProperty) -> list[dict[str, Any]]:
        check()
        return values_of(release.store, paths[one.id], ox.NamedNode(id_), one, show.languages, name)

    rows = {id_: {one.id: values(id_, one) if id_ in known else [] for one in properties} for id_ in ids}
    return {"meta": [_meta(one.id, paths[one.id], rows) for one in properties], "rows": rows}


def _meta(id_: str, path: PropertyPath, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a column is: its name, and the class of the entities in it if they are all of one."""
    name = " / ".join(_property_name(iri) for iri in properties_of(path))
    values = {cell["id"] for row in rows.values() for cell in row[id_] if "id" in cell}
    index = current_release().index
    numbers = index.numbers(values)
    classes = {resource.class_ for resource in index.resources(numbers.values())}
    number = classes.pop() if len(classes) == 1 and len(numbers) == len(values) else None
    return {"id": id_, "name": name} | ({} if number is None else {"type": type_of(index.classes[number].iri)})


def _property_name(iri: str) -> str:
    return presenter().property_name(ox.NamedNode(iri), ()).text


@blueprint.get("/reconcile/properties")
def properties() -> Response:
    """The properties that members of a type have, the most used first."""
    type_, index = request.args.get("type", ""), current_release().index
    limit = _number("limit", _PROPOSED, 1, _MOST_PROPOSED)

    def make() -> dict[str, Any]:
        number = index.term("class", type_)
        used = [iri for iri, _ in index.properties_of(number)] if number is not None else _most_used()
        return {
            "type": type_,
            "limit": limit,
            "properties": [{"id": iri, "name": _property_name(iri)} for iri in used[:limit]],
        }

    return _json(make)


def _most_used() -> list[str]:
    uses = current_release().manifest.counts.properties
    return sorted(uses, key=lambda iri: (-uses[iri], iri))


def _number(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'{name}' has to be a number from {least} to {most}.")
    return int(text)


def _entities() -> tuple[list[str], list[Any]]:
    """The tags of entities of the type that is asked for, and those that are offered before anything is typed."""
    number = current_release().index.term("class", request.args.get("type", ""))
    return ([] if number is None else [tag(number)]), []


_SUGGEST: dict[str, Callable[[], tuple[list[str], list[Any]]]] = {
    "entity": _entities,
    "type": lambda: ([tag(KINDS.index("class"))], _types()),
    "property": lambda: ([tag(KINDS.index("property"))], _most_used()),
}


@blueprint.get("/reconcile/suggest/<kind>")
def suggest(kind: str) -> Response:
    """What has a name that begins with `prefix`, or that IRI: entities, types or properties."""
    if kind not in _SUGGEST:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, f"There are suggestions of: {', '.join(_SUGGEST)}.")
    text = request.args.get("prefix", "").strip()
    if len(text) > LONGEST:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'prefix' has to have at most {LONGEST} characters.")
    cursor = _number("cursor", 0, 0, _FURTHEST)

    def make() -> dict[str, Any]:
        tags, first = _SUGGEST[kind]()
        found = _suggested(text, tags, cursor + _SUGGESTED) if text else first
        entries = [named(iri) for iri in found[cursor : cursor + _SUGGESTED]]
        if kind == "property":
            return {"result": [{"id": one["id"], "name": _property_name(one["id"])} for one in entries]}
        return {"result": [_suggestion(one, is_entity=kind == "entity") for one in entries]}

    return _json(make)


def _suggested(text: str, tags: list[str], count: int) -> list[str]:
    index = current_release().index
    if ":" in text and index.number(text) is not None:
        return [text]
    numbers = [match.resource for match in find(index, text, count, tags).found]
    iris = {resource.id: resource.iri for resource in index.resources(numbers)}
    return [iris[number] for number in numbers]


def _suggestion(entity: Mapping[str, Any], *, is_entity: bool) -> dict[str, Any]:
    kept = {name: value for name, value in entity.items() if name != "type"}
    return {**kept, "notable": entity["type"]} if is_entity else kept


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """A page about an entity for a frame within other people's pages."""
    iri = request.args.get("id", "")
    if current_release().index.number(iri) is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, f"This release has no <{iri[:200]}>.")

    def make() -> str:
        about = shown(iri)
        names = current_release().labels.names(ox.NamedNode(iri))
        others = dict.fromkeys(Name(name.text, name.language) for name in names if name.text != about.name.text)
        return page(
            "preview.html",
            title=about.name,
            href=f"{_root()}doc?{urlencode({'iri': iri})}",
            types=named(iri)["type"],
            description=description_of(iri),
            sentence=sentence(current_release().collector.describe(ox.NamedNode(iri)), presenter()),
            others=list(others),
        )

    response = answer(NegotiatedFormat.of(HTML), make, _root())
    response.headers["Content-Security-Policy"] = EMBEDDABLE
    return response
