"""The page of what became of a query: its rows, where its time went, and the text that was evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from core.formats import JSON
from server.http.context import current_release
from server.http.languages import gettext
from server.pages.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def explanation_page(explanation: Mapping[str, Any], parameters: Sequence[tuple[str, str]]) -> str:
    """explanation: as the JSON has it. parameters: of the operation, to be repeated; none where they are long."""
    names = {"wait": gettext("Waiting"), "evaluate": gettext("Evaluating"), "write": gettext("Writing")}
    times = explanation["milliseconds"]
    total = sum(times.values()) or 1.0
    again = urlencode([*parameters, ("explain", "true"), ("format", JSON.extension)])
    return page(
        "explanation.html",
        title=gettext("Explanation"),
        answer=explanation,
        times=[(names[name], value, value / total) for name, value in times.items()],
        links=[(JSON.name, f"{current_release().urls.path('sparql')}?{again}")] if parameters else [],
        query=dict(parameters).get("query"),
    )
