"""Search: by every name, in every script, from the first letter on, and with typing errors."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF

from core.saved_queries import to_sparql
from release.folding import fold
from release.search import WORDS
from release.writer import build
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
OPEN_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
HTML = {"Accept": "text/html"}
# The linked ones first, so that weight decides among names that fit alike.
NAMES = """
@prefix li: <http://lights.example/terms#> . @prefix id: <http://lights.example/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
id:chengdu a li:Port ; rdfs:label "Chengdu"@en, "成都"@zh ; skos:altLabel "Chengtu"@de .
id:zone a li:Port ; rdfs:label "Chengdu Hi-Tech Zone"@en, "成都高新技术产业开发区"@zh ; skos:altLabel "CDHT"@en .
id:sophia a li:Port ; rdfs:label "Sophia Antipolis"@en, "索菲亚科技园"@zh .
id:xian a li:Port ; rdfs:label "Xi\\u2019an High-tech Zone"@en .
id:ecole a li:School ; rdfs:label "École Müller"@fr .
id:long a li:School ; rdfs:label "A school near Chengdu that teaches navigation"@en .
id:poland a li:Port ; rdfs:label "Poland"@en, "Polen"@de, "波兰"@zh . id:pole a li:Port ; rdfs:label "Pole"@en .
id:forum a li:Port ; rdfs:label "Forum of Lights 2023"@en, "Forum 2023"@de .
id:hostile a li:School ; rdfs:label "\\"quoted\\" OR text:* AND (x) <b>"@en .
id:techpark a li:School ; rdfs:label "Making of a Techpark"@en . id:obrien a li:School ; rdfs:label "O\u2019Brien"@en .
id:ain a li:School ; rdfs:label "L\u2019\u00c9cole de l'Ain"@fr .
id:ship1 li:in id:chengdu . id:ship2 li:in id:chengdu . id:ship3 li:in id:zone .
"""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    triples = ox.parse(input=NAMES + DESCRIBED, format=ox.RdfFormat.TURTLE)
    more = [ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()) for triple in triples]
    release = build(source(*more), tmp_path_factory.mktemp("names"), silent)
    with in_process(release.path.parent) as client:
        yield client


def found(client: FlaskClient, text: str, **parameters: object) -> dict[str, Any]:
    answer = client.get("/search", query_string={"q": text, "format": "json", **parameters})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def iris(body: dict[str, Any]) -> list[str]:
    return [row["iri"].removeprefix(BASE + "id/") for row in body["results"]]


# what is typed → what comes first, in order; the third column tells whether it is spelt otherwise in the data
CASES = [
    ("Chengdu", ["chengdu", "zone", "long"], False),  # exact, prefix, a word
    ("chengdu", ["chengdu", "zone", "long"], False),
    ("CHENG", ["chengdu", "zone", "long"], False),
    ("c", ["chengdu", "zone"], False),
    ("ch", ["chengdu", "zone"], False),
    ("Chengtu", ["chengdu"], False),  # another spelling
    ("engdu", ["chengdu", "zone", "long"], False),  # within a word
    ("hi-tech", ["zone"], False),
    ("hi tech", ["zone"], False),
    ("High Tech", ["xian"], False),
    ("zone chengdu", ["zone"], False),  # words in any order
    ("xian", ["xian"], False),
    ("xi'an", ["xian"], False),
    ("XI\u02bcAN", ["xian"], False),
    ("Xi an", ["xian"], False),
    ("xian hightech zone", ["xian"], False),  # a hyphen missing
    ("hightech xi an", ["xian"], False),
    ("tech-park", ["techpark"], False),
    ("obrien", ["obrien"], False),
    ("ain ecole", ["ain"], False),
    ("l'ecole", ["ain"], False),
    ("ecole muller", ["ecole"], False),  # accents
    ("ÉCOLE", ["ecole"], False),
    ("成", ["chengdu", "zone"], False),
    ("成都", ["chengdu", "zone"], False),
    ("都", ["chengdu", "zone"], False),
    ("高新", ["zone"], False),
    ("科技园", ["sophia"], False),
    ("chegndu", ["chengdu", "zone", "long"], True),  # letters swapped
    ("chendu", ["chengdu", "zone", "long"], True),  # one missing
    ("chengddu", ["chengdu", "zone", "long"], True),  # one too many
    ("sofia antipoli", ["sophia"], True),  # two wrong, one not typed yet
    ("sophiaantipolis", ["sophia"], False),  # a space missing
    ("sofia antipoliz", ["sophia"], True),
    ("phengdu", ["chengdu", "zone", "long"], True),  # the first letter wrong
    ("teking", [], False),  # no more than the ending of making
    ("antipolis sofia", ["sophia"], True),
    ("成都高兴技术", ["zone"], True),  # one character wrong
    ("波兰", ["poland"], False),
    ("qqqqqq", [], False),
    ("!?", [], False),
    ('"quoted" OR', ["hostile"], False),
]


@pytest.mark.parametrize(("text", "expected", "guessed"), CASES, ids=[case[0] for case in CASES])
def test_finds(names: FlaskClient, text: str, expected: list[str], *, guessed: bool) -> None:
    body = found(names, text)
    assert iris(body)[: len(expected)] == expected
    assert bool(body["results"]) == bool(expected)
    assert body["guessed"] is guessed


@pytest.mark.parametrize(
    "text", ['"', "*", "a*", "NEAR(a b)", "text:a", "^a", "a AND", "(", "-a", "a" * 300, "\x00", "ß" * 99]
)
def test_nothing_typed_breaks_the_search(names: FlaskClient, text: str) -> None:
    assert names.get("/search", query_string={"q": text, "format": "json"}).status_code == 200
    assert names.get("/search", query_string={"q": text}, headers=HTML).status_code == 200


def test_a_result_says_by_which_name_it_was_found(names: FlaskClient) -> None:
    (row, *_) = found(names, "成都")["results"]
    assert row == {
        "iri": BASE + "id/chengdu",
        "label": "Chengdu",
        "language": "en",
        "class": TERMS + "Port",
        "classLabel": "li:Port",
        "href": "/doc/chengdu",
        "matched": "成都",
        "matchedLanguage": "zh",
    }
    assert found(names, "成都", lang="zh")["results"][0]["label"] == "成都"


def test_an_exact_name_leaves_nothing_to_guess(names: FlaskClient) -> None:
    assert iris(found(names, "Polen")) == ["poland"]
    assert iris(found(names, "Polem")) == ["pole", "poland"]


# what is typed → what is found where no name has all words, in order
PARTIAL = [
    ("Sophia Technologiepark", ["sophia"]),
    ("chengdu sophia", ["sophia", "chengdu", "zone", "long"]),  # the rarer word first
    ("near chengdu zone teaches", ["long", "zone"]),  # more words first, and one of four is too few
    ("sophia near xian poland", []),  # one of four
    ("antipoliz technologiepark", ["sophia"]),  # a typing error too
]


@pytest.mark.parametrize(("text", "expected"), PARTIAL, ids=[case[0] for case in PARTIAL])
def test_finds_names_with_most_of_the_words(names: FlaskClient, text: str, expected: list[str]) -> None:
    body = found(names, text)
    assert iris(body) == expected
    assert (body["partial"], body["guessed"]) == (bool(expected), False)
    page = names.get("/search", query_string={"q": text}, headers=HTML).text
    assert ("No name has all of these words." in page) is bool(expected)


LONG = "word " * 60 + "the Keystone stands " + "word " * 60
TEXTS = [  # what is typed → what has it in a text, and how the text is shown
    ("remembers", [("forum", "A meeting that everybody remembers, at the harbour of Chengdu")]),
    ("harbour everyb", [("forum", "A meeting that everybody remembers, at the harbour of Chengdu")]),
    ("harbor", []),  # no typing errors
    ("re", []),  # a beginning has three letters
    ("meeting qqqqqq", []),
    ("keystone", [("ship1", f"… {'word ' * 11}the Keystone stands {'word ' * 33}…")]),
    ("灯塔", [("ship2", "灯塔照亮海岸，引导船只安全返回港口。")]),
    ("identifier", []),
]
DESCRIBED = f"""
id:forum li:note "A meeting that everybody remembers, at the harbour of Chengdu" .
id:ship1 li:note "{LONG}"@en . id:ship2 li:note "灯塔照亮海岸，引导船只安全返回港口。"@zh .
id:ship3 li:note "identifier-{"0" * 60}", "identifier" .
"""


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[case[0] for case in TEXTS])
def test_finds_texts_apart_from_names(names: FlaskClient, text: str, expected: list[tuple[str, str]]) -> None:
    rows = found(names, text)["texts"]
    assert [(row["iri"].removeprefix(BASE + "id/"), row["matched"]) for row in rows] == expected
    page = names.get("/search", query_string={"q": text}, headers=HTML).text
    assert ("In texts, not in names" in page) is bool(expected)
    assert all(shown in page for _, shown in expected)


def test_what_a_name_finds_is_not_found_by_a_text(names: FlaskClient) -> None:
    body = found(names, "chengdu")
    assert iris(body)[0] == "chengdu"
    assert [row["iri"] for row in body["texts"]] == [BASE + "id/forum"]
    assert found(names, "forum")["texts"] == []
    assert [row["label"] for row in found(names, "remembers", **{"class": TERMS + "Port"})["texts"]] == [
        "Forum of Lights 2023"
    ]
    assert found(names, "remembers", **{"class": TERMS + "School"})["texts"] == []


def test_the_page_shows_the_name_found_beside_another_one(names: FlaskClient) -> None:
    def shown(text: str, language: str) -> list[str]:
        page = names.get("/search", query_string={"q": text, "lang": language}, headers=HTML).text
        first = page[page.index('<ol class="results">') :].partition("</li>")[0]
        return re.findall(r"<bdi[^>]*>([^<]+)</bdi>", first)

    assert shown("成都", "en") == ["Chengdu", "成都"]
    assert shown("成都", "zh") == ["成都"]
    assert shown("Polen", "en") == ["Poland", "Polen"]
    assert shown("forum", "de") == ["Forum 2023"]
    assert shown("forum", "en") == ["Forum of Lights 2023"]  # the German one is found first, but says no more


def test_results_are_narrowed_to_a_class_or_kind(names: FlaskClient) -> None:
    assert iris(found(names, "chengdu", **{"class": TERMS + "School"})) == ["long"]
    assert iris(found(names, "chendgu", **{"class": TERMS + "School"})) == ["long"]
    rows = found(names, "kept", kind="property")["results"]
    assert [row["iri"] for row in rows] == [TERMS + "keptBy"]
    assert [row["iri"] for row in found(names, "keeper", kind="class")["results"]] == [TERMS + "Keeper"]
    assert found(names, "chengdu", kind="class")["results"] == []


def test_the_vocabulary_comes_after_what_is_said_with_it(names: FlaskClient) -> None:
    rows = found(names, "k", limit=50)["results"]
    assert {TERMS + "Keeper", TERMS + "keptBy"} <= {row["iri"] for row in rows}


def test_there_may_be_more(names: FlaskClient) -> None:
    body = found(names, "chengdu", limit=2)
    assert (iris(body), body["more"]) == (["chengdu", "zone"], True)
    assert found(names, "chengdu", limit=3)["more"] is False


def test_no_text_finds_nothing_and_offers_the_classes(names: FlaskClient) -> None:
    assert found(names, "  ")["results"] == []
    page = names.get("/search", headers=HTML).text
    assert "/list?class=http://lights.example/terms%23Lighthouse" in page


def test_rdf_csv_and_suggestions(names: FlaskClient) -> None:
    answer = names.get("/search?q=chengdu")
    graph = Graph().parse(data=answer.data, format="turtle")
    collection = URIRef(f"{BASE}search?q=chengdu")
    assert (collection, RDF.type, HYDRA.Collection) in graph
    assert int(str(graph.value(collection, HYDRA.totalItems))) == 3
    assert (collection, HYDRA.member, URIRef(f"{BASE}id/chengdu")) in graph
    rows = list(csv.DictReader(io.StringIO(names.get("/search?q=成都&format=csv").text)))
    assert (rows[0]["label"], rows[0]["matched"]) == ("Chengdu", "成都")
    answer = names.get("/search?q=sophia", headers={"Accept": "application/x-suggestions+json"})
    assert answer.content_type == "application/x-suggestions+json"
    assert answer.get_json(force=True) == ["sophia", ["Sophia Antipolis"], ["li:Port"], [f"{BASE}doc/sophia"]]


def test_the_page_shows_names_as_text(names: FlaskClient) -> None:
    page = names.get("/search", query_string={"q": '"quoted" <b>'}, headers=HTML).text
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert '<input id="search-for" type="search" name="q" value="&#34;quoted&#34; &lt;b&gt;"' in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"q": "a" * 301}, 400),
        ({"q": "a", "kind": "thing"}, 400),
        ({"q": "a", "class": BASE + "none"}, 404),
        ({"q": "a", "limit": "none"}, 400),
        ({"q": "a", "format": "xls"}, 406),
    ],
)
def test_a_search_that_cannot_be_is_a_problem(names: FlaskClient, query: dict[str, str], status: int) -> None:
    answer = names.get("/search", query_string=query)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_the_description_tells_browsers_how_to_search(names: FlaskClient) -> None:
    answer = names.get("/opensearch.xml")
    assert answer.content_type == "application/opensearchdescription+xml"
    root = ET.fromstring(answer.data)
    assert root.tag == f"{OPEN_SEARCH}OpenSearchDescription"
    templates = {url.attrib["type"]: url.attrib["template"] for url in root.iter(f"{OPEN_SEARCH}Url")}
    assert templates["text/html"] == f"{BASE}search?q={{searchTerms}}"
    assert len(templates) == 3
    for type_, template in templates.items():
        path = template.removeprefix(BASE[:-1]).replace("{searchTerms}", "chengdu")
        headers = HTML if type_ == "text/html" else {}
        assert names.get(path, headers=headers).mimetype == type_
    assert 'rel="search" href="/opensearch.xml"' in names.get("/search", headers=HTML).text


def test_queries_find_the_same(names: FlaskClient) -> None:
    """`text:query` finds what this search finds, in its order, by the same names."""
    words = {word for line in NAMES.split('"') for word in line.replace("_", " ").split() if fold(word)}
    texts = {text for text, _, _ in CASES if fold(text)} | words | {word[:3] for word in words if fold(word[:3])}
    texts |= {word[1:] + "x" for word in words} | {f"{word} chengdu" for word in words}
    compared = 0
    for text in sorted(text for text in texts if len(fold(text)) <= WORDS):
        for count in (2, 50):
            searched = f"(?s ?score ?name) <http://jena.apache.org/text#query> ({to_sparql(ox.Literal(text))} {count})"
            query = f"SELECT ?s ?name {{ {searched} }} ORDER BY DESC(?score)"
            answer = names.get("/sparql", query_string={"query": query, "format": "srj"})
            assert answer.status_code == 200, answer.text
            rows = answer.get_json(force=True)["results"]["bindings"]
            expected = [
                (row["iri"], row["matched"], row["matchedLanguage"].lower())
                for row in found(names, text, limit=count)["results"]
            ]
            assert [
                (row["s"]["value"], row["name"]["value"], row["name"].get("xml:lang", "")) for row in rows
            ] == expected, text
            compared += bool(rows)
    assert compared > 100
