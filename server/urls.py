"""Every address the server knows is minted here.

IRIs of the data are canonical: they begin with the base of the release, whatever host the server answers under.
Pages link by path, so that they work under any host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

THINGS = "id/"
RELEASE = "release/"
LANGUAGE = "lang"  # the parameter that asks for a page in a language
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
# What a path may hold as it is (RFC 3986, 3.3), and what no IRI may (RFC 3987, 2.2).
SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`%]')


@dataclass(frozen=True)
class Urls:
    """Addresses of a release with the given base IRI.

    language: the one that every link to a page asks for, where the reader has chosen one by the address.
    within: what the paths of a release begin with that is addressed by its id, as `release/3f9c1b27a0d4e815/`.
    top: the path of the site, where that is not the path of the base.
    """

    base: str
    language: str | None = None
    within: str = ""
    top: str | None = None

    def asking_for(self, language: str | None) -> Urls:
        """The same addresses, for the links of a page that was asked for in this language."""
        return replace(self, language=language)

    @property
    def site(self) -> str:
        """The path of the site, with its final slash: that of the base IRI."""
        return urlsplit(self.base).path if self.top is None else self.top

    @property
    def root(self) -> str:
        """What every path made here begins with, with its final slash."""
        return self.site + self.within

    def of_release(self, identity: str, local: str = "") -> str:
        """A path within the release with that id, whichever is the current one."""
        return f"{self.site}{RELEASE}{identity}/{local}"

    def path(self, local: str, **parameters: str | int) -> str:
        """The address of a page of the server, as `sparql` or `ontology#Term`."""
        path, hash_, fragment = local.partition("#")
        if self.language:
            parameters[LANGUAGE] = self.language
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self.root}{path}{query}{hash_}{fragment}"

    def file(self, local: str) -> str:
        """The path of what comes in no language, as `dumps/x.gz`."""
        return self.root + local

    def static(self, name: str, version: str) -> str:
        return f"{self.site}static/{name}?v={quote(version)}"

    def canonical(self, path: str) -> str:
        """The IRI under the base for one of the paths made here."""
        return self.base + path.removeprefix(self.root)

    def document(self, iri: str, extension: str | None = None, page: int = 1) -> str:
        """The path of the document about a resource, negotiated or in the format with the extension."""
        suffix = f".{extension}" if extension else ""
        parameters: dict[str, str | int] = {}
        things = self.base + THINGS
        if iri.startswith(things) and iri != things and not set("?#") & set(iri):
            path = "doc/" + quote(iri[len(things) :], safe=SAFE_IN_PATH + "%") + suffix
        else:
            path = "doc" + suffix
            parameters["iri"] = iri
        if page > 1:
            parameters["page"] = page
        return self.path(path, **parameters)

    def dump(self, name: str) -> str:
        return self.file("dumps/" + quote(name))

    def store(self, graph: str) -> str:
        return self.file("store?" + urlencode({"graph": graph}))

    def query(self, text: str) -> str:
        return self.path("sparql", query=text)

    def iris(self, local: str) -> Iterator[str]:
        """The IRIs that a path below the root may stand for, with characters as they are or percent-encoded.

        local: decoded once, as the application server hands it over.
        """
        yield self.base + _NOT_IN_IRI.sub(lambda match: quote(match[0], safe=""), local)
        encoded = quote(local, safe=SAFE_IN_PATH)
        if encoded != local:
            yield self.base + encoded


def is_link(iri: str) -> bool:
    """Whether a page may link to it: nothing that a browser would run."""
    return urlsplit(iri).scheme.lower() in _SAFE_SCHEMES
