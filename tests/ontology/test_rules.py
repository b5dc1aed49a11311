"""What each rule of `mapping/rules/` derives, and what none may derive."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from mapping.derivation import Rules

ROOT = Path(__file__).parents[2]


def n_triples(turtle: bytes) -> bytes:
    return ox.serialize(ox.parse(turtle, ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES) or b""


KNOWN = b"".join(n_triples((ROOT / f"ontology/{name}.ttl").read_bytes()) for name in ("vocabulary", "concepts"))
RULES = Rules.read(ROOT / "mapping/rules")
PREFIXES = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix ex: <http://example.org/id/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix pg: <https://w3id.org/parkgraph/ontology#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sosa: <http://www.w3.org/ns/sosa/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

# name: (what is stated, what has to follow, what must not)
CASES = {
    "10 bounds of a month": (
        'ex:e a schema:Event ; pg:date "2017-05"^^edtf:EDTF .',
        'ex:e pg:earliest "2017-05-01"^^xsd:date ; pg:latest "2017-05-31"^^xsd:date .',
        "",
    ),
    "10 an open bound is absent": (
        'ex:f a pg:Figure ; pg:date "../2023-05-30"^^edtf:EDTF .',
        'ex:f pg:latest "2023-05-30"^^xsd:date .',
        "ex:f pg:earliest ?any .",
    ),
    "10 a day without a year has no bounds": (
        'ex:e a schema:Event ; pg:date "XXXX-07-23"^^edtf:EDTF .',
        'ex:e dcterms:date "XXXX-07-23"^^edtf:EDTF .',
        "ex:e pg:earliest|pg:latest|schema:startDate ?any .",
    ),
    "20 a park is a place and an organisation": (
        "ex:p a pg:Park .",
        "ex:p a schema:Place, org:Organization, schema:Organization, prov:Organization .",
        "",
    ),
    "20 a figure is an observation and no plan": (
        "ex:f a pg:Figure .",
        "ex:f a sosa:Observation, schema:Observation .",
        "ex:f a pg:Plan .",
    ),
    "30 an edition is part of its series": (
        "ex:e pg:series ex:s .",
        "ex:e dcterms:isPartOf ex:s .",
        "ex:e schema:superEvent ex:s .",
    ),
    "40 being next to each other": ("ex:p pg:nextTo ex:q .", "ex:q pg:nextTo ex:p .", ""),
    "41 inverses": (
        """ex:e schema:superEvent ex:f . ex:p schema:containedInPlace ex:q .
           ex:m org:member ex:a . ex:o org:subOrganizationOf ex:n .""",
        """ex:f schema:subEvent ex:e . ex:q schema:containsPlace ex:p .
           ex:a org:hasMembership ex:m . ex:n org:hasSubOrganization ex:o .""",
        "ex:p pg:nextTo ?any .",
    ),
    "50 names": (
        """ex:p a pg:Park ; rdfs:label "Park"@en ; skos:altLabel "The Park"@en, "Park"@en .
           ex:w dcterms:title "On parks"@en, "Von Parks"@de ; rdfs:label "Parks"@en ; skos:altLabel "Von Parks"@de .""",
        """ex:p schema:name "Park"@en ; schema:alternateName "The Park"@en .
           ex:w schema:name "Parks"@en, "Von Parks"@de ; schema:alternateName "On parks"@en .""",
        "?any schema:alternateName ?name ; schema:name ?name .",
    ),
    "50 nothing is named twice": (
        'ex:v dcterms:title "Parks"@en ; rdfs:label "Parks"@en ; skos:altLabel "Parks"@en .',
        'ex:v schema:name "Parks"@en .',
        "ex:v schema:alternateName ?any .",
    ),
    "50 the vocabulary keeps to its own": ("ex:p a pg:Park .", "ex:p a schema:Place .", "pg:Park schema:name ?any ."),
    "51 an event on one day": (
        'ex:e a schema:Event ; pg:date "2023-05-29"^^edtf:EDTF ; schema:location ex:p .',
        'ex:e schema:startDate "2023-05-29"^^xsd:date ; schema:endDate "2023-05-29"^^xsd:date .',
        "ex:p schema:location ?any .",
    ),
    "51 an event in a month starts on no day": (
        'ex:e a schema:Event ; pg:date "2017-05"^^edtf:EDTF .',
        'ex:e schema:startDate "2017-05"^^xsd:gYearMonth ; schema:endDate "2017-05"^^xsd:gYearMonth .',
        'ex:e schema:startDate "2017-05-01"^^xsd:date .',
    ),
    "51 an event of several days": (
        'ex:e a schema:Event ; pg:date "2021-04-26/2021-04-28"^^edtf:EDTF .',
        'ex:e schema:startDate "2021-04-26"^^xsd:date ; schema:endDate "2021-04-28"^^xsd:date .',
        "",
    ),
    "51 an event not later than a day": (
        'ex:e a schema:Event ; pg:date "../2021-04-28"^^edtf:EDTF .',
        'ex:e pg:latest "2021-04-28"^^xsd:date .',
        "ex:e schema:startDate|schema:endDate ?any .",
    ),
    "52 publication": (
        'ex:a a schema:NewsArticle ; pg:date "2021-12-28"^^edtf:EDTF .',
        'ex:a schema:datePublished "2021-12-28"^^xsd:date ; a schema:CreativeWork .',
        "ex:a schema:startDate ?any .",
    ),
    "53 who spoke and who attended": (
        """ex:e a schema:Event . ex:a a schema:Person . ex:p a pg:Park .
           ex:t pg:event ex:e ; pg:participant ex:a ; pg:role pg:speaker .
           ex:u pg:event ex:e ; pg:participant ex:p ; pg:role pg:representative .""",
        "ex:e schema:performer ex:a ; schema:attendee ex:p .",
        "ex:e schema:performer ex:p .",
    ),
    "53 a presence that is only implied is not passed on": (
        """ex:e a schema:Event . ex:a a schema:Person .
           ex:t pg:event ex:e ; pg:participant ex:a ; pg:role pg:speaker ; pg:implied true .""",
        "ex:a a prov:Person .",
        "ex:e schema:performer ?any .",
    ),
    "54 an exact figure": (
        """ex:f a pg:Figure ; schema:about ex:p ; pg:measure pg:productCount ; pg:unit pg:product ;
           pg:value 248 ; pg:approximation pg:exact .""",
        """ex:f sosa:hasFeatureOfInterest ex:p ; sosa:observedProperty pg:productCount ;
           sosa:hasSimpleResult 248 ; schema:value 248 .""",
        "ex:f schema:minValue|schema:maxValue ?any .",
    ),
    "54 a lower bound is no value": (
        """ex:f a pg:Figure ; schema:about ex:p ; pg:measure pg:projectCount ; pg:unit pg:project ;
           pg:value 200 ; pg:approximation pg:moreThan .""",
        "ex:f schema:minValue 200 ; schema:observationAbout ex:p ; schema:unitCode pg:project .",
        "ex:f schema:value|sosa:hasSimpleResult|schema:maxValue ?any .",
    ),
    "54 an upper bound is no value": (
        """ex:f a pg:Figure ; schema:about ex:p ; pg:measure pg:projectCount ; pg:unit pg:project ;
           pg:value 10 ; pg:approximation pg:nearly .""",
        "ex:f schema:maxValue 10 .",
        "ex:f schema:value|sosa:hasSimpleResult|schema:minValue ?any .",
    ),
    "54 a plan is no observation": (
        """ex:l a pg:Plan ; schema:about ex:p ; pg:measure pg:laboratoryCount ;
           pg:unit pg:nationalKeyLaboratory ; pg:value 1 ; pg:approximation pg:exact .""",
        "ex:l a prov:Plan .",
        "ex:l a sosa:Observation .",
    ),
    "55 mentions": (
        """ex:p a pg:Park ; pg:evidence ex:v . ex:q a schema:Place . ex:v pg:article ex:a .
           ex:s rdf:subject ex:q ; pg:evidence ex:v .""",
        "ex:a schema:mentions ex:p, ex:q . ex:v prov:wasQuotedFrom ex:a .",
        "ex:a schema:mentions ex:v .",
    ),
    "80 a concept of the data": (
        """ex:s a skos:ConceptScheme ; rdfs:label "Layouts"@en .
           ex:c a skos:Concept ; skos:inScheme ex:s ; rdfs:label "One core"@en, "Ein Kern"@de .
           ex:p a pg:Park ; rdfs:label "Park"@en .""",
        'ex:s skos:prefLabel "Layouts"@en . ex:c skos:prefLabel "One core"@en, "Ein Kern"@de .',
        "ex:p skos:prefLabel ?any .",
    ),
    "60 a post at an organisation": (
        "ex:m pg:heldAt ex:p . ex:p a pg:Park . ex:n pg:heldAt ex:c . ex:c a schema:Place .",
        "ex:m org:organization ex:p .",
        "ex:n org:organization ?any .",
    ),
    "61 the kind of an organisation": (
        "ex:o a org:Organization ; pg:kind pg:bureau . ex:c a schema:Place ; pg:kind pg:city .",
        "ex:o org:classification pg:bureau .",
        "ex:c org:classification ?any .",
    ),
    "70 an article without a title": (
        'ex:a a schema:NewsArticle . ex:b a schema:NewsArticle ; dcterms:title "News"@en .',
        'ex:a rdfs:label "Article a"@en, "Artikel a"@de, "文章 a"@zh .',
        "ex:b rdfs:label ?any .",
    ),
    "71 a post": (
        """ex:b rdfs:label "Ada Berg"@en, "艾达"@zh . ex:o rdfs:label "Northlight"@en, "北光"@zh, "Nordlicht"@de .
           ex:m a org:Membership ; org:member ex:b ; pg:heldAt ex:o ; pg:post "Direktorin"@de, "director"@en .
           ex:n a org:Membership ; org:member ex:b ; pg:post "présidente"@fr, "Präsidentin"@de .""",
        """ex:m rdfs:label "Ada Berg, director, Northlight"@en, "Ada Berg, Direktorin, Nordlicht"@de,
             "艾达，director，北光"@zh .
           ex:n rdfs:label "Ada Berg, Präsidentin"@en .""",
        "ex:m skos:prefLabel ?any .",
    ),
    "71 a post in a language that its text has not goes by its kind": (
        """ex:b rdfs:label "Ada Berg"@en . ex:k skos:prefLabel "chair"@en, "Vorsitz"@de .
           ex:m a org:Membership ; org:member ex:b ; pg:post "head of it all"@en ; pg:kind ex:k .""",
        'ex:m rdfs:label "Ada Berg, head of it all"@en, "Ada Berg, Vorsitz"@de, "Ada Berg，head of it all"@zh .',
        'ex:m rdfs:label "Ada Berg, chair"@en .',
    ),
    "71 a presence": (
        """ex:b rdfs:label "Ada Berg"@en . ex:e dcterms:title "Fair"@en ; rdfs:label "博览会"@zh .
           ex:t a pg:Participation ; pg:participant ex:b ; pg:event ex:e .""",
        'ex:t rdfs:label "Ada Berg at Fair"@en, "Ada Berg bei „Fair“"@de, "博览会：Ada Berg"@zh .',
        "",
    ),
    "71 a group that names the event": (
        """ex:g a foaf:Group ; rdfs:label "experts at the Fair"@en, "Fachleute der Messe"@de, "博览会专家"@zh .
           ex:h a foaf:Group ; rdfs:label "experts of parks"@en . ex:e rdfs:label "fair"@en, "博览会"@zh .
           ex:t a pg:Participation ; pg:participant ex:g ; pg:event ex:e .
           ex:u a pg:Participation ; pg:participant ex:h ; pg:event ex:e .""",
        """ex:t rdfs:label "experts at the Fair"@en, "Fachleute der Messe"@de, "博览会专家"@zh .
           ex:u rdfs:label "experts of parks at fair"@en .""",
        "",
    ),
    "71 what has a name in a language keeps it": (
        """ex:b rdfs:label "Ada Berg"@en . ex:m a org:Membership ; org:member ex:b ; pg:post "chair"@en ;
             rdfs:label "the chair"@en .""",
        'ex:m rdfs:label "Ada Berg, chair"@de .',
        'ex:m rdfs:label "Ada Berg, chair"@en .',
    ),
    "71 plans and claims have names in the languages of their text": (
        """ex:p a pg:Plan ; dcterms:description "Build it."@en . ex:b rdfs:label "Ada Berg"@en, "艾达"@zh .
           ex:c a pg:Claim ; pg:saidBy ex:b ; pg:paraphrase "It grows."@en, "它在发展。"@zh .
           ex:d a pg:Claim ; pg:paraphrase "Es wächst."@de .""",
        """ex:p rdfs:label "Build it."@en . ex:c rdfs:label "Ada Berg: It grows."@en, "艾达：它在发展。"@zh .
           ex:d rdfs:label "Es wächst."@de .""",
        'ex:c rdfs:label ?name FILTER(LANG(?name) NOT IN ("en", "zh"))',
    ),
    "71 passages": (
        'ex:a dcterms:title "News"@en . ex:e a pg:Evidence ; pg:article ex:a ; oa:start 3 ; oa:end 9 .',
        """ex:e rdfs:label "Article a, characters 3 to 9"@en, "Artikel a, Zeichen 3 bis 9"@de,
             "文章 a，第 3 至 9 个字符"@zh .""",
        "",
    ),
    "a claim stays a claim": (
        """ex:c a pg:Claim ; pg:saidBy ex:a ; schema:about ex:p ; pg:paraphrase "It grew."@en .
           ex:p a pg:Park .""",
        'ex:c schema:description "It grew."@en .',
        "ex:p schema:description|dcterms:description|schema:about ?any .",
    ),
    "72 a figure in words": (
        (
            "ex:f a pg:Figure ; pg:measure pg:projectCount ; pg:approximation pg:moreThan ; pg:value 1200 ; "
            "pg:unit pg:project ;"
            ' pg:date "../2023-05"^^edtf:EDTF ; pg:saidBy ex:p . ex:p a schema:Person ; rdfs:label "Ann Lee"@en .'
        ),
        (
            'ex:f rdfs:label "number of projects: more than 1,200 projects, not later than May 2023, '
            'reported by Ann Lee"@en,'
            ' "Zahl der Projekte: mehr als 1.200 Projekte, spätestens Mai 2023, laut Ann Lee"@de,'
            ' "项目数：超过1,200个项目，不晚于2023年5月，据Ann Lee"@zh .'
        ),
        "",
    ),
    "72 a rank says its unit once": (
        "ex:f a pg:Figure ; pg:measure pg:industryRank ; pg:approximation pg:exact ; pg:value 1 ; pg:unit pg:rank .",
        'ex:f rdfs:label "rank as an industry: 1"@en, "Rang als Branche: 1"@de, "产业排名：第1位"@zh .',
        "",
    ),
    "72 one is no plural": (
        "ex:f a pg:Figure ; pg:measure pg:projectCount ; pg:approximation pg:exact ; pg:value 1 ; pg:unit pg:project .",
        'ex:f rdfs:label "number of projects: 1 project"@en, "Zahl der Projekte: 1 Projekt"@de .',
        "",
    ),
    "72 a fraction stays one": (
        (
            "ex:f a pg:Figure ; pg:measure pg:growthRate ; pg:approximation pg:approximately ;"
            " pg:numerator 1 ; pg:denominator 6 ; pg:unit pg:fraction ."
        ),
        'ex:f rdfs:label "growth rate: about 1/6"@en .',
        "",
    ),
    "72 what is vague has no number": (
        "ex:f a pg:Figure ; pg:measure pg:partnerCount ; pg:approximation pg:vague ; pg:unit pg:partner .",
        'ex:f rdfs:label "number of partners: no number stated"@en .',
        "",
    ),
}


def closed(turtle: str) -> ox.Store:
    """The stated triples, the ontology and what follows."""
    triples = KNOWN + n_triples((PREFIXES + turtle).encode())
    store = ox.Store()
    store.load(triples + b"".join(RULES.derive(triples)), ox.RdfFormat.N_TRIPLES)
    return store


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str) -> None:
    given, expected, excluded = CASES[name]
    store = closed(given)
    wanted = list(ox.parse((PREFIXES + expected).encode(), ox.RdfFormat.TURTLE))
    assert wanted
    assert [str(quad.triple) for quad in wanted if quad not in store] == []
    if excluded:
        prefixes = PREFIXES.replace("@prefix", "PREFIX").replace(" .\n", "\n")
        assert not store.query(f"{prefixes} ASK {{ {excluded} }}")


def test_every_rule_has_a_case() -> None:
    numbers = {path.stem[:2] for path, _ in RULES.queries}
    assert numbers == {name[:2] for name in CASES if name[0].isdigit()}
    assert (len(numbers), len(CASES)) == (len(RULES.queries), 40)


@pytest.mark.parametrize(("path", "query"), RULES.queries, ids=[path.stem for path, _ in RULES.queries])
def test_rule_is_written_as_one(path: Path, query: str) -> None:
    assert query.startswith("# title: "), path
    assert "_:" not in query
    assert "[" not in query.partition("CONSTRUCT")[2].partition("WHERE")[0]


def test_nothing_follows_for_the_ontology() -> None:
    """Rules are about data: with none, there is nothing to derive."""
    assert RULES.derive(KNOWN) == set()


def test_nothing_of_the_engine_is_left_to_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever thread tidies memory up: results of the engine may be dropped in their own alone."""
    faults: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", faults.append)
    event = 'ex:e a schema:Event ; pg:date "2017-05"^^edtf:EDTF, "before 2017"^^edtf:EDTF .'
    gc.disable()
    try:
        RULES.derive(KNOWN + n_triples((PREFIXES + event).encode()))
        with ThreadPoolExecutor(1) as thread:
            thread.submit(gc.collect).result()
    finally:
        gc.enable()
    assert not faults
