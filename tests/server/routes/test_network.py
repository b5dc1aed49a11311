"""The front page and the network: drawn from the saved queries that have their place there, whatever comes of these."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from release.writer import build
from server.app import create_app
from server.pages import saved_queries
from server.semantics.problem import HTTPProblem
from server.settings import Settings
from tests.server.conftest import BASE, PATIENT, TERMS, WholeClient, silent, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask.testing import FlaskClient

    from core.saved_queries import SavedQuery
    from server.pages.results import ResultTable

HTML = {"Accept": "text/html"}
NETWORK = f"""# title: Which light sees which
# title@de: Welches Licht welches sieht
# view: network
# place: network
SELECT ?source ?target ?kind ?year {{
  ?source <{TERMS}sees> ?target . OPTIONAL {{ ?source <{TERMS}by> ?kind }} OPTIONAL {{ ?source <{TERMS}since> ?year }}
}} ORDER BY ?source
"""
MAP = f"""# title: Where they stand
# view: map
# place: home
SELECT ?item ?lat ?long {{ ?item <{TERMS}lat> ?lat ; <{TERMS}long> ?long }}
"""
SLOW = """# title: Everything with everything
# view: table
# place: home
SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c != ?f && ?f != ?i && ?a != ?i) }
"""
EMPTY = """# title: Nothing at all
# view: table
# place: home
SELECT ?x { ?x <http://lights.example/none> ?y }
"""
ANSWER = f"""# title: Since when does which light see another?
# column light: Light
# place: home
SELECT ?light ?since ?never {{
  ?light <{TERMS}sees> ?other OPTIONAL {{ ?light <{TERMS}since> ?since }}
}} ORDER BY ?light
"""
DATA = f"""
@prefix li: <{TERMS}> . @prefix id: <{BASE}id/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
id:a a li:Tower . id:b a li:Tower . id:c a li:Ship .
id:a li:sees id:b ; li:by li:lamp ; li:since 1890 ; li:lat 54.1 ; li:long 8.2 .
id:b li:sees id:c ; li:by li:mirror ; li:since 1905 . id:c li:sees id:a ; li:by li:lamp . id:d li:sees id:a .
li:lamp rdfs:label "lamp"@en, "Lampe"@de .
"""


@pytest.fixture(scope="module")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., FlaskClient]]:
    apps = []

    def with_queries(settings: Mapping[str, Any] = PATIENT, **queries: str) -> FlaskClient:
        triples = ox.parse(input=DATA, format=ox.RdfFormat.TURTLE)
        more = [ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()) for triple in triples]
        given = replace(source(*more), queries={name: text.encode() for name, text in queries.items()})
        release = build(given, tmp_path_factory.mktemp("network"), silent)
        app = create_app(Settings(releases=release.path.parent, **settings))
        app.test_client_class = WholeClient
        apps.append(app)
        return app.test_client()

    yield with_queries
    for app in apps:
        app.extensions["current"].close()


@pytest.fixture(scope="module")
def silent_dataset(publish: Callable[..., FlaskClient]) -> FlaskClient:
    return publish()


@pytest.fixture(scope="module")
def seen(publish: Callable[..., FlaskClient]) -> FlaskClient:
    return publish(network=NETWORK, map=MAP)


def sources(page: str) -> list[str]:
    return re.findall(r'<tr><td data-value="http://lights.example/id/(\w)"', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcd"),
        (f"?kind={TERMS}lamp", "ac"),
        (f"?kind={TERMS}lamp&kind={TERMS}mirror", "abc"),
        ("?from=1900", "b"),
        ("?to=1900", "a"),
        ("?from=1880&to=1910", "ab"),
        (f"?kind={TERMS}lamp&from=1900", ""),
        ("?kind=&from=&to=", "abcd"),
        ("?from=-500", "ab"),
        (f"?class={TERMS}Tower", "ad"),  # what has no class is not held back
        (f"?class={TERMS}Tower&class={TERMS}Ship&kind={TERMS}lamp", "ac"),
        (f"?class={TERMS}Ship", ""),
        ("?kind=-", ""),
    ],
)
def test_the_network_is_filtered_by_kind_class_and_year(seen: FlaskClient, query: str, expected: str) -> None:
    page = seen.get(f"/network{query.replace('#', '%23')}", headers=HTML)
    assert page.status_code == 200
    assert sources(page.text) == list(expected)
    assert ('data-chart="network"' in page.text) == bool(expected)
    assert ("There is nothing to show." in page.text) == (not expected)
    assert 'value="http://lights.example/terms#mirror"' in page.text  # what can be chosen does not depend on it


def test_what_the_filters_leave_out_is_hidden_for_the_script_to_show(seen: FlaskClient) -> None:
    page = seen.get("/network?from=1900", headers=HTML).text
    assert page.count("<tr hidden>") == 3
    names = json.loads(unescape(re.search(r'data-classes="([^"]*)"', page)[1]))  # type: ignore[index]
    assert names == {f"{TERMS}Tower": "li:Tower", f"{TERMS}Ship": "li:Ship"}
    assert page.count(f'data-class="{TERMS}Ship"') == 2


def test_a_chart_says_where_its_data_come_from(seen: FlaskClient) -> None:
    page = seen.get("/network?lang=de", headers=HTML).text
    said = json.loads(unescape(re.search(r'data-source="([^"]*)"', page)[1]))  # type: ignore[index]
    assert said.keys() == {"dataset", "release", "date", "licence", "address"}
    assert said["address"] == f"{BASE}release/{said['release']}/query/network"


@pytest.mark.parametrize("query", ["from=soon", "to=1e3", "from=²", "to=999999999999999999999"])
def test_a_year_that_is_none_is_a_problem(seen: FlaskClient, query: str) -> None:
    assert seen.get(f"/network?{query}", headers=HTML).status_code == 400


def test_the_network_is_in_the_readers_language_and_leads_to_its_query(seen: FlaskClient) -> None:
    page = seen.get("/network?lang=de", headers=HTML).text
    assert "Welches Licht welches sieht" in page
    assert '<bdi lang="de">Lampe</bdi>' in page
    assert 'href="/query/network?lang=de"' in page
    assert '<a href="/doc/a?lang=de" title="' in page


def test_the_front_page_shows_the_beginning_of_answers_before_the_charts(publish: Callable[..., FlaskClient]) -> None:
    page = publish(network=NETWORK, answer=ANSWER).get("/", headers=HTML).text
    question, picture = page.index("Since when does which light see another?</bdi></a></h2>"), page.index("data-chart=")
    assert question < picture
    answer = page[question:picture]
    assert answer.count("<tr>") == 1 + 3
    assert ">Light</th>" in answer
    assert '<a href="/query/answer">All 4 rows</a>' in answer
    assert re.findall(r'data-column="(\w+)"', answer) == ["light", "since"]  # and not "never"


def test_a_dataset_without_such_a_query_says_so(silent_dataset: FlaskClient) -> None:
    page = silent_dataset.get("/network", headers=HTML)
    assert page.status_code == 200
    assert "has no query" in page.text


def test_the_front_page_shows_a_network_first_then_its_own_queries(seen: FlaskClient) -> None:
    page = seen.get("/", headers=HTML).text
    assert re.findall(r'data-chart="(\w+)"', page) == ["network", "map"]
    assert 'href="/list?class=http://lights.example/terms%23Lighthouse"' in page
    assert re.search(r'<form class="search" [^>]*action="/search"', page)


def test_the_front_page_of_a_dataset_without_queries_stands(silent_dataset: FlaskClient) -> None:
    page = silent_dataset.get("/", headers=HTML)
    assert page.status_code == 200
    assert "data-chart" not in page.text
    assert "no-store" not in page.headers["Cache-Control"]


def test_a_query_that_takes_too_long_is_said_on_the_page_which_nobody_keeps(
    publish: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = publish({"query_seconds": 3.0}, slow=SLOW, empty=EMPTY, map=MAP)
    answer = client.get("/", headers=HTML)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.text.count("could not be found out in time") == 1
    assert '<a href="/query/slow">' in answer.text
    assert answer.text.count("There is nothing to show.") == 1
    assert 'data-chart="map"' in answer.text
    tried: list[str] = []

    def rows(query: SavedQuery, **options: object) -> ResultTable:
        tried.append(query.name)
        return saved_queries.rows(query, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("server.pages.saved_query_charts.rows", rows)
    assert client.get("/", headers=HTML).text == answer.text
    assert tried == ["empty", "map"]  # the slow one not once more


class Clock:
    """In place of the module `time`."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now


def test_a_query_without_an_answer_is_run_again_at_longer_and_longer_intervals(
    publish: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = publish(map=MAP)
    clock = Clock()
    tried: list[float] = []

    def busy(*_args: object, **_options: object) -> ResultTable:
        tried.append(clock.now - 1000)
        raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, "busy")

    with monkeypatch.context() as patch:
        patch.setattr("server.pages.saved_query_charts.time", clock)
        patch.setattr("server.pages.saved_query_charts.rows", busy)
        while clock.now < 2000:
            assert "could not be found out in time" in client.get("/", headers=HTML).text
            clock.now += 1
        assert tried == [0, 5, 15, 35, 75, 155, 315, 615, 915]
        patch.undo()
        patch.setattr("server.pages.saved_query_charts.time", Clock(2215))
        assert 'data-chart="map"' in client.get("/", headers=HTML).text


def test_pages_with_charts_are_kept_and_asked_for_again(seen: FlaskClient) -> None:
    for address in ("/", "/network"):
        answer = seen.get(address, headers=HTML)
        assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].replace(" ", "").split(","))
        again = seen.get(address, headers={**HTML, "If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
