"""What the refusal of another endpoint means for whoever asked here, without that endpoint's internals."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from core.errors import QueryError, QuerySyntaxError
from core.sparql_responses import parse_error
from server.query.errors import QueryTimeoutError, ServerBusyError, UpstreamError

if TYPE_CHECKING:
    from core.syntax_errors import SyntaxDetails

# Addresses, paths and frames of a stack are the other server's business.
_INTERNAL = re.compile(
    r"""
      \w+://(?!www\.w3\.org)[^\s>]*      # an address
    | (?:^|\s)(?:/[\w.-]+){2,} | [A-Z]:\\ # a path
    | \bat\ [\w$]+(?:\.[\w$]+)+\( | Traceback | \.(?:java|py|cpp|c|rs|go|js):\d+ | \b(?:[a-z]\w*\.){2,}[A-Z]\w+
    """,
    re.VERBOSE,
)


def refusal(status: int, body: bytes, content_type: str) -> QueryError:
    """The error for an answer with a status other than 200."""
    match status:
        case HTTPStatus.BAD_REQUEST:
            return QuerySyntaxError(*upstream_error_message(body, content_type))
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            return ServerBusyError("the endpoint behind this one is busy")
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.GATEWAY_TIMEOUT:
            return QueryTimeoutError("the query took longer than the endpoint behind this one allows")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE | HTTPStatus.REQUEST_URI_TOO_LONG:
            return UpstreamError("the query is longer than the endpoint behind this one takes")
    return UpstreamError(f"the endpoint behind this one answered with the status {status}")


def upstream_error_message(body: bytes, content_type: str) -> SyntaxDetails:
    """What the endpoint says of a query that it refuses, and where in the query, as far as it may be handed on."""
    said = parse_error(body, content_type)
    if not said.message or _INTERNAL.search(said.message):
        return said._replace(message="the endpoint behind this one does not take it")
    return said
