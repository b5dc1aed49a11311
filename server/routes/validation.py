"""Data in, report out: what a client sends is validated as a build would, and not kept.

The report is that of SHACL (https://www.w3.org/TR/shacl/#validation-report).
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, Response, current_app, request
from werkzeug.http import parse_options_header

from core.formats import HTML, JSON, JSON_LD, N_QUADS, N_TRIPLES, RDF_FORMATS, RDF_XML, TRIG, TURTLE, Format, Kind
from core.wording import gettext_noop
from server.http.context import client, current_release, request_context
from server.http.languages import gettext, language, ngettext
from server.http.problems import MEDIA_TYPE, unavailable
from server.http.queries import FAILURES, to_problem
from server.http.request_id import FIELD, request_id
from server.http.responses import answer, chosen_or_named, describe_service, to_json
from server.pages.page import page
from server.semantics import sparql_protocol
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from server.connections import Connections
    from server.query.validator import Validator

_PROBLEM = Format("problem", "problem", MEDIA_TYPE, Kind.PAGE)
_TEXT = Format("text", "txt", "text/plain", Kind.PAGE)
REPORTS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)
# what is for people comes first, where an RDF format goes by the same media type
OFFERS = (TURTLE, HTML, JSON, _PROBLEM, _TEXT, *REPORTS[1:])
_RECORDS = {
    **dict.fromkeys(("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"), "yaml"),
    **dict.fromkeys(("application/jsonl", "application/x-ndjson", "application/jsonlines"), "jsonl"),
}
_RDF = {media_type: format_.extension for format_ in RDF_FORMATS for media_type in format_.media_types}
_FORM = "application/x-www-form-urlencoded"
_PARAMETERS = frozenset({"file", "format", "lang"})
_LONGEST = 200  # characters of a file's name
_NAMES = ("yaml", "jsonl", *(format_.extension for format_ in RDF_FORMATS))

# Why there is no outcome, by the word of the process.
_REASONS = {
    "shapes": (HTTPStatus.NOT_IMPLEMENTED, gettext_noop("This release has no shapes that data could be held to.")),
    "size": (
        HTTPStatus.NOT_IMPLEMENTED,
        gettext_noop(
            "The project is too large for its records to be checked here: run “parkgraph check” in it. RDF can be"
            " validated."
        ),
    ),
    "unwritable": (HTTPStatus.NOT_ACCEPTABLE, gettext_noop("%(fault)s; other formats can.")),
    "file": (
        HTTPStatus.BAD_REQUEST,
        gettext_noop("'file' has to be the path of a file below data/, with the ending of its format."),
    ),
    "memory": (HTTPStatus.SERVICE_UNAVAILABLE, gettext_noop("The validation needs more memory than there is for it.")),
}

blueprint = Blueprint("validation", __name__)


class _Asked(NamedTuple):
    """Data, their format, and the name of their file, or empty texts."""

    data: bytes = b""
    format: str = ""
    file: str = ""


@blueprint.get("/validate")
def form() -> Response:
    """The page with the form."""
    response = answer(NegotiatedFormat.of(HTML), lambda: _page(_Asked()))
    response.headers["Accept-Post"] = _accept_post()
    return describe_service(response)


@blueprint.post("/validate")
def validate() -> Response:
    """Validate the body: 200 if nothing is violated, else 422."""
    _check_parameters()
    asked, choice = _asked()
    task = {"format": asked.format, "form": _form(choice), "file": asked.file}
    validator: Validator = current_app.extensions["current"].validator
    connections: Connections | None = current_app.extensions.get("connections")
    who = client()

    def is_there() -> bool:
        return connections is not None and connections.has(who)

    try:
        with request_context().place.left():
            reply, body = validator.validate(current_release().folder, task, asked.data, who, is_there)
    except FAILURES as error:
        raise to_problem(error) from error
    if "problem" in reply:
        raise _refusal(reply["problem"], reply.get("about", ""))
    response = _respond(choice, asked, reply["violations"], body)
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if reply["violations"] else HTTPStatus.OK
    response.cache_control.no_store = True
    response.vary.update(("Accept", "Accept-Language"))
    return describe_service(response)


def _check_parameters() -> None:
    """A 400 problem for parameters that are unknown or repeated."""
    for name in request.args:
        if name not in _PARAMETERS:
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'/validate' has no parameter '{name[:50]}'.")
        sparql_protocol.one(request.args, name)


def _asked() -> tuple[_Asked, NegotiatedFormat]:
    """The data of the request, and the format of the answer."""
    media_type, options = parse_options_header(request.headers.get("Content-Type", ""))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported(gettext_noop("The data have to come without Content-Encoding."))
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise _unsupported(gettext_noop("The data have to be UTF-8."))
    file, accepted = request.args.get("file", ""), request.args.get("format")
    if media_type == _FORM:
        fields = sparql_protocol.from_form(request.get_data())
        format_ = sparql_protocol.one(fields, "format") or ""
        data, file = (sparql_protocol.one(fields, "data") or "").encode(), sparql_protocol.one(fields, "file") or file
        if format_ not in _NAMES:
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'format' of the form has to be one of {', '.join(_NAMES)}.")
    else:
        data, format_ = request.get_data(), (_RECORDS | _RDF).get(media_type, "")
        if not format_:
            raise _unsupported(gettext_noop("The data have another media type than these: %(media_types)s."))
    if format_ in _RECORDS.values() and not _has_records():
        raise _unsupported(
            gettext_noop("There is no project here whose records could be checked; RDF can be validated.")
        )
    if len(file) > _LONGEST:
        raise _refusal("file")
    return _Asked(data, format_, file), chosen_or_named(OFFERS, accepted)


def _has_records() -> bool:
    return bool(current_app.extensions["current"].validator.has_project)


def _unsupported(message: str) -> HTTPProblem:
    fields = {"Accept-Post": _accept_post()}
    return HTTPProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message, {"media_types": _accept_post()}, headers=fields)


def _accept_post() -> str:
    """The media types that may be posted (https://www.w3.org/TR/ldp/#header-accept-post)."""
    records = ("application/yaml", "application/jsonl") if _has_records() else ()
    return ", ".join((*records, *(format_.media_type for format_ in REPORTS), _FORM))


def _refusal(reason: str, about: str = "") -> HTTPProblem:
    if reason not in _REASONS:
        return unavailable(RuntimeError(about))
    status, message = _REASONS[reason]
    return HTTPProblem(status, message, {"fault": about})


def _form(choice: NegotiatedFormat) -> str:
    """The form that the process writes: page and problem are made of JSON."""
    return JSON.extension if choice.format in {HTML, JSON, _PROBLEM} else choice.format.extension


def _respond(choice: NegotiatedFormat, asked: _Asked, violations: int, body: bytes) -> Response:
    if choice.format in REPORTS or choice.format is _TEXT:
        return Response(body, content_type=choice.content_type)
    problems = json.loads(body)
    if choice.format is HTML:
        return Response(_page(asked, problems, violations), content_type=HTML.content_type)
    found = {"conforms": not violations, "problems": problems}
    if not violations:
        return Response(to_json(found), content_type=JSON.media_type)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    told = {
        "type": "about:blank",
        "title": gettext(status.phrase),
        "status": status.value,
        "detail": ngettext("%(num)s violation.", "%(num)s violations.", violations),
    }
    response = Response(to_json(told | found | {"request_id": request_id(request.environ)}), content_type=MEDIA_TYPE)
    response.headers[FIELD] = request_id(request.environ)
    response.headers["Content-Language"] = language()
    return response


def _page(asked: _Asked, problems: list[dict[str, Any]] | None = None, violations: int = 0) -> str:
    return page(
        "validation.html",
        title=gettext("Check data"),
        data=asked.data.decode(errors="replace"),
        chosen=asked.format,
        file=asked.file,
        problems=problems,
        violations=violations,
        records=_has_records(),
        formats=RDF_FORMATS,
    )
