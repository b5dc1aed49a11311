"""The network as its readers use it: the panel and the proof in it, filters in the address, touch, and labels."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, violations
from tests.browser.test_charts import edges, network, places, rows

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visit

KIND = "https://w3id.org/parkgraph/ontology#sisterPark"
PARK = "https://w3id.org/parkgraph/ontology#Park"
PHONE: dict[str, Any] = {"viewport": NARROW, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}


def node(chart: Locator, name: str) -> Locator:
    return chart.locator(f"svg.network [role=button][aria-label^='{name}']")


class Label(NamedTuple):
    """The text of a label, and its edges in pixels of the picture."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def labels(chart: Locator) -> list[Label]:
    """The labels that are shown; all of them lie inside the picture."""
    width, height, found = chart.evaluate(
        """figure => {
          const picture = figure.querySelector('.picture').getBoundingClientRect();
          const shown = [...figure.querySelectorAll('.picture .label > text')].filter(text => text.checkVisibility());
          return [picture.width, picture.height, shown.map(text => {
            const box = text.getBoundingClientRect();
            return [text.textContent, box.left - picture.left, box.top - picture.top, box.right - picture.left,
                    box.bottom - picture.top];
          })];
        }"""
    )
    shown = [Label(*one) for one in found]
    assert [
        one for one in shown if min(one.left, one.top) < -1 or one.right > width + 1 or one.bottom > height + 1
    ] == []
    return shown


def overlapping(chart: Locator) -> list[tuple[str, str]]:
    """Pairs of labels that lie on each other by more than two pixels."""
    return [
        (one.text, other.text)
        for one, other in combinations(labels(chart), 2)
        if min(one.right, other.right) - max(one.left, other.left) > 2
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 2
    ]


@pytest.mark.parametrize("lang", ["en", "de", "zh"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_no_label_lies_on_another_or_leaves_the_picture(visit: Visit, lang: str, options: dict[str, Any]) -> None:
    with visit(f"/network?lang={lang}", **options) as page:
        chart = network(page)
        assert len(labels(chart)) > 8
        assert overlapping(chart) == []
        for key in ("+", "ArrowRight"):
            chart.locator("svg.network").press(key)
            assert overlapping(chart) == []
        chart.locator("svg.network").press("0")
        for one in chart.locator("svg.network [role=button]").all()[:12]:
            one.focus()
            assert overlapping(chart) == []


def test_names_that_begin_alike_are_told_apart(visit: Visit) -> None:
    with visit("/network") as page:
        names = [label.text for label in labels(network(page))]
        assert len(names) > 25
        assert sorted(set(names)) == sorted(names)


def test_what_is_pointed_at_is_named_in_the_panel_with_its_ties(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        panel = chart.get_by_role("region", name="Legend, and what is chosen")
        expect(panel.get_by_role("group", name="Class")).to_be_visible()
        node(chart, "Sophia Antipolis").hover()
        expect(panel.get_by_role("heading")).to_have_text("Sophia Antipolis")
        expect(panel.get_by_role("listitem")).to_have_count(3)
        page.get_by_role("heading", name="Network").hover()
        expect(panel.get_by_role("heading")).to_have_count(0)


def test_a_node_is_chosen_by_keyboard_and_each_tie_leads_to_its_page_and_shows_its_proof(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        panel = chart.get_by_role("region", name="Legend, and what is chosen")
        node(chart, "Sophia Antipolis").focus()
        page.keyboard.press("Enter")
        name = panel.get_by_role("heading").get_by_role("link")
        expect(name).to_be_focused()
        ties = panel.get_by_role("listitem")
        for tie in ties.all():
            expect(tie.locator(".proof > :is(blockquote, p)").first).not_to_be_empty()
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(node(chart, "Sophia Antipolis")).to_be_focused()
        expect(panel.get_by_role("group", name="Class")).to_be_visible()
        page.keyboard.press("Enter")
        deal = panel.get_by_role("link", name="Sister-park deal of Chengdu")
        deal.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/doc/agreement/*")


def test_a_shared_tie_names_all_whom_it_joins(visit: Visit) -> None:
    with visit("/network") as page:
        chart = network(page)
        panel = chart.get_by_role("region", name="Legend, and what is chosen")
        tie = chart.locator("svg.network [role=button]:has(.tie)").first
        count = int((tie.get_attribute("aria-label") or "").split("(")[1].split(")")[0])
        tie.click()
        expect(panel.locator(".plain-list").get_by_role("link")).to_have_count(count)
        panel.get_by_role("button", name="Close").click()
        expect(panel.get_by_role("group", name="Kind")).to_be_visible()


def test_the_address_follows_the_filters_and_brings_them_back(visit: Visit) -> None:
    with visit("/network?lang=en", reduced_motion="reduce") as page:
        chart = network(page)
        before, nodes = edges(chart), places(chart)
        kinds = chart.get_by_role("group", name="Kind").get_by_role("checkbox")
        for box in kinds.all()[1:]:
            box.uncheck()
        chart.get_by_role("checkbox", name="place").uncheck()
        asked = parse_qs(urlsplit(page.url).query)
        assert asked["lang"] == ["en"]
        assert len(asked["kind"]) == 1
        assert PARK in asked["class"]
        shown = edges(chart), rows(chart)
        assert shown[0] < before
        page.wait_for_function(
            "count => document.querySelectorAll('.picture [role=button]').length < count", arg=len(nodes)
        )
        page.get_by_role("navigation", name="Language").get_by_role("link", name="de").click()
        page.wait_for_url("**lang=de**")
        assert parse_qs(urlsplit(page.url).query) == {**asked, "lang": ["de"]}
        assert (edges(network(page)), rows(network(page))) == shown
        page.go_back()
        page.goto("/queries")
        page.go_back()
        assert (edges(network(page)), rows(network(page))) == shown
        page.reload()
        chart = network(page)
        assert (edges(chart), rows(chart)) == shown
        for name in ("Class", "Kind"):
            for box in chart.get_by_role("group", name=name).get_by_role("checkbox").all():
                box.check()
        assert parse_qs(urlsplit(page.url).query) == {"lang": ["en"]}
        assert edges(chart) == before


def test_without_scripts_the_server_filters_by_the_same_address(visit: Visit) -> None:
    address = f"/network?{urlencode({'kind': KIND})}"
    with visit(address) as page:
        chart = network(page)
        assert (edges(chart), rows(chart)) == (1, 1)
        chart.get_by_role("checkbox", name="forum").check()  # what the server left out is there all the same
        assert rows(chart) > 50
    with visit(address, java_script_enabled=False) as page:
        assert page.locator("tbody tr:visible").count() == 1
        page.get_by_role("checkbox", name="park", exact=True).check()
        page.get_by_role("button", name="Filter").click()
        assert parse_qs(urlsplit(page.url).query)["class"] == [PARK]
        assert page.locator("tbody tr:visible").count() == 1


def test_elsewhere_filters_are_in_the_fragment(visit: Visit) -> None:
    with visit("/", reduced_motion="reduce") as page:
        chart = network(page)
        chart.get_by_role("group", name="Kind").get_by_role("checkbox").first.uncheck()
        shown = edges(chart)
        assert urlsplit(page.url).query == ""
        assert len(parse_qs(urlsplit(page.url).fragment)["kind"]) == 2
        page.reload()
        assert edges(network(page)) == shown
        page.evaluate("location.hash = 'content'")  # a place on the page, which says nothing of filters
        assert edges(chart) == shown
        page.go_back()
        assert edges(chart) == shown


def test_what_is_left_is_laid_out_anew(visit: Visit) -> None:
    with visit("/network", reduced_motion="reduce") as page:
        chart = network(page)
        for box in chart.get_by_role("group", name="Kind").get_by_role("checkbox").all()[1:]:
            box.uncheck()
        spread = """() => {
          const at = [...document.querySelectorAll('.picture [role=button]')].map(one => one.getBoundingClientRect().x);
          return (Math.max(...at) - Math.min(...at)) / document.querySelector('.picture').clientWidth > 0.5;
        }"""
        page.wait_for_function(spread)


def swipe(page: Page, at: tuple[float, float], *fingers: tuple[float, float]) -> None:
    """Fingers that go from one point by so many pixels, by the protocol of the developer tools."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, part: float) -> None:
        points = [{"id": n, "x": at[0] + x * part, "y": at[1] + y * part} for n, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for step in range(9):
        touch("touchMove" if step else "touchStart", (step + 2) / 10)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_on_a_phone_a_tap_opens_the_panel_and_one_finger_moves_what_is_zoomed_in(visit: Visit) -> None:
    with visit("/network", **PHONE) as page:
        chart = network(page)
        panel = chart.get_by_role("region", name="Legend, and what is chosen")
        expect(panel.get_by_text("Two fingers zoom; then one moves the picture.")).to_be_visible()
        picture = chart.locator(".picture")
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        assert box is not None
        assert box["height"] <= 0.7 * NARROW["height"] + 1
        node(chart, "Sophia Antipolis").locator(".node").tap()
        expect(panel.get_by_role("heading")).to_have_text("Sophia Antipolis")
        expect(panel.locator("blockquote, .proof p").first).to_be_visible()
        panel.get_by_role("button", name="Close").tap()

        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        seen_whole = places(chart)
        swipe(page, middle, (0, -120))
        page.wait_for_function("top => scrollY !== top", arg=page.evaluate("scrollY - 1"))
        assert places(chart) == seen_whole  # the page was scrolled
        box = picture.bounding_box()
        assert box is not None
        swipe(page, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (-90, 0), (90, 0))
        assert places(chart) != seen_whole
        expect(chart.locator("svg.network")).to_have_class("network zoomed")
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        assert box is not None
        top, before = page.evaluate("scrollY"), places(chart)
        swipe(page, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (-90, -60))
        assert places(chart) != before
        assert page.evaluate("scrollY") == top
