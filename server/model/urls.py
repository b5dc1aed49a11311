"""Mints every address of the server.

IRIs of the data are canonical: they begin with the base of the release, whatever host the server answers under.
Pages link by path, so that they work under any host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from core.formats import CITATIONS, HTML
from release.reader import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

THINGS = "id/"
LANGUAGE = "lang"  # the parameter that asks for a page in a language
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
# What a path may hold as it is (RFC 3986, 3.3), and what no IRI may (RFC 3987, 2.2).
SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`%]')
# What does not come through as part of a path: nothing, a query or a fragment, an encoded slash, which arrives as a
# plain one, empty segments, which servers merge, and dots, which clients resolve.
_NOT_AS_A_PATH = re.compile(r"\A\Z|\A/|[?#]|%2F|//|(?:\A|/)(?:\.|%2E){1,2}(?:/|\Z)", re.IGNORECASE)
# Extensions of documents that come in a language.
_IN_LANGUAGES = frozenset({None, HTML.extension, *(form.extension for form in CITATIONS)})
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_MOST_SLASHES = 6  # of a path, that may be encoded ones


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
        """A copy whose links to pages ask for this language."""
        return replace(self, language=language)

    @cached_property
    def site(self) -> str:
        """The path of the site, with its final slash: that of the base IRI."""
        return urlsplit(self.base).path if self.top is None else self.top

    @cached_property
    def root(self) -> str:
        """The beginning of every path minted here, with its final slash."""
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
        """The path of a resource that does not depend on the reader's language, as `dumps/x.gz`."""
        return self.root + local

    def static(self, name: str, version: str) -> str:
        return f"{self.site}static/{name}?v={quote(version)}"

    def canonical(self, path: str) -> str:
        """The IRI under the base for one of the paths made here."""
        return self.base + path.removeprefix(self.root)

    def absolute(self, path: str) -> str:
        """The IRI under the base for one of the paths made here, in the same release."""
        return self.base + self.within + path.removeprefix(self.root)

    def permanent(self, path: str, identity: str) -> str:
        """The IRI, within the release with that id, for one of the paths made here: what it names never changes."""
        return f"{self.base}{RELEASE}{identity}/{path.removeprefix(self.root)}"

    def document(self, iri: str, extension: str | None = None, after: str = "", segments: int = 0) -> str:
        """The address of the document about a resource, negotiated or in the format with the extension.

        after: where a page begins that is not the first. segments: the number of the first one of a text to be shown.
        """
        local = iri.removeprefix(self.base + THINGS)
        parameters = {}
        if local != iri and not _NOT_AS_A_PATH.search(local):
            path = f"{self.root}doc/{quote(local, safe=SAFE_IN_PATH + '%')}"
        else:
            path = f"{self.root}doc"
            parameters["iri"] = iri
        if after:
            parameters["after"] = after
        if segments:
            parameters["segments"] = str(segments)
        if self.language and extension in _IN_LANGUAGES:
            parameters[LANGUAGE] = self.language
        return f"{path}{f'.{extension}' if extension else ''}{f'?{urlencode(parameters)}' if parameters else ''}"

    def term(self, anchor: str) -> str:
        """The page about a term of the vocabulary; anchor: its fragment on the page `ontology`."""
        return self.path("ontology/" + quote(anchor, safe=SAFE_IN_PATH))

    def thing(self, iri: str) -> str:
        """The address of a resource itself: its path where it lies under the base, else its IRI."""
        local = iri.removeprefix(self.base)
        return iri if local == iri else self.file(quote(local, safe=SAFE_IN_PATH + "%?#"))

    def linkset(self, iri: str, extension: str) -> str:
        """The address of the links of a document, in the format with the extension."""
        return self.file("linkset?" + urlencode({"iri": iri, "format": extension}, safe=":/"))

    def history(self, iri: str, extension: str = "", **parameters: str) -> str:
        """The address of what changed about a resource from release to release, whichever the release."""
        if self.language and extension in _IN_LANGUAGES | {""}:
            parameters[LANGUAGE] = self.language
        ending = f".{extension}" if extension else ""
        return f"{self.site}history{ending}?{urlencode({'iri': iri, **parameters}, safe=':/')}"

    def timemap(self, local: str, **parameters: str | int) -> str:
        """The IRI of the list of versions (RFC 7089) of what is at this path, which has its query string."""
        return f"{self.base}timemap?{urlencode({'uri': local or '/', **parameters}, safe=':/?=')}"

    def dump(self, name: str) -> str:
        return self.file("dumps/" + quote(name))

    def listing(self, *parameters: tuple[str, str]) -> str:
        """The address of a list: which class, which filters, which page."""
        return self._with("list", parameters)

    def tree(self, *parameters: tuple[str, str]) -> str:
        """The address of a tree: of what, and which part of it."""
        return self._with("tree", parameters)

    def search(self, *parameters: tuple[str, str]) -> str:
        return self._with("search", parameters)

    def _with(self, local: str, parameters: tuple[tuple[str, str], ...]) -> str:
        """A page with parameters, of which there may be several of one name."""
        if self.language:
            parameters = (*parameters, (LANGUAGE, self.language))
        return self.root + local + (f"?{urlencode(parameters, safe=':/')}" if parameters else "")

    def store(self, graph: str) -> str:
        return self.file("store?" + urlencode({"graph": graph}))

    def query(self, text: str) -> str:
        return self.path("sparql", query=text)

    def iris(self, local: str) -> Iterator[str]:
        """The IRIs that a path below the root may stand for, the likeliest first.

        local: decoded once, as the application server hands it over. So characters may stand in the IRI as they are or
        percent-encoded, with digits in either case, and a slash may be an encoded one.
        """
        yield (likeliest := self.base + _NOT_IN_IRI.sub(_encode, local))
        parts = local.split("/")
        as_they_are = _joined([_NOT_IN_IRI.sub(_encode, part) for part in parts])
        encoded = _joined([quote(part, safe=SAFE_IN_PATH) for part in parts])
        written = dict.fromkeys(text for texts in zip(as_they_are, encoded, strict=True) for text in texts)
        for text in written:
            if self.base + text != likeliest:
                yield self.base + text
        for text in written:
            lower = _ESCAPE.sub(lambda match: match[0].lower(), text)
            if lower != text:
                yield self.base + lower


def _encode(match: re.Match[str]) -> str:
    return quote(match[0], safe="")


def _joined(parts: list[str]) -> Iterator[str]:
    """The parts with slashes, each but the first plain or encoded; of many slashes all or none are encoded."""
    head, *rest = ["/".join(parts[:2]), *parts[2:]]
    if len(rest) > _MOST_SLASHES:
        yield from (sign.join([head, *rest]) for sign in ("/", "%2F"))
        return
    for signs in product(("/", "%2F"), repeat=len(rest)):
        yield head + "".join(sign + part for sign, part in zip(signs, rest, strict=True))


def is_link(iri: str) -> bool:
    """Whether a page may link to it: nothing that a browser would run."""
    try:
        return urlsplit(iri).scheme.lower() in _SAFE_SCHEMES
    except ValueError:  # an address with a host that cannot be one
        return False
