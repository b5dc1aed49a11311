"""No script of a hostile name or address runs in a browser, on any kind of page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import serving
from tests.server.hostile import MARK, PAGES, build_hostile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# one of each kind: what is in the others is held by tests/server/test_hostile_labels.py
KINDS = sorted({path.partition("?")[0].rstrip("0123456789"): path for path in PAGES}.values())


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    releases = tmp_path_factory.mktemp("hostile")
    build_hostile(releases)
    with serving(releases) as service:
        yield service.url


def test_nothing_of_a_label_runs(browser: Browser, hostile_site: str) -> None:
    """The function that labels call tells that it was called; the policy would tell of a script that it stopped."""
    assert len(KINDS) > 15
    context = browser.new_context(base_url=hostile_site)
    page = context.new_page()
    faults: list[str] = []
    page.expose_function(MARK, lambda: faults.append("a label ran"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    for path in KINDS:
        page.goto(path)
        assert page.locator(f"{MARK}, [{MARK}]").count() == 0, path
        assert page.locator("a[href^=javascript i], a[href^=data i]").count() == 0, path
        assert faults == [], path
    context.close()
