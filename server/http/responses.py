"""What the routes share: answers in the format that was negotiated, and links."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, request

from core.formats import HTML, JSON, by_extension
from server.http.context import current_release
from server.http.languages import chosen_language, gettext, languages
from server.model.serialization import SerializedGraph
from server.semantics.conditional import FAILED, evaluate, validators
from server.semantics.negotiation import NegotiatedFormat, by_name, negotiate
from server.semantics.problem import HTTPProblem, changed, not_acceptable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.formats import Format

_IN_URI = ":/?#[]@!$&'()*+,;=%~"
_URI = re.compile(r"[A-Za-z0-9_.:/?#\[\]@!$&'()*+,;=%~-]*")


def fixed_format(extension: str | None, offers: Sequence[Format]) -> Format | None:
    """The format that the end of an address names; None where it has none, a 404 problem for one that there is not."""
    if not extension:
        return None
    format_ = by_extension(extension)
    if format_ not in offers:
        detail = gettext("There is no format '%(extension)s' for this.", extension=extension)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return format_


def chosen_or_named(offers: Sequence[Format], name: str | None) -> NegotiatedFormat:
    """The format that the `format` parameter names, if there is one, else the one that the request accepts."""
    if not name:
        return chosen(offers)
    format_ = by_name(name, offers)
    if format_ is None:
        raise not_acceptable(offers)
    return NegotiatedFormat.of(format_)


def chosen(offers: Sequence[Format]) -> NegotiatedFormat:
    """The format that the request accepts; a 406 problem if there is none."""
    choice = negotiate(request.headers.get("Accept"), offers)
    if choice is None:
        raise not_acceptable(offers)
    return choice


def answer(choice: NegotiatedFormat, make: Callable[[], bytes | str | SerializedGraph], *variant: str) -> Response:
    """The representation that `make` makes, or 304 where the client has it.

    variant: what besides address, format and language of the page the bytes depend on.
    """
    variant = (choice.name, *variant, *(languages() if choice.format is HTML else ()))

    def respond() -> Response:
        made = make()
        if isinstance(made, SerializedGraph):
            return Response(made.data, content_type=choice.announcing(made.version))
        return Response(made, content_type=choice.content_type)

    response = conditional_answer(variant, respond)
    if choice.format is HTML and not chosen_language():
        response.vary.add("Accept-Language")
    return response


def conditional_answer(variant: tuple[str, ...], make: Callable[[], Response]) -> Response:
    """What `make` makes with its validators, or 304 where the client has this variant of this release already."""
    known = validators(current_release().manifest, *variant)
    outcome = evaluate(request.environ, known)
    if outcome is FAILED:
        raise changed()
    if outcome.status == HTTPStatus.NOT_MODIFIED:
        response = Response(status=outcome.status)
        del response.headers["Content-Type"]
    else:
        response = make()
    response.set_etag(outcome.tag or known.tag)
    response.last_modified = known.modified
    response.headers["Cache-Control"] = "public, no-cache"  # keep it, but ask: the next release may be there
    return response


def of_all_releases(response: Response) -> Response:
    """Mark a response about all releases, which changes without the current one: no cache in between keeps it."""
    response.cache_control.public = False
    response.cache_control.private = True
    return response


def to_json(body: Any) -> str:
    """JSON as it is easy to read for people too, with a line feed at its end."""
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def see_other(location: str) -> Response:
    return Response(status=303, headers={"Location": location}, content_type="text/plain; charset=utf-8")


def moved(location: str, status: HTTPStatus = HTTPStatus.MOVED_PERMANENTLY) -> Response:
    response = Response(status=status, headers={"Location": location}, content_type="text/plain; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.no_cache = True  # another release may say otherwise
    return response


def link(target: str, rel: str, **attributes: str) -> str:
    """One value of a Link field (RFC 8288, 3); target: an address or IRI."""
    text = f'<{uri(target)}>; rel="{rel}"'
    for name, value in attributes.items():
        text += f'; {name}="{value}"'
    return text


def uri(iri: str) -> str:
    """An IRI as a URI, which is what header fields hold (RFC 3987, 3.1)."""
    return iri if _URI.fullmatch(iri) else quote(iri, safe=_IN_URI)


def add_link(response: Response, target: str, rel: str, **attributes: str) -> None:
    """Add a value to the Link field of a response."""
    response.headers.add("Link", link(target, rel, **attributes))


def describe_service(response: Response) -> Response:
    """Add the link to the OpenAPI document (RFC 8631, 4.2)."""
    target = current_release().urls.file("openapi.json")
    add_link(response, target, "service-desc", type=JSON.media_type)
    return response
