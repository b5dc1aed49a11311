"""POST /validate: what clients send is checked as `parkgraph check` checks it, in the same words, and not kept."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import time
import tomllib
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, Literal

from core.formats import RDF_FORMATS
from core.rdf import serialize
from mapping.build import build_project
from tests.conftest import ROOT, wait_until
from tests.server.conftest import BASE as LIGHTS_BASE
from tests.server.conftest import TERMS, in_process, publishing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BASE = "http://localhost:8000/"  # that of the command line, if it is told none
BROKEN = ROOT / "tests" / "broken"
CASES = sorted((BROKEN / "cases").glob("*.toml"))
OF_TEXTS = {"evidence-beyond", "evidence-changed", "evidence-moved", "spelling-elsewhere"}  # a server has no texts
OF_QUERIES = {"saved-query"}
SECONDS = 600.0  # for one validation, on a busy machine
DEMO = BROKEN / "good" / "data" / "articles" / "demo.yaml"
YAML, LINES, TURTLE = "application/yaml", "application/jsonl", "text/turtle"
BUILT = f"<{LIGHTS_BASE}id/mast/new> a <{TERMS}Mast> ; <{TERMS}built> "
MAY = '"1999-05"^^<http://www.w3.org/2001/XMLSchema#gYearMonth> .'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(BROKEN / "good", folder, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (folder / part).symlink_to(ROOT / part)
    build_project(folder, folder / "releases", base=BASE, second_opinion=0)
    return folder


@pytest.fixture(scope="module")
def checking(project: Path) -> Iterator[FlaskClient]:
    """Requests to an application over the release of a project, whose records it checks."""
    with in_process(project / "releases", project=str(project), query_seconds=SECONDS) as client:
        yield client


def post(
    client: FlaskClient, data: str | bytes, type_: str, accept: str = "text/plain", query: str = ""
) -> TestResponse:
    return client.post(f"/validate{query}", data=data, content_type=type_, headers={"Accept": accept})


def demo(old: str = "", new: str = "") -> str:
    text = DEMO.read_text(encoding="utf-8")
    assert text.count(old) == 1 or not old
    return text.replace(old, new) if old else text


def test_there_is_a_case_for_each_kind_of_mistake() -> None:
    assert len(CASES) > 20
    assert {path.stem for path in CASES} >= OF_TEXTS | OF_QUERIES


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_broken_records_are_told_in_the_words_of_the_command_line(path: Path, checking: FlaskClient) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    good = (BROKEN / "good" / case["file"]).read_text(encoding="utf-8")
    text = good.replace(case["old"], case["new"]).encode(case.get("encoding", "utf-8"))
    answer = post(checking, text, YAML, query=f"?file={case['file']}")
    if path.stem in OF_QUERIES:
        assert answer.status_code == 400
        return
    expected = "" if path.stem in OF_TEXTS else case["expected"]
    assert answer.text == expected
    assert answer.status_code == (422 if ": violation: " in expected else 200)
    assert answer.headers["Cache-Control"] == "no-store"


def test_good_records_conform(checking: FlaskClient, project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "data").rglob("*")}
    answer = post(checking, demo(), YAML, TURTLE)
    assert answer.status_code == 200
    assert answer.mimetype == TURTLE
    graph = Graph().parse(data=answer.text)
    assert (None, SH.conforms, Literal(True)) in graph  # noqa: FBT003 - a literal of RDF
    assert post(checking, demo(), YAML, "application/json").json == {"conforms": True, "problems": []}
    assert {path: path.stat().st_mtime_ns for path in (project / "data").rglob("*")} == before


def test_the_article_names_the_file_that_is_replaced(checking: FlaskClient) -> None:
    answer = post(checking, demo("value: 40", "value: forty"), YAML)
    assert answer.text.startswith(
        "data/articles/demo.yaml:28:10: violation: 'forty' is no value for 'value' [datatype]\n"
    )


def test_one_record_refers_to_the_registry_of_the_project(checking: FlaskClient) -> None:
    record = {
        "id": "place/new",
        "type": "Place",
        "label": {"en": "New"},
        "kind": "citty",
        "containedInPlace": "place/no",
    }
    answer = post(checking, f"\n{json.dumps(record)}\n", LINES)
    assert answer.status_code == 422
    assert "data/registry/posted.jsonl:2:1: violation: there is no 'place/no' [reference]" in answer.text
    assert "did you mean place/new or place/norway?" in answer.text
    assert "citty" in answer.text


def test_problems_in_other_files_are_told_if_the_data_are_why(checking: FlaskClient) -> None:
    registry = (BROKEN / "good" / "data" / "registry" / "all.yaml").read_text(encoding="utf-8")
    assert "id: person/ada-berg" in registry
    answer = post(
        checking, registry.replace("person/ada-berg", "person/eva-berg"), YAML, query="?file=data/registry/all.yaml"
    )
    assert answer.status_code == 422
    assert "data/articles/demo.yaml:31:11: violation: there is no 'person/ada-berg' [reference]" in answer.text


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.extension)
def test_the_report_comes_in_every_rdf_format(format_: Any, checking: FlaskClient) -> None:
    """Its results are those of shapes, and the problems of reading records with their places."""
    text = demo("member: person/ada-berg", "member: place/norway").replace("value: 40", "value: forty")
    answer = post(checking, text, YAML, format_.media_type)
    assert answer.status_code == 422
    assert answer.mimetype == format_.media_type
    quads = ox.parse(answer.data, format_.rdf)
    found = Graph().parse(data=serialize([quad.triple for quad in quads], ox.RdfFormat.N_TRIPLES), format="nt")
    (report,) = found.subjects(RDF.type, SH.ValidationReport)
    assert found.value(report, SH.conforms) == Literal(False)  # noqa: FBT003 - a literal of RDF
    results = [*found.objects(report, SH.result)]
    assert len(results) == 2
    assert all(found.value(result, SH.focusNode) is not None for result in results)
    messages = " ".join(str(found.value(result, SH.resultMessage)) for result in results)
    assert "data/articles/demo.yaml:28:10: violation: 'forty' is no value for 'value' [datatype]" in messages
    assert {str(shape).rpartition("#")[2] for shape in found.objects(None, SH.sourceShape)} == {"member"}


def test_problems_are_problem_details(checking: FlaskClient) -> None:
    answer = post(checking, demo("value: 40", "value: forty"), YAML, "application/problem+json")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    body = json.loads(answer.text)
    assert body["status"] == 422
    assert body["request_id"]
    assert body["conforms"] is False
    (problem,) = body["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("data/articles/demo.yaml", 28, 10)
    assert (problem["severity"], problem["code"]) == ("violation", "datatype")


def test_the_page_has_a_form_and_tells_the_problems(checking: FlaskClient) -> None:
    page = checking.get("/validate")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "application/yaml" in page.headers["Accept-Post"]
    form = {"data": demo("value: 40", "value: <i>forty"), "format": "yaml"}
    answer = checking.post("/validate?lang=de", data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert "1 Verletzung." in answer.text
    assert "data/articles/demo.yaml:28:10" in answer.text
    assert "&lt;i&gt;forty" in answer.text
    assert "<i>forty" not in answer.text


def test_plain_rdf_is_held_to_the_shapes_of_the_release(client: FlaskClient) -> None:
    good = post(client, BUILT + MAY, TURTLE)
    assert (good.status_code, good.text) == (200, "")
    bad = post(client, f"\n{BUILT}'soon' .", TURTLE)
    assert bad.status_code == 422
    assert re.match(r"posted\.ttl:2:1: violation: <\S+/mast/new>, path <\S+built>, value \"soon\": ", bad.text)


def test_what_the_release_says_of_it_can_be_posted_again(checking: FlaskClient) -> None:
    """Labels of what is referred to describe nothing, so the release has to say of what class that is."""
    document = checking.get("/doc/park/northlight.ttl").text
    assert document.count(" a ") > 1
    assert post(checking, document, TURTLE).text == ""


def test_checks_hold_for_rdf_too(checking: FlaskClient) -> None:
    ontology = "https://w3id.org/parkgraph/ontology#"
    answer = post(checking, f"<{BASE}id/x> a <{ontology}Pork> .", TURTLE)
    assert "[undeclared-term]" in answer.text
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("data", "type_", "words"),
    [
        ("<a> <b", TURTLE, "posted.ttl:1:5: violation: Unexpected end of file [syntax]"),
        ("x y z", "application/n-quads", "posted.nq:1:1: violation: "),
        (
            '{"@context": "http://localhost:1/x", "@id": "x"}',
            "application/ld+json",
            "is not at hand, and is not downloaded",
        ),
        (
            '{"@context": "file:///etc/passwd", "@id": "x"}',
            "application/ld+json",
            "is not at hand, and is not downloaded",
        ),
        (
            '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r xmlns="http://e/"><p>&x;</p></r>',
            "application/rdf+xml",
            "the XML entity is outside the file",
        ),
        (
            '<!DOCTYPE r [<!ENTITY a "0123456789"><!ENTITY b "' + "&a;" * 200 + '">]><r xmlns="http://e/">&b;</r>',
            "application/rdf+xml",
            "the XML entity 'b' stands for more than 1000 characters",
        ),
        ("[" * 100_000, "application/ld+json", "posted.jsonld:"),
    ],
    ids=["cut off", "no quads", "remote context", "context of a file", "entity of a file", "many entities", "deep"],
)
def test_hostile_rdf_is_a_problem(data: str, type_: str, words: str, client: FlaskClient) -> None:
    answer = post(client, data, type_)
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("data", "type_", "words"),
    [
        ("!!python/object/apply:os.system [id]", YAML, "violation: "),
        ("a: !include /etc/passwd", YAML, "violation: "),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c, *c]", YAML, "its aliases stand for more"),
        ("a: &a [*a]", YAML, "violation: "),
        ("[" * 5_000, YAML, "more than 100 lists and mappings stand within each other"),
        ("[" * 100_000, LINES, "more than 100 lists and mappings stand within each other"),
        ("article: article/../../../etc/passwd", YAML, "data/articles/posted.yaml:"),
        (b"\xff\xfe", YAML, "it is not UTF-8"),
    ],
    ids=["tag", "include", "aliases", "endless alias", "deep", "deep lines", "name", "bytes"],
)
def test_hostile_records_are_a_problem(data: str | bytes, type_: str, words: str, checking: FlaskClient) -> None:
    answer = post(checking, data, type_)
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../x.yaml",
        "data/../x.yaml",
        "data/articles/../../x.yaml",
        "ontology/shapes.ttl",
        "data/dataset.yaml",
        "data/articles/x.jsonl",
        "data/articles/.hidden.yaml",
        "data/articles/x.yaml%0A",
        "data/articles/x.yaml%00",
        "data/articles/" + "x" * 300 + ".yaml",
    ],
)
def test_a_file_is_one_of_the_data(file: str, checking: FlaskClient) -> None:
    answer = post(checking, demo(), YAML, "application/json", f"?file={file}")
    assert answer.status_code == 400
    assert "'file' has to be" in json.loads(answer.text)["detail"]


def test_what_is_no_such_request_is_refused(checking: FlaskClient, client: FlaskClient) -> None:
    assert checking.put("/validate", data="x").status_code == 405
    assert post(checking, "x", "image/png").status_code == 415
    assert post(checking, "x", "").status_code == 415
    assert post(checking, "x", f"{YAML}; charset=utf-16").status_code == 415
    gzip = {"Content-Type": YAML, "Content-Encoding": "gzip"}
    assert checking.post("/validate", data=b"x", headers=gzip).status_code == 415
    assert post(checking, demo(), YAML, "image/png").status_code == 406
    assert post(checking, demo(), YAML, query="?fil=x").status_code == 400
    assert post(checking, demo(), YAML, query="?file=x&file=y").status_code == 400
    assert checking.post("/validate", data={"data": "x", "format": "png"}).status_code == 400
    assert post(checking, b"#" * ((1 << 20) + 1), YAML).status_code == 413
    refused = post(client, demo(), YAML, "application/json")
    assert refused.status_code == 415
    assert "There is no project here" in json.loads(refused.text)["detail"]
    assert YAML not in refused.headers["Accept-Post"]


def test_a_release_without_shapes_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text("<a> a <http://e/T> .", encoding="utf-8")
    with publishing(tmp_path / "mine.ttl", tmp_path / "releases", BASE) as client:
        answer = post(client, "<b> a <http://e/T> .", TURTLE, "application/json")
    assert answer.status_code == 501
    assert "no shapes" in json.loads(answer.text)["detail"]


def test_records_of_a_large_project_are_refused_at_once(project: Path, tmp_path: Path) -> None:
    """All of them would have to be checked; RDF is validated with what it refers to."""
    shutil.copytree(project / "releases", tmp_path / "releases", symlinks=True)
    file = tmp_path / "releases" / "current" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["counts"]["triples"] = 200_001
    file.write_text(json.dumps(manifest))
    with in_process(tmp_path / "releases", project=str(project), query_seconds=SECONDS) as client:
        answer = post(client, demo(), YAML)
        assert (answer.status_code, answer.mimetype) == (501, "application/problem+json")
        assert "parkgraph check" in answer.get_json()["detail"]
        assert post(client, "", TURTLE).status_code == 200


def test_shapes_among_the_data_count(tmp_path: Path) -> None:
    shapes = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/> .
      e:s a sh:NodeShape ; sh:targetClass e:T ; sh:property [ sh:path e:p ; sh:minCount 1 ] ."""
    (tmp_path / "mine.ttl").write_text(shapes, encoding="utf-8")
    with publishing(tmp_path / "mine.ttl", tmp_path / "releases", BASE) as client:
        assert post(client, "<http://e/b> a <http://e/T> .", TURTLE).status_code == 422
        assert post(client, "<http://e/b> a <http://e/T> ; <http://e/p> 1 .", TURTLE).status_code == 200


def test_a_validation_that_takes_too_long_is_ended(project: Path) -> None:
    with in_process(project / "releases", project=str(project), query_seconds=0.2) as client:
        answer = post(client, demo(), YAML, "application/json")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "took longer than 0.2 seconds" in json.loads(answer.text)["detail"]
        validator = client.application.extensions["current"].validator
        wait_until(lambda: validator.processes == 0)


def test_a_validation_has_the_memory_of_a_query(project: Path) -> None:
    with in_process(project / "releases", project=str(project), query_seconds=SECONDS, query_memory=1) as client:
        answer = post(client, demo(), YAML, "application/json")
    assert answer.status_code == 503
    assert "memory" in json.loads(answer.text)["detail"] or "log" in json.loads(answer.text)["detail"]


def test_nothing_is_left_behind(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert post(client, BUILT + MAY, TURTLE).status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_validations_wait_among_the_long_queries_and_leave_the_fast_ones(client: FlaskClient) -> None:
    """One place in this web process: it is taken, so a validation waits, and a point query does not."""
    current = client.application.extensions["current"]
    slow = current._opener._queues.slow
    slow.enter("someone else", time.monotonic() + 1)
    answers: list[int] = []

    def validate() -> None:
        answers.append(post(client.application.test_client(), BUILT + MAY, TURTLE).status_code)

    waiting = threading.Thread(target=validate)
    try:
        waiting.start()
        wait_until(lambda: slow.counts() == (1, 1))
        assert client.get("/sparql?query=ASK {}").status_code == 200
        assert answers == []
    finally:
        slow.leave("someone else")
    waiting.join()
    assert answers == [200]


def test_a_client_has_a_share_of_validations(lights: Any) -> None:
    with in_process(lights.path.parent, query_seconds=SECONDS, client_slow=1, query_slow=1) as client:
        slow = client.application.extensions["current"]._opener._queues.slow
        slow.enter("127.0.0.1", time.monotonic() + 1)
        try:
            answer = post(client, BUILT + MAY, TURTLE)
        finally:
            slow.leave("127.0.0.1")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
