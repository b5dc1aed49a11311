"""Every address the server knows is minted here.

IRIs of the data are canonical: they begin with the base of the release, whatever host the server answers under.
Pages link by path, so that they work under any host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

THINGS = "id/"
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
# What a path may hold as it is (RFC 3986, 3.3), and what no IRI may (RFC 3987, 2.2).
_PATH = "/:@!$&'()*+,;=~-._"
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`%]')


@dataclass(frozen=True)
class Urls:
    """Addresses of a release with the given base IRI."""

    base: str

    @property
    def root(self) -> str:
        """The path of the base, with its final slash; every path of the server begins with it."""
        return urlsplit(self.base).path

    def path(self, local: str) -> str:
        """The path of a page of the server, as `sparql` or `dumps/x.gz`."""
        return self.root + local

    def static(self, name: str, version: str) -> str:
        return self.path(f"static/{name}?v={quote(version)}")

    def canonical(self, path: str) -> str:
        """The IRI under the base for one of the paths made here."""
        return self.base + path.removeprefix(self.root)

    def document(self, iri: str, extension: str | None = None, page: int = 1) -> str:
        """The path of the document about a resource, negotiated or in the format with the extension."""
        suffix = f".{extension}" if extension else ""
        parameters: dict[str, str | int] = {}
        things = self.base + THINGS
        if iri.startswith(things) and iri != things and not set("?#") & set(iri):
            path = self.path("doc/" + quote(iri[len(things) :], safe=_PATH + "%") + suffix)
        else:
            path = self.path("doc" + suffix)
            parameters["iri"] = iri
        if page > 1:
            parameters["page"] = page
        return f"{path}?{urlencode(parameters)}" if parameters else path

    def dump(self, name: str) -> str:
        return self.path("dumps/" + quote(name))

    def store(self, graph: str) -> str:
        return self.path("store?" + urlencode({"graph": graph}))

    def query(self, text: str) -> str:
        return self.path("sparql?" + urlencode({"query": text}))

    def iris(self, local: str) -> Iterator[str]:
        """The IRIs that a path below the root may stand for, with characters as they are or percent-encoded.

        local: decoded once, as the application server hands it over.
        """
        yield self.base + _NOT_IN_IRI.sub(lambda match: quote(match[0], safe=""), local)
        encoded = quote(local, safe=_PATH)
        if encoded != local:
            yield self.base + encoded


def is_link(iri: str) -> bool:
    """Whether a page may link to it: nothing that a browser would run."""
    return urlsplit(iri).scheme.lower() in _SAFE_SCHEMES
