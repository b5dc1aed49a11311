"""Parts of the record format's JSON Schema that do not depend on the ontology: documents, lists and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapping.editorial import ANSWERS, DECISION, DESCRIPTION
from mapping.gazetteer import PLACE_KEYS
from mapping.mapper import REGISTRY_KEYS
from mapping.records import ID, LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

PATH = "mapping/record.schema.json"
MODELINE = f"# yaml-language-server: $schema=../../{PATH}"  # by which an editor finds it from a file of data/
SOURCE = "Dataset"  # the class of the record that a graph has about itself
_ALT_LABEL = "altLabel"  # a key of gazetteer and editorial records
_TEXT: Schema = {"type": ["string", "number", "boolean"], "minLength": 1}
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_COUNT: Schema = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"}
_WHERE: Schema = {
    "start": {"$ref": "#/$defs/count", "description": "Characters before the passage, from 0."},
    "end": {"$ref": "#/$defs/count", "description": "Characters up to its end: the first position after it."},
    "digest": {"$ref": "#/$defs/digest", "description": "SHA-256 of the passage as UTF-8."},
}
HELP = {
    "id": "<type>/<slug>, relative to the base IRI; without one, an id is made from the content. A record with the id "
    "of an entity of the registry and without type is a fact about that entity.",
    "type": "What it is. Left out where the registry says it.",
    "evidence": "Passages that the record rests on: p07 of this article, or 002/p07, or in full.",
}


def listed() -> Schema:
    """A record in a list: of a graph's source, a located place, what the editors say, or a registry entity."""
    located = [key for key in PLACE_KEYS if key not in (*REGISTRY_KEYS, _ALT_LABEL)]
    return {
        "type": "object",
        "if": {"required": ["type"], "properties": {"type": {"const": SOURCE}}},
        "then": {"$ref": f"#/$defs/{SOURCE}", "required": ["id"]},
        "else": {
            "if": {**one_of(located), "not": one_of(DECISION)},
            "then": {"$ref": "#/$defs/located", "required": ["id"]},
            "else": {
                "if": one_of((*DECISION, DESCRIPTION, _ALT_LABEL)),
                "then": {"$ref": "#/$defs/editorial", "if": one_of(DECISION), "then": {"required": [*ANSWERS]}},
                "else": {"$ref": "#/$defs/registered"},
            },
        },
    }


def one_of(keys: Iterable[str]) -> Schema:
    """A record that has one of these keys, or several."""
    return {"anyOf": [{"required": [key]} for key in keys]}


def one_or_more(one: Schema, most: int | None = None) -> Schema:
    """A value or a list of values; by if/else, so that an editor reports errors at the value. most: maximum length."""
    many: Schema = {"items": one, "minItems": 1}
    if most is not None:
        many["maxItems"] = most
    return {"if": {"type": "array"}, "then": many, "else": one}


def document() -> Schema:
    """An article document: article, passages, facts, uncovered."""
    where, text = list(_WHERE), {"$ref": "#/$defs/text"}
    words: Schema = {
        "description": "Each stretch of nothing but these words.",
        **one_or_more(text),
    }
    uncovered = [
        {"properties": {**_WHERE, "reason": {"$ref": "#/$defs/text"}}, "required": [*where, "reason"]},
        {"properties": {"words": words, "reason": {"$ref": "#/$defs/text"}}, "required": ["words", "reason"]},
    ]
    return {
        "type": "object",
        "properties": {
            "article": {"type": "string", "pattern": "^article/", "description": "The article, as article/002."},
            "passages": {
                "type": "object",
                "description": "Name → where the passage stands in the text.",
                "additionalProperties": {"$ref": "#/$defs/passage"},
            },
            "uncovered": {
                "type": "array",
                "description": "Stretches of the text that no fact rests on, each with the reason.",
                "items": {"type": "object", "oneOf": [{**entry, "additionalProperties": False} for entry in uncovered]},
            },
            "facts": {"type": "array", "items": {"$ref": "#/$defs/fact"}},
        },
        "required": ["article"],
        "additionalProperties": False,
    }


def values() -> dict[str, Schema]:
    """Definitions of the values that many keys share."""
    passage: Schema = {"type": "object", "properties": _WHERE, "required": [*_WHERE], "additionalProperties": False}
    in_full = {"article": {"type": "string", "pattern": "^article/"}, **_WHERE}
    named: Schema = {
        "if": {"type": "object"},
        "then": {"properties": in_full, "required": [*in_full], "additionalProperties": False},
        "else": {"type": "string", "minLength": 1},
    }
    return {
        "id": {"type": "string", "pattern": f"^{ID.pattern}$", "description": HELP["id"]},
        "reference": {
            "type": "string",
            "pattern": f"^({ID.pattern}|[a-z][a-z0-9+.-]*:.*)$",
        },
        "evidence": {
            "description": HELP["evidence"],
            **one_or_more(named),
        },
        "passage": passage,
        "count": _COUNT,
        "digest": _DIGEST,
        "text": _TEXT,
        "language": {"type": "string", "pattern": f"^{LANGUAGE.pattern}$", "description": "BCP 47: en, de, zh."},
        "languageMap": {
            "type": "object",
            "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"},
            "minProperties": 1,
        },
    }
