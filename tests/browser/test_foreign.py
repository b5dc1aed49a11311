"""Datasets of other kinds in a browser: accessible, and within every window, whatever the length of names and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from release.build import publish_rdf
from tests.browser.conftest import NARROW, WIDE, violations
from tests.browser.test_every_page import tables_cut_off
from tests.foreign import CATALOGUE, HOSTILE_NAMESPACE, ONTOLOGY, QUADS, THESAURUS, hostile
from tests.server.conftest import serving

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LONG = f"{HOSTILE_NAMESPACE}{'long-path/' * 199}end"
RESOURCES = {
    "thesaurus": [f"https://instruments.example/{name}" for name in ("scheme", "oud")],
    "ontology": ["https://workshop.example/ns", "https://workshop.example/ns#Bicycle"],
    "catalogue": ["https://data.harbour.example/dataset-bus-stops"],
    "quads": ["https://lights.example/light/far-stack"],
    "hostile": [LONG, *(HOSTILE_NAMESPACE + name for name in ("hub", "Hub", "long", "rtl", "control", "markup"))],
}


@pytest.mark.parametrize("name", RESOURCES)
def test_accessible_and_within_every_window(browser: Browser, tmp_path: Path, name: str) -> None:
    files = {"thesaurus": THESAURUS, "ontology": ONTOLOGY, "catalogue": CATALOGUE, "quads": QUADS}
    files["hostile"] = tmp_path / "hostile.ttl"
    files["hostile"].write_text(hostile(), encoding="utf-8")
    publish_rdf([files[name]], tmp_path / "releases", base="http://localhost:8000/")
    paths = ["/", "/list", "/catalog", *(f"/doc?{urlencode({'iri': iri})}" for iri in RESOURCES[name])]
    with serving(tmp_path / "releases") as service:
        context = browser.new_context(base_url=service.url, viewport=WIDE, locale="en-GB")
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        for path in paths:
            for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.goto(path)
                page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
                assert violations(page) == [], path
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide == 0, path
                assert size is WIDE or tables_cut_off(page) == [], path
        context.close()
    assert faults == []
