"""SHACL shapes as everything but validation reads them."""

from __future__ import annotations

import math

import pyoxigraph as ox
import pytest

from core.shapes import NO_SHAPES, PropertyShape, Shapes, read, read_graph

XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"
PREFIXES = """
@prefix dash: <http://datashapes.org/dash#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:x:> .
"""
SHAPES = """
:S sh:targetClass :A ; rdfs:label "a"@en ; sh:property :two , :one .
:one sh:path :p ; sh:order 1 ; sh:minCount 1 ; sh:maxCount 1 ; sh:or ( [ sh:class :A ] [ sh:datatype xsd:date ] ) ;
  sh:group :names ; dash:viewer dash:DetailsViewer .
:two sh:path :q ; sh:order 2 ; sh:in ( :x "y" ) ; sh:minInclusive 3 ; sh:maxCount 2 ; sh:node :In .
:In sh:property [ sh:path :scheme ; sh:hasValue :list ] .
:names rdfs:label "names"@en ; sh:order 7 .
:Broken sh:targetClass :B ; sh:property :r .
:r sh:path :r ; sh:order "first" ; sh:minCount "many" , "INF" ; sh:in :endless .
:endless rdf:rest :endless .
"""


def shapes_of(turtle: str) -> Shapes:
    return read(ox.Quad(t.subject, t.predicate, t.object) for t in ox.parse(PREFIXES + turtle, ox.RdfFormat.TURTLE))


def test_shapes_are_read() -> None:
    shapes = shapes_of(SHAPES)
    assert {class_: [p.predicate for p in properties] for class_, properties in shapes.by_class.items()} == {
        "urn:x:A": ["urn:x:p", "urn:x:q"],
        "urn:x:B": ["urn:x:r"],
    }
    one, two = shapes.by_class["urn:x:A"]
    assert set(shapes.value_types(one)) == {"urn:x:A", XSD_DATE}
    assert (one.cardinality, one.group, shapes.groups["urn:x:names"].order) == ("1", "urn:x:names", 7)
    assert one.viewer == {"http://datashapes.org/dash#DetailsViewer"}
    assert (two.cardinality, [bound.value for bound in two.min_inclusive]) == ("0..2", ["3"])
    assert shapes.required(two) == shapes.required(two, "urn:x:scheme") == [ox.NamedNode("urn:x:list")]
    assert shapes.required(two, "urn:x:other") == []
    assert [value.value for value in two.in_] == ["urn:x:x", "y"]
    (broken,) = shapes.by_class["urn:x:B"]
    assert (broken.cardinality, broken.order, broken.in_) == ("0..*", math.inf, ())


def test_without_a_graph_there_are_no_shapes() -> None:
    assert read_graph(ox.Store(), None) == read([]) == NO_SHAPES


@pytest.mark.parametrize(
    ("path", "sparql", "predicate", "last"),
    [
        (":p", "<urn:x:p>", "urn:x:p", "urn:x:p"),
        ("[ sh:inversePath :p ]", "(^<urn:x:p>)", None, None),
        ("( :p :q )", "(<urn:x:p>/<urn:x:q>)", None, "urn:x:q"),
        ("( [ sh:zeroOrMorePath :p ] :q )", "((<urn:x:p>)*/<urn:x:q>)", None, "urn:x:q"),
        ("[ sh:alternativePath ( :p [ sh:oneOrMorePath :q ] ) ]", "(<urn:x:p>|(<urn:x:q>)+)", None, None),
        ("[ sh:zeroOrOnePath ( :p :q ) ]", "((<urn:x:p>/<urn:x:q>))?", None, None),
    ],
)
def test_paths(path: str, sparql: str, predicate: str | None, last: str | None) -> None:
    read_path = property_of(f":S sh:property [ sh:path {path} ] .").path
    assert read_path is not None
    assert (read_path.sparql, read_path.predicate, read_path.last) == (sparql, predicate, last)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "exactly one sh:path"),
        ("sh:path :p , :q", "has 2"),
        ("sh:path 'p'", "no property path"),
        ("sh:path [ :odd :p ]", "no property path"),
        ("sh:path _:p . _:p sh:inversePath _:p", "no property path"),
    ],
)
def test_what_is_no_path(path: str, message: str) -> None:
    shape = property_of(f":S sh:property :part . :part sh:name 'part' . {':part ' + path + ' .' if path else ''}")
    assert shape.path is None
    assert message in shape.path_error


def property_of(turtle: str) -> PropertyShape:
    shapes = shapes_of(turtle)
    (node_shape,) = shapes.node_shapes.values()
    return shapes.property_shapes[node_shape.property[0]]


def test_a_shape_that_is_a_class_is_for_its_instances() -> None:
    turtle = ":A sh:property [ sh:path :p ] . :B sh:property [ sh:path :q ] ."
    assert shapes_of(turtle).target_classes == set()
    assert shapes_of(turtle + ":A a rdfs:Class .").target_classes == {"urn:x:A"}
    store, graph = ox.Store(), ox.NamedNode("urn:x:graph")
    store.load((PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
    store.load((PREFIXES + ":B a rdfs:Class .").encode(), format=ox.RdfFormat.TURTLE)
    assert read_graph(store, graph.value).target_classes == {"urn:x:B"}


def test_shapes_that_lead_to_one_another() -> None:
    shapes = shapes_of("""
        :S sh:targetClass :A ; sh:node :T ; sh:property [ sh:path :p ; sh:or ( :S :T ) ] .
        :T sh:node :S ; sh:or ( :T ) ; sh:class :B ; sh:property [ sh:path :q ] .
    """)
    assert shapes.predicates("urn:x:A") == {"urn:x:p", "urn:x:q"}
    (property_,) = shapes.by_class["urn:x:A"]
    assert shapes.value_types(property_) == ["urn:x:B"]


def test_the_order_of_a_class_comes_before_that_of_others() -> None:
    shapes = shapes_of("""
        :S sh:targetClass :A ; sh:property [ sh:path :p ; sh:order 9 ] , [ sh:path :p ; sh:order 8 ] .
        :T sh:targetClass :B ; sh:property [ sh:path :p ; sh:order 1 ] , [ sh:path :q ; sh:order 2 ] .
    """)
    assert shapes.orders([]) == {"urn:x:p": 1, "urn:x:q": 2}
    assert shapes.orders(["urn:x:A"]) == {"urn:x:p": 8, "urn:x:q": 2}


def test_shapes_of_what_leads_to_the_members_of_a_class() -> None:
    """Inverse paths are apart from those of a resource's own properties, which alone constrain records and tables."""
    shapes = shapes_of("""
        :S sh:targetClass :A ; sh:property :all , :some , [ sh:path :q ] , [ sh:path ( [ sh:inversePath :p ] :q ) ] .
        :all sh:path [ sh:inversePath :p ] ; sh:order 2 .
        :some sh:path [ sh:inversePath :p ] ; sh:order 1 ; sh:qualifiedValueShape [ sh:class :B , :C ] .
    """)
    assert [property_.predicate for property_ in shapes.by_class["urn:x:A"]] == ["urn:x:q"]
    some, every = shapes.incoming["urn:x:A"]
    assert (some.inverse, every.inverse) == ("urn:x:p", "urn:x:p")
    assert shapes.qualified_classes(some) == {"urn:x:B", "urn:x:C"}
    assert shapes.qualified_classes(every) == frozenset()
