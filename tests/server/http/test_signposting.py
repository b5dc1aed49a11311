"""Things and their documents over HTTP, case by case, and the links between them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import BASE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("negotiation.toml").read_text("utf-8"))["case"]
TOWER = "/doc/tower/roter-sand"


def name(case: dict[str, Any]) -> str:
    return f"{case.get('method', 'GET')} {case['path']} {case['rule']}"


@pytest.fixture(scope="module")
def values(client: FlaskClient, lights: Release) -> dict[str, str]:
    """What stands for the braces of the cases."""
    headers = client.get(TOWER).headers
    return {"{tag}": headers["ETag"], "{modified}": headers["Last-Modified"], "{release}": lights.id}


@pytest.mark.parametrize("case", CASES, ids=name)
def test_requests_get_what_the_specifications_say(
    client: FlaskClient, values: dict[str, str], case: dict[str, Any]
) -> None:
    def filled(text: str) -> str:
        for brace, value in values.items():
            text = text.replace(brace, value)
        return text

    sent = {field: filled(value) for field, value in case.get("send", {}).items()}
    response = client.open(case["path"], method=case.get("method", "GET"), headers=sent)
    assert response.status_code == case["status"], response.text
    assert response.mimetype == case.get("type", response.mimetype)
    for field, expected in case.get("fields", {}).items():
        found = ", ".join(response.headers.getlist(field))
        if expected == "-":
            assert field not in response.headers
        elif expected.startswith("!"):
            assert expected[1:] not in found + ","
        else:
            assert filled(expected) in found
    assert case.get("says", "") in response.text
    if case.get("method") == "HEAD" or response.status_code == 304:
        assert response.data == b""


def test_the_link_set_says_all_that_the_header_fields_say(client: FlaskClient) -> None:
    page = client.get(TOWER, headers={"Accept": "text/html"})
    values = re.findall(r'<([^>]*)>; rel="([^"]*)"', ", ".join(page.headers.getlist("Link")))
    address = next(target for target, relation in values if relation == "linkset")
    contexts = json.loads(client.get(address).data)["linkset"]
    assert len({context["anchor"] for context in contexts}) == len(contexts)
    own = next(context for context in contexts if context["anchor"] == BASE + TOWER[1:])
    said = {(relation, link["href"]) for relation, links in own.items() if relation != "anchor" for link in links}
    for target, relation in values:
        if relation not in {"linkset", "memento", "original timegate", "timemap"}:
            assert (relation, BASE + target[1:] if target.startswith("/") else target) in said
    relations = {relation for relation, _ in said}
    assert {"describes", "cite-as", "type", "alternate", "describedby", "item", "collection", "canonical"} <= relations
    thing = next(context for context in contexts if context["anchor"] == BASE + "id/tower/roter-sand")
    assert [link["href"] for link in thing["describedby"]] == [BASE + TOWER[1:]]
    texts = client.get(address.replace("linkset-json", "linkset")).text
    assert texts.count("anchor=") == sum(len(v) for c in contexts for k, v in c.items() if k != "anchor")


def test_long_addresses_do_not_make_long_header_fields(client: FlaskClient) -> None:
    """Proxies take a few kilobytes of header fields; what is left out there is in the link set."""
    response = client.get("/doc", query_string={"iri": BASE + "id/tower/" + "灯塔" * 150})
    assert response.status_code == 200
    assert sum(len(name) + len(value) + 4 for name, value in response.headers) < 8_000
    assert 'rel="linkset"' in response.headers["Link"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/id/tower/roter-sand-2", "tower/roter-sand"),
        ("/doc/tower/rotersand.ttl", "tower/roter-sand"),
        ("/doc/tower/Rother%20Sand", "tower/roter-sand"),
        ("/id/tower/灯", "tower/灯塔"),
        ("/doc?iri=http://elsewhere.example/red_sand", "tower/roter-sand"),
    ],
)
def test_what_is_not_known_has_near_names(client: FlaskClient, path: str, meant: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    suggestions = response.get_json()["suggestions"]
    assert 1 <= len(suggestions) <= 5
    assert BASE + "id/" + meant in [suggestion["iri"] for suggestion in suggestions]
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert all(f'href="{suggestion["href"]}"' in page for suggestion in suggestions)
    assert {suggestion["classLabel"] for suggestion in suggestions} == set(re.findall('class="kind">([^<]*)<', page))


def test_what_reads_like_no_name_has_none(client: FlaskClient) -> None:
    assert client.get("/id/tower/qqqqqqqq").get_json()["suggestions"] == []
