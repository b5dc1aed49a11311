"""`/llms.txt`: what this is and where to begin, for language models (https://llmstxt.org/); made of the metadata."""

from __future__ import annotations

import re
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import REFERENCE
from server.http.context import current_release
from server.http.languages import chosen_language, languages
from server.http.responses import conditional_answer
from server.pages.citations import cite_release
from server.pages.page import presenter, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.saved_queries import SavedQuery
    from server.releases import OpenRelease

_MARKDOWN = "text/markdown; charset=utf-8"
_QUERIES, _CLASSES = 200, 30
_LONGEST = 500  # characters of a text
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")

blueprint = Blueprint("llms", __name__)


@blueprint.get("/llms.txt")
def llms() -> Response:
    """Markdown in the form of the proposal; what the dataset says of itself is in the reader's language."""

    def make() -> Response:
        return Response("\n".join(_lines(current_release())) + "\n", content_type=_MARKDOWN)

    response = conditional_answer(("llms", *languages()), make)
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def _lines(release: OpenRelease) -> Iterator[str]:
    dataset, counts = release.manifest.dataset, release.manifest.counts
    yield f"# {_text(dataset.title) or release.manifest.base}"
    yield ""
    yield f"> {_text(dataset.description) or 'Linked data, read-only.'}"
    yield ""
    size = f"{counts.triples} triples about {counts.entities} resources"
    yield f"Release {release.manifest.id} of {release.manifest.created[:10]}: {size}."
    yield f"Licence: {', '.join(release.manifest.licences) or 'not stated'}."
    yield "Addresses below /release/<id>/ never change. Cite IRIs, the statements about facts, and these addresses."
    for heading, links in (
        ("Ask", _ways_to_ask(release)),
        ("Questions that are ready", _saved_queries(release)),
        ("What the data have", _classes(release)),
        ("Optional", _others(release)),
    ):
        rows = list(links)
        if rows:
            yield from ("", f"## {heading}", "")
            yield from (f"- [{name}]({_address(release, path)}): {note}" for name, path, note in rows)
    yield from ("", "## Cite", "", cite_release().text(REFERENCE).strip())


def _ways_to_ask(release: OpenRelease) -> Iterator[tuple[str, str, str]]:
    """Names, paths and notes."""
    if find_spec("mcp") is not None:
        yield (
            "MCP",
            "mcp",
            "Model Context Protocol (Streamable HTTP): search, describe, schema, queries, what backs a fact",
        )
    yield "SPARQL endpoint", "sparql", "SPARQL 1.1 by ?query=; the service description without a query"
    yield "Schema card", "schema-card", "classes, their properties and values with counts (VoID), and example queries"
    yield "Search", "search?q=…&format=json", "resources by name, in any language or spelling"
    yield "OpenAPI", "openapi.json", "all addresses for programs"
    for example in islice(release.examples, 1):
        path = f"doc?{urlencode({'iri': example})}"
        yield (
            "A document",
            path,
            "all that is said of a resource, by Accept as Turtle, JSON-LD, N-Triples, RDF/XML or HTML",
        )


def _saved_queries(release: OpenRelease) -> Iterator[tuple[str, str, str]]:
    for query in islice(release.queries.values(), _QUERIES):
        required = [f"{p.name} ({p.type})" for p in query.parameters if p.required]
        optional = [f"{p.name} ({p.type})" for p in query.parameters if not p.required]
        notes = [
            _text(query.descriptions),
            f"Needs {', '.join(required)}." if required else "",
            f"Takes {', '.join(optional)}." if optional else "",
        ]
        name = _text(query.titles) or query.name
        yield name, f"query/{query.name}.{_extension(query)}", " ".join(filter(None, notes)) or name


def _extension(query: SavedQuery) -> str:
    return "ttl" if query.form == "graph" else "csv" if query.form == "results" else "srj"


def _classes(release: OpenRelease) -> Iterator[tuple[str, str, str]]:
    for class_ in islice(release.index.main_classes, _CLASSES):
        name = presenter().name(ox.NamedNode(class_.iri)).text
        yield (
            _escaped(name),
            f"list?{urlencode({'class': class_.iri, 'format': 'json'})}",
            f"{class_.uses}; <{class_.iri}>",
        )


def _others(release: OpenRelease) -> Iterator[tuple[str, str, str]]:
    yield "Downloads", "dumps/", "the whole dataset in every format"
    yield "Catalog", "catalog", "the dataset in DCAT, VoID and PROV-O"
    if release.manifest.ontology:
        yield "Vocabulary", "ontology", "classes and properties with their definitions"
    yield "Releases", "releases", "all releases, and what changed"


def _address(release: OpenRelease, path: str) -> str:
    return f"{release.manifest.base}{release.urls.within}{path}"


def _text(texts: Mapping[str, str]) -> str:
    name = text_of(texts)
    return _escaped(name.text) if name else ""


def _escaped(text: str) -> str:
    """A text on one line, that Markdown takes as it stands."""
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")
