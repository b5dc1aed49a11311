"""A release whose names and IRIs want to be more than that, and the addresses of pages that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from core.namespaces import DCTERMS, OWL, RDF, RDF_TYPE, RDFS, SCHEMA, SH, SKOS, XSD
from core.progress import Progress
from core.rdf import serialize
from release.manifest import Dataset
from release.source import Source
from release.writer import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "http://hostile.example/"
TERMS, SHAPES = BASE + "terms", BASE + "shapes"
MARK = "hostile"  # the name of every element and attribute that a label tries to bring in
LONG = "long " + "x" * 10_000
LABELS = [
    f"<{MARK}>bold</{MARK}><script>{MARK}()</script>",
    f'"><{MARK}>',
    f'" {MARK}="1" onmouseover="{MARK}()',
    f"' {MARK}='1' autofocus onfocus='{MARK}()",
    f"</title></script></style></textarea></template><{MARK}><script>{MARK}()</script>",
    f"<!-- --!> <{MARK}> <![CDATA[ ]]>",
    f"&lt;{MARK}&gt; &#60;{MARK}&#62; &amp;",
    f"{{{{ 7 * 7 }}}} {{% {MARK} %}} %({MARK})s %s ${{{MARK}}}",
    f"javascript:{MARK}()",
    f"<img src=x onerror={MARK}()> <svg onload={MARK}()>",
    "\u202eright to left\u2066 \u200f\u061c",
    "control \u0001\u0008\u001b\u007f\u0085 signs",
    "line\r\nbreak\ttab\u2028separator",
    "",
    LONG,
]
IRIS = [
    f"javascript:{MARK}()",
    f"JaVaScRiPt:{MARK}()",
    f"data:text/html,%3C{MARK}%3E",
    f"vbscript:{MARK}",
    f"https://evil.example/'{MARK}='1'",
    f"https://evil.example/?a=1&{MARK}",
    f"file:///{MARK}",
]
CLASS, LINK, TEXT = f"{TERMS}#Thing", f"{TERMS}#link", f"{TERMS}#text"


def thing(number: int) -> str:
    return f"{BASE}id/thing/{number}"


def triples() -> Iterator[tuple[str, str, ox.NamedNode | ox.Literal, str | None]]:
    """Subject, predicate, object, and the named graph for what the vocabulary and the shapes say."""
    iri = ox.NamedNode
    for number, label in enumerate(LABELS):
        tag = ["en", "de", "zh"][number % 3]
        yield thing(number), RDF_TYPE, iri(CLASS), None
        yield thing(number), RDF_TYPE, iri(SCHEMA + "Person"), None
        yield thing(number), RDFS + "label", ox.Literal(label, language=tag), None
        yield thing(number), SCHEMA + "description", ox.Literal(label), None
        yield thing(number), TEXT, ox.Literal(label), None
        yield thing(number), TEXT, ox.Literal(label, datatype=iri(XSD + "anyURI")), None
        yield thing(number), TEXT, ox.Literal(label, datatype=iri(XSD + "gYear")), None
        yield thing(number), LINK, iri(thing((number + 1) % len(LABELS))), None
        yield thing(number), DCTERMS + "isPartOf", iri(thing(number // 2)), None
        yield thing(number), SCHEMA + "latitude", ox.Literal(number), None
        yield thing(number), SCHEMA + "longitude", ox.Literal(label if number % 2 else "1"), None
        yield thing(number), SKOS + "altLabel", ox.Literal(label, language=tag), None
        for kind in (OWL + "Class", RDF + "Property", SKOS + "Concept"):
            term = f"{TERMS}#{kind.rpartition('#')[2]}{number}"
            yield term, RDF_TYPE, iri(kind), TERMS
            yield term, RDFS + "label", ox.Literal(label, language=tag), TERMS
            yield term, RDFS + "comment", ox.Literal(label, language=tag), TERMS
            yield thing(number), TERMS + f"#Property{number}", iri(term), None
    for number, address in enumerate(IRIS):
        yield thing(number), LINK, iri(address), None
        yield thing(number), TEXT, ox.Literal(address, datatype=iri(XSD + "anyURI")), None
        yield address, RDFS + "label", ox.Literal(f"called {address}"), None
        yield address, RDF_TYPE, iri(CLASS), None
        yield address, DCTERMS + "isPartOf", iri(thing(0)), None
        yield thing(1), DCTERMS + "isPartOf", iri(address), None
        yield CLASS, RDFS + "seeAlso", iri(address), TERMS
    yield TERMS, RDF_TYPE, iri(OWL + "Ontology"), TERMS
    yield TERMS, RDFS + "label", ox.Literal(LABELS[4], language="en"), TERMS
    yield CLASS, RDF_TYPE, iri(OWL + "Class"), TERMS
    yield CLASS, RDFS + "label", ox.Literal(LABELS[0], language="en"), TERMS
    yield LINK, RDF_TYPE, iri(OWL + "ObjectProperty"), TERMS
    yield LINK, RDFS + "range", iri(CLASS), TERMS
    shape, group = SHAPES + "#Thing", SHAPES + "#group"
    yield shape, SH + "targetClass", iri(CLASS), SHAPES
    yield group, RDFS + "label", ox.Literal(LABELS[1], language="en"), SHAPES
    for number, path in enumerate((LINK, TEXT, RDFS + "label")):
        part = f"{SHAPES}#part{number}"
        yield shape, SH + "property", iri(part), SHAPES
        yield part, SH + "path", iri(path), SHAPES
        yield part, SH + "name", ox.Literal(LABELS[number], language="en"), SHAPES
        yield part, SH + "message", ox.Literal(LABELS[5], language="en"), SHAPES
        yield part, SH + "group", iri(group), SHAPES
        yield part, SH + "in", iri(IRIS[0]), SHAPES


def quads() -> Iterator[ox.Quad]:
    for subject, predicate, value, graph in triples():
        triple = ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
        if graph is not None:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph))
        if graph != SHAPES:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph())
            yield ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(IRIS[0]))


def build_hostile(releases: Path) -> None:
    """Build the release into the folder."""
    dataset = Dataset(
        {"en": LABELS[4], "de": LABELS[2]},
        {"en": LABELS[0]},
        license=IRIS[0],
        publisher={"en": LABELS[3]},
        examples=[thing(0), IRIS[0], thing(len(LABELS) - 1)],
    )
    source = Source(
        quads=[serialize(list(quads()), ox.RdfFormat.N_QUADS)],
        base=BASE,
        dataset=dataset,
        prefixes={"t": TERMS + "#"},
        ontology=TERMS,
        shapes=SHAPES,
    )
    build(source, releases, Progress())


QUERY = f"SELECT * WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{MARK}')) }} LIMIT 200"
ATTACK = f'"><{MARK} {MARK}="1"><script>{MARK}()</script>'
PAGES = [
    "/",
    "/?lang=de",
    *(f"/doc/thing/{number}" for number in range(len(LABELS))),
    *(f"/doc.html?{urlencode({'iri': iri})}" for iri in IRIS),
    "/ontology",
    "/ontology?lang=de",
    "/ontology/shapes",
    "/ontology/Thing",
    *(f"/ontology/{kind}{number}" for kind in ("Class", "Property", "Concept") for number in range(len(LABELS))),
    "/catalog",
    "/dumps/",
    "/sparql",
    f"/sparql?{urlencode({'query': QUERY, 'format': 'html'})}",
    f"/sparql?{urlencode({'query': ATTACK, 'format': 'html'})}",
    "/query",
    f"/query?{urlencode({'query': ATTACK})}",
    "/queries",
    "/network",
    "/releases",
    "/changes",
    *(f"/search?{urlencode({'q': text})}" for text in ("script", "long", MARK, ATTACK, LABELS[10])),
    "/list",
    f"/list?{urlencode({'class': CLASS})}",
    f"/list?{urlencode({'class': ATTACK, 'kind': ATTACK})}",
    f"/list?{urlencode({'class': CLASS, 'view': 'map'})}",
    f"/list?{urlencode({'class': CLASS, 'view': ATTACK})}",
    f"/tree?{urlencode({'class': CLASS})}",
    f"/tree?{urlencode({'of': thing(0)})}",
    f"/tree?{urlencode({'of': ATTACK})}",
    f"/{quote(ATTACK)}",
    f"/doc?{urlencode({'iri': ATTACK})}",
    f"/doc/{quote(ATTACK)}",
    f"/ontology/{quote(ATTACK)}",
    f"/dumps/{quote(ATTACK)}",
    f"/release/{quote(ATTACK)}/doc/x",
    f"/?lang={quote(ATTACK)}",
    f"/doc/thing/0?after={quote(ATTACK)}",
]
