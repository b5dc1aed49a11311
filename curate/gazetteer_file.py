"""Reads the decisions in `data/gazetteer/geonames.yaml`, and writes the file with the certain matches."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError
from curate.geonames import HOME, LICENSE, Feature
from curate.schema_forms import MODELINE
from mapping.documents import read_documents
from mapping.gazetteer import GRAPH
from mapping.source import Items, Map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from core.problems import Problem
    from mapping.source import Value

NAME = "data/gazetteer/geonames.yaml"
_FEATURE = re.compile(r"https?://sws\.geonames\.org/([0-9]+)/?")
_BARE = re.compile(r"-?[0-9.]+|[a-z]+:?/[\w/:.~-]+|Dataset")
_HEADER = f"""\
{MODELINE}
# Written by `parkgraph gazetteer`, which can be run again when places have come to the registry. To decide about a
# place that it does not match, add a record with the place's id, the IRI under sameAs (none means: no match) and the
# reason as editorialNote. Such a record is kept, and what GeoNames says of the IRI is filled in.
"""


@dataclass
class Decision:
    """A record with an editorialNote, made by a person. feature: number in GeoNames, None for no match."""

    record: Map
    feature: int | None


def decisions(path: Path) -> dict[str, Decision]:
    """Place → decision; InputError if the file cannot be read, because it is about to be overwritten."""
    found = {}
    for document in read_documents(path, NAME) if path.exists() else ():
        refuse(document.problems)
        for record in document.records:
            if record.get("id") != GRAPH and "editorialNote" in record:
                numbers = (_FEATURE.fullmatch(str(iri)) for iri in as_list(record.get("sameAs")))
                feature = next((int(number[1]) for number in numbers if number), None)
                found[str(record.get("id"))] = Decision(record, feature)
    return found


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InputError with the first of the problems, if there are any."""
    if problems:
        raise InputError(f"{problems[0]}")


def render(
    features: Mapping[str, Feature],
    decided: Mapping[str, Decision],
    labels: Mapping[str, Mapping[str, str]],
    version: str,
) -> str:
    """The text of the file: its source, then a record for each place, sorted by id.

    features: place → feature, of the certain matches and of the decisions. labels: place → names by language.
    """
    records: list[dict[str, object]] = [_source(version)]
    for name in sorted({*features, *decided}):
        values = _filled(features[name], labels[name]) if name in features else {}
        if name in decided:
            record = decided[name].record
            values = {
                **values,
                **{key: _plain(value) for key, value in record.items() if key not in values or key == "sameAs"},
            }
        order = {"id": name, "sameAs": values.pop("sameAs", None), **values}
        records.append({key: value for key, value in order.items() if value is not None})
    return "\n".join([_HEADER.rstrip(), *(_record(record) for record in records)])


def as_list(value: Value | None) -> list[Value]:
    """A value, or list of values, as a list."""
    return list(value) if isinstance(value, Items) else [] if value is None else [value]


def _source(version: str) -> dict[str, object]:
    return {
        "id": GRAPH,
        "type": "Dataset",
        "label": {"en": "Places in GeoNames", "de": "Orte in GeoNames", "zh": "GeoNames 中的地点"},
        "description": {
            "en": "Identifiers, coordinates and names of countries and cities that the articles name; names of "
            "countries are those of the Unicode CLDR."
        },
        "isBasedOn": HOME,
        "license": LICENSE,
        "version": version,
    }


def _filled(feature: Feature, labels: Mapping[str, str]) -> dict[str, object]:
    return {
        "sameAs": feature.iri,
        "label": dict(labels) or None,
        "latitude": feature.latitude,
        "longitude": feature.longitude,
        "countryCode": feature.country,
    }


def _plain(value: Value) -> object:
    if isinstance(value, Map):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, Items) else str(value)


def _record(record: Mapping[str, object]) -> str:
    lines = [f"{key}: {_yaml(value)}\n" for key, value in record.items()]
    return "- " + "  ".join(lines)


def _yaml(value: object) -> str:
    """A value in YAML's flow style; text is quoted unless it is an id, an IRI or a number."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(entry) for entry in value) + "]"
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
