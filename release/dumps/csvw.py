"""The description of the tables by CSV on the Web (https://www.w3.org/TR/tabular-metadata/), `csv-metadata.json`.

By it each table gives its triples again (https://www.w3.org/TR/csv2rdf/), but for those in columns of N-Triples
notation, which have no property there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.namespaces import XSD
from release.dumps.columns import IRI, NOTATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from release.dumps.columns import TableColumn

CONTEXT = "http://www.w3.org/ns/csvw"
_DATATYPES = {  # of XML Schema that CSVW names
    "anyURI", "base64Binary", "boolean", "byte", "date", "dateTime", "dateTimeStamp", "dayTimeDuration", "decimal",
    "double", "duration", "float", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "hexBinary", "int",
    "integer", "language", "long", "Name", "negativeInteger", "NMTOKEN", "nonNegativeInteger", "nonPositiveInteger",
    "normalizedString", "positiveInteger", "QName", "short", "string", "time", "token", "unsignedByte",
    "unsignedInt", "unsignedLong", "unsignedShort", "yearMonthDuration",
}  # fmt: skip


def document(tables: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The metadata document of a group of tables."""
    return {"@context": CONTEXT, "tables": list(tables)}


def table(
    classes: Iterable[str],
    columns: Iterable[TableColumn],
    labels: Mapping[str, Mapping[str, str]],
    *,
    is_unique: bool,
) -> dict[str, Any]:
    """A table without its address; labels: IRI → language → text, of classes and properties."""
    first, *_ = classes = tuple(classes)
    described = _labelled(labels.get(first, {}))
    described["dc:subject"] = [{"@id": class_} for class_ in classes]
    id_ = {"name": "id", "titles": "id", "datatype": "anyURI", "required": True, "suppressOutput": True}
    schema: dict[str, Any] = {"aboutUrl": "{+id}", "columns": [id_, *(_column(column, labels) for column in columns)]}
    if is_unique:
        schema["primaryKey"] = "id"
    return described | {"tableSchema": schema}


def _column(column: TableColumn, labels: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "titles": column.name}
    described |= _labelled(labels.get(column.iri, {}))
    if column.kind == NOTATION:
        described |= {"datatype": "string", "suppressOutput": True, "dc:references": {"@id": column.iri}}
        described["dc:format"] = "application/n-triples"
    else:
        described["propertyUrl"] = column.iri
        if column.kind == IRI:
            described |= {"datatype": "anyURI", "valueUrl": f"{{+{column.name}}}"}
        elif column.language:
            described |= {"datatype": "string", "lang": column.language}
        else:
            described["datatype"] = _datatype(column.kind)
    if column.is_list:
        described["separator"] = column.separator
    return described


def _datatype(iri: str) -> object:
    name = iri.removeprefix(XSD)
    return name if name in _DATATYPES and iri.startswith(XSD) else {"@id": iri, "base": "string"}


def _labelled(texts: Mapping[str, str]) -> dict[str, Any]:
    values = [{"@value": text, "@language": tag} if tag else {"@value": text} for tag, text in sorted(texts.items())]
    return {"rdfs:label": values} if values else {}
