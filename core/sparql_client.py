"""Asks a SPARQL endpoint over HTTP."""

from __future__ import annotations

import io
from ast import literal_eval
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, unquote, urlsplit

from SPARQLWrapper import CONSTRUCT, JSON, POST, SELECT, TURTLE, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from core import __version__
from core.errors import InputError, QueryError, QuerySyntaxError
from core.lexer import QUERY_FORMS
from core.sparql_responses import NotAskedForError, QueryResult, accept_header, parse_answer, parse_error, query_form

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENT = f"ParkGraph/{__version__}"  # as which a client presents itself
_LONGEST_GET = 2000  # characters of a query; a longer one goes by POST


@contextmanager
def query_endpoint(endpoint: str, query: str) -> Iterator[QueryResult]:
    """The answer of an endpoint to a query, received whole, for as long as the context lasts; without a limit of time.

    endpoint: an http or https URL, with `user:password@` if it wants that. Raises QuerySyntaxError if the query is not
    SPARQL, QueryError if the endpoint refuses it, InputError if there is no endpoint, or no proper answer, even where
    that shows while the answer is read.
    """
    form = query_form(query)
    wrapper = _wrapper(endpoint, query, QUERY_FORMS[form])
    body, content_type = _receive(wrapper)
    try:
        yield parse_answer(io.BytesIO(body), content_type, form)
    except NotAskedForError as error:
        raise InputError(f"{wrapper.endpoint} sent '{error}' instead of an answer") from error
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{wrapper.endpoint} sent a broken answer: {error}") from error


def _receive(wrapper: SPARQLWrapper) -> tuple[bytes, str]:
    """The body of the answer and its media type."""
    try:
        with wrapper.query().response as response:
            if wrapper.method == POST and response.url != wrapper.endpoint:  # a redirected POST loses its query
                raise InputError(f"{wrapper.endpoint} has moved to {response.url}")
            return response.read(), response.headers.get("Content-Type", "")
    except SPARQLWrapperException as error:
        if not isinstance(error.__context__, HTTPError):
            raise
        body = literal_eval(str(error).partition("Response:\n")[2] or "b''")  # the one place where it is kept
        raise _refusal(wrapper, error.__context__, body) from error
    except HTTPError as error:
        raise _refusal(wrapper, error, error.read()) from error
    except URLError as error:
        raise InputError(f"{wrapper.endpoint} cannot be reached: {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise InputError(f"{wrapper.endpoint} broke off its answer") from error


def _wrapper(endpoint: str, query: str, kind: str) -> SPARQLWrapper:
    parts = urlsplit(endpoint)
    host = parts.netloc.rpartition("@")[2]
    wrapper = SPARQLWrapper(parts._replace(netloc=host, query="").geturl(), agent=AGENT)
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        wrapper.addParameter(name, value)
    if parts.username:
        wrapper.setCredentials(unquote(parts.username), unquote(parts.password or ""))
    if len(query) > _LONGEST_GET:
        wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)
    wrapper.addCustomHttpHeader("Accept", accept_header(kind))
    # not by setQuery, which finds the form by a pattern and takes other texts for updates
    wrapper.queryString = query
    wrapper.queryType, wrapper.returnFormat = (CONSTRUCT, TURTLE) if kind == "graph" else (SELECT, JSON)
    return wrapper


def _refusal(wrapper: SPARQLWrapper, response: HTTPError, body: bytes) -> QueryError:
    details = parse_error(body, response.headers.get("Content-Type", ""))
    if response.code == HTTPStatus.BAD_REQUEST:
        if not details.message:
            details = details._replace(message=f"{wrapper.endpoint} does not take it")
        return QuerySyntaxError(*details)
    message = QuerySyntaxError(*details).reason
    return QueryError(f"{wrapper.endpoint} answered with the status {response.code}{': ' if message else ''}{message}")
