"""Values of entities as the data extension of the reconciliation API has them, by properties and paths of these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.labels import Name, choose_name
from core.namespaces import XSD, expand
from core.rdf import notation
from core.shapes import PropertyPath
from core.wording import NUMBERS
from server.model.paths import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.rdf import Term

CONTENTS = ("name", "iri", "count")  # what may be given of a property
_MOST = 100  # values of one property
_STEPS = 5  # of a path
_STEP = re.compile(r"(\^?)<([^<>\s]+)>")
_FLOATS = frozenset({XSD + "double", XSD + "float", XSD + "decimal"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_LONGEST_INTEGER = 15  # digits that every reader of JSON keeps


@dataclass(frozen=True)
class ExtensionProperty:
    """A property whose values are asked for: at most so many, and what of them, one of CONTENTS."""

    id: str
    limit: int
    content: str


def read_path(id_: str, prefixes: Mapping[str, str]) -> PropertyPath | None:
    """What the id of a property stands for: an IRI, a name with a prefix, or a path of IRIs as `<…>/^<…>`."""
    if not id_.startswith(("<", "^")):
        return _property(expand(id_, prefixes))
    steps = [PropertyPath.of(iri) if not inverse else _inverse(iri) for inverse, iri in _STEP.findall(id_)]
    if not steps or len(steps) > _STEPS or "/".join(step.sparql for step in steps) != id_:
        return None
    if any(_property((step.parts[0] if step.parts else step).predicate or "") is None for step in steps):
        return None
    return steps[0] if len(steps) == 1 else PropertyPath(id_, operator="/", parts=tuple(steps))


def _inverse(iri: str) -> PropertyPath:
    return PropertyPath(f"^<{iri}>", operator="^", parts=(PropertyPath.of(iri),))


def _property(iri: str) -> PropertyPath | None:
    try:
        return PropertyPath.of(ox.NamedNode(iri).value)
    except ValueError:
        return None


def properties_of(path: PropertyPath) -> list[str]:
    """The IRIs of the properties in a path, in its order."""
    return [path.predicate] if path.predicate else [iri for part in path.parts for iri in properties_of(part)]


def values_of(
    store: ox.Store,
    path: PropertyPath,
    node: ox.NamedNode,
    asked: ExtensionProperty,
    languages: Sequence[str],
    name: Callable[[ox.NamedNode], str],
) -> list[dict[str, Any]]:
    """What a path leads to from an entity; of texts in several languages the one for the reader.

    name: of a resource, for the reader.
    """
    terms = list(islice(follow(store, path, node), _MOST))
    if asked.content == "count":
        return [{"int": len(terms)}]
    named = [Name.of(term) for term in terms if isinstance(term, ox.Literal) and term.language]
    text = choose_name(named, languages)
    kept = [
        t for t in terms if not (isinstance(t, ox.Literal) and t.language) or t.language == (text and text.language)
    ]
    return [_cell(term, asked.content, name) for term in kept[: asked.limit or _MOST]]


def _cell(term: Term, content: str, name: Callable[[ox.NamedNode], str]) -> dict[str, Any]:
    if isinstance(term, ox.NamedNode):
        return {"str": term.value} if content == "iri" else {"id": term.value, "name": name(term)}
    if not isinstance(term, ox.Literal):
        return {"str": notation(term)}
    text, datatype = term.value, term.datatype.value
    if datatype in NUMBERS | _FLOATS:
        return _number(text, is_whole=datatype not in _FLOATS)
    if datatype == XSD + "date" and _DATE.fullmatch(text):
        return {"date": f"{text}T00:00:00Z"}
    return {"date" if datatype == XSD + "dateTime" and _MOMENT.fullmatch(text) else "str": text}


def _number(text: str, *, is_whole: bool) -> dict[str, Any]:
    try:
        number = float(text)
    except ValueError:
        return {"str": text}
    if number - number != 0 or sum(sign.isdigit() for sign in text) > _LONGEST_INTEGER:
        return {"str": text}
    return {"int": int(number)} if is_whole else {"float": number}
