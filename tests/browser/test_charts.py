"""Charts: what they show, how they are panned, zoomed and filtered, and that their tables have the same rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visit


def network(page: Page) -> Locator:
    chart = page.locator("figure[data-chart=network]").first
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_attribute("data-drawn", "true")
    return chart


def places(chart: Locator) -> list[str]:
    found: list[str] = chart.evaluate(
        "f => [...f.querySelectorAll('svg.network a[role=button]')].map(a => a.getAttribute('transform'))"
    )
    return found


def rows(chart: Locator) -> int:
    return chart.locator("tbody tr:not([hidden])").count()


def edges(chart: Locator) -> int:
    return chart.locator(".picture path.edge").count()


def pairs_of(chart: Locator) -> list[tuple[str, str]]:
    """Source and target of each row."""
    values = "f => [...f.querySelectorAll('tbody tr')].map(r => [r.cells[0], r.cells[1]].map(c => c.dataset.value))"
    return [(source, target) for source, target in chart.evaluate(values)]


def ties_of(chart: Locator) -> dict[str, set[str]]:
    """What each tie of the table joins."""
    values = "f => [...f.querySelectorAll('tbody tr')].map(r => [0, 1, 4].map(n => r.cells[n].dataset.value))"
    found: dict[str, set[str]] = {}
    for source, target, tie in chart.evaluate(values):
        found.setdefault(tie, set()).update((source, target))
    return found


def test_a_network_shows_what_its_table_says_and_what_ties_more_than_two_as_a_node(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        pairs, ties = pairs_of(chart), ties_of(chart)
        assert len(pairs) > 100
        shared = [len(ends) for ends in ties.values() if len(ends) > 2]
        assert max(shared) > 10
        assert chart.locator(".picture .node.tie").count() == len(shared)
        assert chart.locator(".picture .node:not(.tie)").count() == len({node for pair in pairs for node in pair})
        assert edges(chart) == sum(shared) + len(ties) - len(shared)
        expect(chart.get_by_role("status")).to_contain_text(f"{edges(chart)} links")
        chart.get_by_text("As a table").click()
        expect(chart.locator("table")).to_be_visible()
        assert rows(chart) == len(pairs)


def test_classes_are_a_network_of_arrows_and_their_table_has_every_row(visit: Visit) -> None:
    with visit("/ontology") as page:
        chart = network(page)
        pairs = pairs_of(chart)
        assert any(source == target for source, target in pairs)  # not drawn, as an edge from a node to itself
        assert chart.locator(".picture path.edge[marker-mid]").count() == sum(
            source != target for source, target in pairs
        )
        assert rows(chart) == len(pairs)


def test_a_network_is_laid_out_the_same_way_each_time(visit: Visit) -> None:
    with visit("/network") as page:
        first = places(network(page))
        page.reload()
        assert places(network(page)) == first


def test_a_network_is_filtered_by_kind_and_year_and_its_table_with_it(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        before, all_rows = edges(chart), rows(chart)
        kinds = chart.get_by_role("group", name="Kind").locator("label")
        for number in (0, -1):
            label = kinds.nth(number)
            count = int(label.locator(".count").inner_text())
            label.get_by_role("checkbox").uncheck()
            assert edges(chart) == before - count
            assert rows(chart) < all_rows
            label.get_by_role("checkbox").check()
            assert (edges(chart), rows(chart)) == (before, all_rows)
        place = chart.get_by_role("checkbox", name="place")
        place.uncheck()
        assert chart.locator(".picture .node.class-2").count() == 0
        assert 0 < rows(chart) < all_rows
        place.check()
        chart.get_by_label("To year").select_option(index=0)
        assert 0 < edges(chart) < before
        years = chart.evaluate(
            "f => [...f.querySelectorAll('tbody tr:not([hidden]) td:nth-child(4)')].map(c => c.textContent)"
        )
        assert set(years) == {chart.get_by_label("From year").input_value()}


def test_a_network_is_moved_and_followed_by_keyboard(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        surface = chart.locator("svg.network")
        before = places(chart)
        surface.focus()
        for key in ("+", "ArrowRight"):
            page.keyboard.press(key)
            assert places(chart) != before
        page.keyboard.press("0")
        assert places(chart) == before
        page.keyboard.press("Tab")
        target = page.evaluate("document.activeElement.getAttribute('href')")
        assert target.startswith("/doc/")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.getAttribute('href')") == target  # the name in the panel
        assert page.evaluate("document.activeElement.closest('.details') !== null")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.closest('.picture') !== null")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{target}")


def test_a_node_is_dragged_and_not_followed(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        node = chart.locator("svg.network a[role=button]").first
        before = places(chart)
        node.locator(".node").hover()
        page.mouse.down()
        page.mouse.move(200, 400, steps=4)
        page.mouse.up()
        after = places(chart)
        assert after[0] != before[0]
        assert after[1:] == before[1:]
        assert page.url.endswith("/network")


def test_a_map_zooms_in_with_finer_outlines(visit: Visit) -> None:
    with visit("/query/map") as page:
        figure = page.locator("figure[data-chart=map]")
        land = figure.locator("path.land")
        page.wait_for_function("() => document.querySelector('path.land')?.getAttribute('d')")
        coarse = len(land.get_attribute("d") or "")
        for _ in range(5):
            figure.get_by_role("button", name="Zoom in").click()
        page.wait_for_function(
            "length => document.querySelector('path.land').getAttribute('d').length > 2 * length", arg=coarse
        )


def test_places_that_lie_close_are_one_mark_until_one_zooms_in(visit: Visit) -> None:
    with visit("/query/map", viewport={"width": 390, "height": 844}) as page:
        figure = page.locator("figure[data-chart=map]")
        cluster = figure.locator("svg [role=button]").first
        name = cluster.get_attribute("aria-label") or ""
        assert re.match(r"\d+: ", name)
        links = figure.locator("svg a").count()
        cluster.focus()
        page.keyboard.press("Enter")
        expect(figure.get_by_role("button", name=name, exact=True)).to_have_count(0)
        assert figure.locator("svg a").count() > 0
        figure.get_by_role("button", name="Show all").click()
        expect(figure.get_by_role("button", name=name, exact=True)).to_have_count(1)
        assert figure.locator("svg a").count() == links


def test_a_time_line_is_as_precise_as_its_dates(visit: Visit) -> None:
    with visit("/query/timeline") as page:
        figure = page.locator("figure[data-chart=timeline]")
        expect(figure).to_have_attribute("data-drawn", "true")
        bars = "svg => [...svg.querySelectorAll('a')].map(a => [a.ariaLabel, a.querySelector('.bar').getBBox().width])"
        widths = figure.locator("svg").evaluate(bars)
        by_year = [width for name, width in widths if name.endswith(", 2016")]
        by_month = [width for name, width in widths if name.endswith("2017-05")]
        assert len(by_year) > 1
        assert max(by_year) - min(by_year) < 1
        assert all(width < min(by_year) / 4 for width in by_month)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_theme(visit: Visit, scheme: str) -> None:
    with visit("/network", color_scheme=scheme) as page:
        chart = network(page)
        fill = "e => getComputedStyle(e).fill"
        node = chart.locator(".picture .node.class-1").first
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        system = node.evaluate(fill)
        page.get_by_role("button", name="Dark theme").click()
        assert node.evaluate(fill) != system
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper


def test_paper_gets_the_chart_without_its_controls(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        page.emulate_media(media="print")
        expect(chart.locator("svg.network")).to_be_visible()
        expect(chart.get_by_role("button", name="Zoom in")).to_be_hidden()


def test_bars_say_the_unit_that_all_values_have_once(visit: Visit) -> None:
    with visit("/query/figures-in-unit?lang=de") as page:
        page.locator("figure[data-drawn=true]").wait_for()
        bars = page.locator("svg.bars")
        expect(bars.get_by_text("Yuan (Renminbi)")).to_have_count(1)
        expect(bars.get_by_text("8.700.000.000.000", exact=True)).to_be_visible()
