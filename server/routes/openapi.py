"""The addresses for programs as an OpenAPI document, version 3.1 (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from core import __version__
from core.formats import HTML, JSON, RDF_FORMATS, RESULT_FORMATS, RESULTS_JSON
from core.saved_queries import Type
from server.http.context import current_release
from server.http.responses import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Response

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
_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_RESULTS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results in JSON.",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": {"type": "string"}}}},
        "boolean": {"type": "boolean"},
        "results": {
            "type": "object",
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Term"}},
                }
            },
        },
    },
}
_TERM = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {
        "type": {"enum": ["uri", "literal", "bnode", "triple"]},
        "value": {},
        "xml:lang": {"type": "string"},
        "datatype": {"type": "string", "format": "iri"},
    },
}
_FORMAT_NOTE = "Format of the answer: an extension, a media type, or the second half of one. Wins over Accept."


def describe_service(response: Response) -> Response:
    """Lead to this document (RFC 8631, 4.2)."""
    target = current_release().urls.file("openapi.json")
    response.headers.add("Link", link(target, "service-desc", type=JSON.media_type))
    return response


def listed(query: SavedQuery, urls: Urls) -> dict[str, Any]:
    """A saved query for programs: all that its file says of it, and its address."""
    names = ",".join(parameter.name for parameter in query.parameters)
    address = urls.file(f"query/{query.name}")
    return {
        "name": query.name,
        "title": query.titles,
        "description": query.descriptions,
        "address": address,
        "template": f"{address}{{?{names}}}" if names else address,
        "form": query.form,
        "columns": query.columns,
        "parameters": [_told(parameter) for parameter in query.parameters],
        "view": query.view,
        "place": query.place,
        "query": query.text,
    }


def _told(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "required": parameter.required,
        "default": parameter.default,
        "example": parameter.example,
        "description": parameter.descriptions,
    }


def openapi(manifest: Manifest, urls: Urls, queries: Mapping[str, SavedQuery]) -> dict[str, Any]:
    """The whole document."""
    title = _text(manifest.dataset.title)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title or manifest.base,
            "summary": "Linked open data, read-only.",
            "description": _text(manifest.dataset.description),
            "version": f"{__version__}+{manifest.id}",
            **({"license": {"name": "Licence", "url": manifest.dataset.license}} if manifest.dataset.license else {}),
        },
        "servers": [{"url": urls.root}],
        "tags": [{"name": "saved queries"}, {"name": "SPARQL"}, {"name": "resources"}, {"name": "downloads"}],
        "paths": {**_queries(queries), **_sparql(), **_resources(), **_downloads()},
        "components": {"schemas": {"Problem": _PROBLEM, "Results": _RESULTS, "Term": _TERM}},
    }


def _queries(queries: Mapping[str, SavedQuery]) -> dict[str, Any]:
    paths = {"/queries": {"get": _operation("queries", "The saved queries", "saved queries", _content([JSON, HTML]))}}
    for query in queries.values():
        formats = RDF_FORMATS if query.form == "graph" else RESULT_FORMATS
        operation = _operation(
            query.name,
            _text(query.titles),
            "saved queries",
            _content([*formats, HTML]),
            [*(_parameter(parameter) for parameter in query.parameters), *_common(formats)],
            _text(query.descriptions),
            [400, 404, 406, 429, 503],
        )
        if query.columns:
            operation["responses"]["200"]["description"] = f"Rows of {', '.join(query.columns)}."
        paths[f"/query/{query.name}"] = {"get": operation}
    return paths


def _sparql() -> dict[str, Any]:
    formats = [*RESULT_FORMATS, *RDF_FORMATS, HTML]
    dataset = [
        _query_parameter(f"{kind}-graph-uri", {"type": "array", "items": {"type": "string", "format": "iri"}}, note)
        for kind, note in (("default", "Graphs that are the default graph."), ("named", "Graphs for GRAPH."))
    ]
    common = [*dataset, *_common([*RESULT_FORMATS, *RDF_FORMATS])]
    text = {"type": "string", "description": "A query in SPARQL 1.1."}
    codes = [400, 403, 406, 413, 414, 415, 429, 503]
    by_get = _operation(
        "queryByGet",
        "Ask a query; without one, what the endpoint is",
        "SPARQL",
        _content(formats),
        [_query_parameter("query", text, "The query."), *common],
        codes=codes,
    )
    by_post = _operation("queryByPost", "Ask a query", "SPARQL", _content(formats), common, codes=codes)
    by_post["requestBody"] = {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": text},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "required": ["query"], "properties": {"query": text}}
            },
        },
    }
    store = _operation(
        "graph",
        "One whole graph: of the dataset by default, or of that name",
        "SPARQL",
        _content([*RDF_FORMATS, HTML]),
        [
            _query_parameter("default", {"type": "string"}, "Asks for the default graph.", allowEmptyValue=True),
            _query_parameter("graph", {"type": "string", "format": "iri"}, "Name of the graph."),
            *_common(RDF_FORMATS),
        ],
        codes=[400, 404, 406, 429, 503],
    )
    return {"/sparql": {"get": by_get, "post": by_post}, "/store": {"get": store}}


def _resources() -> dict[str, Any]:
    local = {"name": "local", "in": "path", "required": True, "schema": {"type": "string"}}
    iri = _query_parameter("iri", {"type": "string", "format": "iri"}, "The resource.", required=True)
    content = _content([*RDF_FORMATS, HTML])
    thing = _operation("thing", "A thing: leads to the document about it", "resources", {}, [local], codes=[404])
    thing["responses"]["303"] = {"description": "The document is there.", "headers": {"Location": _header()}}
    del thing["responses"]["200"]
    return {
        "/id/{local}": {"get": thing},
        "/doc/{local}": {
            "get": _operation("document", "The document about a thing", "resources", content, [local], codes=[404, 406])
        },
        "/doc": {
            "get": _operation(
                "documentOf", "The document about any resource", "resources", content, [iri], codes=[400, 404, 406]
            )
        },
    }


def _downloads() -> dict[str, Any]:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    file = {"application/octet-stream": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}}
    listing = _operation("downloads", "The downloads, with size and SHA-256", "downloads", _content([JSON, HTML]))
    one = _operation("download", "One download", "downloads", file, [name], codes=[404, 416])
    catalog = _operation("catalog", "The dataset in VoID and DCAT", "downloads", _content([*RDF_FORMATS, HTML]))
    return {"/dumps/": {"get": listing}, "/dumps/{name}": {"get": one}, "/catalog": {"get": catalog}}


def _operation(
    identity: str,
    summary: str,
    tag: str,
    content: dict[str, Any],
    parameters: Iterable[dict[str, Any]] = (),
    description: str = "",
    codes: Iterable[int] = (406,),
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {"200": {"description": HTTPStatus.OK.phrase, "content": content}}
    responses |= {str(code): {"description": HTTPStatus(code).phrase, "content": problem} for code in codes}
    return {
        "operationId": identity,
        "summary": summary,
        **({"description": description} if description else {}),
        "tags": [tag],
        "parameters": list(parameters),
        "responses": responses,
    }


def _content(formats: Iterable[Format]) -> dict[str, Any]:
    results, text = {"schema": {"$ref": "#/components/schemas/Results"}}, {"schema": {"type": "string"}}
    anything: dict[str, Any] = {"schema": {}}
    kinds = {RESULTS_JSON: results, JSON: anything}
    return {format_.media_type: kinds.get(format_, text) for format_ in formats}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = dict(_SCHEMAS[parameter.type])
    if parameter.default is not None:
        schema["default"] = _json_value(parameter, parameter.default)
    told = _query_parameter(parameter.name, schema, _text(parameter.descriptions), required=parameter.required)
    if parameter.example is not None:
        told["example"] = _json_value(parameter, parameter.example)
    return told


def _json_value(parameter: Parameter, value: str) -> Any:
    match parameter.type:
        case Type.INTEGER:
            return int(value)
        case Type.DECIMAL:
            return float(value)
        case Type.BOOLEAN:
            return value == "true"
    return value


def _common(formats: Iterable[Format]) -> list[dict[str, Any]]:
    extensions = [format_.extension for format_ in formats]
    return [
        _query_parameter("format", {"type": "string", "examples": extensions}, _FORMAT_NOTE),
        _query_parameter("timeout", {"type": "number", "exclusiveMinimum": 0}, "Seconds; lowers the limit."),
    ]


def _query_parameter(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _header() -> dict[str, Any]:
    return {"schema": {"type": "string", "format": "uri-reference"}}


def _text(texts: Mapping[str, str]) -> str:
    return texts.get(_ENGLISH) or next(iter(texts.values()), "")
