"""The published data under the judge: what the fast engine lets pass, pyshacl lets pass too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph, URIRef

from core.validation import report, validate
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release

SHAPES = ROOT / "ontology" / "shapes.ttl"


def test_both_engines_find_the_same_in_the_published_data(release: Release) -> None:
    """One value in each of three facts is damaged, so that there is something to find."""
    store = ox.Store()
    store.extend(release.open_store().quads_for_pattern(None, None, None, ox.DefaultGraph()))
    store.update("""
        PREFIX pg: <https://w3id.org/parkgraph/ontology#> PREFIX oa: <http://www.w3.org/ns/oa#>
        DELETE { ?figure pg:approximation ?a } INSERT { ?figure a pg:Plan }
          WHERE { SELECT * { ?figure a pg:Figure ; pg:approximation ?a } ORDER BY ?figure LIMIT 1 } ;
        DELETE { ?passage oa:end ?end } INSERT { ?passage oa:end 0 }
          WHERE { SELECT * { ?passage a pg:Evidence ; oa:end ?end } ORDER BY ?passage LIMIT 1 } ;
        DELETE { ?post pg:evidence ?passage }
          WHERE { SELECT * { ?post pg:post ?title ; pg:evidence ?passage } ORDER BY ?post LIMIT 1 }
    """)
    fast = {(result.focus.strip("<>"), result.rule) for result in validate(store, SHAPES)}
    ntriples = (store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b"").decode()
    _, report, _ = pyshacl.validate(Graph().parse(data=ntriples, format="nt"), shacl_graph=Graph().parse(SHAPES))
    assert isinstance(report, Graph)
    results = list(report.objects(None, SH.result))
    judged = {(str(report.value(r, SH.focusNode)), str(report.value(r, SH.sourceShape))) for r in results}
    assert fast == judged
    assert len({focus for focus, _ in fast}) == 3


def test_the_published_data_has_no_violation(release: Release) -> None:
    assert validate(release.open_store(), SHAPES) == []
    assert release.manifest.validation.violations == 0


def test_shapes_without_names_and_focus_nodes_of_every_kind_are_reported(tmp_path: Path) -> None:
    """A shape may be a blank node; what it is about may be a literal, or a blank node."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n"
        "[] sh:targetObjectsOf ex:near ; sh:nodeKind sh:IRI .\n"
        "ex:Shape sh:targetObjectsOf ex:near ; sh:nodeKind sh:IRI .\n",
        encoding="utf-8",
    )
    store = ox.Store()
    store.load(b'<http://example.org/a> <http://example.org/near> "x\\"y"@en , _:b .', ox.RdfFormat.TURTLE)
    results = validate(store, shapes)
    assert {result.rule for result in results} == {str(SH.NodeKindConstraintComponent), "http://example.org/Shape"}
    graph = Graph().parse(data=report(results, "http://example.org/").decode(), format="turtle")
    focus = [
        node for result in graph.subjects(RDF.type, SH.ValidationResult) for node in graph.objects(result, SH.focusNode)
    ]
    assert sorted(type(node).__name__ for node in focus) == ["BNode", "BNode", "Literal", "Literal"]
    assert len(list(graph.triples((None, SH.sourceShape, URIRef("http://example.org/Shape"))))) == 2
    assert len(list(graph.triples((None, SH.sourceConstraintComponent, SH.NodeKindConstraintComponent)))) == 2
