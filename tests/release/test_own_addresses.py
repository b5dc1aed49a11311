"""IRIs of the data at addresses where the server has pages: the build names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.problems import Severity
from release.build import publish_rdf
from release.own_addresses import BEGINNINGS, PAGES
from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://data.example/"


def test_the_build_names_them_and_knows_every_address_of_the_server(tmp_path: Path) -> None:
    used = ["", "sparql#part", "dumps/a", "dumps/b", "doc.ttl", "release/1", "sitemap-1.xml"]
    unused = ["sparql2", "id/sparql", "ontology#Tree", "ontology/Bush", "sitemap", "searching", "document"]
    data = tmp_path / "data.nt"
    data.write_text("".join(f'<{BASE}{path}> <{BASE}id/p> "x" .\n' for path in used + unused), encoding="utf-8")
    built = publish_rdf([data], tmp_path / "releases", base=BASE)
    named = [problem.message.partition(">")[0].partition("<")[2] for problem in built.problems]
    assert named == [BASE + path for path in ("", "doc.ttl", "dumps/a", "release/1", "sitemap-1.xml", "sparql#part")]
    assert {problem.severity for problem in built.problems} == {Severity.WARNING}
    app = create_app(Settings(releases=tmp_path / "releases"))
    rules = [rule.rule.removeprefix("/") for rule in app.url_map.iter_rules()]
    app.extensions["current"].close()
    whole = {rule for rule in rules if "<" not in rule}
    beginnings = {rule.partition("<")[0] for rule in rules if "<" in rule} - {"", "id/"}
    assert set(PAGES) == {page for page in whole if not page.startswith(tuple(beginnings))}
    assert set(BEGINNINGS) == {one for one in beginnings if not one.startswith(tuple(beginnings - {one}))}
