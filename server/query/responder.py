"""Answers requests as HTTP and the SPARQL Protocol want it: from the environ of a request to status and header fields.

It runs where the limits of queries hold, in a query process; where another endpoint answers, in the web process.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from core.formats import (
    GEOJSON,
    HTML,
    JSON,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    RESULT_FORMATS,
    RESULTS_TSV,
    TRIG,
    TURTLE,
    XLSX,
)
from server.model.serialization import UnwritableError
from server.query.answers import QueryResponse
from server.query.errors import NotAcceptableError
from server.query.guard import is_deterministic
from server.query.requests import GraphRequest, Operation, Request
from server.semantics import sparql_protocol
from server.semantics.coding import SMALLEST, choose, coded_file, encode
from server.semantics.conditional import FAILED, Validators, date_field, evaluate, validators
from server.semantics.negotiation import NegotiatedFormat, by_name, negotiate
from server.semantics.problem import changed, not_acceptable, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from werkzeug.datastructures import MultiDict

    from core.formats import Format
    from release.manifest import Manifest
    from server.query.answers import Answer
    from server.query.requests import Asked

GRAPHS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS, HTML)
RESULTS = (*RESULT_FORMATS, XLSX, GEOJSON, HTML)
EXPLANATIONS = (JSON, HTML)
EXPLANATION, SERVICE = "explanation", "service"  # forms of a response
CACHE_CONTROL = "public, no-cache"  # keep it, but ask: the next release may be there
# A request with one of these is a query operation, if perhaps a wrong one; without, it asks about the service.
_OPERATION = frozenset({"query", "update", "default-graph-uri", "named-graph-uri", "timeout", "explain"})
_LONGEST = 8000  # characters of the parameters that a page repeats
_PIECE = 1 << 16  # bytes


class Responder:
    """Answers requests over one release, by a function that evaluates."""

    def __init__(
        self,
        manifest: Manifest,
        evaluate: Callable[[Request | GraphRequest, float | None], Answer],
        *,
        follows_release: bool,
    ) -> None:
        """evaluate: raises QueryError; its second argument is the time in seconds that the request asks for.

        follows_release: whether the same query has the same answer as long as the release is the same.
        """
        self._manifest, self._evaluate, self._follows_release = manifest, evaluate, follows_release

    def respond(self, environ: Mapping[str, str], asked: Asked) -> QueryResponse:
        """The response; raises HTTPProblem and QueryError. A GET that asks nothing has one of the form `service`."""
        if not isinstance(asked, Operation):
            return self._answer(environ, asked)
        arguments = _arguments(environ, asked)
        if environ["REQUEST_METHOD"] == "GET" and _OPERATION.isdisjoint(arguments):
            return QueryResponse(HTTPStatus.OK, {}, 0, b"", is_repeatable=True, form=SERVICE)
        if sparql_protocol.asks_for_explanation(arguments):
            return self._explain(environ, arguments)
        request = self._read(arguments, *_formats(environ, sparql_protocol.formats(arguments)))
        return self._answer(environ, request, arguments)

    def _answer(
        self,
        environ: Mapping[str, str],
        request: Request | GraphRequest,
        arguments: MultiDict[str, str] | None = None,
    ) -> QueryResponse:
        """For a page, which is made elsewhere, the conditions of the request are not looked at.

        arguments: of the query operation that it is, if it is one.
        """
        seconds = None if arguments is None else sparql_protocol.seconds(arguments)
        vary = [] if arguments is None else ["Accept"]
        is_repeatable = self._follows_release and (isinstance(request, GraphRequest) or is_deterministic(request.query))
        choices = (None, request.graph) if isinstance(request, GraphRequest) else (request.results, request.graph)
        known = None
        if (
            is_repeatable
            and environ.get("REQUEST_METHOD") == "GET"
            and not any(c and c.format is HTML for c in choices)
        ):
            known = validators(self._manifest, *_variant(request, choices))
            response = unmodified(environ, known, vary)
            if response is not None:
                return response
        try:
            answer = self._evaluate(request, seconds)
        except NotAcceptableError as error:
            raise not_acceptable(RESULTS if error.form == "results" else GRAPHS) from error
        except UnwritableError as error:
            raise unwritable(error) from error
        choice = choices[answer.form == "graph"]
        if choice is None:
            raise ValueError(f"the answer is a {answer.form}, which is not accepted")
        if choice.format is HTML:
            parameters, times = _repeated(arguments), {"write": answer.writing}
            return QueryResponse(
                HTTPStatus.OK,
                {},
                answer.size,
                answer.body,
                is_repeatable,
                answer.form,
                answer.truncated,
                parameters,
                times,
            )
        return complete(environ, answer, choice, known, vary, is_repeatable=is_repeatable)

    def _explain(self, environ: Mapping[str, str], arguments: MultiDict[str, str]) -> QueryResponse:
        """What becomes of a query, which is answered for that in the formats that have a row or a triple in each line.

        docs/http.md has its members; the web process adds the times.
        """
        choice = _chosen(environ, sparql_protocol.formats(arguments), EXPLANATIONS)
        if choice is None:
            raise not_acceptable(EXPLANATIONS)
        request = self._read(arguments, NegotiatedFormat.of(RESULTS_TSV), NegotiatedFormat.of(N_TRIPLES))
        answer = self._evaluate(request, sparql_protocol.seconds(arguments))
        lines = _lines(answer.body)
        explanation = {
            "form": answer.form,
            "rows": None if answer.form == "boolean" else lines - (answer.form == "results"),  # TSV has a head
            "format": answer.format.media_type,
            "bytes": answer.size,
            "query": request.query,
            "evaluated": answer.evaluated,
        }
        body, fields = json.dumps(explanation).encode(), {"Content-Type": choice.format.content_type}
        response = QueryResponse(HTTPStatus.OK, fields, len(body), body, is_repeatable=False, form=EXPLANATION)
        return replace(response, parameters=_repeated(arguments), times={"write": answer.writing})

    def _read(
        self, arguments: MultiDict[str, str], results: NegotiatedFormat | None, graph: NegotiatedFormat | None
    ) -> Request:
        """The query of an operation, with the formats that are accepted."""
        text = sparql_protocol.query(arguments)
        dataset = {name: tuple(dict.fromkeys(arguments.getlist(f"{name}-graph-uri"))) for name in ("default", "named")}
        given = any(dataset.values())  # then it replaces what the query says of its dataset (Protocol, 2.1.4)
        return Request(
            text,
            self._manifest.base,
            results,
            graph,
            dataset["default"] if given else None,
            dataset["named"] if given else None,
            version=sparql_protocol.version(arguments),
        )


def _arguments(environ: Mapping[str, str], operation: Operation) -> MultiDict[str, str]:
    if environ["REQUEST_METHOD"] == "GET":
        return sparql_protocol.from_address(environ)
    return sparql_protocol.from_body(environ, operation.body)


def _formats(environ: Mapping[str, str], name: str | None) -> tuple[NegotiatedFormat | None, NegotiatedFormat | None]:
    """The formats for results and for graphs: those that the `format` parameter names, else that are accepted."""
    results, graph = (_chosen(environ, name, offers) for offers in (RESULTS, GRAPHS))
    if results is None and graph is None:
        raise not_acceptable((*RESULTS, *GRAPHS))
    return results, graph


def _chosen(environ: Mapping[str, str], name: str | None, offers: Sequence[Format]) -> NegotiatedFormat | None:
    """The offer that the `format` parameter names, else the one that is accepted."""
    if not name:
        return negotiate(environ.get("HTTP_ACCEPT"), offers)
    found = by_name(name, offers)
    return NegotiatedFormat.of(found) if found else None


def _repeated(arguments: MultiDict[str, str] | None) -> tuple[tuple[str, str], ...]:
    """The parameters that a page repeats: none where they are long."""
    pairs = () if arguments is None else arguments.items(multi=True)
    parameters = tuple((name, value) for name, value in pairs if name not in {"format", "explain"})
    return parameters if sum(len(value) for _, value in parameters) <= _LONGEST else ()


def _lines(body: bytes | int) -> int:
    """The number of lines of a body, which is closed if it is a file."""
    if isinstance(body, bytes):
        return body.count(b"\n")
    with os.fdopen(body, "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(partial(file.read, _PIECE), b""))


def _variant(
    request: Request | GraphRequest, choices: tuple[NegotiatedFormat | None, NegotiatedFormat | None]
) -> tuple[str, ...]:
    """What the answer depends on besides the release."""
    names = (choice.name if choice else "" for choice in choices)
    if isinstance(request, GraphRequest):
        return (*names, request.name or "")
    graphs = ("\n".join(g) if g is not None else "-" for g in (request.default_graphs, request.named_graphs))
    return (request.query, *names, *graphs, json.dumps(request.table))


def unmodified(environ: Mapping[str, str], known: Validators, vary: list[str]) -> QueryResponse | None:
    """304 where the client has the representation, else None; the problem 412 where a condition of it fails."""
    outcome = evaluate(environ, known)
    if outcome is FAILED:
        raise changed()
    if outcome.status != HTTPStatus.NOT_MODIFIED:
        return None
    fields = {"Vary": ", ".join([*vary, "Accept-Encoding"]), **_validity(known, outcome.tag)}
    return QueryResponse(outcome.status, fields, 0, b"", is_repeatable=True)


def _validity(known: Validators, tag: str | None = None) -> dict[str, str]:
    return {
        "ETag": f'"{tag or known.tag}"',
        "Last-Modified": date_field(known.modified),
        "Cache-Control": CACHE_CONTROL,
    }


def complete(
    environ: Mapping[str, str],
    answer: Answer,
    choice: NegotiatedFormat,
    known: Validators | None,
    vary: list[str],
    *,
    is_repeatable: bool,
) -> QueryResponse:
    """The response with the answer as it is, in the content coding that the client prefers."""
    if isinstance(answer.body, int) and not choice.accepts(answer.version):
        os.close(answer.body)
    began = time.perf_counter()
    fields = {"Content-Type": choice.announcing(answer.version)}
    body, size, tag = answer.body, answer.size, None
    coding = choose(environ.get("HTTP_ACCEPT_ENCODING"))
    if size >= SMALLEST or coding.is_needed:
        vary = [*vary, "Accept-Encoding"]
        if coding.coding:
            fields["Content-Encoding"] = coding.coding
            tag = f"{known.tag}-{coding.coding}" if known else None
            if isinstance(body, bytes):
                body = b"".join(encode(coding.coding, [body]))
                size = len(body)
            else:
                with os.fdopen(body, "rb") as whole:
                    coded, size = coded_file(iter(partial(whole.read, _PIECE), b""), coding.coding)
                with coded:
                    body = os.dup(coded.fileno())
    if vary:
        fields["Vary"] = ", ".join(vary)
    if known is not None:
        fields |= _validity(known, tag)
    elif not is_repeatable:
        fields["Cache-Control"] = "no-store"
    writing = answer.writing + time.perf_counter() - began
    return QueryResponse(HTTPStatus.OK, fields, size, body, is_repeatable, times={"write": writing})
