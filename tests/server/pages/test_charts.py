"""Charts: which columns their tables have, the text of a cell and the value that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.saved_queries import VIEWS
from server.model.urls import Urls
from server.pages.charts import Cell, result_chart
from server.pages.presentation import Presenter
from tests.server.conftest import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

TOWER = ox.NamedNode(BASE + "id/tower/roter-sand")
UNNAMED = ox.NamedNode(BASE + "id/ship/001")


@pytest.fixture
def show(client: FlaskClient) -> Iterator[Presenter]:
    with client.application.test_request_context():
        current = client.application.extensions["current"].acquire()
        try:
            yield Presenter(current.model, current.labels, Urls(BASE), ["de"], current.lookups)
        finally:
            current.release()


def test_a_label_goes_into_the_column_it_names(show: Presenter) -> None:
    shown = result_chart(
        "map",
        ["item", "itemLabel", "lat", "long", "note"],
        [
            [TOWER, ox.Literal("other"), ox.Literal(53.85), ox.Literal(8.08), None],
            [UNNAMED, ox.Literal("A ship", language="en"), ox.Literal(1), ox.Literal(2), ox.Literal("x")],
        ],
        show,
    )
    assert shown.kind == "map"
    assert shown.columns == ["item", "lat", "long", "note"]
    named, unnamed = shown.rows
    assert named[0] == Cell("Roter Sand", TOWER.value, "de", "/doc/tower/roter-sand")
    assert unnamed[0] == Cell("A ship", UNNAMED.value, "en", "/doc/ship/001")
    assert (named[1], named[3]) == (Cell("53.85", "53.85"), None)


@pytest.mark.parametrize("kind", sorted(VIEWS.keys() - {"table"}))
def test_without_the_columns_it_needs_it_is_a_table(show: Presenter, kind: str) -> None:
    needed, _more = VIEWS[kind]
    assert result_chart(kind, needed, [], show).kind == kind
    for missing in needed:
        assert result_chart(kind, [name for name in needed if name != missing], [], show).kind == "table"


def test_an_address_that_a_browser_would_run_is_no_link(show: Presenter) -> None:
    script = ox.NamedNode("javascript:alert(1)")
    [[cell]] = result_chart("table", ["x"], [[script]], show).rows
    assert cell is not None
    assert (cell.value, cell.link) == (script.value, None)
    assert cell.href is not None
    assert cell.href.startswith("/doc?iri=")
