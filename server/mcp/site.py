"""Asks a site for what the tools tell: by the addresses, formats and limits that everybody has.

The site is an application in this process, or a service elsewhere. It is asked within one release, so that what one
call tells is of one release, and has addresses that never change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pyoxigraph as ox
import urllib3
from werkzeug.test import EnvironBuilder, run_wsgi_app

from core.errors import InputError, ParkGraphError
from core.formats import JSON, N_TRIPLES, RESULTS_TSV
from core.rdf import parse_base
from core.sparql_client import AGENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from _typeshed.wsgi import WSGIApplication

    from release.manifest import Manifest

LARGEST = 1 << 20  # bytes of an answer that are read
_LARGEST_MANIFEST = 64 << 20
_REDIRECTS = 3
_SECONDS = urllib3.Timeout(connect=10, read=60)  # a service has limits of its own
_LONGEST_ADDRESS = 4_000  # characters


class SiteError(ParkGraphError):
    """The site refuses, or cannot be asked; the message is for who asked."""


@dataclass(frozen=True)
class Reply:
    """A response, with so much of its body as was read; fields: by their names in small letters."""

    status: int
    fields: Mapping[str, str]
    body: bytes
    is_whole: bool

    def whole_lines(self) -> bytes:
        """The body without a last line that is cut."""
        return self.body if self.is_whole else self.body[: self.body.rfind(b"\n") + 1]


class Send(Protocol):
    """Sends a request, and reads the answer up to a number of bytes."""

    def __call__(
        self, method: str, url: str, fields: Mapping[str, str], body: bytes = b"", most: int = LARGEST
    ) -> Reply:
        """url: absolute. Raises SiteError where there is no answer."""


@dataclass(frozen=True)
class About:
    """What the tools have to know of a release; titles and descriptions: language → text."""

    release: str
    base: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    licence: str | None
    prefixes: Mapping[str, str]

    @classmethod
    def of(cls, manifest: Manifest) -> About:
        dataset = manifest.dataset
        return cls(
            manifest.id, manifest.base, dataset.title, dataset.description, dataset.license, dict(manifest.prefixes)
        )


class Site:
    """One release of a site."""

    def __init__(self, send: Send, address: str, about: About) -> None:
        """address: of the site, with its final slash."""
        self._send, self.about = send, about
        self._address = f"{address}release/{about.release}/"

    def permanent(self, path: str, parameters: Mapping[str, str] | None = None) -> str | None:
        """The address of an answer that never changes; None if it is too long to be one."""
        address = f"{self.about.base}release/{self.about.release}/{path}{_query(parameters or {})}"
        return address if len(address) <= _LONGEST_ADDRESS else None

    def document(self, iri: str) -> str | None:
        """The address of the document about a resource that never changes."""
        return self.permanent("doc", {"iri": iri})

    def json(self, path: str, parameters: Mapping[str, str | list[str]]) -> Any:
        """The answer in JSON; SiteError if there is none, or it is too large."""
        reply = self.get(path, parameters, JSON.media_type)
        if not reply.is_whole:
            raise SiteError("The answer is too large: ask for less.")
        return json.loads(reply.body)

    def get(self, path: str, parameters: Mapping[str, str | list[str]], accept: str, most: int = LARGEST) -> Reply:
        """The answer up to a number of bytes, where that is one; else SiteError with what the problem says."""
        return _get(self._send, f"{self._address}{path}{_query(parameters)}", accept, most)

    def post_query(self, query: str) -> Reply:
        """The answer to a SPARQL query: rows and booleans in TSV, graphs in N-Triples."""
        fields = {
            "Accept": f"{RESULTS_TSV.media_type}, {N_TRIPLES.media_type}",
            "Content-Type": "application/sparql-query",
        }
        return _answer(self._send("POST", f"{self._address}sparql", fields, query.encode()))

    def select(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query of the tools' own, without those that are too many."""
        return read_rows(self.post_query(query))[1]


def read_rows(reply: Reply) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns, and rows by them, of an answer in TSV of which the end may be missing."""
    found = ox.parse_query_results(reply.whole_lines(), format=RESULTS_TSV.results)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - the caller has looked
    columns = [variable.value for variable in found.variables]
    rows = [{name: term for name, term in zip(columns, row, strict=True) if term is not None} for row in found]
    return columns, rows


def _query(parameters: Mapping[str, str | list[str]]) -> str:
    return f"?{urlencode(parameters, doseq=True, quote_via=quote, safe=':/')}" if parameters else ""


def _get(send: Send, url: str, accept: str, most: int = LARGEST) -> Reply:
    """The answer at an address, or at the one that it leads to."""
    reply = send("GET", url, {"Accept": accept}, most=most)
    for _ in range(_REDIRECTS):
        if not HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            break
        url = urljoin(url, reply.fields.get("location", ""))
        reply = send("GET", url, {"Accept": accept}, most=most)
    return _answer(reply)


def _answer(reply: Reply) -> Reply:
    if reply.status == HTTPStatus.OK:
        return reply
    raise SiteError(_complaint(reply))


def _complaint(reply: Reply) -> str:
    """What a problem (RFC 9457) says, with its members that help."""
    try:
        problem = json.loads(reply.body)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    known = {"type", "title", "status", "detail", "request_id"}
    more = {name: value for name, value in problem.items() if name not in known}
    if wait := reply.fields.get("retry-after"):
        more["retry after seconds"] = wait
    told = f" {json.dumps(more, ensure_ascii=False)}" if more else ""
    return f"{reply.status}: {problem.get('detail', 'The site gives no answer.')}{told}"


def of_application(
    application: WSGIApplication, client: str, left: Callable[[], AbstractContextManager[object]], host_url: str
) -> Send:
    """Asks an application in this process, as the client whose address is given.

    left: makes the context in which it is asked, as that in which a request under way gives up its place.
    """

    def send(method: str, url: str, fields: Mapping[str, str], body: bytes = b"", most: int = LARGEST) -> Reply:
        parts = urlsplit(url)
        environ = EnvironBuilder(
            parts.path, host_url, parts.query, method=method, headers=list(fields.items()), input_stream=None, data=body
        ).get_environ()
        environ["REMOTE_ADDR"] = client
        with left():
            pieces, status, headers = run_wsgi_app(application, environ)
            try:
                read, is_whole = _read(pieces, most)
            finally:
                close = getattr(pieces, "close", None)
                if close is not None:
                    close()
        fields = {name.lower(): value for name, value in headers.items()}
        return Reply(int(status.split()[0]), fields, read, is_whole)

    return send


def of_service() -> Send:
    """Asks a service elsewhere by HTTP."""
    pool = urllib3.PoolManager(headers={"User-Agent": AGENT}, timeout=_SECONDS, retries=False)

    def send(method: str, url: str, fields: Mapping[str, str], body: bytes = b"", most: int = LARGEST) -> Reply:
        try:
            response = pool.request(
                method,
                url,
                headers={**pool.headers, **fields},
                body=body or None,
                preload_content=False,
                redirect=False,
            )
            with response:
                read, is_whole = _read(response.stream(1 << 16), most)
                fields = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, fields, read, is_whole)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise SiteError(f"{url.partition('?')[0]} cannot be asked: {error}") from error

    return send


def _read(pieces: Iterable[bytes], most: int) -> tuple[bytes, bool]:
    """So much of a body, and whether that is all."""
    read = bytearray()
    for piece in pieces:
        read += piece
        if len(read) > most:
            return bytes(read[:most]), False
    return bytes(read), True


def open_service(url: str) -> Site:
    """The current release of a service; InputError if there is none at the address."""
    try:
        address, send = parse_base(url), of_service()
        manifest = json.loads(_get(send, f"{address}manifest.json", JSON.media_type, _LARGEST_MANIFEST).body)
        dataset = manifest["dataset"]
        about = About(
            manifest["id"],
            manifest["base"],
            dataset["title"],
            dataset["description"],
            dataset["license"],
            manifest["prefixes"],
        )
    except (SiteError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{url} is no service of a release: {error}") from error
    return Site(send, address, about)
