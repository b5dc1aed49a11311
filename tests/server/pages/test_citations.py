"""Citations over HTTP: of documents, answers to saved queries and releases, by Accept, by extension, and on pages."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING

import pytest

from core.formats import BIBTEX, CITATIONS, CSL_JSON, REFERENCE
from tests.server.conftest import BASE

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.formats import Format
    from release.reader import Release

HTML = {"Accept": "text/html", "Accept-Language": "en"}
TOWER = "doc/tower/roter-sand"
# What is cited: the address that negotiates, one with an extension, and what names it within its release.
CITED = [
    (TOWER, f"{TOWER}.{{}}", TOWER),
    (f"doc?iri={BASE}id/tower/roter-sand", f"doc.{{}}?iri={BASE}id/tower/roter-sand", TOWER),
    (
        "doc?iri=http://www.w3.org/2000/01/rdf-schema%23label",
        "",
        "doc?iri=http%3A%2F%2Fwww.w3.org%2F2000%2F01%2Frdf-schema%23label",
    ),
    ("query/heights?least=52", "query/heights.{}?least=52", "query/heights?least=52"),
    ("catalog", "catalog.{}", ""),
]


def get(client: FlaskClient, path: str, accept: str = "*/*", language: str = "en") -> TestResponse:
    return client.get(path, headers={"Accept": accept, "Accept-Language": language})


def address(lights: Release, local: str) -> str:
    return f"{BASE}release/{lights.id}" + (f"/{local}" if local else "")


@pytest.mark.parametrize(("negotiated", "fixed", "local"), CITED)
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("form", CITATIONS, ids=lambda form: str(form.extension))
def test_every_form_has_the_address_that_stays(
    client: FlaskClient, lights: Release, negotiated: str, fixed: str, local: str, form: Format, *, within: bool
) -> None:
    root = f"/release/{lights.id}/" if within else "/"
    response = get(client, root + negotiated, form.media_type)
    assert (response.status_code, response.content_type) == (200, form.content_type)
    assert {"Accept", "Accept-Language"} <= set(response.vary)
    assert address(lights, local) in response.text
    assert f"{address(lights, local)}/" not in response.text
    assert lights.id in response.text
    if fixed:
        named = get(client, root + fixed.format(form.extension))
        assert (named.status_code, named.content_type, named.data) == (200, form.content_type, response.data)
        assert "Accept" not in named.vary


@pytest.mark.parametrize(("negotiated", "local"), [(negotiated, local) for negotiated, _, local in CITED])
def test_the_address_leads_to_what_is_cited(client: FlaskClient, lights: Release, negotiated: str, local: str) -> None:
    (item,) = json.loads(get(client, f"/{negotiated}", CSL_JSON.media_type).text)
    assert item["URL"] == address(lights, local)
    found = client.get(item["URL"].removeprefix(BASE.rstrip("/")), headers=HTML, follow_redirects=True)
    assert found.status_code == 200
    assert item["URL"] in found.text


@pytest.mark.parametrize("negotiated", [TOWER, "query/heights", "catalog"])
def test_a_page_has_all_forms_in_a_fold(client: FlaskClient, negotiated: str) -> None:
    page = client.get(f"/{negotiated}", headers=HTML).text
    assert page.count('id="cite"') == 1
    text = unescape(page)
    for form in CITATIONS:
        cited = get(client, f"/{negotiated}", form.media_type).text.replace("\r\n", "\n")
        shown = text.replace("\r\n", "\n")
        assert f"<code>{cited}</code>" in shown, form.name
    path = f"/{negotiated}.bib"
    assert f'<a href="{path}">BibTeX</a>' in page
    assert get(client, path).mimetype == BIBTEX.media_type


def test_titles_are_in_the_readers_language(client: FlaskClient) -> None:
    english, german = (get(client, "/query/heights.txt", language=tag).text for tag in ("en", "de"))
    assert "Towers by height" in english
    assert "Türme nach Höhe (" in german
    assert "Lichter, version" in german
    assert get(client, "/query/heights.txt?lang=de").text == german
    assert "Accept-Language" not in client.get("/query/heights.txt?lang=de").vary
    assert 'href="/doc/tower/roter-sand.bib?lang=de"' in client.get(f"/{TOWER}?lang=de", headers=HTML).text


@pytest.mark.parametrize(
    ("path", "accept", "mimetype"),
    [
        (TOWER, "*/*", "text/turtle"),
        (TOWER, "text/*", "text/turtle"),
        (TOWER, "text/plain", "text/plain"),
        (TOWER, "application/json", "application/json"),
        (TOWER, "application/x-bibtex, text/turtle;q=0.5", "application/x-bibtex"),
        (TOWER, "application/x-bibtex;q=0.5, */*;q=0.1", "application/x-bibtex"),
        (TOWER, "application/x-bibtex;q=0.1, text/turtle", "text/turtle"),
        ("query/heights", "application/json", "application/json"),
        ("catalog", "text/*", "text/turtle"),
    ],
)
def test_only_those_who_ask_get_a_citation(client: FlaskClient, path: str, accept: str, mimetype: str) -> None:
    assert get(client, f"/{path}", accept).mimetype == mimetype


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("doc/tower/none.bib", 404),
        ("doc.bib", 400),
        ("doc.bib?iri=urn:none", 404),
        ("catalog.xls", 404),
        ("query/none.bib", 404),
        ("query/heights.bib?least=high", 400),
        ("query/heights.bib?lost=1", 400),
        ("query/about.bib", 400),
        ("query/about.bib?thing=id/tower/roter-sand", 200),
    ],
)
def test_what_cannot_be_cited_is_a_problem(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(f"/{path}")
    assert response.status_code == status
    assert response.mimetype == (BIBTEX.media_type if status == 200 else "application/problem+json")


def test_what_has_moved_is_cited_at_its_new_address(client: FlaskClient) -> None:
    response = get(client, "/doc/tower/old.bib")
    assert (response.status_code, response.headers["Location"]) == (301, "/doc/tower/roter-sand.bib")


def test_a_client_that_has_it_is_told_so(client: FlaskClient) -> None:
    first = get(client, f"/{TOWER}", REFERENCE.media_type)
    again = client.get(
        f"/{TOWER}",
        headers={"Accept": REFERENCE.media_type, "Accept-Language": "en", "If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


def test_releases_lead_to_their_citation(client: FlaskClient, lights: Release) -> None:
    assert f'href="/release/{lights.id}/catalog#cite"' in client.get("/releases", headers=HTML).text


def test_the_link_set_leads_there(client: FlaskClient) -> None:
    links = client.get(f"/linkset?iri={BASE}id/tower/roter-sand").get_json()["linkset"]
    described = [link for context in links for link in context.get("describedby", [])]
    assert {"href": f"{BASE}{TOWER}.bib", "type": BIBTEX.media_type} in described
