"""What the refusal of another endpoint means for whoever asked here, without that endpoint's internals."""

from __future__ import annotations

import re
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
        case 400:
            return QuerySyntaxError(*upstream_error_message(body, content_type))
        case 429 | 503:
            return ServerBusyError("the endpoint behind this one is busy")
        case 408 | 504:
            return QueryTimeoutError("the query took longer than the endpoint behind this one allows")
        case 413 | 414:
            return UpstreamError("takes no query that is longer than its limit")
    return UpstreamError(f"answered with the status {status}")


def upstream_error_message(body: bytes, content_type: str) -> SyntaxDetails:
    """What the endpoint says of a query that it refuses, and where in the query, as far as it may be handed on."""
    details = parse_error(body, content_type)
    if not details.message or _INTERNAL.search(details.message):
        return details._replace(message="the endpoint behind this one does not take it")
    return details
