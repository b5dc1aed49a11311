"""Citations in the forms that reference managers read: a line of text, BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from core.formats import BIBTEX, CSL_JSON, REFERENCE, RIS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from core.formats import Format

_LONGEST = 1000  # characters of a title or a name
_SLUG = 40  # characters of a BibTeX key, before its digest
_DIGEST = 8
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_END = (".", "?", "!", "…", "。", "\uff1f", "\uff01")  # signs after which a title has no full stop
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")  # macros of BibTeX
# Signs that TeX takes for commands. BibTeX counts braces even behind a backslash, so these become commands too.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "#$%&_"},
    }
)


class Citation(NamedTuple):
    """A page of a release, or the whole release, to be cited, with its titles in one language.

    address: a URI at which it never changes. container: the title of the dataset that it is part of, None for a whole
    release. version, day: id and date of the release. publisher, licence: of the dataset, else its creators and
    its rights in words; None where it names none.
    """

    title: str
    address: str
    container: str | None
    version: str
    day: date
    publisher: str | None
    licence: str | None

    def text(self, format_: Format) -> str:
        """The citation in one of the CITATIONS."""
        return _WRITERS[format_](self)


def _to_reference(citation: Citation) -> str:
    """A line as DataCite recommends it: creator, year, title, version, identifier."""
    title, year = _line(citation.title), citation.day.year
    by = f"{_line(citation.publisher)} ({year}): {title}" if citation.publisher else f"{title} ({year})"
    version = f"{'V' if citation.container is None else 'v'}ersion {citation.version}, {citation.day.isoformat()}."
    of = f"{_line(citation.container)}, {version}" if citation.container else version
    licence = f" Licence: {_line(citation.licence)}" if citation.licence else ""
    return f"{by if by.endswith(_END) else f'{by}.'} {of} {citation.address}{licence}\n"


def _to_bibtex(citation: Citation) -> str:
    """An entry of type `misc`, which every style knows; names and titles are in braces, so that none is taken apart."""
    publisher, day = citation.publisher, citation.day
    fields = {
        "author": publisher and f"{{{{{_tex(publisher)}}}}}",
        "title": f"{{{{{_tex(citation.title)}}}}}",
        "year": f"{{{day.year}}}",
        "month": _MONTHS[day.month - 1],
        "day": f"{{{day.day}}}",
        "howpublished": citation.container and f"{{{{{_tex(citation.container)}}}}}",
        "publisher": publisher and f"{{{{{_tex(publisher)}}}}}",
        "version": f"{{{_tex(citation.version)}}}",
        "url": f"{{{citation.address}}}",
        "note": citation.licence and f"{{Licence: {_tex(citation.licence)}}}",
    }
    lines = "".join(f",\n  {name} = {value}" for name, value in fields.items() if value)
    return f"@misc{{{_key(citation.address)}{lines}\n}}\n"


def _to_ris(citation: Citation) -> str:
    """A record of type DATA; the form has no escapes, a value is what stands on its line."""
    day = citation.day
    fields = {
        "TY": "DATA",
        "AU": citation.publisher,
        "TI": citation.title,
        "T2": citation.container,
        "PY": str(day.year),
        "DA": f"{day:%Y/%m/%d}/",
        "PB": citation.publisher,
        "ET": citation.version,
        "UR": citation.address,
        "N1": citation.licence and f"Licence: {citation.licence}",
    }
    lines = [f"{tag}  - {_line(value)}\r\n" for tag, value in fields.items() if value]
    return "".join([*lines, "ER  - \r\n"])


def _to_csl_json(citation: Citation) -> str:
    """A list with one item (https://github.com/citation-style-language/schema, csl-data.json)."""
    publisher, day = citation.publisher and _line(citation.publisher), citation.day
    item: dict[str, Any] = {
        "id": _key(citation.address),
        "type": "dataset",
        "author": [{"literal": publisher}] if publisher else None,
        "title": _line(citation.title),
        "container-title": citation.container and _line(citation.container),
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": publisher,
        "version": citation.version,
        "URL": citation.address,
        "note": citation.licence and f"Licence: {_line(citation.licence)}",
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1) + "\n"


_WRITERS: Mapping[Format, Callable[[Citation], str]] = {
    REFERENCE: _to_reference,
    BIBTEX: _to_bibtex,
    RIS: _to_ris,
    CSL_JSON: _to_csl_json,
}


def _key(address: str) -> str:
    """A key of ASCII letters, digits and hyphens: the end of the address, and what tells it from all others."""
    slug = _NOT_IN_KEY.sub("-", address.partition("?")[0].rstrip("/").rpartition("/")[2].lower())[:_SLUG]
    return f"{slug.strip('-')}-{hashlib.sha256(address.encode()).hexdigest()[:_DIGEST]}".lstrip("-")


def _tex(text: str) -> str:
    return _line(text).translate(_TEX)


def _line(text: str) -> str:
    """The text as one line without control characters; of a long one the beginning."""
    text = " ".join(_CONTROL.sub(" ", text[: 2 * _LONGEST]).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
