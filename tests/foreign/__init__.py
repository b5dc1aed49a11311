"""Small datasets of other kinds than ParkGraph's, as somebody would publish with `build --rdf`."""

from pathlib import Path

FOLDER = Path(__file__).parent
THESAURUS = FOLDER / "thesaurus.ttl"  # SKOS, four levels, names in English, German and Arabic
ONTOLOGY = FOLDER / "ontology.ttl"  # OWL, with metadata in older terms, long names, and classes without a label
CATALOGUE = FOLDER / "catalogue.ttl"  # DCAT, with coordinates, dates, periods, themes and blank nodes
QUADS = FOLDER / "quads.nq"  # named graphs only; schema.org, with coordinates, years and heights

HOSTILE_NAMESPACE = "https://hostile.example/"


def hostile(links: int = 500, comment: int = 10_000) -> str:
    """Turtle of resources whose names, texts and links are of every size and script.

    links: how many resources lead to one. comment: characters of its text.
    """
    head = f"""@prefix : <{HOSTILE_NAMESPACE}> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:hub a :Hub ; rdfs:label "hub"@en ; rdfs:comment "{"word " * (comment // 5)}"@en ;
    foaf:depiction <https://pictures.example/hub.png> ; schema:image <https://pictures.example/hub.svg> .
:Hub a rdfs:Class ; rdfs:label "{"Very" * 20}LongNameOfAClass"@en .
:long a :Hub ; rdfs:label "{"n" * comment}"@en .
:rtl a :Hub ; rdfs:label "مرحبا (1) world"@ar, "שלום [2]"@he ; rdfs:comment "نص عربي، 12%"@ar ; skos:note "בלי 3 תג" .
:empty a :Hub ; rdfs:label "" ; rdfs:comment ""@en .
:control a :Hub ; rdfs:label "a\\u0001b\\u202Ec"@en ; rdfs:comment "line\\nline\\ttab\\u0000end" .
:markup a :Hub ; rdfs:label "<b>bold</b> & <script>alert(1)</script>"@en ;
    rdfs:comment "<p onclick='x()'>A <em>paragraph</em>.</p>"^^rdf:HTML ;
    schema:description "<img src=https://pictures.example/spy.png onerror=alert(1)>" .
<{HOSTILE_NAMESPACE}{"long-path/" * 199}end> a :Hub ; :aPropertyWithAVeryLongLocalNameThatHasNoLabelWhatsoever :hub .
"""
    return head + "\n".join(f':leaf-{i} a :Leaf ; rdfs:label "leaf {i}"@en ; :leadsTo :hub .' for i in range(links))
