"""Identifiers in other datasets: the form that their IRIs have, and the check digits of ROR."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # digits of base 32, without the letters i, l, o and u
_ROR = re.compile(rf"https://ror\.org/0([{_CROCKFORD}]{{6}})([0-9]{{2}})")


class _Form(NamedTuple):
    """How a dataset writes its IRIs. found: the part of others of its addresses that tells the identifier."""

    name: str
    iri: re.Pattern[str]
    example: str
    found: re.Pattern[str]
    written: str


# By the domain, whose subdomains count.
_FORMS = {
    "wikidata.org": _Form(
        "Wikidata",
        re.compile(r"https://www\.wikidata\.org/entity/Q[1-9][0-9]*"),
        "https://www.wikidata.org/entity/Q34600",
        re.compile(r"/([Qq][1-9][0-9]*)(?![^/#?])"),
        "https://www.wikidata.org/entity/{}",
    ),
    "geonames.org": _Form(
        "GeoNames",
        re.compile(r"https://sws\.geonames\.org/[1-9][0-9]*/"),
        "https://sws.geonames.org/1816670/",
        re.compile(r"/([1-9][0-9]*)(?![^/#?])"),
        "https://sws.geonames.org/{}/",
    ),
    "ror.org": _Form(
        "ROR",
        _ROR,
        "https://ror.org/03yrm5c26",
        re.compile(rf"/(0[{_CROCKFORD}]{{6}}[0-9]{{2}})(?![^/#?])", re.IGNORECASE),
        "https://ror.org/{}",
    ),
}


def host(iri: str) -> str:
    """The host of an address on the web, without www; empty if it is none."""
    try:
        parts = urlsplit(iri)
        return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def problem(iri: str) -> tuple[str, str] | None:
    """The fault of an IRI of a dataset that is known here, and how to mend it; None if it has none."""
    domain = ".".join(host(iri).rsplit(".", 2)[-2:])
    form = _FORMS.get(domain)
    if form is None:
        return None
    if not form.iri.fullmatch(iri):
        found = form.found.search(iri)
        name = found[1].upper() if found and form.name == "Wikidata" else found[1].lower() if found else ""
        fix = f"write {form.written.format(name)}" if found else f"write it as {form.example}"
        return f"'{iri}' is not the form in which {form.name} identifies things", fix
    ror = _ROR.fullmatch(iri)
    if ror and int(ror[2]) != _check_digits(ror[1]):
        return f"the check digits of '{iri}' do not fit", "copy it from its page at ROR once more"
    return None


def _check_digits(characters: str) -> int:
    """As ROR makes them: ISO/IEC 7064, MOD 97-10, of the number that these are in base 32 (https://ror.readme.io/)."""
    number = 0
    for character in characters:
        number = number * len(_CROCKFORD) + _CROCKFORD.index(character)
    return 98 - number * 100 % 97
