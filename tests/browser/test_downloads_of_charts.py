"""Charts as pictures to download: whole without the page, with title, source and licence, in two formats."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visit

SVG = "{http://www.w3.org/2000/svg}"
CC = "{http://creativecommons.org/ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
CHARTS = {
    "network": ("/network", "Who is tied to whom"),
    "timeline": ("/query/timeline", "What happened when"),
    "map": ("/query/map", "Where it is"),
}


def downloaded(page: Page, format_: str) -> tuple[str, Path]:
    """The proposed name of the file, and where it is."""
    page.locator("figure[data-drawn=true]").first.wait_for()
    with page.expect_download() as download:
        page.locator(f"button[data-format={format_}]").first.click()
    return download.value.suggested_filename, Path(download.value.path())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "title"), CHARTS.values(), ids=CHARTS.keys())
def test_svg_stands_alone(visit: Visit, path: str, title: str, scheme: str) -> None:
    with visit(path, color_scheme=scheme) as page:
        name, file = downloaded(page, "svg")
        text = file.read_text(encoding="utf-8")
        release = page.locator("footer code").inner_text()
    assert name.startswith("-".join(title.lower().split()))
    assert name.endswith(f"-{release[:8]}.svg")
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == title
    said = " ".join(root.findtext(f"{SVG}desc", "").split())
    address = f"/release/{release}/query/"
    assert f"Source: ParkGraph, release {release} of " in said
    assert address in said
    assert "creativecommons.org/publicdomain/zero" in said
    work = root.find(f"{SVG}metadata/{RDF}RDF/{CC}Work")
    assert work is not None
    assert work.findtext(f"{DC}title") == title
    assert address in work.find(f"{DC}source").attrib[f"{RDF}resource"]  # type: ignore[union-attr]
    shown = [" ".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert any(address in line for line in shown)
    assert title in shown
    grounds = [one.attrib["fill"] for one in root.findall(f"{SVG}svg/{SVG}rect")]
    assert grounds == ([] if path == "/query/timeline" else ["rgb(241, 243, 238)"])
    assert ("Outlines: Natural Earth" in shown) == (path == "/query/map")
    styles = {name for one in root.iter() for name in one.attrib} & {"class", "style"}
    assert not styles
    assert "var(" not in text
    assert root.find(f"{SVG}rect").attrib["fill"] == "rgb(252, 252, 249)"  # type: ignore[union-attr] # light, always


@pytest.mark.parametrize(("path", "title"), CHARTS.values(), ids=CHARTS.keys())
def test_png_is_large_enough_to_print(visit: Visit, path: str, title: str) -> None:
    with visit(path, viewport={"width": 390, "height": 844}) as page:
        name, file = downloaded(page, "png")
        content = file.read_bytes()
        release = page.locator("footer code").inner_text()
    assert name.endswith(".png")
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert width >= 1900
    assert 500 < height <= 8192
    assert len(content) > 20_000, title
    texts = texts_of(content)
    assert texts["Title"] == title
    assert f"/release/{release}/query/" in texts["Description"]
    assert texts["Copyright"].startswith("https://creativecommons.org/publicdomain/zero")


def texts_of(png: bytes) -> dict[str, str]:
    """The texts of its `iTXt` chunks by their keywords; each chunk has to have its checksum."""
    texts, place = {}, 8
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        data = png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size]) == (crc32(kind + data),)
        if kind == b"iTXt":
            keyword, _, text = data.partition(b"\0")
            texts[keyword.decode()] = text[4:].decode()
        place += 12 + size
    return texts


def test_the_picture_shows_what_the_filters_leave_and_its_legend(visit: Visit) -> None:
    with visit("/network?lang=zh", reduced_motion="reduce") as page:
        page.locator("figure[data-drawn=true]").wait_for()
        labels = page.locator("[data-legend]:has(.edge)")
        left_out, kept = labels.first.locator(".name").inner_text(), labels.last.locator(".name").inner_text()
        labels.first.get_by_role("checkbox").uncheck()
        _, file = downloaded(page, "svg")
        root = ET.fromstring(file.read_text(encoding="utf-8"))
    shown = [" ".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert root.findtext(f"{SVG}title") == "谁与谁有联系"
    assert any(line.startswith("来源：") for line in shown)
    assert kept in shown
    assert left_out not in shown
