"""The contrast of what charts draw, which axe-core does not judge in SVG (WCAG 2.2, 1.4.3 texts, 1.4.11 marks)."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

STYLES = ROOT / "web" / "src" / "styles"
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
TOKENS = {name: dark for name, *dark in PAIR.findall((STYLES / "tokens.css").read_text(encoding="utf-8"))}
CHARTS = (STYLES / "charts.css").read_text(encoding="utf-8")
TEXTS = [(text, ground, 4.5) for text in ("ink", "soft") for ground in ("paper", "tint")] + [("paper", "accent", 4.5)]
MARKS = [
    (name, ground, 3.0)
    for name in TOKENS
    if name.startswith(("series-", "class-")) or name in {"accent", "edge", "ink", "soft"}
    for ground in ("paper", "tint")
]


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_all_colours_are_seen() -> None:
    assert sum(name.startswith("series-") for name in TOKENS) == 8
    assert sum(name.startswith("class-") for name in TOKENS) == 6
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("name", "ground", "least"), TEXTS + MARKS)
def test_contrast_in_both_themes(name: str, ground: str, least: float) -> None:
    for theme in (0, 1):
        assert contrast(TOKENS[name][theme], TOKENS[ground][theme]) >= least


def test_charts_have_no_colours_of_their_own_and_blend_only_what_is_not_pointed_at() -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", CHARTS) == []
    blended = re.findall(r"([^{}]+)\{[^}]*\bopacity: (?!1\b)", CHARTS)
    assert [" ".join(selector.split()) for selector in blended] == [
        "svg.network.highlighted :is(.link, .spot):not(.adjacent)",
        "svg.map .graticule",  # decoration
    ]
