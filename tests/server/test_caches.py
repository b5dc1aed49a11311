"""What the server remembers of what clients send is bounded in number and in length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core import labels, uri_template, wording
from server import clients
from server.middleware import forwarded
from server.middleware.limits import FIELD
from server.pages import corrections
from server.semantics import coding, negotiation
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

pytestmark = pytest.mark.quick

_CACHED = re.compile(r"@(?:functools\.)?(?:lru_cache|cache)\b[^\n]*\n(?:@[^\n]*\n)*def (\w+)")
MOST = 10 << 20  # bytes that what one function remembers may take
# The functions that clients feed, and how long their arguments may be: fields are limited by LimitsMiddleware.
FED_BY_CLIENTS: dict[str, tuple[Callable[..., object], int]] = {
    "core/labels.py:_ranks": (labels._ranks, FIELD),
    "core/labels.py:primary_subtag": (labels.primary_subtag, FIELD),
    "core/wording.py:_date_in_words": (wording._date_in_words, wording._LONGEST),
    "core/wording.py:_number_in_words": (wording._number_in_words, wording._MOST_DIGITS),
    "core/uri_template.py:_expanded": (uri_template._expanded, corrections._LONGEST),
    "server/clients.py:client_of": (clients.client_of, forwarded._LONGEST),
    "server/semantics/coding.py:choose": (coding.choose, FIELD),
    "server/semantics/negotiation.py:_negotiate": (negotiation._negotiate, FIELD),
    "server/middleware/forwarded.py:_hop": (forwarded._hop, forwarded._LONGEST),
}
# Those fed by the code, by releases, or by numbers that pages show.
FED_BY_OURSELVES = {
    "core/language_tags.py:_marked",
    "core/language_tags.py:_with_capitals",
    "core/shapes_file.py:_asset",
    "core/shapes_file.py:_blank_nodes_of_shapes_for_shapes",
    "core/shapes_file.py:_shape_predicates",
    "core/shapes_file.py:_shapes_for_shapes",
    "core/shapes_file.py:_vocabulary",
    "core/wording.py:_locale",
    "server/middleware/cache.py:_time",
    "server/model/vocabulary_versions.py:_read",
    "server/semantics/conditional.py:_datetime",
    "server/semantics/conditional.py:date_field",
    "server/metrics.py:_key",
    "server/http/languages.py:_locale",
    "server/http/languages.py:_number",
    "server/http/languages.py:catalogue",
    "server/semantics/negotiation.py:_names",
    "server/http/languages.py:locale",
    "core/json_ld.py:compactor",
    "release/dumps/columns.py:_kind",
    "release/folding.py:_words",
    "release/index_names.py:_language",
    "release/index_names.py:_tags",
    "release/pipeline.py:_digest",
    "release/statistics.py:_dates",
    "release/statistics.py:_space",
    "release/stored.py:stored_forms",
    "release/dumps/turtle.py:_statements",
    "server/pages/charts.py:messages",
    "server/pages/downloads.py:index_of",
    "server/pages/sentences.py:_between",
    "server/pages/sentences.py:_of_reader",
    "server/pages/sentences.py:parse",
    "server/model/well_known.py:well_known",
    "release/corrections.py:corrections_template",
    "server/routes/openapi.py:_fixed",
    "server/routes/service_description.py:extension_functions",
}


def test_every_function_that_remembers_is_known() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{name}"
        for folder in ("core", "release", "server")
        for path in (ROOT / folder).rglob("*.py")
        for name in _CACHED.findall(path.read_text(encoding="utf-8"))
    }
    assert found == FED_BY_CLIENTS.keys() | FED_BY_OURSELVES


@pytest.mark.parametrize("name", FED_BY_CLIENTS)
def test_what_clients_feed_is_bounded(name: str) -> None:
    function, longest = FED_BY_CLIENTS[name]
    most = function.cache_parameters()["maxsize"]  # type: ignore[attr-defined]
    assert most is not None
    assert most * longest <= MOST


def test_long_texts_are_not_remembered(client: FlaskClient) -> None:
    wording.date_in_words("2001" * wording._LONGEST, "en")
    before = wording._date_in_words.cache_info().misses
    assert wording.date_in_words("2001" * wording._LONGEST, "en") == "2001" * wording._LONGEST
    assert before == wording._date_in_words.cache_info().misses
    known = client.application.extensions["current"]._release.labels
    long = ox.NamedNode("http://lights.example/" + "x" * 10_000)
    assert known.triples(long) == ()
    assert long not in known._known
