"""Long pages on phones: of bounded length, and links open what is folded, also without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

SCREENS = 40


@pytest.mark.parametrize("path", ["/ontology", "/ontology/shapes", "/doc/article/004"])
def test_no_page_is_endless_on_phones(visit: Visit, path: str) -> None:
    with visit(path, viewport=NARROW) as page:
        assert page.evaluate("document.documentElement.scrollHeight") < SCREENS * NARROW["height"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("path", ["/ontology#video", "/ontology#skos:prefLabel", "/ontology/shapes#shape-3"])
def test_a_link_opens_the_fold_of_a_term(visit: Visit, path: str, *, scripts: bool) -> None:
    with visit(path, viewport=NARROW, java_script_enabled=scripts) as page:
        expect(page.locator(":target")).to_be_in_viewport()


def test_chinese_headings_break_between_words(visit: Visit) -> None:
    with visit("/doc/agreement/cdht-sophia-sister-parks-2016?lang=zh", viewport=NARROW) as page:
        assert page.locator("h1").inner_text() == page.locator("h1").text_content()
        words = page.locator("h1 bdi").evaluate("one => [...one.childNodes].map(node => node.data).filter(Boolean)")
        assert "".join(words) == page.locator("h1").text_content()
        assert {"成都", "协议"} <= set(words)
