"""Reads the JSON-LD context of a project: the keys that records may have, and what their values have to be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.files import read_text
from core.namespaces import expand

if TYPE_CHECKING:
    from pathlib import Path


class ValueKind(Enum):
    """The kinds of values that a key may have."""

    REFERENCE = auto()  # @type @id: the IRI of a resource
    CONCEPT = auto()  # @type @vocab: the local name of a term or concept
    TEXT = auto()  # @container @language: language tag → text
    TYPED = auto()  # a literal of a datatype
    PLAIN = auto()  # a string


@dataclass(frozen=True)
class TermDefinition:
    """A key of the records: its property, the kind and datatype of its values, and whether it takes several.

    https://www.w3.org/TR/json-ld11/#dfn-term-definition
    """

    key: str
    iri: str
    kind: ValueKind
    datatype: str | None
    several: bool


@dataclass(frozen=True)
class Context:
    """The parsed context. `terms` are keys for properties, `classes` are the names that `type` may take."""

    document: dict[str, Any]
    vocab: str
    prefixes: dict[str, str]
    terms: dict[str, TermDefinition]
    classes: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Context:
        """Read a context file; InputError names what is wrong with it."""
        try:
            document = json.loads(read_text(path))
            raw = dict(document["@context"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{path} is not a JSON-LD context: {error}") from error
        names = {key: value for key, value in raw.items() if isinstance(value, str) and not key.startswith("@")}
        prefixes = {key: value for key, value in names.items() if value.endswith(("#", "/"))}
        classes = {
            key: expand(value, prefixes)
            for key, value in names.items()
            if key not in prefixes and not value.startswith("@")
        }
        terms = {key: _term(key, value, prefixes) for key, value in raw.items() if isinstance(value, dict)}
        return cls(document, str(raw.get("@vocab", "")), prefixes, terms, classes)

    def expand(self, name: str) -> str:
        """The IRI of a concept or property that is written by its local name or as a compact IRI."""
        return expand(name, self.prefixes) if ":" in name else self.vocab + name


def _term(key: str, definition: dict[str, Any], prefixes: dict[str, str]) -> TermDefinition:
    containers = definition.get("@container", [])
    containers = [containers] if isinstance(containers, str) else containers
    datatype = definition.get("@type")
    if "@language" in containers:
        kind = ValueKind.TEXT
    elif datatype == "@id":
        kind = ValueKind.REFERENCE
    elif datatype == "@vocab":
        kind = ValueKind.CONCEPT
    else:
        kind = ValueKind.TYPED if datatype else ValueKind.PLAIN
    literal_type = expand(str(datatype), prefixes) if kind is ValueKind.TYPED else None
    return TermDefinition(key, expand(definition["@id"], prefixes), kind, literal_type, "@set" in containers)
