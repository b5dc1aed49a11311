"""Files of shapes that are ill-formed, or ask for what is not offered, are refused in one sentence with a line.

In: Turtle. Out: an InputError, whatever the data are; well-formed shapes are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import InputError
from core.shapes_file import ShapesFile
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
SHAPE = "ex:Shape sh:targetSubjectsOf ex:p ;\n"
PROPERTY = SHAPE + "  sh:property [ %s ] ."
PATH = PROPERTY % "sh:minCount 1 ; sh:path %s"
QUERY = SHAPE + '  sh:sparql [ sh:select """%s""" ] .'
OF_PROPERTY = SHAPE + '  sh:property [ sh:path ex:p ; sh:sparql [ sh:select """%s""" ] ] .'
COMPONENT = """ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:limit ] ;
  sh:validator [ sh:%s ] ."""

REFUSED = {
    # no shapes, and no RDF
    "no shapes": ("ex:a ex:p 1 .", "there is no SHACL shape in it"),
    "syntax": ("ex:a ex:p 1 ;; .\nex:b", ":5:"),
    # terms
    "typing error": (PROPERTY % "sh:path ex:p ; sh:mincount 1", ":5:1: sh:mincount is no term of SHACL"),
    "typing error in a target": ("ex:S a sh:NodeShape ; sh:targetclass ex:C .", "sh:targetclass is no term"),
    "typing error in a type": ("ex:S a sh:NodeShap ; sh:targetClass ex:C .", "sh:NodeShap is no term"),
    "typing error in a member": (SHAPE + "sh:or ( [ sh:clas ex:C ] ) .", "sh:clas is no term"),
    "a term of SHACL 1.2": (PROPERTY % "sh:path ex:p ; sh:singleLine true", "sh:singleLine is no term"),
    # paths
    "no path": (PROPERTY % "sh:minCount 1", "sh:minCount needs an sh:path"),
    "no path, for a datatype": (PROPERTY % "sh:datatype xsd:string", "one sh:path, and it has 0"),
    "two paths": (PATH % "ex:p, ex:q", "one sh:path, and it has 2"),
    "literal as path": (PATH % '"p"', "is no property path"),
    "path of one member": (PATH % "( ex:p )", "is no property path"),
    "path of two forms": (PATH % "[ sh:inversePath ex:p ; sh:zeroOrMorePath ex:p ]", "is no property path"),
    # parameters
    "count as text": (PROPERTY % 'sh:path ex:p ; sh:minCount "2"', 'sh:minCount may not be "2"'),
    "two counts": (PROPERTY % "sh:path ex:p ; sh:maxCount 2, 3", "it has 2 values of sh:maxCount"),
    "two datatypes": (PROPERTY % "sh:path ex:p ; sh:datatype xsd:string, xsd:date", "2 values of sh:datatype"),
    "count in a node shape": (SHAPE + "sh:maxCount 5 .", "sh:maxCount needs an sh:path"),
    "uniqueLang in a node shape": (SHAPE + "sh:uniqueLang true .", "sh:uniqueLang needs an sh:path"),
    "unknown kind of node": (SHAPE + "sh:nodeKind ex:Iri .", "sh:nodeKind may not be"),
    "text as class": (SHAPE + 'sh:class "C" .', 'sh:class may not be "C"'),
    "text as datatype": (SHAPE + 'sh:datatype "integer" .', "sh:datatype may not be"),
    "two severities": (SHAPE + "sh:severity sh:Info, sh:Warning .", "it has 2 values of sh:severity"),
    "text as severity": (SHAPE + 'sh:severity "high" .', "sh:severity may not be"),
    "text that deactivates": (SHAPE + 'sh:deactivated "true" .', "sh:deactivated may not be"),
    "list that is broken": (SHAPE + "sh:in [ rdf:first ex:a ] .", "sh:in is not well-formed"),
    "list that holds itself": (SHAPE + "sh:in _:l . _:l rdf:first ex:a ; rdf:rest _:l .", "sh:in is not well-formed"),
    "no list of shapes": (SHAPE + "sh:or ex:a .", "sh:or may not be"),
    "blank node as target": ("ex:S a sh:NodeShape ; sh:targetNode [] .", "sh:targetNode is not well-formed"),
    "text as target class": ('ex:S a sh:NodeShape ; sh:targetClass "C" .', "sh:targetClass may not be"),
    # not offered
    "entailment": ("<> sh:entailment ex:RDFS . " + SHAPE + "sh:nodeKind sh:IRI .", "sh:entailment"),
    "JavaScript": (SHAPE + 'sh:js [ sh:jsFunctionName "f" ] .', "sh:js"),
    "kinds of targets": ("ex:S a sh:NodeShape ; sh:target [ a ex:Kind ; ex:q ex:p ] .", "of sh:target only"),
    # queries
    "no query": (SHAPE + "sh:sparql [ ] .", "it needs one text as sh:select"),
    "two queries": (SHAPE + 'sh:sparql [ sh:select "SELECT $this {}", "SELECT ?this {}" ] .', "one text as sh:select"),
    "another form": (QUERY % "ASK { $this ex:p ?v }", "is no SELECT query"),
    "an update": (QUERY % "DELETE WHERE { ?s ?p ?o }", "is no SELECT query"),
    "nothing selected": (QUERY % "SELECT ?v { $this ex:p ?v }", "does not select $this"),
    "MINUS": (QUERY % "SELECT $this { $this ex:p ?v Minus { ?x ex:q ?v } }", "has MINUS"),
    "VALUES": (QUERY % "SELECT $this { $this ex:p ?v VALUES ?v { 1 } }", "has VALUES"),
    "VALUES behind the query": (QUERY % "SELECT $this { $this ex:p ?v } values ?v { 1 }", "has VALUES"),
    "SERVICE": (QUERY % "SELECT $this { SERVICE <http://x/> { $this ex:p ?v } }", "has SERVICE"),
    "a value bound again": (QUERY % "SELECT $this { BIND(ex:a AS ?this) }", "binds ?this"),
    "a value grouped by": (QUERY % "SELECT $this { ?x ex:p ?v } GROUP BY (?x AS $this)", "binds $this"),
    "sub-query": (QUERY % "SELECT $this { { SELECT ?v { $this ex:p ?v } } }", "does not select $this"),
    "sub-query in EXISTS": (
        QUERY % "SELECT $this { FILTER NOT EXISTS { SELECT ?v (COUNT($this) AS ?n) { ?x ex:p ?v } GROUP BY ?v } }",
        "does not select $this",
    ),
    "sub-query of all": (QUERY % "SELECT $this { { SELECT * { FILTER($this = ex:a) } } }", "does not select $this"),
    "named graphs": (QUERY % "SELECT $this { GRAPH ?g { $this ex:p ?v } }", "has GRAPH"),
    "FROM": (QUERY % "SELECT $this FROM ex:g { $this ex:p ?v }", "has FROM"),
    "path in a node shape": (QUERY % "SELECT $this { $this $PATH ?v }", "has $PATH"),
    "validator, value bound": (
        COMPONENT % 'ask "ASK { BIND(1 AS ?value) }"',
        "binds ?value",
    ),
    "validator, parameter bound": (COMPONENT % 'select "SELECT $this { BIND(1 AS ?limit) }"', "binds ?limit"),
    "validator, sub-query without a parameter": (
        COMPONENT % 'select "SELECT $this { { SELECT $this { $this ?q ?v } } }"',
        "does not select $limit",
    ),
}  # fmt: skip

READ = {
    "what is no shape may use any terms": SHAPE + "sh:nodeKind sh:IRI . ex:a sh:nodeShape ex:Shape .",
    "a path of one form, with a part that is none": PATH
    % "[ rdf:first ex:p ; rdf:rest ( ex:q ) ; sh:inversePath ( ex:p ) ]",
    "every kind of path": PATH
    % "( ex:p [ sh:alternativePath ( ex:q [ sh:oneOrMorePath [ sh:inversePath ex:r ] ] ) ] )",
    "words in comments and texts": QUERY % "SELECT $this { $this ex:p ?v # MINUS\n FILTER(?v = 'VALUES') }",
    "words as names": QUERY % "SELECT $this { $this ex:minus ?values }",
    "a sub-query with the value": QUERY
    % "SELECT $this { { SELECT $this (COUNT(?v) AS ?n) { $this ex:p ?v } GROUP BY $this } }",
    "the graph of the shapes": QUERY % "SELECT $this { GRAPH $shapesGraph { ?s ?p ?o } }",
    "the path in a property shape": OF_PROPERTY % "SELECT $this ?value { $this $PATH ?value }",
    "a target of a query": "ex:S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; "
    'sh:select "SELECT ?this { VALUES ?this { ex:a } }" ] .',
    "what people read": PROPERTY % 'sh:path ex:p ; sh:name "p" ; sh:order 1 ; sh:group ex:g ; sh:defaultValue 1',
    "rules, which validation does not run": SHAPE
    + "sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object ex:r ] .",
}  # fmt: skip


def read(text: str, folder: Path) -> ShapesFile:
    path = folder / "shapes.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return ShapesFile.read(path, "http://example.org/")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_shape_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    text, message = REFUSED[name]
    with pytest.raises(InputError) as error:
        read(text, tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'shapes.ttl'}:")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", READ)
def test_what_is_well_formed_is_read(name: str, tmp_path: Path) -> None:
    assert read(READ[name], tmp_path).triples


def test_the_projects_shapes_are_well_formed() -> None:
    for path in (ROOT / "ontology" / "shapes.ttl", ROOT / "release" / "catalog" / "shapes.ttl"):
        assert ShapesFile.read(path, "http://example.org/").problems == []


def test_the_line_is_that_of_the_shape(tmp_path: Path) -> None:
    text = "# a comment\n\nex:Late\n  a sh:NodeShape ;\n  sh:severity 1 .\n"
    with pytest.raises(InputError, match=r"shapes\.ttl:6:1: <http://example.org/Late>"):
        read(text, tmp_path)


def test_a_mark_of_byte_order_is_no_part_of_the_shapes(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + SHAPE + "sh:nodeKind sh:IRI .", encoding="utf-8-sig")
    assert ShapesFile.read(path, "http://example.org/").triples
