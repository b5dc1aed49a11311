"""A thesaurus without shapes, as a reader goes through it: from the list to the tree, to a concept, and back up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core.namespaces import SKOS
from release.build import publish_rdf
from tests import foreign
from tests.browser.conftest import NARROW, violations
from tests.server.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    releases = tmp_path_factory.mktemp("instruments")
    publish_rdf([foreign.THESAURUS], releases, base="http://localhost/")
    with serving(releases) as service:
        yield service.url


@pytest.mark.parametrize("scripts", [True, False])
def test_through_a_thesaurus(browser: Browser, instruments: str, *, scripts: bool) -> None:
    context = browser.new_context(base_url=instruments, viewport=NARROW, locale="en-GB", java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/list?class={quote(SKOS)}Concept")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Tree").click()
    strings = page.locator(".tree .tree li").filter(has=page.get_by_role("link", name="chordophones", exact=True))
    lutes = strings.get_by_role("link", name="lutes", exact=True)
    expect(lutes).to_be_hidden()
    strings.locator("summary").first.click()
    expect(lutes).to_be_visible()
    if scripts:
        assert violations(page) == []
    lutes.click()
    page.locator("#below").get_by_role("link", name="oud", exact=True).click()
    trail = page.get_by_role("navigation", name="Breadcrumbs")
    expect(trail).to_have_text("Musical instruments › chordophones › lutes › oud")
    if scripts:
        assert violations(page) == []
    trail.get_by_role("link", name="Musical instruments").click()
    expect(page.locator("#below").get_by_role("link", name="aerophones")).to_be_visible()
    page.get_by_role("link", name="The whole tree").click()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Table").click()
    page.locator(".facet").get_by_role("link", name="aerophones").click()
    expect(page.locator("h1")).to_contain_text("8")
    context.close()
