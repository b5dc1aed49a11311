"""What pages say of proof: passages of a text, sources, what rests on a passage, names by templates, corrections."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pyoxigraph as ox
import pytest

from release.manifest import Dataset
from release.writer import build
from tests.server.conftest import GRAPHS, in_process, silent, source
from tests.server.pages.test_document import PREFIXES, facts_of, shown, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

DERIVED = "http://lights.example/id/graph/derived"
TEXTS = """
li:Report rdfs:subClassOf li:Work . li:stands rdfs:subPropertyOf li:derivedFrom .
id:report a li:Report, li:Work ; rdfs:label "Report on the lights"@en ; li:printed "1899-05"^^xsd:gYearMonth ;
  li:note "For the harbour master."@en ; li:digest "abc" .
id:p2 a li:Line ; rdfs:label "line 2"@en ; li:stands id:report ; li:derivedFrom id:report ; li:from 20 ; li:to 30 ;
  li:words "The lamp stands on the quay, Anna says, and it is the tallest lamp of all lamps of the whole coast."@en .
id:p1 a li:Line ; rdfs:label "line 1"@en ; li:stands id:report ; li:derivedFrom id:report ; li:from 9 ; li:to 19 .
id:p3 a li:Line ; rdfs:label "line 3"@en ; li:stands id:report ; li:derivedFrom id:report ; li:from 9 ; li:to 12 .
id:anna rdfs:label "Anna"@en .
id:lamp a li:Lamp, li:Thing ; rdfs:label "Lamp"@en ; skos:altLabel "the tall light"@en ; li:on id:quay ;
  li:lit "1898"^^xsd:gYear ;
  li:seen id:anna ; owl:sameAs <https://registers.example/Q7> .
id:quay a li:Quay ; rdfs:label "Quay"@en .
id:saying a li:Saying ; rdfs:label "The lamp is the tallest of the coast."@en ;
  li:text "The lamp is the tallest of the coast."@en ;
  li:speaker id:anna ; li:about id:lamp ; li:subject id:lamp ; li:year "1899"^^xsd:gYear ; li:basis id:p2 .
id:s1 a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate li:on ; rdf:object id:quay ; li:basis id:p2 .
id:s2 a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate skos:altLabel ; rdf:object "the tall light"@en ;
  li:basis id:p1 .
id:s3 a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate owl:sameAs ; rdf:object <https://registers.example/Q7> ;
  prov:wasAttributedTo id:editors ; li:ground "It has the name."@en .
id:s4 a rdf:Statement ; rdf:subject id:lamp ; rdf:predicate li:lit ; rdf:object "1898"^^xsd:gYear ;
  prov:wasAttributedTo id:editors ; li:ground "It has the name."@en .
id:editors rdfs:label "the editors"@en .
id:long a li:Report ; rdfs:label "A long report"@en .
"""
# what was stated lies in a graph of its own too, what follows from it in another
STATED = """
id:fair a li:Fair ; rdfs:label "Fair"@en ; li:year "1899"^^xsd:gYear ; li:held id:quay ; li:basis id:p1 .
"""
FOLLOWS = 'id:fair li:early "1899-01-01"^^xsd:date .'
LINES = "".join(
    f"id:l{number} a li:Line ; li:stands id:long ; li:derivedFrom id:long ; li:from {1000 - number} ; li:to 2000 ."
    for number in range(250)
)
SHAPES = """
lis:technical a sh:PropertyGroup ; rdfs:label "technical"@en ; sh:order 9 ; ui:folded true .
lis:told a sh:PropertyGroup ; rdfs:label "told"@en ; sh:order 2 .
lis:Work a sh:NodeShape ; sh:targetClass li:Work ; sh:property lis:printed .
lis:Report a sh:NodeShape ; sh:targetClass li:Report ; sh:property lis:printed, lis:note, lis:digest, lis:lines ;
  ui:summary "[{li:none}][ · {li:printed}]" .
lis:printed sh:path li:printed . lis:note sh:path li:note ; sh:name "note"@en .
lis:digest sh:path li:digest ; sh:group lis:technical .
lis:lines sh:path [ sh:inversePath li:stands ] ; sh:name "lines"@en, "Zeilen"@de ; dash:viewer ui:SegmentsViewer .
lis:Line a sh:NodeShape ; sh:targetClass li:Line ; sh:property lis:stands, lis:from, lis:to ;
  ui:name "[“{li:words}” – {li:stands}|{li:stands}, from {li:from}]"@en .
lis:stands sh:path li:stands . lis:from sh:path li:from ; sh:order 1 ;
  sh:group lis:technical ; dash:viewer ui:PositionViewer .
lis:to sh:path li:to ; sh:order 2 ; sh:group lis:technical ; dash:viewer ui:PositionViewer .
lis:Thing a sh:NodeShape ; sh:targetClass li:Thing . li:Lamp rdfs:subClassOf li:Thing .
lis:Lamp a sh:NodeShape ; sh:targetClass li:Lamp ;
  sh:property lis:label, lis:other, lis:lit, lis:on, lis:same, lis:said, lis:subject .
lis:other sh:path skos:altLabel ; sh:name "other name"@en . lis:lit sh:path li:lit ; sh:name "lit"@en .
lis:on sh:path li:on ; sh:name "stands on"@en ; sh:order 1 .
lis:same sh:path owl:sameAs ; sh:name "same as"@en ; sh:group lis:technical .
lis:said sh:path [ sh:inversePath li:about ] ; sh:name "said"@en ; sh:order 3 ; sh:group lis:told .
lis:subject sh:path [ sh:inversePath li:subject ] ; sh:name "subject of"@en ; sh:order 4 ; sh:group lis:told .
lis:Saying a sh:NodeShape ; sh:targetClass li:Saying ; sh:property lis:text, lis:speaker, lis:about, lis:year ;
  ui:summary "[{li:about}][ · {li:year}]" .
lis:text sh:path li:text ; sh:name "text"@en . lis:about sh:path li:about ; sh:name "about"@en .
lis:speaker sh:path li:speaker ; sh:name "speaker"@en ; dash:viewer ui:AttributionViewer .
lis:year sh:path li:year ; sh:name "year"@en . lis:early sh:path li:early ; sh:name "earliest"@en .
lis:held sh:path li:held ; sh:name "held at"@en .
lis:Fair a sh:NodeShape ; sh:targetClass li:Fair ; sh:property lis:year, lis:early, lis:held .
lis:Statement sh:property lis:by, lis:ground ; ui:name "{rdf:subject} – {rdf:predicate} – {rdf:object}"@en .
lis:by sh:path prov:wasAttributedTo ; sh:order 1 ; sh:name "decided by"@en .
lis:ground sh:path li:ground ; sh:order 2 ; sh:name "ground"@en .
"""
TEMPLATE = "mailto:editors@lights.example?subject={release}&body={page}%0A{resource}%0A{statement}%0A{source}%0A{value}"


def quads() -> list[ox.Quad]:
    graphs = [
        (TEXTS + LINES + STATED + FOLLOWS, None),
        (STATED, GRAPHS["data"]),
        (FOLLOWS, DERIVED),
        (SHAPES, GRAPHS["shapes"]),
    ]
    return [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph) if graph else ox.DefaultGraph())
        for data, graph in graphs
        for triple in ox.parse(input=PREFIXES + data, format=ox.RdfFormat.TURTLE)
    ]


def release_of(folder: Path) -> Release:
    given = source(*quads())
    assert isinstance(given.dataset, Dataset)
    namespaces = dict(re.findall(r"@prefix (\w+): <([^>]+)>", PREFIXES))
    dataset = replace(given.dataset, corrections=TEMPLATE)
    return build(replace(given, dataset=dataset, prefixes=namespaces), folder, silent)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with in_process(release_of(tmp_path_factory.mktemp("proof")).path.parent) as client:
        yield client


def section(page: str, start: str) -> str:
    assert start in page
    return page.partition(start)[2].partition("</section>")[0]


def words(part: str) -> str:
    """What a reader sees of a part of a page, which may begin within a tag."""
    is_within = 0 <= part.find(">") < (part.find("<") % (len(part) + 1))
    return text(f"<main {part.partition('>')[2] if is_within else part}")


def test_a_text_reads_in_the_order_of_its_passages(pages: FlaskClient) -> None:
    """Each with its words and what rests on it; what comes by a wider property is not told again."""
    page = shown(pages, "/doc/report.html")
    first, second, third = section(page, '<section id="segments">').split('<li id="segment-')[1:]
    assert "li:Line 9–12" in words(first)
    assert "id/p3" in unquote(first) or "/doc/p3" in first  # it ends before the other that begins there
    assert "/doc/p1" in second
    assert '<blockquote lang="en">The lamp stands on the quay' in third
    facts = re.findall(r"<li>(.*?)</li>", third, re.DOTALL)
    assert [words(fact) for fact in facts] == [
        "The lamp is the tallest of the coast. Lamp · 1899",
        "Lamp – stands on – Quay",
    ]
    assert all(f'href="/doc/{name}"' in facts[1] for name in ("lamp", "s1", "quay"))
    assert words(second).startswith("Fair named here: the tall light")
    assert "← " not in page  # it comes by the wider property too


def test_what_is_for_few_is_folded(pages: FlaskClient) -> None:
    page = shown(pages, "/doc/report.html")
    assert facts_of(page)["note"] == ["For the harbour master."]
    folded = page.partition('<details class="section"><summary><bdi lang="en">technical')[2].partition("</details>")[0]
    assert "abc" in folded
    assert words(page.partition("<main")[2]).count("abc") == 1


def test_a_long_text_has_pages(pages: FlaskClient) -> None:
    """A hundred passages each, by their positions, though links come by their addresses."""
    first = shown(pages, "/doc/long.html")
    assert first.count('<li id="segment-') == 100
    assert "751–2,000" in section(first, '<li id="segment-1"')
    assert 'href="/doc/long?segments=100#segments"' in first
    assert 'rel="prev"' not in first
    last = shown(pages, "/doc/long.html?segments=200")
    assert last.count('<li id="segment-') == 50
    assert '<ol class="segments" start="201">' in last
    assert "1,000–2,000" in words(last)
    assert 'rel="next"' not in last
    assert pages.get("/doc/long.html?segments=200").headers["ETag"] != pages.get("/doc/long.html").headers["ETag"]


@pytest.mark.parametrize(("start", "status"), [("250", 404), ("-1", 400), ("x", 400), ("9999999999", 400), ("²", 400)])
def test_other_pages_of_a_text_are_none(pages: FlaskClient, start: str, status: int) -> None:
    response = pages.get("/doc/long.html", query_string={"segments": start})
    assert response.status_code == status
    assert pages.get("/doc/lamp.html?segments=1").status_code == 404


def test_the_documents_in_rdf_do_not_change(pages: FlaskClient) -> None:
    """`segments` is for pages: the data of a text are the same whichever of its passages are shown."""
    turtle = pages.get("/doc/long.ttl").text
    assert pages.get("/doc/long.ttl?segments=100").text == turtle


def test_a_source_says_who_speaks_where_and_when(pages: FlaskClient) -> None:
    page = shown(pages, "/doc/lamp.html")
    sources = section(page, "<h2>Sources</h2>")
    spoken = next(item for item in sources.split("<li id=") if "The lamp stands" in item)
    assert "Report on the lights May 1899 said by: Anna" in " ".join(words(spoken).replace("·", "").split())
    assert all(f'href="/doc/{name}"' in spoken for name in ("report", "anna", "p2"))
    own = words(section(shown(pages, "/doc/anna.html"), "<h2>Sources</h2>"))
    assert "Report on the lights" in own
    assert "said by:" not in own  # it is the page of that speaker


def test_a_source_without_words_is_paraphrased(pages: FlaskClient) -> None:
    """By what rests on it as a whole, unless that is what the page is about; then its place stands alone."""
    held = section(shown(pages, "/doc/quay.html"), "<h2>Sources</h2>")
    assert "Fair" in words(held)
    assert "li:Line 9–19" in words(held)
    own = section(shown(pages, "/doc/fair.html"), "<h2>Sources</h2>")
    assert 'class="restatement"' not in own


def test_what_follows_from_a_fact_has_no_mark(pages: FlaskClient) -> None:
    """What a resource rests on backs what was stated in the graph that says so."""
    page = shown(pages, "/doc/fair.html")
    entries = dict(re.findall(r"<dt>.*?<bdi[^>]*>([^<]+)</bdi>.*?</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL))
    assert 'href="#source-1"' in entries["year"]
    assert "#source-" not in entries["earliest"]


def test_a_decision_is_one_source_of_all_that_rests_on_it(pages: FlaskClient) -> None:
    page = shown(pages, "/doc/lamp.html")
    assert page.count("It has the name.") == 1
    number = re.findall(r'<li id="source-(\d)">\s*<p class="origin">', page)
    assert len(number) == 1
    assert page.count(f'href="#source-{number[0]}"') == 2


def test_sources_of_what_is_folded_are_folded(pages: FlaskClient) -> None:
    page = shown(pages, "/doc/quay.html")
    assert "Further sources" not in page


def test_what_points_here_twice_in_a_group_is_told_once(pages: FlaskClient) -> None:
    told = facts_of(shown(pages, "/doc/lamp.html"))
    assert "The lamp is the tallest of the coast." in told["said"]
    assert "subject of" not in told


def test_beside_a_name_stands_what_its_class_says(pages: FlaskClient) -> None:
    """But not the resource that the page is about."""
    page = shown(pages, "/doc/lamp.html")
    assert '<span class="summary"><time datetime="1899"><bdi>1899</bdi></time></span>' in page


def test_the_most_particular_class_stands_alone(pages: FlaskClient) -> None:
    types = shown(pages, "/doc/lamp.html").partition('<p class="types">')[2].partition("</p>")[0]
    assert types.count("<a ") == 1
    assert "Lamp" in types


def test_names_that_head_the_page_are_not_told_again(pages: FlaskClient) -> None:
    lamp, saying = (
        facts_of(shown(pages, path).partition("<h2>Sources")[0]) for path in ("/doc/lamp.html", "/doc/saying.html")
    )
    assert "called" not in lamp
    assert lamp["other name"] == ["the tall light"]
    assert "text" not in saying
    assert "about" in saying


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/doc/s1.html", "Lamp – stands on – Quay"),
        ("/doc/s2.html", "Lamp – other name – the tall light"),
        ("/doc/p1.html", "Report on the lights, from 9"),
        ("/doc/p2.html", "line 2"),  # its words stand below
    ],
)
def test_statements_and_passages_go_by_what_they_say(pages: FlaskClient, path: str, name: str) -> None:
    heading = re.findall(r"<h1[^>]*>(.*?)</h1>", shown(pages, path))
    assert [words(heading[0])] == [name]


def test_lists_and_search_have_these_names(pages: FlaskClient) -> None:
    listed = pages.get("/list?class=http://www.w3.org/1999/02/22-rdf-syntax-ns%23Statement&format=html").text
    assert "Lamp – stands on – Quay" in text(listed)
    found = pages.get("/search?q=line 2&format=json").get_json()["results"][0]
    quoted = "“The lamp stands on the quay, Anna says, and it is the tallest lamp of all lamps of the …” – "
    assert found["label"] == quoted + "Report on the lights"


def test_the_page_of_a_passage_tells_what_rests_on_it(pages: FlaskClient) -> None:
    page = shown(pages, "/doc/p2.html")
    resting = words(section(page, "What rests on it"))
    assert "The lamp is the tallest of the coast." in resting
    assert "Lamp – stands on – Quay" in resting
    assert page.count('<blockquote lang="en">The lamp stands on the quay') == 1


def corrections(page: str) -> list[dict[str, list[str]]]:
    links = re.findall(r'href="(mailto:[^"]+)"', page)
    return [{k: v[0].split("\n") for k, v in parse_qs(urlsplit(html.unescape(link)).query).items()} for link in links]


def test_a_mistake_is_reported_with_all_that_tells_which(pages: FlaskClient) -> None:
    """The page by its permanent address; of a value its statement and passages, or else its triple."""
    release = pages.get("/health").text.strip()
    page, *values = corrections(shown(pages, "/doc/lamp.html"))
    address = f"http://lights.example/release/{release}/doc/lamp"
    lamp = "http://lights.example/id/lamp"
    assert page == {"subject": [release], "body": [address, lamp, "", "", ""]}
    stated = next(value for value in values if value["body"][-1] == "Lamp – stands on – Quay")
    assert stated["body"][1:] == [
        lamp,
        "http://lights.example/id/s1",
        "http://lights.example/id/p2",
        stated["body"][-1],
    ]
    said = next(value for value in values if "– said –" in value["body"][-1])
    assert said["body"][2].startswith("<http://lights.example/id/saying> <http://lights.example/terms#about> ")
    assert said["body"][3] == "http://lights.example/id/p2"


def test_without_a_template_nothing_is_reported(client: FlaskClient) -> None:
    page = shown(client, "/doc/mast/1.html")
    assert "Something wrong" not in page
    assert "mailto:" not in page
