"""Time-based access (RFC 7089): Accept-Datetime, TimeMaps, and the history of a resource."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from requests.utils import parse_header_links
from werkzeug.http import http_date, parse_date

from release.manifest import FILE_NAME
from release.reader import CURRENT
from release.retention import prune
from release.writer import build
from tests.about_documents import described
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
TOWER, BUOY, SHIP = (f"{BASE}id/{local}" for local in ("tower/roter-sand", "buoy/1", "ship/new"))
START = datetime(2020, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = {"Accept": "text/html"}


def triple(subject: str, property_: str, value: str) -> ox.Quad:
    object_ = ox.NamedNode(value) if "://" in value else ox.Literal(value)
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(property_), object_, ox.DefaultGraph())


NAME = triple(BUOY, RDFS + "label", "Buoy 1")
HEIGHT = triple(BUOY, TERMS + "height", "3")
LINK = triple(SHIP, TERMS + "guards", BUOY)
# What the releases have beside the lights, one a day: the buoy comes in the second, changes in the third and the fifth
# (by a link to it), and goes with the sixth.
RELEASES: tuple[list[ox.Quad], ...] = (
    [],
    [NAME],
    [NAME, HEIGHT],
    [NAME, HEIGHT, triple(SHIP, RDFS + "label", "New")],
    [NAME, HEIGHT, LINK],
    [],
)
LAST = triple(SHIP, RDFS + "label", "Last")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="module")
def ids(folder: Path) -> list[str]:
    """The ids of the releases, oldest first; each is dated a day after the one before."""
    found = []
    for number, more in enumerate(RELEASES):
        release = build(source(*more, *[LAST] * (number == len(RELEASES) - 1)), folder, silent)
        date(release.path, START + number * DAY)
        found.append(release.id)
    return found


def date(release: Path, when: datetime) -> None:
    """Have a release made at another time."""
    path = release / FILE_NAME
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"created": when.isoformat()}), encoding="utf-8")


@pytest.fixture(scope="module")
def client(folder: Path, ids: list[str]) -> Iterator[FlaskClient]:
    assert len(set(ids)) == len(RELEASES)
    with in_process(folder) as client:
        yield client


def ask(client: FlaskClient, path: str, when: datetime | str, **headers: str) -> TestResponse:
    field = when if isinstance(when, str) else http_date(when)
    return client.get(path, headers={"Accept-Datetime": field, **headers})


def said(response: TestResponse) -> set[ox.Triple]:
    """The triples of a document, without those about itself, which name its release."""
    return {*described(quad.triple for quad in ox.parse(response.data, ox.RdfFormat.N_TRIPLES))}


def links(value: str) -> dict[str, dict[str, str]]:
    """The links of a field or a body by each of their relations, as a client of another house reads them."""
    parsed = parse_header_links(value.replace("\n", ""))
    return {relation: link for link in parsed for relation in link["rel"].split() if relation != "memento"}


def mementos(value: str) -> list[tuple[str, datetime]]:
    parsed = parse_header_links(value.replace("\n", ""))
    found = [(link["url"], parse_date(link["datetime"])) for link in parsed if "memento" in link["rel"].split()]
    return [(url, when) for url, when in found if when is not None]


def test_a_time_leads_to_the_release_that_was_current(client: FlaskClient, ids: list[str]) -> None:
    for number, identity in enumerate(ids):
        for later in (timedelta(), timedelta(hours=23)):
            answer = ask(client, "/doc/tower/roter-sand", START + number * DAY + later)
            assert (answer.status_code, answer.headers["Location"]) == (
                302,
                f"/release/{identity}/doc/tower/roter-sand",
            )
            assert answer.headers["Vary"] == "Accept-Datetime"
            assert "Memento-Datetime" not in answer.headers
    assert ids[0] in ask(client, "/doc/tower/roter-sand", START - DAY).headers["Location"]
    assert ids[-1] in ask(client, "/doc/tower/roter-sand", datetime(2100, 1, 1, tzinfo=UTC)).headers["Location"]


def test_a_thing_leads_to_its_document_of_that_time(client: FlaskClient, ids: list[str]) -> None:
    """As curl -L does: with the field in each request."""
    when = START + 2 * DAY + timedelta(hours=1)
    path, steps = "/id/buoy/1", []
    for _ in range(4):
        answer = ask(client, path, when, Accept="text/turtle")
        steps.append(answer.status_code)
        if answer.status_code == 200:
            break
        path = answer.headers["Location"]
    assert (steps, path) == ([302, 303, 200], f"/release/{ids[2]}/doc/buoy/1")
    assert parse_date(answer.headers["Memento-Datetime"]) == START + 2 * DAY
    found = links(", ".join(answer.headers.getlist("Link")))
    assert found["original"]["url"] == found["timegate"]["url"] == BASE + "doc/buoy/1"
    assert found["timemap"]["url"] == BASE + "timemap?uri=doc/buoy/1"
    assert "Accept-Datetime" not in answer.headers["Vary"]


def test_the_redirect_names_the_mementos_around(client: FlaskClient, ids: list[str]) -> None:
    answer = ask(client, "/doc/buoy/1", START + 3 * DAY)
    found = links(answer.headers["Link"])
    assert {name: found[name]["url"].split("/")[4] for name in ("first", "prev", "next", "last")} == {
        "first": ids[1],
        "prev": ids[2],
        "next": ids[4],
        "last": ids[4],
    }
    assert mementos(answer.headers["Link"])[2] == (f"{BASE}release/{ids[3]}/doc/buoy/1", START + 3 * DAY)
    assert found["original"]["url"] == found["timegate"]["url"] == BASE + "doc/buoy/1"
    assert client.get(found["timemap"]["url"].removeprefix(BASE[:-1])).status_code == 200


def test_what_is_asked_for_before_it_came_is_as_it_came(client: FlaskClient, ids: list[str]) -> None:
    assert ask(client, "/doc/buoy/1", START).headers["Location"] == f"/release/{ids[1]}/doc/buoy/1"
    gone = ask(client, "/doc/buoy/1", START + 9 * DAY)
    assert gone.headers["Location"] == f"/release/{ids[5]}/doc/buoy/1"
    assert client.get(gone.headers["Location"]).status_code == 404
    assert links(gone.headers["Link"])["prev"]["url"] == f"{BASE}release/{ids[4]}/doc/buoy/1"


NOT_DATES = (
    "",
    "now",
    "0",
    "x" * 999,
    "2020-01-01T00:00:00Z",
    "Wed, 01 Jan 2020 12:00:00",
    "Wed, 01 Jan 2020 12:00:00 +0000",
    "Thu, 01 Jan 2020 12:00:00 GMT",
    "Wed, 32 Jan 2020 12:00:00 GMT",
    "Mon, 01 Jan 10000 00:00:00 GMT",
)


@pytest.mark.parametrize("field", NOT_DATES)
def test_what_is_no_date_is_told(client: FlaskClient, field: str) -> None:
    answer = ask(client, "/doc/tower/roter-sand", field)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "Accept-Datetime" in answer.get_json()["detail"]


PATHS = (
    "/",
    "/doc/tower/roter-sand.ttl",
    f"/doc?iri={BASE}id/tower/roter-sand",
    "/list?class=" + quote(TERMS + "Lighthouse", safe=":/"),
    "/search?q=sand",
    "/catalog",
    "/ontology",
    "/queries",
    "/dumps/parkgraph.nq.gz",
    "/sparql?query=ASK%7B%7D",
    "/store?default",
    "/manifest.json",
)


@pytest.mark.parametrize("path", PATHS)
def test_everything_of_a_release_is_negotiated(client: FlaskClient, ids: list[str], path: str) -> None:
    answer = ask(client, path, START + DAY)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/release/{ids[1]}{path}")
    assert client.get(answer.headers["Location"], headers=PAGE).status_code in {200, 303}
    now = client.get(path)
    assert now.status_code in {200, 307}
    if now.status_code == 200:
        assert "Accept-Datetime" in now.headers["Vary"]
        assert links(", ".join(now.headers.getlist("Link")))["timegate"]["url"] == BASE + path[1:]
    timemap = client.get(links(answer.headers["Link"])["timemap"]["url"].removeprefix(BASE[:-1]))
    expected = {ids[0]} if path.startswith("/doc") else set(ids)
    assert {url.split("/")[4] for url, _ in mementos(timemap.text)} == expected


@pytest.mark.parametrize("path", ["/health", "/releases", "/robots.txt", "/ready", f"/history?iri={BUOY}"])
def test_what_is_of_no_release_is_not(client: FlaskClient, path: str) -> None:
    answer = ask(client, path, START)
    assert answer.status_code == 200
    assert "timegate" not in ", ".join(answer.headers.getlist("Link"))
    assert client.get("/timemap", query_string={"uri": path[1:]}).status_code == 404


def test_a_client_finds_its_way(client: FlaskClient) -> None:
    """By the steps of RFC 7089, 3: from an address alone, by what the links of each answer say."""
    original = client.get("/doc/buoy/1")  # which is a 404 by now
    timegate = links(", ".join(original.headers.getlist("Link")))["timegate"]["url"]
    chosen = ask(client, timegate.removeprefix(BASE[:-1]), START + 2 * DAY + timedelta(hours=5))
    assert "accept-datetime" in chosen.headers["Vary"].lower()
    memento = ask(client, chosen.headers["Location"], START + 2 * DAY + timedelta(hours=5))
    found = links(", ".join(memento.headers.getlist("Link")))
    assert found["original"]["url"] == timegate
    timemap = client.get(found["timemap"]["url"].removeprefix(BASE[:-1]), headers={"Accept": "application/link-format"})
    listed = mementos(timemap.text)
    assert (chosen.headers["Location"], parse_date(memento.headers["Memento-Datetime"])) in [
        (url.removeprefix(BASE[:-1]), when) for url, when in listed
    ]
    for url, when in listed:
        answer = client.get(url.removeprefix(BASE[:-1]))
        assert (answer.status_code, parse_date(answer.headers["Memento-Datetime"])) == (200, when)


def test_other_methods_are_not_negotiated(client: FlaskClient, ids: list[str]) -> None:
    form = {"query": "ASK {}"}
    headers = {"Accept-Datetime": http_date(START)}
    assert client.post("/sparql", data=form, headers=headers).status_code == 200
    head = client.head("/doc/tower/roter-sand", headers=headers)
    assert (head.status_code, head.headers["Location"]) == (302, f"/release/{ids[0]}/doc/tower/roter-sand")
    allowed = client.options("/doc/tower/roter-sand", headers=headers)
    assert "Accept-Datetime" in allowed.headers["Access-Control-Allow-Headers"]


def test_what_is_kept_of_now_is_not_given_for_then(client: FlaskClient) -> None:
    path = "/doc/tower/roter-sand.nt"
    for _ in range(2):
        now = client.get(path)
        then = ask(client, path, START)
        assert (now.status_code, then.status_code) == (200, 302)
    assert now.headers["Server-Timing"] == "cache"
    memento = [ask(client, then.headers["Location"], START) for _ in range(2)][-1]
    assert memento.headers["Server-Timing"] == "cache"
    assert said(memento) == said(now)


def test_the_site_may_have_gone_back(folder: Path, client: FlaskClient, ids: list[str]) -> None:
    """From then on the release that `current` leads to is the current one, however old it is."""
    link = folder / CURRENT
    assert link.readlink().name == ids[-1]
    following = folder / "following"
    try:
        following.symlink_to(ids[2])
        following.replace(link)
        assert ids[2] in ask(client, "/", datetime.now(UTC) + DAY).headers["Location"]
        assert ids[4] in ask(client, "/", START + 4 * DAY).headers["Location"]
    finally:
        following.symlink_to(ids[-1])
        following.replace(link)


def test_a_timemap_has_the_releases_that_differ(client: FlaskClient, ids: list[str]) -> None:
    for uri in ("doc/buoy/1", "/doc/buoy/1", BASE + "doc/buoy/1", "id/buoy/1", f"doc?iri={BUOY}", "doc/buoy/1.ttl"):
        answer = client.get("/timemap", query_string={"uri": uri})
        assert (answer.status_code, answer.mimetype) == (200, "application/link-format")
        listed = mementos(answer.text)
        assert [url.split("/")[4] for url, _ in listed] == [ids[1], ids[2], ids[4]]
        assert [when for _, when in listed] == [START + number * DAY for number in (1, 2, 4)]
        local = uri.removeprefix(BASE).removeprefix("/")
        assert listed[0][0] == f"{BASE}release/{ids[1]}/{local}"
        found = links(answer.text)
        assert found["original"]["url"] == found["timegate"]["url"] == BASE + local
        assert found["self"]["type"] == "application/link-format"
        assert (parse_date(found["self"]["from"]), parse_date(found["self"]["until"])) == (START, START + 5 * DAY)
        assert (found["first"]["url"], found["last"]["url"]) == (listed[0][0], listed[-1][0])
    memento = client.get("/timemap", query_string={"uri": f"/release/{ids[2]}/doc/buoy/1"})
    assert [url.split("/")[4] for url, _ in mementos(memento.text)] == [ids[1], ids[2], ids[4]]


def test_each_memento_of_a_timemap_differs_from_the_one_before(client: FlaskClient) -> None:
    listed = mementos(client.get("/timemap?uri=doc/buoy/1.nt").text)
    bodies = [client.get(url.removeprefix(BASE[:-1])).data for url, _ in listed]
    assert len(set(bodies)) == len(bodies) == 3


def test_a_timemap_in_json(client: FlaskClient, ids: list[str]) -> None:
    found = client.get("/timemap?uri=doc/buoy/1&format=json").get_json()
    assert found["original_uri"] == found["timegate_uri"] == BASE + "doc/buoy/1"
    listed = found["mementos"]["list"]
    assert [row["uri"][0].split("/")[4] for row in listed] == [ids[1], ids[2], ids[4]]
    assert listed[0] == found["mementos"]["first"] == {"datetime": "2020-01-02T12:00:00Z", "uri": listed[0]["uri"]}
    assert listed[-1] == found["mementos"]["last"]
    for form in found["timemap_uri"].values():
        assert client.get(form.removeprefix(BASE[:-1])).status_code == 200


def test_long_timemaps_have_pages(client: FlaskClient, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("server.versions", "server.routes.timemap", "server.middleware.timegate"):
        monkeypatch.setattr(f"{module}.PAGE", 2)
    index = parse_header_links(client.get("/timemap?uri=doc/buoy/1&x=1").text.replace("\n", ""))
    pages = [link["url"].removeprefix(BASE[:-1]) for link in index if link["rel"] == "timemap"]
    assert len(pages) == 3
    assert [(parse_date(link["from"]), parse_date(link["until"])) for link in index if link["rel"] == "timemap"] == [
        (START + number * DAY, START + (number + 1) * DAY) for number in (0, 2, 4)
    ]
    found = [mementos(client.get(page).text) for page in pages]
    assert [[url.split("/")[4] for url, _ in listed] for listed in found] == [[ids[1]], [ids[2]], [ids[4]]]
    texts = [client.get(page).text for page in pages]
    assert [("first memento" in text, "last memento" in text) for text in texts] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    rows = client.get("/timemap?uri=doc/buoy/1&format=json&x=1").get_json()["timemap_index"]
    assert [row["uri"].partition("?")[0] for row in rows] == [f"{BASE}timemap"] * 3
    assert client.get("/timemap?uri=doc/buoy/1&page=4").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("uri=", 400),
        ("uri=doc/buoy/1&page=0", 400),
        ("uri=doc/buoy/1&page=9999999", 400),
        ("uri=doc/buoy/1&page=-1", 400),
        ("uri=doc/buoy/1&page=2", 404),
        ("uri=doc/buoy/1&format=html", 406),
        ("uri=https://other.example/", 404),
        ("uri=doc/buoy/unknown", 404),
        ("uri=doc", 200),
        ("uri=doc?iri=%00", 404),
        ("uri=doc/" + "x/" * 1000, 404),
        ("uri=release/0123456789abcdef", 404),
    ],
)
def test_timemaps_that_are_not(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/timemap?{query}").status_code == status


def test_lists_of_all_releases_are_at_one_address(client: FlaskClient, ids: list[str]) -> None:
    for path in ("timemap?uri=doc/buoy/1", f"history?iri={BUOY}", f"history.json?iri={BUOY}"):
        answer = client.get(f"/release/{ids[0]}/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/{path}")
        assert client.get(f"/{path}").cache_control.private


def history(client: FlaskClient, iri: str, **parameters: str) -> list[dict[str, object]]:
    found = client.get("/history.json", query_string={"iri": iri, **parameters}).get_json()
    rows: list[dict[str, object]] = found["history"]
    return rows


def test_the_history_of_a_resource(client: FlaskClient, ids: list[str]) -> None:
    rows = history(client, BUOY)
    assert [(row["release"], row["event"]) for row in rows] == [
        (ids[5], "went"),
        (ids[4], "changed"),
        (ids[2], "changed"),
        (ids[1], "came"),
    ]
    assert [(row["added"], row["removed"], row["quads"]) for row in rows] == [
        (0, 3, 0),
        (1, 0, 3),
        (1, 0, 2),
        (1, 0, 1),
    ]
    assert rows[1]["rows"] == [f"A <{SHIP}> <{TERMS}guards> <{BUOY}> ."]
    assert rows[3]["rows"] == [f'A <{BUOY}> <{RDFS}label> "Buoy 1" .']
    assert rows[0]["url"] is None
    assert client.get(str(rows[1]["url"])).status_code == 200
    (oldest,) = history(client, TOWER)
    assert (oldest["event"], oldest["before"], oldest["rows"]) == ("known", None, [])


def test_a_history_as_a_page(client: FlaskClient, ids: list[str]) -> None:
    page = client.get("/history", query_string={"iri": BUOY}, headers=PAGE).text
    assert "Buoy 1" in page  # as the last release had it
    assert page.count("<ins>") == 3
    assert page.count("<del>") == 3
    assert f'href="/release/{ids[4]}/doc/buoy/1"' in page
    assert "The current release says nothing of it" in page
    document = client.get("/doc/tower/roter-sand", headers=PAGE).text
    assert f'href="/history?{urlencode({"iri": TOWER}, safe=":/")}"' in document
    german = client.get(f"/history?iri={BUOY}&lang=de", headers=PAGE).text
    assert '<html lang="de">' in german


def test_a_history_as_a_feed_and_in_rdf(client: FlaskClient, ids: list[str]) -> None:
    feed = ET.fromstring(client.get(f"/history.atom?iri={BUOY}").data)
    space = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{space}id") for entry in feed.iterfind(f"{space}entry")] == [
        f"{BASE}release/{ids[number]}/doc/buoy/1" for number in (5, 4, 2, 1)
    ]
    prov = rdflib.PROV
    graph = rdflib.Graph().parse(data=client.get(f"/history.ttl?iri={BUOY}").data, format="turtle")
    general = rdflib.URIRef(BASE + "doc/buoy/1")
    versions = {rdflib.URIRef(f"{BASE}release/{ids[number]}/doc/buoy/1") for number in (1, 2, 4)}
    assert set(graph.subjects(prov.specializationOf, general)) == versions
    assert {(str(a).split("/")[4], str(b).split("/")[4]) for a, b in graph.subject_objects(prov.wasRevisionOf)} == {
        (ids[2], ids[1]),
        (ids[4], ids[2]),
    }
    assert [str(s).split("/")[4] for s in graph.subjects(prov.invalidatedAtTime)] == [ids[4]]


def test_long_histories_have_pages(client: FlaskClient, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PAGE", 3), ("_MOMENTS", 1)):
        monkeypatch.setattr(f"server.routes.history_feeds.{name}", value)
    path: str | None = f"/history.json?iri={BUOY}&x=1"
    found = []
    while path:
        page = client.get(path).get_json()
        found += [row["release"] for row in page["history"]]
        path = page["next"]
    assert found == [ids[number] for number in (5, 4, 2, 1)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/history", 400),
        ("/history?iri=", 400),
        ("/history?iri=no iri", 400),
        (f"/history?iri={BASE}id/unknown", 404),
        (f"/history.pdf?iri={BUOY}", 404),
        (f"/history?iri={BUOY}&before=0123456789abcdef", 404),
        (f"/history?iri={BUOY}&before=x", 404),
        (f"/history?iri={BASE}{'x' * 7000}", 404),
    ],
)
def test_histories_that_are_not(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_document_that_went_leads_to_its_history(client: FlaskClient) -> None:
    answer = client.get("/doc/buoy/1")
    assert answer.status_code == 404
    assert links(", ".join(answer.headers.getlist("Link")))["version-history"]["url"] == f"/history?iri={BUOY}"
    assert answer.get_json()["history"] == f"/history?iri={BUOY}"
    assert f'href="/history?iri={BUOY}"' in client.get("/doc/buoy/1", headers=PAGE).text
    unknown = client.get("/doc/buoy/2")
    assert "history" not in unknown.get_json()
    withdrawn = client.get("/doc/tower/gone")
    assert (withdrawn.status_code, withdrawn.get_json()["history"]) == (410, f"/history?iri={BASE}id/tower/gone")


def test_what_moved_and_its_successor_lead_to_each_other(client: FlaskClient) -> None:
    old, new = f"{BASE}id/tower/old", f"{BASE}id/tower/roter-sand"
    for iri, other in ((old, new), (new, old)):
        assert f'href="/history?iri={other}"' in client.get(f"/history?iri={iri}", headers=PAGE).text
    assert client.get(f"/doc?iri={old}").status_code == 301


def test_a_removed_release_is_left_out(folder: Path, client: FlaskClient, ids: list[str]) -> None:
    """The last test: what a removal takes away is no memento, and what changed with it changed with the next."""
    (folder / "edition").symlink_to(ids[1])
    prune(folder, 2, silent)
    listed = mementos(client.get("/timemap?uri=doc/buoy/1").text)
    assert [url.split("/")[4] for url, _ in listed] == [ids[1], ids[4]]
    assert [(row["event"], row["added"]) for row in history(client, BUOY)] == [
        ("went", 0),
        ("changed", 2),
        ("known", 0),
    ]
    assert ids[1] in ask(client, "/", START + 3 * DAY).headers["Location"]
