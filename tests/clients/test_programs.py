"""curl, roqet and Comunica over HTTP: programs in C and JavaScript, each with its own parsers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from tests.clients import questions
from tests.conftest import ROOT

PARK = "id/park/sophia-antipolis"
LABELS = f"SELECT ?label {{ ?thing <{rdflib.RDFS.label}> ?label }}"
MODULES = ROOT / "tests" / "clients" / "node_modules"

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
needs_roqet = pytest.mark.skipif(not shutil.which("roqet"), reason="roqet is not installed (Debian: rasqal-utils)")
needs_comunica = pytest.mark.skipif(not MODULES.is_dir(), reason="Comunica is not at hand: `make test` brings it")


def output(*command: str, check: bool = True) -> bytes:
    return subprocess.run(command, capture_output=True, check=check, timeout=120, cwd=ROOT).stdout


@needs_curl
@pytest.mark.parametrize("name", questions.NAMES)
def test_curl_answers_the_questions(site: str, name: str) -> None:
    form = f"query={questions.text(name)}"
    data = output("curl", "-sf", "-H", "Accept: text/tab-separated-values", "--data-urlencode", form, f"{site}sparql")
    assert questions.rows(data, ox.QueryResultsFormat.TSV) == questions.expected(name, site)


@needs_curl
def test_curl_follows_an_iri_resumes_and_revalidates(site: str) -> None:
    graph = rdflib.Graph().parse(data=output("curl", "-sfL", "-H", "Accept: text/turtle", site + PARK), format="turtle")
    assert (rdflib.URIRef(site + PARK), rdflib.RDFS.label, rdflib.Literal("Sophia Antipolis", "en")) in graph
    head = output("curl", "-sfI", f"{site}query/sister-parks.csv").decode()
    tag = next(line.split(": ")[1].strip() for line in head.splitlines() if line.lower().startswith("etag"))
    status = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"]
    assert output(*status, "-H", f"If-None-Match: {tag}", f"{site}query/sister-parks.csv") == b"304"
    assert output(*status, "--compressed", f"{site}sparql?query=ASK") == b"400"
    assert (
        output(*status, "-X", "QUERY", "-H", "Content-Type: application/sparql-query", "-d", "ASK {}", f"{site}sparql")
        == b"200"
    )


@needs_curl
def test_curl_goes_to_the_release_of_a_time(site: str) -> None:
    """It sends the time with each request on the way, and ends at the document of that release."""
    field = "Accept-Datetime: Wed, 01 Jul 2099 12:00:00 GMT"
    head = output("curl", "-sfIL", "-H", field, "-H", "Accept: text/turtle", site + PARK).decode()
    assert [line.split()[1] for line in head.splitlines() if line.startswith("HTTP/")] == ["302", "303", "200"]
    assert f"location: /release/{output('curl', '-sf', f'{site}health').decode().strip()}/{PARK}" in head.lower()
    assert "memento-datetime: " in head.lower()
    refused = output("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Accept-Datetime: then", site + PARK)
    assert refused == b"400"


@needs_roqet
@pytest.mark.parametrize("name", questions.NAMES)
def test_roqet_answers_the_questions(site: str, name: str) -> None:
    """It reads the results, and writes them anew."""
    data = output("roqet", "-q", "-p", f"{site}sparql", "-r", "tsv", "-e", questions.text(name))
    assert questions.rows(data, ox.QueryResultsFormat.TSV) == questions.expected(name, site)


@needs_roqet
def test_roqet_queries_a_document(site: str) -> None:
    """Its own engine, over what the IRI of a thing leads to."""
    data = output("roqet", "-q", "-D", site + PARK, "-r", "xml", "-e", LABELS, check=False)  # it says 2 for success
    labels = questions.rows(data, ox.QueryResultsFormat.XML)
    assert {("Sophia Antipolis",), ("France",)} <= labels.keys()


def comunica(query: str, *sources: str) -> list[dict[str, str]]:
    npm = str(ROOT / "web" / "npm")
    data = output(npm, "--prefix", "../tests/clients", "run", "--silent", "comunica", "--", *sources, "-q", query)
    found: list[dict[str, str]] = json.loads(data)
    return found


def value(term: str) -> str:
    """The value of a term as Comunica prints it: "text"@en, "1"^^type, or an IRI."""
    return term[1 : term.rindex('"')] if term.startswith('"') else term


@needs_comunica
@pytest.mark.parametrize("name", ["02", "05"])
def test_comunica_answers_questions(site: str, name: str) -> None:
    found = comunica(questions.text(name), f"sparql@{site}sparql")
    columns = next(line for line in questions.text(name).splitlines() if line.startswith("SELECT")).split("?")[1:]
    rows = Counter(tuple(value(row.get(column.strip(), '""')) for column in columns) for row in found)
    assert rows == questions.expected(name, site)


@needs_comunica
def test_comunica_joins_documents_and_the_endpoint(site: str) -> None:
    """Two entity documents, fetched by the IRIs of the things, and the service, found out by its description."""
    query = f"""
      PREFIX pg: <https://w3id.org/parkgraph/ontology#> PREFIX rdfs: <{rdflib.RDFS}>
      SELECT DISTINCT ?label {{
        <{site}{PARK}> pg:nextTo ?place . ?place rdfs:label ?label FILTER(LANG(?label) = "en")
      }}
    """
    documents = [site + PARK, f"{site}id/place/nice"]
    for sources in (documents, [*documents[:1], f"{site}sparql"]):
        found: list[dict[str, Any]] = list(comunica(query, *sources))
        assert [value(row["label"]) for row in found] == ["Nice"]
