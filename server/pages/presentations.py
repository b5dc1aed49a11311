"""What tables for spreadsheets say of themselves, in the reader's language: titles of columns, and a sheet "About"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.formats import REFERENCE
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.pages.page import text_of
from server.pages.parameters import values_in_words
from server.query.requests import Presentation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.saved_queries import SavedQuery
    from server.semantics.citation import Citation


def column_titles(query: SavedQuery) -> dict[str, str]:
    """The title of each column that has one."""
    titles = {column: text_of(query.column_titles.get(column, {})) for column in query.columns}
    return {column: title.text for column, title in titles.items() if title}


def presentation(
    query: SavedQuery, given: Mapping[str, str], text: str, citation: Citation, *, names: bool
) -> Presentation:
    """given: the values of its parameters. text: the query with these. citation: of the answer.

    names: whether resources have names.
    """
    description, titles = text_of(query.descriptions), column_titles(query)
    about: list[tuple[str, str]] = [(gettext("Title"), citation.title)]
    about.append((gettext("Description"), description.text if description else ""))
    about += [(gettext("Parameter"), f"{name} = {value}") for name, value in values_in_words(query, given)]
    about += [(gettext("Column"), f"{title} (?{column})") for column, title in titles.items()]
    about += _facts(citation)
    about.append((gettext("Query"), text))
    return _described(about, {**_members(citation), "query": text}, titles, names=names)


def of_list(citation: Citation) -> Presentation:
    """What the table of a list says of itself."""
    return _described([(gettext("Title"), citation.title), *_facts(citation)], _members(citation), {}, names=True)


def _facts(citation: Citation) -> list[tuple[str, str]]:
    """Address, release, licence and citation of a table."""
    return [
        (gettext("Fixed address"), citation.address),
        (gettext("Release"), f"{citation.version}, {citation.day.isoformat()}"),
        (gettext("Licence"), citation.licence or ""),
        (gettext("Cite"), citation.text(REFERENCE).strip()),
    ]


def _members(citation: Citation) -> dict[str, str]:
    """Title, address, release and licence, by the names that programs know."""
    return {
        "title": citation.title,
        "source": citation.address,
        "release": citation.version,
        "license": citation.licence or "",
    }


def _described(
    about: Iterable[tuple[str, str]], members: Mapping[str, str], titles: Mapping[str, str], *, names: bool
) -> Presentation:
    """A presentation in the reader's language, without what has no text in `about` and `members`."""
    return Presentation(
        titles=titles,
        about=[pair for pair in about if pair[1]],
        members={name: text for name, text in members.items() if text},
        sheets=[gettext("Results"), gettext("About")],
        names=names,
        languages=languages(),
        created=current_release().manifest.created,
    )
