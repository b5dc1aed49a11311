"""Reads the parameters of a query operation (https://www.w3.org/TR/sparql11-protocol/#query-operation).

Requests are WSGI environs (PEP 3333), with the body beside them.
"""

from __future__ import annotations

import binascii
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_options_header

from core.corrections import VERSIONS
from core.wording import gettext_noop
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
NAMES = "names"  # the parameter by which a page shows names or, if it is `false`, terms as they stand

_FIELDS = 1000
_STRAYS = 1000  # percent signs that stand for themselves
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii"})
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def from_address(environ: Mapping[str, str]) -> MultiDict[str, str]:
    """The parameters of the request's address, percent-decoded once; a 400 problem where they are not UTF-8."""
    return _pairs(environ.get("QUERY_STRING", "").encode("latin-1"), "address")


def from_form(body: bytes) -> MultiDict[str, str]:
    """The fields of a form; a 400 problem where they are not UTF-8."""
    return _pairs(body, "form")


def from_body(environ: Mapping[str, str], body: bytes) -> MultiDict[str, str]:
    """The parameters of a request with a body: a form, or the query itself with the rest in the address."""
    mimetype, options = parse_options_header(environ.get("CONTENT_TYPE"))
    mimetype = mimetype.lower()
    if mimetype == UPDATE:
        refuse_update()
    if mimetype not in (FORM, QUERY):
        raise HTTPProblem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A query comes as {FORM} or as {QUERY}.", headers=_accepted()
        )
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise HTTPProblem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A query comes uncompressed.", headers={"Accept-Encoding": "identity"}
        )
    if options.get("charset", "utf-8").lower() not in _ENCODINGS:
        raise HTTPProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A query is UTF-8.", headers=_accepted())
    if mimetype == FORM:
        return from_form(body)
    arguments = from_address(environ)
    if "query" in arguments:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, "The query is in the body; there is another one in the address.")
    arguments["query"] = _text(body, "query")
    if "version" in options:
        arguments.add("version", options["version"])
    return arguments


def query(arguments: MultiDict[str, str]) -> str:
    """The query of an operation; a 400 problem if there is none, 403 for an update."""
    if "update" in arguments:
        refuse_update()
    text = one(arguments, "query")
    if text is None or not text.strip():
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext_noop("A request has one 'query'; this one has none."))
    return text


def one(arguments: MultiDict[str, str], name: str) -> str | None:
    """The value of a parameter that may be given once, or None; a 400 problem if there are several."""
    values = arguments.getlist(name)
    if len(values) > 1:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"A request has one '{name}'; this one has {len(values)}.")
    return values[0] if values else None


def formats(arguments: MultiDict[str, str]) -> str | None:
    """The values of `format` as one comma-separated list; SPARQLWrapper sends several for one format."""
    return ",".join(arguments.getlist("format")) or None


def seconds(arguments: MultiDict[str, str]) -> float | None:
    """The time limit that the client asks for, in seconds; None if it does not."""
    text = one(arguments, "timeout")
    if text is None:
        return None
    if not _SECONDS.fullmatch(text) or not float(text):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, "'timeout' has to be a number of seconds, more than 0.")
    return float(text)


def version(arguments: MultiDict[str, str]) -> str | None:
    """The version of SPARQL that the request names (SPARQL 1.2 Protocol, 2.1); a 400 problem if it is not known."""
    label = one(arguments, "version")
    if label is not None and label not in VERSIONS:
        detail = f"'version' has to be a version of SPARQL that is known here: {', '.join(VERSIONS)}."
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    return label


def asks_for_explanation(arguments: MultiDict[str, str]) -> bool:
    """Whether what becomes of the query is asked for, and not its answer."""
    return _boolean(arguments, "explain", default=False)


def asks_for_names(arguments: MultiDict[str, str], *, default: bool = True) -> bool:
    """Whether resources are shown by their names; else every term as it stands."""
    return _boolean(arguments, NAMES, default=default)


def _boolean(arguments: MultiDict[str, str], name: str, *, default: bool) -> bool:
    text = one(arguments, name)
    if text not in {None, "true", "false"}:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"'{name}' has to be true or false.")
    return default if text is None else text == "true"


def refuse_update() -> NoReturn:
    raise HTTPProblem(HTTPStatus.FORBIDDEN, "The data are read-only: there is no update.")


def _accepted() -> dict[str, str]:
    return {"Accept": f"{FORM}, {QUERY}"}


def _pairs(data: bytes, where: str) -> MultiDict[str, str]:
    """The parameters of a form (https://url.spec.whatwg.org/#urlencoded-parsing); a percent sign may stand for itself.

    A 400 problem where many do: each takes time, and no client that encodes sends them.
    """
    _text(data, where)
    if data.count(b"&") >= _FIELDS:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"The {where} has more than {_FIELDS} parameters.")
    escaped, strays = _NO_ESCAPE.subn(b"%25", data.replace(b"+", b" "), _STRAYS + 1)
    if strays > _STRAYS:
        detail = f"The {where} has more than {_STRAYS} percent signs that begin no escape; write each as %25."
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    pairs = (field.partition(b"=") for field in escaped.split(b"&") if field)
    try:
        return MultiDict((_unquote(name), _unquote(value)) for name, _, value in pairs)
    except UnicodeDecodeError as error:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"A parameter of the {where} is not UTF-8.") from error


def _unquote(text: bytes) -> str:
    """A name or a value of a form without its escapes.

    By the decoder of quoted-printable (RFC 2045, 6.7), which differs in its sign alone: urllib.parse takes 0.4 s for a
    mebibyte.
    """
    return binascii.a2b_qp(text.replace(b"=", b"%3D").replace(b"%", b"=")).decode("utf-8")


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"The {where} is not UTF-8, at byte {error.start}.") from error
