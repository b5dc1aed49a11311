"""Validation by SHACL: the results that each constraint has over each kind of value, and the second opinion of pyshacl.

In: shapes in Turtle, data in N-Triples as they are published. Out: results, remarks and the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph

from core.errors import InputError
from core.problems import Severity
from core.progress import Progress
from core.rdf import nquads
from core.shapes_file import ShapesFile
from core.validation import ShaclOutcome, report
from release import shacl_process
from release.validation import ShaclProcess, validate
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release

SHAPES = ROOT / "ontology" / "shapes.ttl"
BASE = "http://example.org/"
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
# Constraint on ex:p, values of it, and whether these conform: literals are what is written, not what they are worth.
VALUES = [
    ("sh:datatype xsd:integer", '"5"', False),
    ("sh:datatype xsd:integer", "5, 007, +3", True),
    ("sh:datatype xsd:integer", '"5"^^xsd:byte', False),
    ("sh:datatype xsd:integer", '"300"^^xsd:byte', False),
    ("sh:datatype xsd:byte", '"5"^^xsd:byte', True),
    ("sh:datatype xsd:byte", '"300"^^xsd:byte', False),
    ("sh:datatype xsd:nonNegativeInteger", '"5"^^xsd:nonNegativeInteger', True),
    ("sh:datatype xsd:positiveInteger", '"0"^^xsd:positiveInteger', False),
    ("sh:datatype xsd:unsignedShort", '"5"^^xsd:unsignedShort', True),
    ("sh:datatype xsd:long", '"5"^^xsd:int', False),
    ("sh:datatype xsd:decimal", "1.50, 0.10", True),
    ("sh:datatype xsd:decimal", "1", False),
    ("sh:datatype xsd:boolean", '"1"^^xsd:boolean, false', True),
    ("sh:datatype xsd:boolean", '"TRUE"^^xsd:boolean', False),
    ("sh:datatype xsd:dateTime", '"2020-01-01T00:00:00Z"^^xsd:dateTimeStamp', False),
    ("sh:datatype xsd:dateTimeStamp", '"2020-01-01T00:00:00Z"^^xsd:dateTimeStamp', True),
    ("sh:datatype xsd:dateTime", '"2020-01-01T24:00:00"^^xsd:dateTime', True),
    ("sh:datatype xsd:date", '"2020-02-30"^^xsd:date', False),
    ("sh:datatype rdf:langString", '"a"@en, "b"@DE-at', True),
    ("sh:datatype xsd:string", '"a"@en', False),
    ("sh:maxCount 1", "0.1, 0.10", False),
    ("sh:maxCount 1", "1, 01", False),
    ("sh:maxCount 1", '"1"^^xsd:int, "1"^^xsd:byte', False),
    ("sh:maxCount 1", '"1"^^xsd:boolean, true', False),
    ("sh:maxCount 1", '"a"@en, "a"', False),
    ("sh:minCount 2", "0.1, 0.10", True),
    ("sh:minCount 2", "1, 1", False),
    ("sh:in ( 1 2 )", "1, 2", True),
    ("sh:in ( 1 2 )", "01", False),
    ("sh:in ( 1.0 2.0 )", "1.0", True),
    ("sh:in ( 1e0 )", "1e0", True),
    ("sh:in ( 1e0 )", "1.0e0", False),
    ("sh:in ( 1 )", '"1"^^xsd:int', False),
    ("sh:hasValue 1", "01", False),
    ("sh:hasValue 1.0", "1.0", True),
    ('sh:hasValue "1"^^xsd:boolean', '"1"^^xsd:boolean', True),
    ('sh:hasValue "a"@en', '"a"@en', True),
    ('sh:pattern "^[0-9]+[.][0-9][0-9]$"', "1.50", True),
    ('sh:pattern "^[0-9]{4}$"', "0042", True),
    ('sh:pattern "^[1-9]"', "0042", False),
    ('sh:pattern "^p" ; sh:flags "i"', '"PT24H"^^xsd:duration', True),
    ("sh:minLength 4", "1.50", True),
    ("sh:maxLength 3", "1.50", False),
    ("sh:maxLength 3", '"+5"^^xsd:integer', True),
    ("sh:minInclusive 1 ; sh:maxExclusive 2", "1, 1.5, 01", True),
    ("sh:maxInclusive 10", '"300"^^xsd:short', False),
    ("sh:minExclusive 0", '"a"', False),
    ("sh:equals ex:q", "1 ; ex:q 01", False),
    ("sh:equals ex:q", "01 ; ex:q 01", True),
    ("sh:disjoint ex:q", "1 ; ex:q 01", True),
    ("sh:disjoint ex:q", "1 ; ex:q 1", False),
    ("sh:lessThan ex:q", "1 ; ex:q 01", False),
    ("sh:lessThanOrEquals ex:q", "1 ; ex:q 01", True),
    ("sh:uniqueLang true", '"a"@en, "b"@EN', False),
    ("sh:uniqueLang true", '"a"@en, "b"@en-GB', True),
    ('sh:languageIn ( "en" )', '"a"@en-GB', True),
    ("sh:nodeKind sh:IRI", "[ ]", False),
    ("sh:nodeKind sh:BlankNode", "[ ]", True),
    ("sh:not [ sh:datatype xsd:integer ]", '"1"^^xsd:int', True),
    ("sh:or ( [ sh:datatype xsd:int ] [ sh:datatype xsd:string ] )", '"1"^^xsd:int, "1"', True),
    ("sh:qualifiedMinCount 2 ; sh:qualifiedValueShape [ sh:datatype xsd:integer ]", "1, 01", True),
]


def write(folder: Path, shapes: str, data: str) -> tuple[Path, Path]:
    """Files of data, in N-Triples, and of shapes."""
    (folder / "shapes.ttl").write_text(PREFIXES + shapes, encoding="utf-8")
    quads = ox.parse((PREFIXES + data).encode(), ox.RdfFormat.TURTLE)
    (folder / "data.nt").write_bytes(b"".join(sorted(set(nquads(quads).splitlines(keepends=True)))))
    return folder / "data.nt", folder / "shapes.ttl"


def validated(folder: Path, shapes: str, data: str, second_opinion: int = 0) -> ShaclOutcome:
    return validate(*write(folder, shapes, data), BASE, lambda _: None, second_opinion=second_opinion)


@pytest.fixture(scope="module")
def of_values(tmp_path_factory: pytest.TempPathFactory) -> ShaclOutcome:
    """All constraints at once, each on a subject of its own, by both validators."""
    shapes = [
        f"ex:Shape{number} a sh:NodeShape ; sh:targetNode ex:a{number} ; sh:property [ sh:path ex:p ; {constraint} ] ."
        for number, (constraint, _, _) in enumerate(VALUES)
    ]
    data = [f"ex:a{number} ex:p {values} ." for number, (_, values, _) in enumerate(VALUES)]
    return validated(tmp_path_factory.mktemp("values"), "\n".join(shapes), "\n".join(data), second_opinion=1000)


@pytest.mark.parametrize("number", range(len(VALUES)), ids=lambda number: f"{VALUES[number][0]} of {VALUES[number][1]}")
def test_values_are_judged_as_they_are_written(number: int, of_values: ShaclOutcome) -> None:
    found = [result for result in of_values.results if result.focus == f"<{BASE}a{number}>"]
    assert (not found) == VALUES[number][2]


def test_pyshacl_agrees_but_where_the_documentation_says_so(of_values: ShaclOutcome) -> None:
    differing = {VALUES[int(remark.focus.strip("<>").removeprefix(f"{BASE}a"))][:2] for remark in of_values.remarks}
    assert differing == {("sh:datatype xsd:dateTime", '"2020-01-01T24:00:00"^^xsd:dateTime')}


def test_shapes_without_names_and_focus_nodes_of_every_kind(tmp_path: Path) -> None:
    """A shape may be a blank node; what it is about may be a literal, or a blank node, which keeps the data's name."""
    shapes = """[] sh:targetObjectsOf ex:near ; sh:nodeKind sh:IRI .
        ex:Shape sh:targetObjectsOf ex:near ; sh:nodeKind sh:IRI ; sh:message "Eine IRI"@de, "An IRI"@en ."""
    data, path = write(tmp_path, shapes, "")
    near = "<http://example.org/a> <http://example.org/near>"
    data.write_text(f'{near} "x\\"y"@en .\n{near} _:c14n7 .\n_:c14n1 <urn:p> _:c14n9 .\n', encoding="utf-8")
    results = validate(data, path, BASE, lambda _: None, second_opinion=100)
    assert results.remarks == ()
    assert {(result.focus, result.rule, result.message) for result in results.results} == {
        (focus, rule, message)
        for focus in ('"x\\"y"@en', "_:c14n7")
        for rule, message in (
            (str(SH.NodeKindConstraintComponent), "does not conform to sh:nodeKind sh:IRI"),
            (f"{BASE}Shape", "An IRI"),
        )
    }
    graph = Graph().parse(data=report(results.results, BASE).decode(), format="turtle")
    for result in graph.subjects(RDF.type, SH.ValidationResult):
        assert set(graph.predicates(result)) == {
            RDF.type, SH.focusNode, SH.value, SH.resultSeverity, SH.resultMessage, SH.sourceShape,
            SH.sourceConstraintComponent,
        }  # fmt: skip
    assert sorted(type(node).__name__ for node in graph.objects(None, SH.focusNode)) == ["BNode"] * 2 + ["Literal"] * 2
    assert len(set(graph.objects(None, SH.sourceShape))) == 2


def test_long_values_are_shortened_in_problems(tmp_path: Path) -> None:
    shapes = """ex:S sh:targetObjectsOf ex:p ; sh:datatype xsd:date .
        ex:T sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:datatype xsd:date ] ."""
    outcome = validated(tmp_path, shapes, f'ex:a ex:p "{"x" * 5000}" .')
    assert sorted(len(result.focus) > 5000 for result in outcome.results) == [False, True]
    assert all(len(result.text(result.focus)) < 500 for result in outcome.results)


def test_a_result_names_path_value_and_component(tmp_path: Path) -> None:
    shapes = """ex:Shape sh:targetNode ex:a ; sh:property [
        sh:path ( ex:p [ sh:inversePath ex:q ] [ sh:zeroOrMorePath ex:r ] ) ; sh:datatype xsd:date ;
        sh:minCount 2 ] ."""
    outcome = validated(tmp_path, shapes, "ex:a ex:p ex:b . ex:c ex:q ex:b .", second_opinion=100)
    path = f"(<{BASE}p>/(^<{BASE}q>)/(<{BASE}r>)*)"
    assert sorted(result.text(result.focus) for result in outcome.results) == [
        f"<{BASE}a>, path {path}, value <{BASE}c>: does not conform to sh:datatype xsd:date",
        f"<{BASE}a>, path {path}: does not conform to sh:minCount 2",
    ]
    assert outcome.remarks == ()
    assert {result.rule.removeprefix(str(SH)) for result in outcome.results} == {
        "DatatypeConstraintComponent",
        "MinCountConstraintComponent",
    }
    graph = Graph().parse(data=report(outcome.results, BASE).decode(), format="turtle")
    (_, path_node), *_ = graph.subject_objects(SH.resultPath)
    assert str(next(graph.objects(path_node, RDF.first))) == f"{BASE}p"


SEVERITIES = [("sh:Violation", "violation"), ("sh:Warning", "warning"), ("sh:Info", "info"), ("ex:Grave", "violation")]


@pytest.mark.parametrize(("severity", "expected"), SEVERITIES)
def test_any_result_means_that_the_data_do_not_conform(severity: str, expected: str, tmp_path: Path) -> None:
    """A severity of one's own counts as a violation, and stands in the report as it is."""
    shapes = f"ex:Shape sh:targetNode ex:a ; sh:nodeKind sh:Literal ; sh:severity {severity} ."
    (result,) = validated(tmp_path, shapes, "ex:a ex:p 1 .").results
    assert result.severity == expected
    assert result.text("a").endswith(" of severity <http://example.org/Grave>") == (severity == "ex:Grave")
    text = report([result], BASE).decode()
    assert "sh:conforms false" in text
    assert severity.replace("ex:Grave", f"<{BASE}Grave>") in text
    assert "sh:conforms true" in report([], BASE).decode()


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ("ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:pattern '(' ] .", "invalid sh:pattern"),
        ("ex:S sh:targetNode ex:a ; sh:property _:s . _:s sh:path _:p . _:p sh:inversePath _:p .", "nested too deeply"),
        ("ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 99999999999999999999 ] .", "sh:minCount"),
        ("ex:S sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this { $this ex:p }' ] .", "SPARQL error"),
        ("ex:S sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this { FILTER(<urn:f>($this)) }' ] .", "urn:f"),
        (" ".join(f"ex:s{n} sh:not ex:s{n + 1} ." for n in range(400)) + "ex:s0 sh:targetNode ex:a .", "nested"),
    ],
)
def test_what_the_validator_cannot_do_is_one_sentence(shapes: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shapes\.ttl: ") as error:
        validated(tmp_path, shapes, "ex:a ex:p 1 .")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_too_much_memory_is_told_before_it_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In: a shape that has to be validated over all triples at once. Out: why that takes too much memory."""
    monkeypatch.setattr("release.shacl_process.half_of_memory", lambda: 1000)
    query = f"SELECT $this {{ $this <{BASE}p> ?x . ?y <{BASE}q> ?z }}"
    shapes = f'ex:S sh:targetNode ex:a ; sh:sparql [ sh:select "{query}" ] .'
    data, path = write(tmp_path, shapes, "ex:a ex:p 1, 2 ; ex:q 3, 4, 5 ; ex:r 6 .")
    with pytest.raises(InputError) as error:
        list(shacl_process.reports(ShapesFile.read(path, BASE), data))
    text = str(error.value)
    assert "may take 0.0 GB of memory for 5 triples, and half of this machine's" in text
    assert f"<{BASE}S> cannot be validated node by node: its query has a pattern that nothing connects" in text


def test_a_validator_that_somebody_kills_is_told(tmp_path: Path) -> None:
    data, path = write(tmp_path, "", "ex:a ex:p 1 .")
    with ShaclProcess("shacl", path, BASE, str(data)) as process:
        process._process.kill()
        with pytest.raises(InputError, match=r"shapes\.ttl: the validator was killed, perhaps for lack of memory"):
            list(process.written(Progress()))


def test_very_many_violations_end_the_validation(tmp_path: Path) -> None:
    data = " ".join(f"ex:a{number} ex:p 1 ." for number in range(10_100))
    outcome = validated(
        tmp_path, "ex:S sh:targetSubjectsOf ex:p ; sh:nodeKind sh:Literal .", data, second_opinion=10**6
    )
    assert len(outcome.results) == 10_000
    (remark,) = outcome.remarks
    assert (remark.severity, remark.rule) == (Severity.INFO, "more")


def test_a_difference_between_the_validators_is_told(tmp_path: Path) -> None:
    """SPARQL 1.1 leaves open whether dates are compared: `shacl` does not, `pyshacl` does."""
    date = "'2020-01-01'^^<http://www.w3.org/2001/XMLSchema#date>"
    query = f"SELECT $this ?value {{ $this <{BASE}p> ?value FILTER(?value > {date}) }}"
    shapes = f'ex:S sh:targetNode ex:a ; sh:sparql [ sh:message "late" ; sh:select "{query}" ] .'
    data = 'ex:a ex:p "2021-01-01"^^xsd:date .'
    assert validated(tmp_path, shapes, data, second_opinion=0) == ShaclOutcome()
    outcome = validated(tmp_path, shapes, data, second_opinion=1)
    assert outcome.results == ()
    (remark,) = outcome.remarks
    assert (remark.focus, remark.severity, remark.rule) == (f"<{BASE}a>", Severity.WARNING, "second-opinion")
    assert remark.message == "pyshacl finds this, and shacl does not"
    assert validated(tmp_path, shapes, data + " ex:b ex:p 1 .", second_opinion=1).remarks == ()


def test_a_component_of_ones_own(tmp_path: Path) -> None:
    shapes = """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:longest ] ; sh:validator [
        sh:message "{$value} has more than {$longest}" ; sh:ask "ASK { FILTER(STRLEN(STR($value)) <= $longest) }" ] .
        ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; ex:longest 2 ] ."""
    outcome = validated(tmp_path, shapes, 'ex:a ex:p "abc" . ex:b ex:p "ab" .', second_opinion=10)
    (result,) = outcome.results
    message = f'<{BASE}a>, path <{BASE}p>, value "abc": abc has more than 2'
    assert (result.rule, result.text(result.focus), outcome.remarks) == (f"{BASE}C", message, ())


def test_pyshacl_may_have_no_opinion(tmp_path: Path) -> None:
    """It reads RDF 1.1 alone."""
    data = 'ex:a ex:p "a"@ar--rtl , <<( ex:a ex:b ex:c )>> . ex:b ex:p ex:a .'
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:nodeKind sh:Literal ] ."
    outcome = validated(tmp_path, shapes, data, second_opinion=10)
    assert sorted(result.value or "" for result in outcome.results) == [
        "<<( <http://example.org/a> <http://example.org/b> <http://example.org/c> )>>",
        "<http://example.org/a>",
    ]
    (remark,) = outcome.remarks
    assert (remark.severity, remark.rule) == (Severity.INFO, "second-opinion")
    assert remark.text(remark.focus).startswith("pyshacl has no opinion: ")


def test_what_the_shapes_leave_out_is_told(tmp_path: Path) -> None:
    """A class that is a shape is a target if it is an rdfs:Class (2.1.3.3), and not as an owl:Class alone."""
    shapes = """ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P a sh:PropertyShape ; sh:path ex:p .
<> <http://www.w3.org/2002/07/owl#imports> ex:others .
ex:C a sh:NodeShape , <http://www.w3.org/2002/07/owl#Class> ; sh:nodeKind sh:Literal .
ex:D a sh:NodeShape , <http://www.w3.org/2000/01/rdf-schema#Class> ; sh:nodeKind sh:IRI ."""
    outcome = validated(tmp_path, shapes, "ex:a ex:p 1 ; a ex:C, ex:D .")
    assert outcome.results == ()
    assert [(problem.place.line, problem.code, problem.severity) for problem in outcome.problems] == [
        (4, "imports", Severity.WARNING),
        (5, "unused", Severity.WARNING),
    ]


def test_each_graph_can_be_validated_by_itself(tmp_path: Path) -> None:
    _, shapes = write(tmp_path, "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .", "")
    rows = [
        f"{graph}\t_:c14n0 <{BASE}p> {value} .\n" for graph, values in (("", "12"), ("<g>", "3")) for value in values
    ]
    (tmp_path / "data.tsv").write_text(
        "".join(rows).replace(" 1 ", ' "1" ').replace(" 2 ", ' "2" ').replace(" 3 ", ' "3" ')
    )
    outcome = validate(tmp_path / "data.tsv", shapes, BASE, lambda _: None, second_opinion=9, by_graph=True)
    assert [result.focus for result in outcome.results] == ["_:c14n0"]
    assert outcome.remarks == ()


def test_both_validators_find_the_same_in_the_published_data(release: Release, tmp_path: Path) -> None:
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
    data = tmp_path / "data.nt"
    dumped = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    data.write_bytes(b"".join(sorted(dumped.splitlines(keepends=True))))
    outcome = validate(data, SHAPES, BASE, lambda _: None)
    assert outcome.remarks == ()
    assert len({result.focus for result in outcome.results}) == 3
    assert release.manifest.validation.violations == 0
