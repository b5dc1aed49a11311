"""The whole way from what people write to what HTTP says: moves, withdrawals, quotations."""

from __future__ import annotations

import gzip
import shutil
import urllib.request
from typing import TYPE_CHECKING

import pytest
import rdflib
from click.testing import CliRunner, Result

from cli.main import main
from mapping.evidence import QUOTATION_LENGTH, quotation
from server.app import create_app
from server.settings import Settings
from tests.conftest import ARTICLES, PATIENCE, ROOT, parkgraph
from tests.server.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

pytestmark = pytest.mark.quick

GOOD = ROOT / "tests" / "broken" / "good"
TOMBSTONES = """
- id: park/old-harbour
  type: Tombstone
  isReplacedBy: park/harbour
  editorialNote: {en: The same park under another name.}
- id: park/ghost
  type: Tombstone
  deprecated: "true"
  label: {en: Ghost Park}
  editorialNote: {en: The text speaks of a ship., de: Der Text spricht von einem Schiff.}
"""
QUOTATION = "https://w3id.org/parkgraph/ontology#quotation"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with a park that has moved and one that was withdrawn; the texts at hand are not its own."""
    monkeypatch.delenv(ARTICLES, raising=False)
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "data/registry/former.yaml").write_text(TOMBSTONES, encoding="utf-8")
    return tmp_path


def run(command: str, project: Path, *options: str) -> Result:
    return CliRunner().invoke(main, [command, "--quiet", "--project", str(project), *options])


def built(project: Path, *options: str) -> Path:
    releases = project / "releases"
    result = run("build", project, "--releases", str(releases), *options)
    assert result.exit_code == 0, result.output
    return releases


def test_from_facts_to_answers(project: Path) -> None:
    """Check, build and serve; dereference, query, download and verify, each by the program that a user has."""
    assert parkgraph("check", "--project", project).returncode == 0
    parkgraph("build", "--quiet", "--project", project, cwd=project)
    with serving(project / "releases") as service:
        request = urllib.request.Request(f"{service.url}/id/park/harbour", headers={"Accept": "text/turtle"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.url == f"{service.url}/doc/park/harbour"
            labels = rdflib.Graph().parse(data=answer.read(), format="turtle").objects(None, rdflib.RDFS.label)
            assert "Harbour Park" in set(map(str, labels))
        query = "SELECT ?label { <id/park/harbour> <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
        asked = ("query", "--format", "csv", "-e", query)
        found = parkgraph(*asked, "--releases", project / "releases").stdout
        assert found.splitlines()[:2] == ["label", "Harbour Park"]
        assert parkgraph(*asked, "--endpoint", f"{service.url}/sparql").stdout == found
        with urllib.request.urlopen(f"{service.url}/dumps/parkgraph.nq.gz", timeout=PATIENCE) as answer:
            assert b"Harbour Park" in gzip.decompress(answer.read())
        assert "all as written" in parkgraph("verify", service.url).stdout


@pytest.fixture
def client(project: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(releases=built(project)))
    yield app.test_client()
    app.extensions["current"].close()


def test_what_has_moved_leads_there(client: FlaskClient) -> None:
    for path, location in {
        "/id/park/old-harbour": "/id/park/harbour",
        "/doc/park/old-harbour": "/doc/park/harbour",
        "/doc/park/old-harbour.jsonld": "/doc/park/harbour.jsonld",
    }.items():
        response = client.get(path)
        assert (response.status_code, response.headers["Location"]) == (301, location)
    assert client.get("/doc/park/harbour").status_code == 200


def test_what_was_withdrawn_is_gone_and_says_why(client: FlaskClient) -> None:
    for path in ("/id/park/ghost", "/doc/park/ghost", "/doc/park/ghost.ttl"):
        response = client.get(path, headers={"Accept-Language": "de"})
        assert response.status_code == 410
        assert "Der Text spricht von einem Schiff." in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('deprecated: "true"', "isReplacedBy: park/ghost", "does not come back to where it was"),
        ("isReplacedBy: park/harbour", "isReplacedBy: park/none", "park/none"),
        ('deprecated: "true"', "", "moved or been withdrawn"),
        ("editorialNote: {en: The same park under another name.}", "", "add an editorialNote"),
    ],
)
def test_a_wrong_tombstone_is_told(project: Path, old: str, new: str, expected: str) -> None:
    path = project / "data/registry/former.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    result = run("check", project)
    assert result.exit_code == 1
    assert expected in result.output
    assert "data/registry/former.yaml" in result.output


def test_no_fact_speaks_of_what_has_moved(project: Path) -> None:
    path = project / "data/articles/demo.yaml"
    text = path.read_text(encoding="utf-8")
    assert "park/harbour" in text
    path.write_text(text.replace("park/harbour", "park/old-harbour"), encoding="utf-8")
    result = run("check", project)
    assert result.exit_code == 1
    assert "which has moved or was withdrawn [reference-to-tombstone]" in result.output


def quotations(releases: Path) -> list[str]:
    from release.reader import open_release  # noqa: PLC0415 - for this step alone

    lines = (line.decode() for line in open_release(releases).lines())
    return [line for line in lines if line.split(" ")[1] == f"<{QUOTATION}>"]


def test_quotations_are_published_only_where_they_are_asked_for(project: Path) -> None:
    assert quotations(built(project, "--articles", str(project / "texts"))) == []
    found = quotations(built(project, "--articles", str(project / "texts"), "--quotations"))
    text = (project / "texts/demo.txt").read_text(encoding="utf-8")
    assert len(found) > 4
    for line in found:
        words = line.split('"')[1]
        assert words in " ".join(text.split())


def test_quotations_need_the_texts(project: Path) -> None:
    result = CliRunner().invoke(
        main, ["build", "--project", str(project), "--quotations"], env={"PARKGRAPH_ARTICLES": ""}
    )
    assert result.exit_code == 2
    assert "--quotations goes with --articles" in result.output


@pytest.mark.parametrize("passage", ["word " * 100, "中文" * 300, "x" * 301, "a\n b" * 200])
def test_long_passages_are_cut(passage: str) -> None:
    words = quotation(passage)
    assert len(words) <= QUOTATION_LENGTH
    assert words.endswith(" […]")
    assert " ".join(passage.split()).startswith(words.removesuffix(" […]"))


def test_short_passages_are_whole() -> None:
    assert quotation("Two\n lines. ") == "Two lines."
    assert quotation("x" * 300) == "x" * 300
