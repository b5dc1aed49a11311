"""The record format as a JSON Schema (2020-12, https://json-schema.org/draft/2020-12), for editors.

It covers what context, shapes and concepts say of one file: the keys of each class with their definitions, and the form
of their values. Whatever needs more than the file (references, digests, evidence) is left to `parkgraph check`. Editors
read YAML numbers and booleans, ParkGraph reads every scalar as text: both are accepted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.namespaces import XSD
from curate.schema_forms import HELP, SOURCE, Schema, document, listed, one_or_more, values
from mapping.context import ValueKind
from mapping.editorial import DECISION
from mapping.gazetteer import PLACE, PLACE_KEYS
from mapping.mapper import REGISTRY_KEYS
from mapping.records import EDTF, LEXICAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from curate.constraints import Constraint, Constraints
    from mapping.context import Context, TermDefinition


_CONCEPT = "Concept"  # what has a scheme
_FORMER = "Tombstone"  # what has moved or was withdrawn: the registry alone speaks of it
_STATEMENT = "Statement"
_MADE = ("Evidence", _STATEMENT)  # classes of which the mapping makes the records
_JSON_TYPES = {
    XSD + "integer": ["integer", "string"],
    XSD + "gYear": ["integer", "string"],
    XSD + "decimal": ["number", "string"],
    XSD + "boolean": ["boolean", "string"],
    EDTF: ["string", "integer"],
}


def record_schema(context: Context, constraints: Constraints, types: Mapping[str, str]) -> Schema:
    """The schema of a file of data/: a list of records, an article's document, or one record (JSON Lines).

    types: id → class of the registry's entities; the first segment of an id decides which keys a fact about an entity
    takes.
    """
    builder = _Builder(context, constraints)
    facts = [name for name in context.classes if name not in (*_MADE, SOURCE, _FORMER)]
    definitions = {
        "listed": listed(),
        "document": document(),
        "fact": _fact(facts, _segments(types), builder),
        "registered": builder.registered([*facts, _FORMER]),
        "located": builder.record(PLACE, ["id", *PLACE_KEYS]),
        "editorial": builder.editorial(facts, _segments(types)),
        **{name: builder.record(name) for name in [*facts, SOURCE]},
        **values(),
        **builder.concepts(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ParkGraph: articles, registry, gazetteer and editorial records",
        "$comment": "Made by `parkgraph schema` from context, vocabulary, concepts and shapes; not written by hand.",
        "if": {"type": "array"},
        "then": {"items": {"$ref": "#/$defs/listed"}},
        "else": {
            "type": "object",
            "if": {"anyOf": [{"required": [key]} for key in ("article", "passages", "facts", "uncovered")]},
            "then": {"$ref": "#/$defs/document"},
            "else": {"$ref": "#/$defs/listed"},
        },
        "$defs": {**definitions, **dict(sorted(builder.keys.items()))},
    }


def to_text(schema: Schema) -> str:
    """The text of the schema's file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


class _Builder:
    """Builds the schemas of classes; keys that several classes share are collected once, in `keys`."""

    def __init__(self, context: Context, constraints: Constraints) -> None:
        self.context = context
        self.constraints = constraints
        self.keys: dict[str, Schema] = {}

    def record(self, class_name: str, only: Iterable[str] | None = None) -> Schema:
        """A record of a class, with all keys of its shape, or only some."""
        iri = self.context.classes[class_name]
        allowed = self.constraints.properties.get(iri, {})
        base: Schema = {key: {"$ref": f"#/$defs/{key}"} for key in ("id", "type", "evidence")}
        base["type"] = {"const": class_name}
        terms = {key: term for key, term in self.context.terms.items() if term.iri in allowed and key not in base}
        keys = base | {key: self._key(class_name, term, allowed[term.iri]) for key, term in terms.items()}
        return {
            "type": "object",
            "description": self.constraints.classes.get(iri, class_name),
            "properties": {key: keys[key] for key in only} if only is not None else keys,
            "additionalProperties": False,
        }

    def registered(self, classes: list[str]) -> Schema:
        """A record of the registry: identity, names, editorial notes."""
        keys = {
            key: value for name in (_CONCEPT, _FORMER, PLACE) for key, value in self.record(name)["properties"].items()
        }
        spelling = {
            "type": "object",
            "properties": {
                "text": {"$ref": "#/$defs/text", "description": "The wording, as it stands in the passages."},
                "language": {"$ref": "#/$defs/language"},
                "evidence": {"$ref": "#/$defs/evidence"},
            },
            "required": ["text", "language", "evidence"],
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {
                "id": {"$ref": "#/$defs/id"},
                "type": self.type_of(classes),
                **{key: keys[key] for key in REGISTRY_KEYS},
                "spellings": {"type": "array", "items": spelling, "description": "Every wording that a text uses."},
            },
            "required": ["id"],
            "additionalProperties": False,
        }

    def editorial(self, classes: list[str], segments: Mapping[str, str]) -> Schema:
        """What the editors say: keys of all classes, by the first segment of the id where that tells the class."""
        by_class = {name: self.record(name)["properties"] for name in classes}
        keys: dict[str, list[Schema]] = {}
        for key, schema in (item for found in by_class.values() for item in found.items()):
            if key not in ("id", "type", "evidence") and schema not in keys.setdefault(key, []):
                keys[key].append(schema)
        several = [key for key, found in keys.items() if len(found) > 1]
        return {
            "type": "object",
            "properties": {
                "id": {"$ref": "#/$defs/id"},
                "type": self.type_of(classes),
                **{key: {"anyOf": found} if key in several else found[0] for key, found in sorted(keys.items())},
                **self.record(_STATEMENT, DECISION)["properties"],
            },
            "required": ["id"],
            "additionalProperties": False,
            "allOf": [
                {
                    "if": _begins(segment),
                    "then": {"properties": {key: by_class[name][key] for key in several if key in by_class[name]}},
                }
                for segment, name in segments.items()
            ],
        }

    def concepts(self) -> dict[str, Schema]:
        """Scheme → its concepts by local name, with their definitions."""
        vocab = self.context.vocab
        return {
            scheme.removeprefix(vocab): {
                "enum": [concept.removeprefix(vocab) for concept in concepts],
                "markdownEnumDescriptions": list(concepts.values()),
            }
            for scheme, concepts in self.constraints.concepts.items()
        }

    def type_of(self, classes: list[str]) -> Schema:
        """The key `type`, with one of some classes."""
        meanings = [self.constraints.classes.get(self.context.classes[name], "") for name in classes]
        return {"enum": classes, "markdownEnumDescriptions": meanings, "description": HELP["type"]}

    def _key(self, class_name: str, term: TermDefinition, constraint: Constraint) -> Schema:
        schema = {"description": constraint.help, **self._value(term, constraint)}
        name = f"key-{term.key}"
        if self.keys.setdefault(name, schema) != schema:
            same = (known for known, other in self.keys.items() if other == schema)
            name = next(same, f"{name}-{class_name}")
            self.keys[name] = schema
        return {"$ref": f"#/$defs/{name}"}

    def _value(self, term: TermDefinition, constraint: Constraint) -> Schema:
        if term.kind is ValueKind.TEXT:
            text: Schema = {"$ref": "#/$defs/text"}
            return {"$ref": "#/$defs/languageMap", "additionalProperties": one_or_more(text) if term.several else text}
        one = self._one(term, constraint)
        return one_or_more(one, constraint.count) if term.several else one

    def _one(self, term: TermDefinition, constraint: Constraint) -> Schema:
        if term.kind is ValueKind.REFERENCE:
            return {"$ref": "#/$defs/reference"}
        if term.kind is ValueKind.CONCEPT:
            name = (constraint.scheme or "").removeprefix(self.context.vocab)
            return {"$ref": f"#/$defs/{name}"} if name else {"type": "string"}
        one: Schema = {"type": _JSON_TYPES.get(term.datatype or "", "string")}
        if constraint.pattern is not None:
            one["pattern"] = constraint.pattern
        elif term.datatype in LEXICAL:
            one["pattern"] = f"^({LEXICAL[term.datatype][0].pattern})$"
        bounds = {"minimum": constraint.least, "maximum": constraint.most}
        return one | {key: _number(bound) for key, bound in bounds.items() if bound is not None}


def _number(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


def _segments(types: Mapping[str, str]) -> dict[str, str]:
    """First segment of ids → class, for segments that the registry uses for one class only, but for former entries."""
    found: dict[str, set[str]] = {}
    for name, class_name in types.items():
        if class_name != _FORMER:
            found.setdefault(name.partition("/")[0], set()).add(class_name)
    return {segment: min(classes) for segment, classes in sorted(found.items()) if len(classes) == 1}


def _begins(segment: str) -> Schema:
    """A record whose id has this first segment."""
    return {"properties": {"id": {"pattern": f"^{segment}/"}}}


def _fact(classes: list[str], segments: Mapping[str, str], builder: _Builder) -> Schema:
    by_type = [
        {"if": {"required": ["type"], "properties": {"type": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
        for name in classes
    ]
    by_id = [
        {
            "if": {
                "required": ["id"],
                "not": {"required": ["type"]},
                **_begins(segment),
            },
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for segment, name in segments.items()
    ]
    return {
        "type": "object",
        "properties": {"id": {"$ref": "#/$defs/id"}, "type": builder.type_of(classes)},
        "required": ["evidence"],
        "anyOf": [{"required": ["type"]}, {"required": ["id"]}],
        "allOf": [*by_type, *by_id],
    }
