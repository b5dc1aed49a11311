"""The description of the CSV of a saved query by CSV on the Web (https://www.w3.org/TR/tabular-metadata/)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import RDF, XSD
from release.dumps.csvw import CONTEXT
from server.http.context import current_release
from server.pages.parameters import values_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.rdf import Term
    from core.saved_queries import SavedQuery
    from server.pages.results import ResultTable
    from server.semantics.citation import Citation

_NAMED = frozenset({"boolean", "date", "dateTime", "decimal", "double", "float", "gYear", "integer", "string"})
_STRING = "string"


def csv_metadata(
    query: SavedQuery, given: Mapping[str, str], address: str, citation: Citation, table: ResultTable
) -> dict[str, Any]:
    """The document. address: of the CSV. citation: of the answer. table: its first rows, for the types of columns."""
    dataset = current_release().manifest.dataset
    return {
        "@context": CONTEXT,
        "url": address,
        "dc:title": _texts(query.titles),
        "dc:description": _texts(query.descriptions),
        "dc:source": {"@id": citation.address},
        "dc:publisher": _texts(dataset.publisher),
        "dc:issued": {"@value": citation.day.isoformat(), "@type": "xsd:date"},
        **({"dc:license": {"@id": dataset.license}} if dataset.license else {}),
        "rdfs:comment": [f"{name} = {value}" for name, value in values_in_words(query, given)],
        "tableSchema": {
            "columns": [
                {
                    "name": column,
                    "titles": column,
                    "datatype": _datatype(values) if not table.truncated else _STRING,
                    **({"rdfs:label": _texts(titles)} if (titles := query.column_titles.get(column)) else {}),
                }
                for column, values in _columns(table)
            ]
        },
    }


def _columns(table: ResultTable) -> Iterable[tuple[str, list[Term]]]:
    """Each column with its values."""
    for number, column in enumerate(table.columns):
        yield column, [term for row in table.rows if (term := row[number]) is not None]


def _datatype(values: Iterable[Term]) -> str:
    """The datatype that all values have, else `string`, which holds each."""
    kinds = {_kind(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else _STRING


def _kind(value: Term) -> str:
    if isinstance(value, ox.NamedNode):
        return "anyURI"
    if isinstance(value, ox.Literal) and value.datatype.value not in {RDF + "langString", RDF + "dirLangString"}:
        name = value.datatype.value.removeprefix(XSD)
        return name if name in _NAMED else _STRING
    return _STRING


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": tag} if tag else {"@value": text} for tag, text in texts.items()]
