"""OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): openapi.json with the saved queries of a release added."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.formats import (
    ATOM,
    CITATIONS,
    CSL_JSON,
    CSV,
    CSVW,
    GEOJSON,
    HTML,
    JSON,
    JSON_LD,
    N_TRIPLES,
    RDF_FORMATS,
    RDF_XML,
    RESULT_FORMATS,
    RESULTS_JSON,
    SUGGESTIONS,
    TURTLE,
    XLSX,
)
from core.saved_queries import Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.formats import Format
    from core.saved_queries import Parameter, SavedQuery
    from release.manifest import Manifest
    from server.model.urls import Urls

_ENGLISH = "en"
_SCHEMAS: dict[Type, dict[str, Any]] = {
    Type.IRI: {"type": "string", "format": "iri-reference"},
    Type.STRING: {"type": "string"},
    Type.INTEGER: {"type": "integer"},
    Type.DECIMAL: {"type": "number"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.YEAR: {"type": "string", "pattern": "^-?([1-9]\\d{3,8}|0\\d{3})$"},
    Type.LANGUAGE: {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
}
# What a value of a parameter is in JSON; of the other types a text.
_VALUES: dict[Type, Callable[[str], Any]] = {
    Type.INTEGER: int,
    Type.DECIMAL: float,
    Type.BOOLEAN: lambda value: value == "true",
}
_RESPONSES = {
    "Answer": (*RESULT_FORMATS, *RDF_FORMATS, XLSX, GEOJSON, HTML),
    "Graph": (*RDF_FORMATS, HTML),
    "Document": (*RDF_FORMATS, *CITATIONS, HTML),
    "Citation": CITATIONS,
    "Search": (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, JSON, CSV, SUGGESTIONS, HTML),
    "Releases": (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, JSON, ATOM, HTML),
    "List": (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, JSON, CSV, XLSX, GEOJSON, HTML),
}
_CODES = (400, 404, 406, 429, 503)  # of a saved query that has no answer


def openapi(manifest: Manifest, urls: Urls, queries: Mapping[str, SavedQuery]) -> dict[str, Any]:
    """The document as JSON: the fixed addresses, and one operation for each saved query."""
    document: dict[str, Any] = json.loads(_fixed())
    dataset = manifest.dataset
    document["info"] |= {
        "title": _text(dataset.title) or manifest.base,
        "description": _text(dataset.description),
        "version": f"{__version__}+{manifest.id}",
    }
    if dataset.license:
        document["info"]["license"] = {"name": "Licence", "url": dataset.license}
    document["servers"] = [{"url": urls.root}]
    responses = document["components"]["responses"]
    for name, formats in _RESPONSES.items():
        responses[name] = {"description": "OK", "content": _content(formats)}
    document["paths"] |= {f"/query/{query.name}": {"get": _operation(query)} for query in queries.values()}
    return document


@cache
def _fixed() -> str:
    return Path(__file__).with_suffix(".json").read_text(encoding="utf-8")


def _operation(query: SavedQuery) -> dict[str, Any]:
    common = [{"$ref": f"#/components/parameters/{name}"} for name in ("format", "timeout", "names")]
    problem = {"$ref": "#/components/responses/Problem"}
    tables = (*RESULT_FORMATS, XLSX, GEOJSON, CSVW) if query.form == "results" else (*RESULT_FORMATS, XLSX)
    formats = RDF_FORMATS if query.form == "graph" else tables
    answer = {
        "description": f"Rows of {', '.join(query.columns)}." if query.columns else "OK",
        "content": _content((*formats, *CITATIONS, HTML)),
    }
    is_named = any(parameter.type is Type.IRI for parameter in query.parameters)
    by_name = {"303": {"description": "The address with the IRI of what was given by name."}} if is_named else {}
    return {
        "operationId": query.name,
        "summary": _text(query.titles),
        "description": _text(query.descriptions),
        "tags": ["saved queries"],
        "parameters": [*map(_parameter, query.parameters), *common],
        "responses": {"200": answer, **by_name, **{str(code): problem for code in _CODES}},
    }


def _content(formats: Iterable[Format]) -> dict[str, Any]:
    """The Media Type Objects of an answer that comes in these formats; what is neither text nor JSON has no schema."""
    schemas: dict[Format, dict[str, Any]] = {form: {} for form in (JSON, CSVW, CSL_JSON, SUGGESTIONS, GEOJSON)}
    schemas |= {RESULTS_JSON: {"$ref": "#/components/schemas/Results"}, XLSX: {}}
    return {f.media_type: {"schema": schemas.get(f, {"type": "string"})} for f in formats}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = dict(_SCHEMAS[parameter.type])
    if parameter.default is not None:
        schema["default"] = _VALUES.get(parameter.type, str)(parameter.default)
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "description": _text(parameter.descriptions),
        "required": parameter.required,
        "schema": schema,
    }
    if parameter.example is not None:
        described["example"] = _VALUES.get(parameter.type, str)(parameter.example)
    return described


def _text(texts: Mapping[str, str]) -> str:
    return texts.get(_ENGLISH) or next(iter(texts.values()), "")
