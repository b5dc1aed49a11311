"""How pages of a release, and the release, are cited: for the fold on pages, and as answers of their own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core.formats import CITATIONS, REFERENCE
from release.reader import RELEASE
from server.http.context import current_release
from server.http.languages import chosen_language, gettext, languages
from server.http.responses import answer, uri
from server.pages.page import text_of
from server.semantics.citation import Citation

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from core.formats import Format
    from server.semantics.negotiation import NegotiatedFormat


def cite(path: str, title: str) -> Citation:
    """Of a page of the current request's release, by its path and its title in the reader's language."""
    urls, manifest = current_release().urls, current_release().manifest
    return _citation(title, urls.permanent(path, manifest.id), _dataset())


def cite_release() -> Citation:
    """Of the whole release, by its IRI."""
    manifest = current_release().manifest
    return _citation(_dataset(), f"{manifest.base}{RELEASE}{manifest.id}", None)


def citation_answer(choice: NegotiatedFormat, make: Callable[[], Citation]) -> Response:
    """The citation in one of the CITATIONS, by its titles in the reader's language."""
    response = answer(choice, lambda: make().text(choice.format), *languages())
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def forms(citation: Citation, address: Callable[[Format], str]) -> list[tuple[str, str, str]]:
    """The name of each form, its text, and its address, for the fold on a page."""
    names = {REFERENCE: gettext("Text")}
    return [(names.get(form, form.name), citation.text(form), address(form)) for form in CITATIONS]


def _citation(title: str, address: str, container: str | None) -> Citation:
    manifest = current_release().manifest
    dataset = manifest.dataset
    publisher, rights = text_of(dataset.publisher), text_of(dataset.rights)
    return Citation(
        title,
        uri(address),
        container,
        manifest.id,
        date.fromisoformat(manifest.created[:10]),
        publisher.text if publisher else ", ".join(dataset.creators) or None,
        dataset.license or (rights.text if rights else None),
    )


def _dataset() -> str:
    """The title of the dataset, or else its base IRI."""
    title = text_of(current_release().manifest.dataset.title)
    return title.text if title else current_release().manifest.base
