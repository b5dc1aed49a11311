"""Links by which readers report a mistake, made from the template of the dataset (release/corrections.py)."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

import pyoxigraph as ox

from release.corrections import corrections_template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.rdf import Node, Term

_LONGEST = 300  # characters of each variable: mail programs take addresses of about 2,000


class Corrections:
    """Makes the links of one page; they are empty where the dataset has no template."""

    def __init__(self, template: str | None, page: str, release: str, resource: Node | ox.Triple) -> None:
        """page: its address in the release. release: its id."""
        self._template = corrections_template(template) if template else None
        iri = resource.value if isinstance(resource, ox.NamedNode) else str(resource)
        self._of_page = {"page": page, "release": release, "resource": iri}

    def of_page(self) -> str:
        return self._link({})

    def of_segment(self, segment: Term) -> str:
        return self._link({"source": _iris([segment])})

    def of_value(
        self, triple: ox.Triple, statements: Iterable[Term], segments: Iterable[Term], words: Iterable[str]
    ) -> str:
        """statements: about the triple. segments: that back it. words: of resource, property and value."""
        if self._template is None:
            return ""
        return self._link(
            {
                "statement": _iris(statements) or _short(f"{triple} ."),
                "source": _iris(segments),
                "value": _short(" \N{EN DASH} ".join(words)),
            }
        )

    def _link(self, values: dict[str, str]) -> str:
        return self._template.expand(self._of_page | values) if self._template else ""


def _iris(terms: Iterable[Term]) -> str:
    """As many of the IRIs as are not too long, with commas (RFC 6570, 2.4.2)."""
    text, iris = "", (term.value for term in terms if isinstance(term, ox.NamedNode))
    for iri in iris:
        longer = f"{text},{iri}" if text else iri
        if len(longer) <= _LONGEST:
            text = longer
    return text


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else shorten(text, _LONGEST, placeholder=" …") or f"{text[: _LONGEST - 1]}…"
