"""Checks records key by key and value by value, and expands their shorthand into JSON-LD nodes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.namespaces import XSD
from core.problems import Place, Problem, Severity, nearest
from mapping import dates
from mapping.context import Context, TermDefinition, ValueKind
from mapping.source import Items, Map, Text, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

ID = re.compile(r"[a-z]+/[A-Za-z0-9._~-]+")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # the form of BCP 47 tags
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
LEXICAL = {  # https://www.w3.org/TR/xmlschema11-2/, without the white space it allows around a value
    XSD + "decimal": (
        re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
        "a decimal number such as 8700000000000 or 10.1",
    ),
    XSD + "integer": (re.compile(r"[+-]?[0-9]+"), "a whole number"),
    XSD + "gYear": (re.compile(r"[0-9]{4}"), "a year of four digits"),
    XSD + "boolean": (re.compile(r"true|false"), "true or false"),
    XSD + "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a day such as 2021-04-26"),
}
DATA_KEYS = ("id", "type", "evidence", "spellings")  # keys with a treatment of their own


@dataclass(frozen=True)
class Reference:
    """A mention of a resource by its id in a record, to be resolved when all ids are known."""

    id: str
    place: Place
    record: str


class Classes(Protocol):
    """The classes of the registry's entities."""

    def get(self, name: str, /) -> str | None:
        """The name of the class of the entity with this id; None if there is none."""


@dataclass
class Checker:
    """Turns records into JSON-LD nodes, and collects their problems and the references in them.

    concepts: IRIs of the vocabulary's concepts. properties: class → the properties that its shapes name. types: of
    the registry's entities. A value with a problem is left out of the node, and the id of the `current`
    record joins `records_with_errors`: what validation finds there follows from the problem.
    """

    context: Context
    concepts: Collection[str]
    properties: Mapping[str, Collection[str]]
    types: Classes = field(default_factory=dict[str, str])
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    records_with_errors: set[str] = field(default_factory=set)
    current: str = ""

    def node(self, record: Map, scope: str, *, typed: bool = True) -> dict[str, Any]:
        """The JSON-LD node of a record, its `evidence` and `spellings` left out; `scope` helps to mint a missing id.

        typed: whether its type has to be known.
        """
        self.current = str(record.get("id", ""))
        type_name = self._type(record, required=typed)
        self.current = self._id(record, type_name, scope)
        node: dict[str, Any] = {"id": self.current}
        if "type" in record and type_name:
            node["type"] = type_name
        return node | self.values(record, [key for key in record if key not in DATA_KEYS], type_name)

    def values(self, record: Map, keys: Iterable[str], type_name: str | None) -> dict[str, Any]:
        """The values of some keys of a record as of one of a type, without those that have a problem."""
        known = (key for key in keys if self._key(key, type_name, record))
        found = ((key, self._value(self.context.terms[key], record[key])) for key in known)
        return {key: value for key, value in found if value is not None}

    def report(self, code: str, place: Place, message: str, fix: str) -> None:
        self.problems.append(Problem(place, Severity.VIOLATION, code, message, fix))
        self.records_with_errors.add(self.current)

    def _id(self, record: Map, type_name: str | None, scope: str) -> str:
        value = record.get("id")
        if isinstance(value, Text):
            if ID.fullmatch(value):
                return str(value)
            fix = "write <type>/<slug>, the slug of letters, digits, '-', '.', '_' or '~', as in park/sophia-antipolis"
            self.report("reference", value.place, f"'{value}' is not an id", fix)
        digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:10]
        return f"{(type_name or 'resource').lower()}/{scope}-{digest}"

    def _type(self, record: Map, *, required: bool) -> str | None:
        registered = self.types.get(str(record.get("id")))
        value = record.get("type")
        if value is None:
            if registered is None and required:
                fix = "add 'type:', or correct the id if the resource is in the registry"
                self.report("type", record.place, "the record has no type, and its id is not in the registry", fix)
            return registered
        if value not in self.context.classes:
            fix = nearest(str(value), self.context.classes) or f"use one of {', '.join(self.context.classes)}"
            self.report("type", value.place, f"there is no class '{value}'", fix)
            return registered
        if registered is not None and value != registered:
            fix = f"delete the type here, or correct it in the registry, which says {registered}"
            self.report("type", value.place, f"the registry has another type than '{value}'", fix)
        return str(value)

    def _key(self, key: str, type_name: str | None, record: Map) -> bool:
        place = record.key_places[key]
        term = self.context.terms.get(key)
        if term is None:
            fix = nearest(key, [*self.context.terms, *DATA_KEYS]) or "the keys are those of mapping/context.jsonld"
            self.report("key", place, f"there is no key '{key}'", fix)
            return False
        allowed = self.properties.get(self.context.classes.get(type_name or "", ""))
        if allowed is not None and term.iri not in allowed:
            keys = sorted(other.key for other in self.context.terms.values() if other.iri in allowed)
            fix = nearest(key, keys) or f"{type_name} takes {', '.join(keys)}"
            self.report("key", place, f"the key '{key}' does not belong to {type_name}", fix)
            return False
        return True

    def _value(self, term: TermDefinition, value: Value) -> Any:
        if term.kind is ValueKind.TEXT:
            return self._texts(term, value)
        values = list(value) if isinstance(value, Items) else [value]
        if len(values) > 1 and not term.several:
            self.report("value", value.place, f"'{term.key}' takes one value", "keep the one that is stated")
            return None
        kept = [result for item in values if (result := self._scalar(term, item, self._read(term))) is not None]
        return (kept if term.several else kept[0]) if kept else None

    def _read(self, term: TermDefinition) -> Callable[[TermDefinition, Text], str | None]:
        """What reads a value of the kind that the term takes."""
        if term.kind is ValueKind.REFERENCE:
            return self._reference
        if term.kind is ValueKind.CONCEPT:
            return self._concept
        return self._typed if term.kind is ValueKind.TYPED else _plain

    def _scalar(
        self, term: TermDefinition, value: Value, read: Callable[[TermDefinition, Text], str | None]
    ) -> str | None:
        if isinstance(value, Text) and value:
            return read(term, value)
        fix = (
            "give a plain value; a resource inside a resource is a record of its own"
            if value
            else "delete the key, or fill it in"
        )
        self.report("value", value.place, f"'{term.key}' has {'no plain' if value else 'no'} value", fix)
        return None

    def _texts(self, term: TermDefinition, value: Value) -> dict[str, Any] | None:
        if not isinstance(value, Map):
            fix = f"write '{term.key}: {{en: …}}', the language of the text before it"
            self.report("language", value.place, f"'{term.key}' does not say in which language it is", fix)
            return None
        texts: dict[str, Any] = {}
        for language, text in value.items():
            if not LANGUAGE.fullmatch(language):
                comma = "in {…} a comma ends a text: put the text before it in quotes"
                fix = comma if " " in language else "use a BCP 47 tag such as en, de or zh"
                self.report("language", value.key_places[language], f"'{language}' is not a language tag", fix)
                continue
            items = text if isinstance(text, Items) else [text]
            if len(items) > 1 and not term.several:
                self.report("value", text.place, f"'{term.key}' takes one text for each language", "keep the best one")
                continue
            kept = [word for item in items if (word := self._scalar(term, item, _plain))]
            if kept:
                texts[language] = kept if term.several else kept[0]
        return texts or None

    def _reference(self, _term: TermDefinition, text: Text) -> str | None:
        if re.match(r"[a-z][a-z0-9+.-]*:", text):
            return str(text)  # an absolute IRI leads out of the dataset
        if not ID.fullmatch(text):
            fix = "write <type>/<slug>, as in place/france"
            self.report("reference", text.place, f"'{text}' is not an id", fix)
            return None
        self.references.append(Reference(str(text), text.place, self.current))
        return str(text)

    def _concept(self, term: TermDefinition, text: Text) -> str | None:
        if self.context.expand(text) in self.concepts:
            return str(text)
        names = [iri.removeprefix(self.context.vocab) for iri in self.concepts]
        fix = nearest(text, names) or "use a concept of ontology/concepts.ttl, or add one there"
        self.report("concept", text.place, f"'{term.key}' has no concept '{text}'", fix)
        return None

    def _typed(self, term: TermDefinition, text: Text) -> str | None:
        if term.datatype == EDTF:
            wrong = dates.problem(text)
            if wrong is not None:
                fix = "write it as precise as the text: 2016, 2017-05, 2021-04-26, ../2023-05-30 or XXXX-07-23"
                self.report("date", text.place, wrong, fix)
                return None
        elif term.datatype in LEXICAL:
            pattern, form = LEXICAL[term.datatype]
            if not pattern.fullmatch(text):
                self.report("datatype", text.place, f"'{text}' is no value for '{term.key}'", f"write {form}")
                return None
            if term.datatype in (XSD + "decimal", XSD + "integer"):
                return _canonical(text)
        return str(text)


def _plain(_term: TermDefinition, text: Text) -> str:
    return str(text)


def _canonical(number: str) -> str:
    """The number without superfluous zeros or sign, as the query store writes it, which keeps numbers by value."""
    match = re.fullmatch(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?", number)
    assert match is not None  # noqa: S101 - the lexical form has been checked
    sign, whole, fraction = match[1], match[2] or "0", match[3]
    value = f"{whole}.{fraction}" if fraction else whole
    return f"-{value}" if sign == "-" and value != "0" else value


def unresolved(references: Iterable[Reference], names: Iterable[str]) -> list[Problem]:
    """A problem for each reference. names: the ids that there are, to suggest from."""
    candidates = list(names)
    return [
        Problem(
            reference.place,
            Severity.VIOLATION,
            "reference",
            f"there is no '{reference.id}'",
            nearest(reference.id, candidates) or "add it to the registry, or correct the id",
        )
        for reference in references
    ]
