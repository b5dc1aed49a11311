"""The links by which readers report a mistake, on a dataset that says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, violations
from tests.browser.test_every_page import overflow
from tests.server.conftest import serving
from tests.server.pages.test_proof import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def lamp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page."""
    with serving(release_of(tmp_path_factory.mktemp("proof")).path.parent) as service:
        yield f"{service.url}/doc/lamp"


def opacity(flag: object) -> str:
    found: str = flag.evaluate("one => getComputedStyle(one).opacity")  # type: ignore[attr-defined]
    return found


def test_flags_show_with_their_row_and_with_the_focus(browser: Browser, lamp: str) -> None:
    page = browser.new_page()
    page.goto(lamp)
    assert violations(page) == []
    row = page.locator(".values > li", has=page.get_by_role("link", name="Quay", exact=True)).first
    flag = row.get_by_role("link", name="Something wrong with “Quay”?")
    assert opacity(flag) == "0"
    row.hover()
    expect(flag).to_have_css("opacity", "1")
    page.mouse.move(0, 0)
    expect(flag).to_have_css("opacity", "0")
    row.get_by_role("link", name="Source 1").focus()
    page.keyboard.press("Tab")
    expect(flag).to_be_focused()
    expect(flag).to_have_css("opacity", "1")
    page.close()


def test_flags_always_show_where_nothing_hovers(browser: Browser, lamp: str) -> None:
    page = browser.new_page(viewport=NARROW, has_touch=True, is_mobile=True)
    page.goto(lamp)
    assert opacity(page.locator(".wrong").first) == "1"
    assert violations(page) == []
    assert overflow(page) == 0
    page.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_what_rests_on_a_passage_is_beside_its_quotation_or_folded(
    browser: Browser, lamp: str, *, scripts: bool
) -> None:
    page = browser.new_page(java_script_enabled=scripts, viewport=WIDE)
    page.goto(lamp.replace("lamp", "report"))
    passage = page.locator("#segments li:has(blockquote)").first
    fact, fold = passage.locator(".resting li").first, passage.locator("summary")
    here, quotation = fact.bounding_box(), passage.locator("blockquote").bounding_box()
    assert here
    assert quotation
    assert here["x"] > quotation["x"] + quotation["width"]
    expect(fold).to_be_hidden()
    assert not scripts or violations(page) == []
    page.set_viewport_size(NARROW)
    expect(fact).to_be_hidden()
    fold.click()
    expect(fact).to_be_visible()
    assert not scripts or violations(page) == []
    assert overflow(page) == 0
    page.close()
