"""`build --rdf --shapes`: what is published, and what is said where it is not.

In: RDF files and shapes. Out: exit code, problems with file and line, the report, and the folder of releases.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rdflib import SH, Graph

from cli.main import main
from release.reader import open_release
from release.shacl_process import VALIDATORS
from tests.conftest import ROOT, parkgraph

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

BASE = "http://example.org/"
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NAMED = PREFIXES + "ex:Lamp a sh:NodeShape ; sh:targetClass ex:Lamp ; sh:property [ sh:path ex:name ; %s ] ."
LAMP = "<http://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://example.org/Lamp> .\n"
COUNT = "http://www.w3.org/ns/shacl#MinCountConstraintComponent"


def build(folder: Path, *options: object) -> Result:
    """Build the files that are given, by shapes.ttl, without a second opinion."""
    arguments = ["build", "--quiet", "--rdf", "--base", BASE, "--releases", folder / "releases", "--second-opinion", 0]
    arguments += ["--shapes", folder / "shapes.ttl", *options]
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def write(folder: Path, shapes: str, **files: str) -> list[Path]:
    """Files in the folder: name and extension are parted by an underscore in their keys."""
    (folder / "shapes.ttl").write_text(shapes, encoding="utf-8")
    paths = [folder / name.replace("_", ".") for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_violation_of_a_shape_without_a_name_is_told_and_not_published(tmp_path: Path) -> None:
    (data,) = write(tmp_path, NAMED % "sh:minCount 1 ; sh:datatype xsd:string", data_nt=LAMP)
    options = ("--base", BASE, "--shapes", tmp_path / "shapes.ttl", "--releases", tmp_path / "releases")
    done = parkgraph("build", "--quiet", "--rdf", data, *options, "--report", tmp_path / "report.ttl", check=False)
    message = f"<{BASE}a>, path <{BASE}name>: does not conform to sh:minCount 1 [{COUNT}]"
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{data}:1:1: violation: {message}\n"
    assert not (tmp_path / "releases" / "current").exists()
    report = Graph().parse(tmp_path / "report.ttl")
    assert [str(node) for node in report.objects(None, SH.sourceConstraintComponent)] == [COUNT]


def test_warnings_are_published_with_the_report(tmp_path: Path) -> None:
    (data,) = write(tmp_path, NAMED % "sh:minCount 1 ; sh:severity sh:Warning", data_nt=LAMP)
    done = build(tmp_path, data, "--format", "json", "--report", tmp_path / "report.ttl")
    assert done.exit_code == 0
    problems, _, identity = done.stdout.rpartition("]\n")
    assert [problem["severity"] for problem in json.loads(f"{problems}]")] == ["warning"]
    release = open_release(tmp_path / "releases")
    assert (release.id, release.manifest.validation.warnings) == (identity.strip(), 1)
    report = (release.path / "report.ttl").read_text(encoding="utf-8")
    assert "sh:conforms false" in report
    assert (tmp_path / "report.ttl").read_text(encoding="utf-8") == report


FILES = {
    "turtle.ttl": """# ex:turtle
@prefix ex: <http://example.org/> .

ex:turtle
  a ex:Lamp ;
  ex:name 1 .
""",
    "relative.ttl": """@prefix ex: <http://example.org/> .
ex:x ex:near <relative> .
<relative> a ex:Lamp ; ex:name 2 .""",
    "blank.ttl": """@prefix ex: <http://example.org/> .

ex:y ex:near
  [ a ex:Lamp ;
    ex:name 3 ] .
""",
    "named.trig": """@prefix ex: <http://example.org/> .
ex:g {
  ex:x ex:near ex:y .
  ex:named a ex:Lamp ; ex:name 4 .
}""",
    "xml.rdf": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">
<e:Lamp rdf:about="http://example.org/xml">
<e:name rdf:resource="http://e/"/>
</e:Lamp>
</rdf:RDF>""",
    "json.jsonld": """{"@context": {"@vocab": "http://example.org/"},
"@graph": [
{"@id": "http://example.org/x", "near": 1},
{"@id": "http://example.org/json",
"@type": "Lamp", "name": 5}]}""",
}
PLACES = {
    f"<{BASE}turtle>": "turtle.ttl:4",
    f"<{BASE}relative>": "relative.ttl:3",
    "_:": "blank.ttl:4",
    f"<{BASE}named>": "named.trig:4",
    f"<{BASE}xml>": "xml.rdf:2",
    f"<{BASE}json>": "json.jsonld:4",
    f"<{BASE}zipped>": "zipped.nt.gz:2",
    f"<{BASE}nowhere>": "shapes.ttl:4",
}


def test_problems_stand_where_the_focus_nodes_are_described(tmp_path: Path) -> None:
    shapes = NAMED % "sh:datatype xsd:string ; sh:minCount 1" + "\nex:Lamp sh:targetNode ex:nowhere ."
    write(tmp_path, shapes)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = f"<{BASE}x> <{BASE}near> <{BASE}y> .\n{LAMP}".replace("/a>", "/zipped>")
    (tmp_path / "zipped.nt.gz").write_bytes(gzip.compress(lines.encode()))
    done = build(tmp_path, *(tmp_path / name for name in (*FILES, "zipped.nt.gz")))
    assert done.exit_code == 1
    found = {}
    for line in done.stdout.splitlines():
        place, _, message = line.removeprefix(f"{tmp_path}/").partition(":1: violation: ")
        focus = message.partition(", path ")[0]
        found["_:" if focus.startswith("_:") else focus] = place
    assert found == PLACES


def test_all_graphs_are_validated_as_one_or_each_by_itself(tmp_path: Path) -> None:
    """In: TriG whose graphs conform together, and not each by itself. Out: exit code and problems, either way."""
    data = PREFIXES + 'ex:g { ex:a a ex:Lamp } ex:h { ex:a ex:name "a" } ex:i { ex:b a ex:Lamp ; ex:name "b" }'
    (path,) = write(tmp_path, NAMED % "sh:minCount 1 ; sh:maxCount 1", data_trig=data)
    assert build(tmp_path, path).exit_code == 0
    done = build(tmp_path, path, "--shapes-graph-by-graph")
    assert (done.exit_code, done.stdout.count("\n")) == (1, 1)
    assert f"<{BASE}a>, path <{BASE}name>" in done.stdout
    path.write_text(data + 'ex:j { ex:b ex:name "B" }', encoding="utf-8")
    done = build(tmp_path, path)
    assert (done.exit_code, done.stdout.count("\n")) == (1, 1)
    assert f"<{BASE}b>, path <{BASE}name>" in done.stdout


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        ("sh:mincount 1", "shapes.ttl:3:1: sh:mincount is no term of SHACL 1.0"),
        ("sh:sparql [ sh:select 'SELEC $this' ]", "shapes.ttl:3:1: the query of sh:select is no SELECT query"),
        ("sh:pattern '('", "shapes.ttl: invalid shapes graph: invalid sh:pattern"),
    ],
)
def test_shapes_that_are_wrong_are_one_sentence_and_nothing_is_published(
    constraint: str, message: str, tmp_path: Path
) -> None:
    (data,) = write(tmp_path, NAMED % constraint, data_nt=LAMP)
    done = build(tmp_path, data)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert message in done.stderr
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == [".lock", ".memo"]


def test_shapes_that_are_a_pipe_are_one_sentence(tmp_path: Path) -> None:
    (data,) = write(tmp_path, "", data_nt=LAMP)
    (tmp_path / "shapes.ttl").unlink()
    os.mkfifo(tmp_path / "shapes.ttl")
    done = build(tmp_path, data)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "shapes.ttl: it is no regular file" in done.stderr


def test_the_second_opinion_is_told_with_the_result(tmp_path: Path) -> None:
    """SPARQL 1.1 leaves open whether dates are compared: `shacl` does not, `pyshacl` does."""
    date = "'2020-01-01'^^<http://www.w3.org/2001/XMLSchema#date>"
    query = f"SELECT $this {{ $this <http://example.org/day> ?v FILTER(?v > {date}) }}"
    shapes = f'{PREFIXES}ex:Lamp a sh:NodeShape ; sh:targetClass ex:Lamp ; sh:sparql [ sh:select """{query}""" ] .'
    data = f'{LAMP}<{BASE}a> <{BASE}day> "2021-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
    (path,) = write(tmp_path, shapes, data_nt=data)
    done = build(tmp_path, path, "--second-opinion", 2)
    assert done.exit_code == 0
    line, identity = done.stdout.splitlines()
    assert line.startswith(f"{path}:1:1: warning: <{BASE}a>: pyshacl finds this, and shacl does not (sh:SPARQL")
    assert open_release(tmp_path / "releases").id == identity
    assert build(tmp_path, path, "--second-opinion", 1).stdout == f"{identity}\n"


def test_graph_by_graph_needs_shapes(tmp_path: Path) -> None:
    (data,) = write(tmp_path, "", data_nt=LAMP)
    done = CliRunner().invoke(main, ["build", "--rdf", "--shapes-graph-by-graph", str(data)])
    assert (done.exit_code, "goes with --shapes" in done.stderr) == (2, True)


def test_validators_run_where_memory_is_limited_already(tmp_path: Path) -> None:
    """In: a limit of address space below half of the memory. Out: the results of both validators."""
    (data,) = write(tmp_path, NAMED % "sh:minCount 1", data_nt=LAMP)
    limit = 1 << 31  # bytes

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    for validator in VALIDATORS:
        command = [
            sys.executable,
            "-m",
            "release.shacl_process",
            validator,
            str(tmp_path / "shapes.ttl"),
            BASE,
            str(data),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=lower)
        assert (done.returncode, COUNT in done.stdout) == (0, True), done.stderr
