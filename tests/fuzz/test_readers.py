"""Texts of any kind to what reads texts: lexer, negotiation, addresses, values of saved queries, N-Quads, records."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import ntriples
from core.corrections import correct
from core.errors import QuerySyntaxError
from core.formats import RDF_FORMATS, RESULT_FORMATS
from core.labels import primary_subtag
from core.lexer import tokenize, unescape
from core.rdf import serialize
from core.saved_queries import bind
from core.wording import LANGUAGES, date_in_words, number_in_words
from mapping import source
from release.folding import fold
from server.clients import client_of
from server.middleware.forwarded import ForwardedMiddleware
from server.model.describe import describe_to_selects
from server.model.urls import Urls
from server.query.guard import has_service_pattern, is_deterministic
from server.semantics.coding import choose
from server.semantics.negotiation import by_name, negotiate

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://lights.example/"
SPARQL = [
    *"\"'\\<>{}()[].,;:?$@#%^|&*+-/!=_ \n\r\t",
    '"""', "'''", "SELECT", "ASK", "DESCRIBE", "SERVICE", "RAND", "PREFIX", "BASE", "FROM", "a", "a:b", "_:b", "?x",
    "<x>", "@en", "1", "1.5e3", "%41", "\\u0041", "\\U0000004", "^^", "<<(", "\u00b7", "\u96ea", "#\n",
    "GROUP_CONCAT(", "COUNT", "TRUE", "VERSION",
]  # fmt: skip
QUERIES = st.lists(st.sampled_from(SPARQL) | st.text(max_size=3), max_size=30).map("".join)
FIELDS = st.lists(
    st.sampled_from(
        [*',;="\\/*- ', "a", "q=", "0", "1", "text/html", "text/turtle", "*/*", "gzip", "zstd", "en", "ttl", "version="]
    )
    | st.text(max_size=3),
    max_size=20,
).map("".join)
VALUES = st.lists(
    st.sampled_from([*"0123456789-/.+:TZX?~% ", "XXXX", "XX", "20", "..", "-05", "7" * 30]) | st.text(max_size=2),
    max_size=12,
).map("".join)
IGNORED = re.compile(r"([ \t\r\n]|#[^\r\n]*)*")


@given(QUERIES)
@example('"""a" """b')
def test_tokens_are_the_text_without_space_and_comments(text: str) -> None:
    end = 0
    for token in tokenize(text):
        start = token.end - len(token.text)
        assert token.text
        assert text[start : token.end] == token.text
        assert between(text[end:start])
        end = token.end
    assert between(text[end:])


def between(text: str) -> bool:
    """Whether it may stand between two tokens: space and comments, and the signs that end a run of words."""
    return IGNORED.fullmatch(text.strip(".\u00b7\u203f\u2040-")) is not None or not re.search(r"[^\W\d]", text)


@given(QUERIES)
def test_any_query_is_looked_through(text: str) -> None:
    unescape(text)
    has_service_pattern(text)
    is_deterministic(text)
    describe_to_selects(text)
    with suppress(QuerySyntaxError):
        corrected = correct(text, "1.1")
        assert corrected.error(len(corrected.text), "").line == text.count("\n") + 1


@given(FIELDS)
def test_any_field_is_negotiated(text: str) -> None:
    chosen = negotiate(text, RDF_FORMATS)
    assert chosen is None or chosen.format in RDF_FORMATS
    named = by_name(text, RESULT_FORMATS)
    assert named is None or named in RESULT_FORMATS
    assert choose(text).coding in {None, "gzip", "zstd"}
    assert len(client_of(text)) <= 64
    primary_subtag(text)


@given(
    st.lists(st.sampled_from([*';=,"\\[]:_ ', "for=", "proto=", "https", "1.2.3.4", "[::1]"]), max_size=20).map(
        "".join
    ),
    st.integers(1, 3),
)
def test_any_report_of_a_proxy_is_read(field: str, proxies: int) -> None:
    seen: list[str] = []

    def application(environ: dict[str, str], _start: object) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ = {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "HTTP_FORWARDED": field}
    ForwardedMiddleware(application, proxies)(environ, cast("Any", None))
    assert seen[0]
    assert environ["wsgi.url_scheme"] in {"http", "https"}


@given(st.text(max_size=60))
def test_any_path_stands_for_iris(local: str) -> None:
    iris = list(Urls(BASE).iris(local))
    assert iris
    assert all(iri.startswith(BASE) for iri in iris)
    assert len(iris) <= 512
    assert Urls(BASE).document(BASE + local).startswith("/doc")


@given(st.text(max_size=30))
def test_a_value_of_a_saved_query_comes_back(value: str) -> None:
    query = bind("SELECT (?value AS ?same) {}", {"value": ox.Literal(value)})
    (row,) = cast("ox.QuerySolutions", ox.Store().query(query))
    assert row[0] == ox.Literal(value)


@given(st.text(max_size=100))
def test_any_text_is_folded(text: str) -> None:
    assert all(word for word in fold(text))


@st.composite
def quads(draw: st.DrawFn) -> ox.Quad:
    iris = st.text("ab/?:~\u00e9\u96ea", max_size=8).map(lambda text: ox.NamedNode(BASE + text))
    nodes = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True).map(ox.BlankNode)
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    literals = (
        texts.map(ox.Literal)
        | st.builds(lambda text, tag: ox.Literal(text, language=tag), texts, st.sampled_from(["en", "zh-hant"]))
        | st.builds(lambda text, datatype: ox.Literal(text, datatype=datatype), texts, iris)
    )
    return ox.Quad(
        draw(iris | nodes), draw(iris), draw(iris | nodes | literals), draw(st.just(ox.DefaultGraph()) | iris | nodes)
    )


@given(quads())
def test_a_line_of_n_quads_is_told_apart(quad: ox.Quad) -> None:
    line = serialize([quad], ox.RdfFormat.N_QUADS)
    subject, predicate, object_, graph = ntriples.split(line)
    assert (subject, predicate, object_) == tuple(str(t).encode() for t in (quad.subject, quad.predicate, quad.object))
    assert (graph is None) == isinstance(quad.graph_name, ox.DefaultGraph)
    assert graph is None or graph == str(quad.graph_name).encode()
    if isinstance(quad.object, ox.Literal):
        parts = ntriples.decode_literal(object_)
        assert (parts.value, parts.language) == (quad.object.value, quad.object.language)
        assert parts.language or parts.datatype == quad.object.datatype.value
    if isinstance(quad.subject, ox.NamedNode):
        assert ntriples.decode_iri(subject) == quad.subject.value


YAMLS = st.lists(
    st.sampled_from(
        [*"-:?,[]{}#&*!|>'\"%@` \n\t", "a", "a: ", "- ", "\n  ", "&x ", "*x", "<<: ", "---", "...", "!!int", "\x07"]
    )
    | st.text(max_size=3),
    max_size=20,
).map("".join)


@pytest.mark.parametrize("suffix", [".yaml", ".jsonl"])
@given(text=YAMLS)
def test_any_file_of_records_is_read_or_has_a_problem(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, text: str
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for document in source.read(path, path.name):
        assert document.value is not None or document.problems
        for problem in document.problems:
            assert problem.fix


@given(VALUES, st.sampled_from([*LANGUAGES, "fr"]))
@example("XXXX-05", "zh")
@example("7" * 2000, "en")
def test_any_value_is_written_in_words_or_as_it_is(text: str, language: str) -> None:
    assert date_in_words(text, language) or not text
    digits = re.sub(r"[^0-9]", "", number_in_words(text, language))
    assert digits.removeprefix("0") == re.sub(r"[^0-9]", "", text).removeprefix("0")  # .5 is 0.5
