"""The page about a resource: its sentence, doubts, contradictions, what backs each value, and charts."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from release.writer import build
from server.pages.sentences import Alternatives, Slot, parse
from tests.server.conftest import GRAPHS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

MAST = "/doc/mast/1.html"
# What editors decide is said of statements: by whom, when and why, and what they have looked at.
PREFIXES = """
@prefix dash: <http://datashapes.org/dash#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix id: <http://lights.example/id/> .
@prefix li: <http://lights.example/terms#> . @prefix lis: <http://lights.example/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ui: <https://w3id.org/parkgraph/ui#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DECISIONS = """
id:quay a li:Quay ; rdfs:label "Quay"@en, "Kai"@de, "码头"@zh ; dcterms:title "An Act on the Quay of the Harbour"@en ;
  li:style li:stone ; owl:sameAs <https://registers.example/entity/Q1> ; li:holds id:crane, id:claim .
id:claim rdfs:label "Nobody knows who has built the quay, or for which of the ships it was."@en .
li:stone rdfs:label "made of stone"@en, "aus Stein"@de, "石造"@zh .
id:crane rdfs:label "crane"@en ; li:on id:quay .
id:quay li:style <https://shapes.example/tall> .
<https://shapes.example/tall> rdfs:label "tall"@en, "hoch"@de, "高"@zh .
id:watch rdfs:label "watch"@en ; li:on id:quay .
id:pier dcterms:isReplacedBy id:quay ; rdfs:comment "It is called a quay now."@en .
li:holds owl:inverseOf li:on .
id:harbour a li:Harbour ; rdfs:label "Harbour"@en ; li:depth 12 .
id:gale a li:Gale ; rdfs:label "the gale of 1899"@en ; li:about id:harbour .
li:Gale rdfs:subClassOf li:Storm .
id:shanty a li:Song ; rdfs:label "a shanty"@en ; li:about id:harbour .
id:rumour rdfs:label "a rumour"@en ; li:about id:harbour .
id:pilot rdfs:label "the pilot"@en ; li:worksIn id:harbour .
id:lamp a li:Lamp ; rdfs:label "lamp"@en ; li:power 40, 60 ; li:colour "red" .
id:log rdfs:label "log"@en .
id:lines3 rdfs:label "lines 3 to 4"@en ; li:in id:log ; li:digest "abc123" .
id:lines8 rdfs:label "lines 8 to 9"@en ; li:in id:log ; li:words "Lit at last"@en .
[] a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate li:power ; rdf:object 40 ; li:passage id:lines3 .
[] a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate li:power ; rdf:object 60 ;
  li:passage id:lines3, id:lines8 ; prov:wasAttributedTo id:editors .
[] a rdf:Statement ; rdf:subject id:gale ; rdf:predicate li:about ; rdf:object id:harbour ;
  li:ground "The log says it."@en .
id:editors rdfs:label "the editors"@en, "die Redaktion"@de, "编辑"@zh .
[] a rdf:Statement ; rdf:subject id:quay ; rdf:predicate li:style ; rdf:object li:stone ;
  prov:wasAttributedTo id:editors ; li:decidedOn "2026-11-29"^^xsd:date ; li:ground "The name says it."@en .
[] a rdf:Statement ; rdf:subject id:quay ; rdf:predicate owl:sameAs ; rdf:object <https://registers.example/entity/Q1> ;
  prov:wasAttributedTo id:editors ; dcterms:references <https://harbour.example/quay> .
"""
# more than a page of links, of two classes by one property, and two by another
BOATS = "".join(
    f"id:boat{number:03} a {'li:Raft' if number == 2 else 'li:Boat'} ; li:moorsIn id:basin ." for number in range(120)
)
BOATS += 'id:basin a li:Basin ; rdfs:label "Basin"@en . id:tug a li:Boat ; li:towsTo id:basin ; li:warpsTo id:basin .'
DECISION_SHAPES = """
lis:Quay a sh:NodeShape ; sh:targetClass li:Quay ; ui:sentence "Holds {li:holds}."@en ;
  sh:property lis:label, lis:title, lis:style, lis:same, lis:holds, lis:on .
lis:title sh:path dcterms:title . lis:style sh:path li:style . lis:same sh:path owl:sameAs .
lis:holds sh:path li:holds ; sh:name "holds"@en . lis:on sh:path li:on ; sh:name "stands on"@en .
lis:Harbour a sh:NodeShape ; sh:targetClass li:Harbour ; sh:property lis:depth, lis:songs, lis:storms, lis:staff .
lis:Basin a sh:NodeShape ; sh:targetClass li:Basin ; sh:property lis:boats, lis:rafts .
lis:depth sh:path li:depth ; sh:name "depth"@en ; sh:order 2 .
lis:storms sh:path [ sh:inversePath li:about ] ; sh:name "storms"@en, "Stürme"@de ; sh:order 1 ;
  sh:qualifiedValueShape [ sh:class li:Storm ] .
lis:songs sh:path [ sh:inversePath li:about ] ; sh:name "songs"@en, "Lieder"@de ; sh:order 3 ;
  sh:qualifiedValueShape [ sh:class li:Song ] .
lis:staff sh:path [ sh:inversePath li:worksIn ] ; sh:name "staff"@en ; sh:order 4 .
lis:boats sh:path [ sh:inversePath li:moorsIn ] ; sh:name "boats"@en ; sh:qualifiedValueShape [ sh:class li:Boat ] .
lis:rafts sh:path [ sh:inversePath li:moorsIn ] ; sh:name "rafts"@en ; sh:qualifiedValueShape [ sh:class li:Raft ] .
lis:Lamp a sh:NodeShape ; sh:targetClass li:Lamp ; sh:property lis:power . lis:power sh:path li:power .
lis:Lines a sh:NodeShape ; sh:targetClass li:Lines ; sh:property lis:in . lis:in sh:path li:in .
lis:Statement sh:property lis:passage . lis:passage sh:path li:passage ; sh:order 9 ; dash:viewer dash:DetailsViewer .
lis:Statement sh:property lis:by, lis:decided, lis:ground, lis:references .
lis:by sh:path prov:wasAttributedTo ; sh:order 1 ; sh:name "decided by"@en, "entschieden von"@de, "决定者"@zh .
lis:decided sh:path li:decidedOn ; sh:order 2 ; sh:name "on"@en, "am"@de, "日期"@zh ; sh:datatype xsd:date .
lis:ground sh:path li:ground ; sh:order 3 ; sh:name "ground"@en, "Grund"@de, "理由"@zh .
lis:references sh:path dcterms:references ; sh:order 4 ; sh:name "looked at"@en .
"""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    graphs: dict[str, ox.NamedNode | ox.DefaultGraph] = {
        DECISIONS + BOATS: ox.DefaultGraph(),
        DECISION_SHAPES: ox.NamedNode(GRAPHS["shapes"]),
    }
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, graph)
        for data, graph in graphs.items()
        for triple in ox.parse(input=PREFIXES + data, format=ox.RdfFormat.TURTLE)
    ]
    release = build(source(*quads), tmp_path_factory.mktemp("decisions"), silent)
    with in_process(release.path.parent) as client:
        yield client


def shown(client: FlaskClient, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def text(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("<footer")[0])).split())


def part(page: str, class_: str) -> str:
    """The first element of the class, to the end of its section."""
    return page[page.index(f'class="{class_}') :].partition("</section>")[0]


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("plain", ("plain",)),
        ("{a:b} by {^c:d}.", (Slot("a:b", incoming=False), " by ", Slot("c:d", incoming=True), ".")),
        ("a[ b {c:d}]", ("a", Alternatives(((" b ", Slot("c:d", incoming=False)),)))),
        ("[{a:b}|c]", (Alternatives(((Slot("a:b", incoming=False),), ("c",))),)),
        ("[x[y]]", (Alternatives((("x", Alternatives((("y",),))),)),)),
        ("a|b]", ("a", "|", "b", "]")),
        ("[open", (Alternatives((("open",),)),)),
        ("{ }", ("{", " ", "}")),
    ],
)
def test_templates_are_read(template: str, parts: tuple[object, ...]) -> None:
    assert parse(template) == parts


def test_a_sentence_is_made_of_what_there_is(client: FlaskClient) -> None:
    sentence = text("<main" + part(shown(client, MAST), "lead sentence").partition("</p>")[0])
    assert sentence.endswith("A mast of 1,234.5 metres, built May 1901, minded by Bert and Carl.")
    german = text("<main" + part(shown(client, MAST, "de"), "lead sentence").partition("</p>")[0])
    assert german.endswith("Ein Mast von 1.234,5 Metern, gebaut Mai 1901.")
    without_year = text("<main" + part(shown(client, "/doc/mast/2.html"), "lead sentence").partition("</p>")[0])
    assert without_year.endswith("A mast of 1,300 metres.")


def test_without_a_template_there_is_no_sentence(client: FlaskClient) -> None:
    assert 'class="lead sentence"' not in shown(client, "/doc/tower/roter-sand.html")


def test_names_in_other_languages(client: FlaskClient) -> None:
    page = shown(client, MAST, "de")
    assert '<h1><bdi lang="de">Erster Mast' in page
    names = part(page, "names").partition("</p>")[0]
    assert re.findall(r'<bdi lang="(\w+)">', names) == ["en", "zh"]


def test_numbers_and_dates_stand_in_words_and_for_machines(client: FlaskClient) -> None:
    page = shown(client, MAST, "de")
    assert '<data value="1234.5"><bdi>1.234,5</bdi></data>' in page
    assert '<time datetime="1901-05"><bdi>Mai 1901</bdi></time>' in page


def test_doubts_come_first(client: FlaskClient) -> None:
    page = shown(client, MAST)
    doubt = part(page, "doubt")
    assert "Doubtful" in doubt.replace("doubtful", "Doubtful")
    assert "The year is a guess." in doubt
    assert page.index("The year is a guess.") < page.index('class="facts"')
    assert page.count("The year is a guess.") == 1


def test_contradictions_stand_side_by_side(client: FlaskClient) -> None:
    page = shown(client, MAST)
    table = page[page.index('<table class="comparison">') :].partition("</table>")[0]
    rows = [text(f"<main{row}") for row in table.split("<tr>")[1:]]
    assert "First mast" in rows[0]
    assert "Second mast" in rows[0]
    reach = next(row for row in rows if "reach" in row)
    assert reach.index("1,234.5") < reach.index("1,300")
    other = shown(client, "/doc/mast/2.html")
    assert '<table class="comparison">' in other


def test_a_symmetric_property_is_told_once(client: FlaskClient) -> None:
    page = shown(client, "/doc/mast/2.html")
    assert "← <a" not in page.partition('id="inverse"')[2]


def test_a_passage_that_backs_values_stands_once_with_its_words(client: FlaskClient) -> None:
    page = shown(client, MAST)
    facts, _, sources = page.partition("<h2>Sources</h2>")
    height = facts[facts.index("1234.5", facts.index('class="facts"')) :].partition("</li>\n<")[0]
    assert '<sup class="mark"><a href="#source-1" aria-label="Source 1">1</a></sup>' in height
    sources = sources.partition("</section>")[0]
    assert page.count("It was painted red.") == 1
    assert '<li id="source-1">\n<blockquote lang="en">It was painted red.</blockquote>' in sources
    assert 'href="/doc/page/7"' in sources.partition("<details>")[0]
    assert "basis" not in facts_of(page)


@pytest.mark.parametrize(("language", "words"), [("en", "Sources"), ("de", "Quellen"), ("zh", "来源")])
def test_a_passage_without_words_is_told_by_its_name(decided: FlaskClient, language: str, words: str) -> None:
    """What it leads to stands beside it; all else of it opens. A decision that backs a value is a source too."""
    page = shown(decided, "/doc/lamp.html", language)
    facts, _, sources = page.partition(f"<h2>{words}</h2>")
    assert re.findall(r'href="#source-(\d)"', facts) == ["1", "1", "2", "3"]
    first, second, decision = re.split(r'<li id="source-[23]">', sources.partition("</section>")[0])
    opened = [item.partition("<details>")[0] for item in (first, second)]
    assert 'href="/doc/editors"' in decision
    assert "lines 3 to 4" in opened[0]
    assert 'href="/doc/log"' in opened[0]
    assert '<blockquote lang="en">Lit at last</blockquote>' in opened[1]
    assert "lines 8 to 9" in second
    assert "abc123" in text(f"<main{first}").partition("lines 3 to 4")[2]


def test_a_resource_that_is_quoted_begins_with_its_words(client: FlaskClient) -> None:
    page = shown(client, "/doc/page/7.html")
    assert page.index('<blockquote lang="en">It was painted red.') < page.index("What rests on it")
    assert page.count("It was painted red.") == 1


def test_what_no_shape_knows_is_folded(client: FlaskClient) -> None:
    page = shown(client, MAST)
    further = page[page.index('<details class="section"><summary>Further facts') :]
    assert "red" in further.partition("</details>")[0]


def test_charts_are_tables_of_what_is_linked(client: FlaskClient) -> None:
    page = shown(client, MAST)
    network = page[page.index('data-chart="network"') :].partition("</table>")[0]
    assert re.findall(r'data-column="(\w+)"', network) == ["source", "target", "kind"]
    assert network.count("First mast") == 3
    assert all(name in network for name in ("Bert", "Carl", "Second mast", "minds"))
    assert 'data-chart="timeline"' not in page  # there is one date only


def test_every_format_has_what_the_page_opens(client: FlaskClient) -> None:
    turtle = client.get("/doc/mast/1.ttl").text
    assert "It was painted red." in turtle
    assert "1300" in turtle


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("en", "made of stone", "decided by the editors on 29 November 2026 ground The name says it."),
        ("de", "aus Stein", "entschieden von die Redaktion am 29. November 2026 Grund The name says it."),
        ("zh", "石造", "决定者 编辑 日期 2026年11月29日 理由 The name says it."),
    ],
)
def test_a_decision_says_by_whom_when_and_why(decided: FlaskClient, language: str, value: str, words: str) -> None:
    page = shown(decided, "/doc/quay.html", language)
    entry = page[page.index(value, page.index('class="facts"')) :].partition("</li>")[0]
    number = re.findall(r'href="#source-(\d)"', entry)[0]
    assert words in text("<main" + page.partition(f'<li id="source-{number}">')[2].partition("</li>")[0])


def test_a_link_elsewhere_says_whose_page_it_is(decided: FlaskClient) -> None:
    page = shown(decided, "/doc/quay.html")
    links = re.findall(r'<a class="out" href="([^"]+)" rel="external"[^>]*>↗ <bdi>([^<]+)</bdi></a>', page)
    assert links == [
        ("https://registers.example/entity/Q1", "registers.example"),
        ("https://harbour.example/quay", "harbour.example"),
    ]


def test_a_term_of_another_namespace_with_a_name_needs_no_host(decided: FlaskClient) -> None:
    page = shown(decided, "/doc/quay.html")
    assert "tall" in text(page)
    assert "shapes.example" not in text(page)


def test_a_label_stands_before_a_title(decided: FlaskClient) -> None:
    page = shown(decided, "/doc/quay.html")
    assert '<h1><bdi lang="en">Quay</bdi></h1>' in page
    assert "An Act on the Quay of the Harbour" in text(page)
    found = decided.get("/search?q=act on the quay&format=json").get_json()["results"][0]
    assert (found["label"], found["matched"]) == ("Quay", "An Act on the Quay of the Harbour")
    assert decided.get("/list?format=json&from=quay&limit=1").get_json()["members"][0]["label"] == "Quay"


def test_what_an_inverse_property_says_is_told_once(decided: FlaskClient) -> None:
    page = shown(decided, "/doc/quay.html")
    facts, _, incoming = page.partition('id="inverse"')
    assert "crane" in facts
    incoming = incoming.partition("</section>")[0]
    assert "watch" in incoming
    assert "crane" not in incoming


def test_a_statement_within_a_sentence_has_no_full_stop(decided: FlaskClient) -> None:
    sentence = text("<main" + part(shown(decided, "/doc/quay.html"), "lead sentence").partition("</p>")[0])
    assert sentence.endswith("Holds Nobody knows who has built the quay, or for which of the ships it was and crane.")


def test_a_former_entry_goes_by_its_id(decided: FlaskClient) -> None:
    incoming = shown(decided, "/doc/quay.html").partition('id="inverse"')[2].partition("</section>")[0]
    assert '<a href="/doc/pier"><bdi>pier</bdi></a>' in incoming
    assert "called a quay" not in incoming


def facts_of(page: str) -> dict[str, list[str]]:
    """The names of what a page tells, each with the texts of its values, in the order of the page."""
    entries = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.partition("<main")[2], re.DOTALL)
    return {text(f"<main{name}"): re.findall(r"<bdi[^>]*>([^<]+)</bdi>", values) for name, values in entries}


def test_what_refers_to_a_resource_has_names_of_its_own(decided: FlaskClient) -> None:
    """By the shapes of its class, among its own facts in their order; what comes by one property is told by classes."""
    page = shown(decided, "/doc/harbour.html")
    facts, _, others = page.partition('id="inverse"')
    names = list(facts_of(facts))
    assert names == ["storms", "depth", "songs", "staff"]
    assert facts_of(facts)["storms"][0] == "the gale of 1899"
    assert "The log says it." in page
    assert facts_of(facts)["songs"] == ["a shanty"]
    assert "What else refers to this 1" in text(f"<main{others}")
    assert facts_of("<main" + others) == {"← li:about": ["a rumour"]}
    german = facts_of(shown(decided, "/doc/harbour.html", "de"))
    assert {"Stürme", "Lieder"} <= german.keys()


def test_names_of_what_refers_to_a_resource_on_several_pages(decided: FlaskClient) -> None:
    """Of 120 links, more than a page has, those here stand under their names, without a total, and lead to all."""
    page = shown(decided, "/doc/basin.html")
    facts, _, others = page.partition('id="inverse"')
    told = facts_of(facts)
    assert (len(told["boats"]), told["rafts"]) == (99, ["boat002"])
    assert "all of these 120" in text(f"<main{others}")
    assert "boat0" not in others.partition("</section>")[0]
    last = decided.get(html.unescape(re.findall(r'rel="next" href="([^"]+)"', page)[0])).text
    assert len(facts_of(last.partition('id="inverse"')[0])["boats"]) == 20
    elsewhere = others.partition('<nav class="pages"')[2]
    assert "boats, rafts" not in elsewhere
    back = last.partition('<nav class="pages"')[2]
    assert "previous" in text(f"<main{back}")
