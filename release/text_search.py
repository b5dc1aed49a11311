"""Full-text search within queries: `?s text:query ("words" 10)`, as Apache Jena has it, by the index of a release.

https://jena.apache.org/documentation/query/text-query.html
What is found, as `/search` finds it, stands in the query as VALUES before the engine evaluates it. Predicates that
other engines compute are refused, for here they would find nothing, and say nothing of it.
"""

from __future__ import annotations

import re
import sqlite3
from collections import deque
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.lexer import Token, TokenKind, may_have
from core.namespaces import TEXT_QUERY
from core.ntriples import unescape
from core.property_functions import replace_functions
from core.query_names import QueryNames
from core.saved_queries import to_sparql
from release.folding import fold
from release.index_tags import NAMES, language_tag, property_tag
from release.reader import INDEX
from release.search import LONGEST, WORDS, find
from release.search_index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.corrections import CorrectedQuery
    from core.errors import QuerySyntaxError
    from core.property_functions import FunctionTriple
    from release.reader import Release
    from release.search import NameMatch

DEFAULT, MOST = 100, 1_000  # resources that one search finds
SEARCHES = 10  # in one query
_KNOWN = (
    '?s text:query "words", or with all that there is: '
    '(?s ?score ?literal) text:query (rdfs:label "words" 10 "lang:de")'
)
_FOUND = 3  # resource, score, literal
_TYPED = 3  # tokens of a datatype: ^^<…>
# What predicates that engines compute begin with, by the engine's documentation.
_NAMESPACES = (
    "http://jena.apache.org/text#",  # Apache Jena
    "http://jena.apache.org/spatial#",
    "http://jena.apache.org/ARQ/",
    "http://jena.hpl.hp.com/ARQ/",
    "java:",
    "http://www.bigdata.com/",  # Blazegraph
    "http://www.openrdf.org/contrib/lucenesail#",  # Eclipse RDF4J
    "http://www.ontotext.com/",  # GraphDB
    "tag:stardog:api:",  # Stardog
    "bif:",  # Virtuoso
    "http://www.openlinksw.com/schemas/bif#",
    "http://franz.com/ns/allegrograph/",  # AllegroGraph
    "http://qlever.cs.uni-freiburg.de/builtin-functions/",  # QLever
    "http://aws.amazon.com/neptune/vocab/",  # Amazon Neptune
)
# Prefixes that these engines know without a declaration.
_PREFIXES = {
    "bif": "bif:",
    "bds": "http://www.bigdata.com/rdf/search#",
    "hint": "http://www.bigdata.com/queryHints#",
}
_LONGEST_NAME = 200  # characters of an IRI that is looked at
# A query without any of these has none of the predicates, unless it hides a host in escapes or joins one of pieces.
_CONCERNED = (
    *("JENA.", "BIGDATA.COM", "OPENRDF.ORG", "ONTOTEXT.COM", "STARDOG", "BIF:", "BDS:", "HINT:", "OPENLINKSW"),
    *("FRANZ.COM", "QLEVER", "AMAZON", "JAVA:"),
)
_LITERAL = re.compile(
    r"""("{3}|'{3}|"|')(?P<text>(?:[^\\]|\\[tbnrf"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*?)\1""", re.DOTALL
)
_LANGUAGE = re.compile(r"lang:([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)")


class TextSearch:
    """Searches the names of a release for its queries; any thread may call it.

    The properties of the data are no functions, whatever their names.
    """

    def __init__(self, release: Release) -> None:
        """Open the index; what this thread maps of it comes before any limit of memory that is set later."""
        self._index, self._used = SearchIndex(release.path / INDEX), release.manifest.counts.properties
        self._index.open()

    def close(self) -> None:
        self._index.close()

    def rewrite(self, query: CorrectedQuery, base: str, prefixes: Mapping[str, str] | None = None) -> CorrectedQuery:
        """The query with what its searches find; QuerySyntaxError where one is not of the form that is known.

        base, prefixes: for what the query does not declare itself. OSError if the index cannot be read.
        """
        if not may_have(query.text, *_CONCERNED):
            return query
        names = QueryNames(base, _PREFIXES | dict(prefixes or {}), _LONGEST_NAME)
        searches = _Searches(self._index, query, names)
        try:
            return replace_functions(query, names, self._is_function, searches.pattern)
        except sqlite3.Error as error:
            raise OSError(f"the index of the release cannot be read: {error}") from error

    def _is_function(self, iri: str) -> bool:
        return iri == TEXT_QUERY or (iri.startswith(_NAMESPACES) and iri not in self._used)


class _Searches:
    """The searches of one query, one after the other."""

    def __init__(self, index: SearchIndex, query: CorrectedQuery, names: QueryNames) -> None:
        self._index, self._query, self._names = index, query, names
        self._count = 0

    def pattern(self, triple: FunctionTriple) -> str:
        """The VALUES that stand for the triple."""
        if triple.iri != TEXT_QUERY:
            what = f"<{triple.iri}> is a predicate that another engine computes, and no property of these data"
            raise self._error(triple.predicate, f"{what}; known here is <{TEXT_QUERY}>, as {_KNOWN}")
        self._count += 1
        if self._count > SEARCHES:
            raise self._error(triple.predicate, f"a query has at most {SEARCHES} searches")
        self._check_subject(triple)
        matches = self._matches(triple)
        numbers = {match.resource for match in matches}
        iris = {resource.id: resource.iri for resource in self._index.resources(numbers)}
        only = self._names.iri(triple.subject[0])
        first = 0 if only is None else 1  # of the columns: an IRI needs none
        columns = " ".join(token.text for token in triple.subject[first:])
        rows = []
        for place, match in enumerate(matches, 1):
            if only is None or iris[match.resource] == only:
                literal = to_sparql(ox.Literal(match.text)) + (f"@{match.language}" if match.language else "")
                row = (f"<{iris[match.resource]}>", f"{1 / place:.9f}", literal)
                rows.append(f"({' '.join(row[first : len(triple.subject)])})")
        return f"VALUES ({columns}) {{ {' '.join(rows)} }}"

    def _check_subject(self, triple: FunctionTriple) -> None:
        """A resource, and variables for the score and the literal."""
        for place, token in enumerate(triple.subject):
            if token.kind is not TokenKind.VARIABLE and (place or self._names.iri(token) is None):
                what = "variables for score and literal" if place else "a variable or an IRI"
                raise self._error(token, f"in front of text:query stands {what}: {_KNOWN}")
            if place >= _FOUND or token.text[1:] in {other.text[1:] for other in triple.subject[:place]}:
                raise self._error(token, f"text:query finds resource, score and literal, each once: {_KNOWN}")
        if not triple.subject:
            raise self._error(triple.predicate, f"nothing stands in front of text:query: {_KNOWN}")

    def _matches(self, triple: FunctionTriple) -> list[NameMatch]:
        """The names that fit a triple, the best first."""
        tokens = deque(triple.object)
        properties = []
        while tokens and (iri := self._names.iri(tokens[0])):
            if iri not in NAMES:
                known = ", ".join(f"<{name}>" for name in NAMES)
                raise self._error(tokens[0], f"names are the values of these properties: {known}")
            properties.append(property_tag(iri))
            tokens.popleft()
        before = tokens[0] if tokens else triple.predicate
        text = self._text(tokens, triple)
        words = len(fold(text)) if len(text) <= LONGEST else WORDS + 1
        if not 0 < words <= WORDS:
            reason = f"a search has 1 to {WORDS} words, and {LONGEST} characters at most"
            raise self._error(before, reason)
        language = tokens.popleft().text[1:] if tokens and tokens[0].kind is TokenKind.LANGUAGE else ""
        count = self._limit(tokens) if tokens else DEFAULT
        if tokens:
            before = tokens[0]
            asked = _LANGUAGE.fullmatch(self._text(tokens, triple))
            if asked is None:
                raise self._error(before, f'behind the words stands a language as "lang:de", or "lang:none": {_KNOWN}')
            language = language or asked[1]
        if tokens:
            raise self._error(tokens[0], f"text:query takes no such argument: {_KNOWN}")
        tags = [f"({' OR '.join(properties)})"] if properties else []
        if language:
            tags.append(language_tag("" if language.lower() == "none" else language))
        return find(self._index, text, count, tags).found

    def _text(self, tokens: deque[Token], triple: FunctionTriple) -> str:
        """The text that the next token is."""
        token = tokens.popleft() if tokens else triple.predicate
        literal = _LITERAL.fullmatch(token.text) if token.kind is TokenKind.TEXT else None
        if literal is None:
            raise self._error(token, f"text:query wants a text here, written out: {_KNOWN}")
        return unescape(literal["text"])

    def _limit(self, tokens: deque[Token]) -> int:
        """The number that the next token may be, written as such or as a text with its datatype."""
        token = tokens[0]
        has_type = len(tokens) > _TYPED and [tokens[1].text, tokens[2].text] == ["^", "^"]
        if not has_type and token.text[0] not in "0123456789+-":
            return DEFAULT
        for _ in range(1 + _TYPED if has_type else 1):
            tokens.popleft()
        number = token.text.strip("\"'") if has_type else token.text
        if not number.isdecimal() or len(number) > len(str(MOST)) or not 1 <= int(number) <= MOST:
            raise self._error(token, f"the limit of a search is a number from 1 to {MOST}")
        return int(number)

    def _error(self, token: Token, reason: str) -> QuerySyntaxError:
        return self._query.error(token.start, reason)
