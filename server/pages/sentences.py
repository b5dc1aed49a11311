"""One sentence about a resource, made from its data by a template of its class: `ui:sentence` at the shape.

A template is text. `{ex:place}` stands for the values of a property, `{^ex:member}` for what points here by it. Text in
brackets falls away where a slot in it has no value; `[…|…]` takes the first alternative that has all of its values. A
sentence with an empty slot outside of brackets is not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox
from babel.lists import format_list

from core.labels import Name, choose
from server.http.languages import language, ngettext
from server.pages.presentation import ShownValue

if TYPE_CHECKING:
    from server.model.description import Description
    from server.pages.presentation import Presenter

_MOST = 3  # values of a slot; of more their number is told
_NAME = 60  # characters; what is longer, and ends in a full stop, is a sentence and no "Ltd."
_TOKEN = re.compile(r"\{(\^?)([^{}\s]+)\}|[\[\]|]|[^\[\]|{}]+|[{}]")
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Slot:
    """The values of a property, by its prefixed name; inverse: what points here by it."""

    property: str
    incoming: bool


@dataclass(frozen=True)
class Alternatives:
    """The first of some alternatives that has all of its values."""

    alternatives: tuple[Parts, ...]


Part: TypeAlias = str | Slot | Alternatives
Parts: TypeAlias = tuple[Part, ...]


@lru_cache(1024)
def parse(template: str) -> Parts:
    """The parts of a template; brackets that do not close do so at its end."""
    tokens = list(_TOKEN.finditer(template))
    tokens.reverse()
    return tuple(chain.from_iterable(_sequence(tokens, nested=False)))


def _sequence(tokens: list[re.Match[str]], *, nested: bool) -> list[Parts]:
    """Alternatives up to the closing bracket; outside of brackets a bar is text."""
    alternatives: list[list[Part]] = [[]]
    while tokens:
        token = tokens.pop()
        if token[2]:
            alternatives[-1].append(Slot(token[2], incoming=bool(token[1])))
        elif token[0] == "[":
            alternatives[-1].append(Alternatives(tuple(_sequence(tokens, nested=True))))
        elif token[0] == "]" and nested:
            break
        elif token[0] == "|" and nested:
            alternatives.append([])
        else:
            alternatives[-1].append(token[0])
    return [tuple(parts) for parts in alternatives]


def sentence(description: Description, show: Presenter) -> list[ShownValue]:
    """The sentence in pieces, which may lead to pages; none where no template can be filled.

    It is made of what the document says, so that it tells no more than its other formats.
    """
    for class_ in show.model.most_particular(type_.value for type_ in description.types):
        template = choose(show.model.sentences.get(class_, ()), [language()])
        if template is not None:
            filled = _Filler(description, show).fill(parse(template.text))
            if filled is not None:
                return filled
    return []


class _Filler:
    def __init__(self, description: Description, show: Presenter) -> None:
        self._description, self._show = description, show

    def fill(self, parts: Parts) -> list[ShownValue] | None:
        pieces: list[ShownValue] = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(ShownValue(Name(part)))
            elif isinstance(part, Alternatives):
                filled = (self.fill(alternative) for alternative in part.alternatives)
                pieces += next((one for one in filled if one is not None), [])
            else:
                values = self._values(part)
                if not values:
                    return None
                pieces += _listed(values)
        return pieces

    def _values(self, slot: Slot) -> list[ShownValue]:
        iri = self._show.labels.expand(slot.property)
        of, show = self._description, self._show
        terms = (
            [triple.subject for triple in of.incoming if triple.predicate.value == iri]
            if slot.incoming
            else [triple.object for triple in of.facts if triple.predicate.value == iri]
        )
        texts = [term for term in terms if isinstance(term, ox.Literal) and term.language]
        if texts:  # the same in several languages
            name = choose(texts, show.languages)
            return [ShownValue(name)] if name else []
        return [_without_stop(value) for value in show.sorted([show.in_words(term) for term in terms])]


def _without_stop(value: ShownValue) -> ShownValue:
    """The value as a part of a sentence: what goes by a sentence of its own ends without its full stop."""
    text = value.name.text
    is_sentence = len(text) > _NAME and text.endswith((".", "。"))
    return value._replace(name=value.name._replace(text=text[:-1])) if is_sentence else value


def _listed(values: list[ShownValue]) -> list[ShownValue]:
    """The values with what the language puts between the items of a list."""
    shown = values[:_MOST]
    if len(values) > _MOST:
        shown.append(ShownValue(Name(ngettext("%(num)s more", "%(num)s more", len(values) - _MOST))))
    between = format_list([_HOLE] * len(shown), locale=language()).split(_HOLE)
    return [piece for value, text in zip(shown, between[1:], strict=True) for piece in (value, ShownValue(Name(text)))]
