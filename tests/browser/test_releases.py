"""The pages of releases with something to show: several releases, changes of every kind, a release of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from release.writer import build
from tests.browser.conftest import NARROW, WIDE, violations
from tests.browser.test_every_page import overflow
from tests.server.conftest import BASE, TERMS, serving, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The pages, by what they show, on a server with two releases of which a third was removed."""
    folder = tmp_path_factory.mktemp("releases")

    def said(place: str, property_: str, value: ox.Literal, graph: str | None = None) -> ox.Quad:
        name = ox.NamedNode(graph) if graph else ox.DefaultGraph()
        return ox.Quad(ox.NamedNode(f"{BASE}id/{place}"), ox.NamedNode(property_), value, name)

    first = said("tower/roter-sand", TERMS + "lit", ox.Literal(1885))
    removed = [said(f"buoy/{number}", LABEL, ox.Literal(f"Tonne {number}", language="de")) for number in range(60)]
    second = said("tower/roter-sand", TERMS + "lit", ox.Literal(1886))
    named = said("tower/roter-sand", TERMS + "lit", ox.Literal(1886), f"{BASE}id/graph/survey")
    build(source(), folder, silent)
    old = build(source(first, *removed), folder, silent)
    new = build(source(second, named), folder, silent, keep=2)
    with serving(folder) as service:
        yield {
            "list": f"{service.url}/releases",
            "changes": f"{service.url}/release/{new.id}/changes",
            "first-page": f"{service.url}/release/{old.id}/changes",
            "past": f"{service.url}/release/{old.id}/doc/tower/roter-sand",
        }


@pytest.mark.parametrize("name", ["list", "changes", "first-page", "past"])
def test_accessible_and_within_the_window(browser: Browser, addresses: dict[str, str], name: str) -> None:
    context = browser.new_context(viewport=WIDE, locale="de-DE")
    page = context.new_page()
    page.goto(addresses[name])
    assert violations(page) == []
    page.set_viewport_size(NARROW)
    assert overflow(page) == 0
    context.close()


def test_from_the_list_to_what_changed_and_back(browser: Browser, addresses: dict[str, str]) -> None:
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    page = context.new_page()
    page.goto(addresses["list"])
    assert page.locator("table.releases tbody tr").count() == 3
    page.get_by_title("quads came").first.click()
    assert page.locator("h1").inner_text() == "What changed"
    assert page.locator("section.changes").count() == 50
    page.get_by_role("link", name="next").click()
    assert page.locator("section.changes").count() == 11
    assert page.locator("ins").count() == 1
    page.get_by_role("link", name="All releases").click()
    assert page.url == addresses["list"]
    context.close()
