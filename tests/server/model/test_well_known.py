"""The shipped names of usual vocabularies: of terms that there are, whole in each language of the pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from rdflib import URIRef
from rdflib import namespace as namespaces

from core.namespaces import RDF, SCHEMA, SKOS
from core.reification import REIFIES
from server.http.languages import LANGUAGES
from server.model.well_known import PATH, well_known

pytestmark = pytest.mark.quick

LICENCES = (
    *("creativecommons.org/licenses/", "creativecommons.org/publicdomain/", "opendatacommons.org/"),
    *("www.apache.org/", "opensource.org/", "www.govdata.de/", "dcat-ap.de/"),
)
OTHERS = Path(__file__).with_name("terms_of_vocabularies.txt")  # of namespaces that rdflib does not have whole


@cache
def others() -> set[str]:
    """The terms in the file: below the line of each namespace those of it, indented."""
    found, start = set[str](), ""
    for line in OTHERS.read_text(encoding="utf-8").splitlines():
        start = start if line.startswith(" ") else line
        found.add(start + line.strip())
    return found


def exists(iri: str) -> bool:
    known = [
        space
        for space in vars(namespaces).values()
        if isinstance(space, type) and issubclass(space, namespaces.DefinedNamespace)
    ]
    return iri in others() or any(URIRef(iri) in space for space in known if space is not namespaces.DefinedNamespace)


def is_licence(iri: str) -> bool:
    return iri.partition("://")[2].startswith(LICENCES)


def test_each_term_is_one_of_its_vocabulary() -> None:
    terms = [iri for iri in well_known().names if not iri.startswith("http://schema.org/") and not is_licence(iri)]
    assert len(terms) > 900
    assert [iri for iri in terms if not exists(iri) and iri != REIFIES.value] == []
    assert not exists(SKOS + "broder")


def test_each_term_has_one_name_in_each_language() -> None:
    known = well_known()
    tables = {iri: names for iri, names in known.names.items() if not is_licence(iri)}
    wrong = [
        iri
        for iri, names in [*tables.items(), *known.incoming.items()]
        if sorted(name.language for name in names) != sorted(LANGUAGES) or not all(name.text for name in names)
    ]
    assert wrong == []


def test_the_inverse_of_an_inverse_is_the_property() -> None:
    inverses = well_known().inverses
    assert inverses[SKOS + "broader"] == {SKOS + "narrower"}
    assert all(iri in inverses[other] for iri, others_ in inverses.items() for other in others_)
    assert inverses["http://schema.org/hasPart"] == {"http://schema.org/isPartOf"}
    assert inverses[SCHEMA + "hasPart"] == {SCHEMA + "isPartOf"}


def test_properties_have_places_of_their_own() -> None:
    known = well_known()
    orders = [order for iri, order in known.orders.items() if not iri.startswith("http://schema.org/")]
    assert len(orders) == len(set(orders)) > 300
    assert known.order(RDF + "type") < known.order("http://example.org/unknown") < known.order(SKOS + "notation")


def test_what_it_costs_to_read() -> None:
    assert PATH.stat().st_size < 120_000
