"""Names and IRIs that want to be more than that do no harm on any page: they are text, and nothing else."""

from __future__ import annotations

import json
import re
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from server.app import create_app
from server.settings import Settings
from tests.server.hostile import LABELS, LONG, MARK, PAGES, build_hostile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}
SAFE = re.compile(r"(?:https?://|mailto:|[/#?]|$)", re.IGNORECASE)
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "content-url", "poster"}
CUT = 2500  # characters that stand on a page at a stretch where nobody opened anything


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    releases = tmp_path_factory.mktemp("hostile")
    build_hostile(releases)
    app = create_app(Settings(releases=releases))
    yield app.test_client()
    app.extensions["current"].close()


class Harm(HTMLParser):
    """Collects what a page must not have."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.elements = 0
        self._open: list[str] = []
        self._may_be_long = 0
        self._script: str | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        attributes = dict(attrs)
        self._script = attributes.get("type") or "" if tag == "script" else None
        if tag in {MARK, "iframe", "object", "embed", "base", "style", "img"}:
            self.faults.append(f"<{tag}>")
        if tag == "script" and not (attributes.get("src") or "").startswith("/static/built/"):
            kind = attributes.get("type")
            if kind not in {"application/ld+json", "application/json"}:
                self.faults.append(f"script {attributes}")
        if tag == "meta" and attributes.get("http-equiv"):
            self.faults.append("meta http-equiv")
        for name, value in attributes.items():
            if name.startswith("on") or name in {MARK, "style", "srcdoc", "autofocus"}:
                self.faults.append(f"<{tag} {name}>")
            if name in ADDRESSES and not SAFE.match(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}>")
        if tag in {"details", "textarea"}:
            self._may_be_long += 1

    def handle_endtag(self, tag: str) -> None:
        self._script = None
        if tag in {"details", "textarea"}:
            self._may_be_long -= 1

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            if data.strip():
                json.loads(data)
        elif not self._may_be_long and len(data) > CUT:
            self.faults.append(f"{len(data)} characters at a stretch")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"declaration {data[:20]}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data[:20]}")


def test_there_are_enough_pages() -> None:
    assert len(PAGES) > 90
    assert len(set(PAGES)) == len(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stays_as_it_was_meant(hostile: FlaskClient, path: str) -> None:
    response = hostile.get(path, headers=HTML)
    assert response.status_code < 500
    if response.mimetype == "text/html":
        found = Harm(response.text)
        assert found.elements > 20
        assert found.faults == []
    else:
        assert response.status_code in {301, 303, 308}
        assert SAFE.match(response.headers["Location"])
    for value in response.headers.values():
        assert "\n" not in value
        assert f"<{MARK}" not in value


def heading_of(page: str) -> str:
    return re.split(r"<h1[^>]*>", page)[1].partition("</h1>")[0]


@pytest.mark.parametrize("number", range(len(LABELS) - 1))
def test_a_label_is_shown_as_it_is(hostile: FlaskClient, number: int) -> None:
    page = hostile.get(f"/doc/thing/{number}?lang={['en', 'de', 'zh'][number % 3]}", headers=HTML).text
    heading = heading_of(page)
    assert re.fullmatch(r"<bdi[^>]*>.*</bdi>", heading, re.DOTALL)
    assert escape(LABELS[number], quote=False) in heading.replace("&quot;", '"').replace("&#x27;", "'")


def test_a_long_label_is_cut_with_a_way_to_the_whole(hostile: FlaskClient) -> None:
    own = hostile.get(f"/doc/thing/{len(LABELS) - 1}", headers=HTML).text
    heading = heading_of(own)
    assert len(heading) < 500
    assert heading.endswith("…</bdi>")
    assert LONG in own
    other = hostile.get(f"/doc/thing/{len(LABELS) - 2}", headers=HTML).text
    assert f'href="/doc/thing/{len(LABELS) - 1}"' in other
    assert LONG not in other


def test_the_parser_of_this_test_finds_harm() -> None:
    bad = f'<{MARK}><a href="javascript:x()" onclick="y()">z</a><script>1</script><!-- c --><p>{"x" * (CUT + 1)}</p>'
    assert len(Harm(bad).faults) == 6
