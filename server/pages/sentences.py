"""What pages say of a resource by templates of its class: a sentence, what stands beside its name, the name itself.

A template is text. `{ex:place}` stands for the values of a property, `{^ex:member}` for what points here by it. Text in
brackets falls away where a slot in it has no value; `[…|…]` takes the first alternative that has all of its values. A
template with an empty slot outside of brackets is not filled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Protocol, TypeAlias

import pyoxigraph as ox
from babel.lists import format_list

from core.labels import Name, choose
from server.http.languages import ngettext
from server.pages.values import ShownValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.rdf import Term
    from server.model.description import Description
    from server.model.labels import Labels
    from server.model.presentation_shapes import Model

_MOST = 3  # values of a slot; of more their number is told
_NAME = 60  # characters; what is longer, and ends in a full stop, is a sentence and no "Ltd."
_TOKEN = re.compile(r"\{(\^?)([^{}\s]+)\}|[\[\]|]|[^\[\]|{}]+|[{}]")
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"


class TermPresenter(Protocol):
    """Shows terms to one reader: a Presenter."""

    model: Model
    labels: Labels
    languages: Sequence[str]
    language: str

    def in_words(self, term: Term) -> ShownValue: ...

    def sorted(self, values: list[ShownValue]) -> list[ShownValue]: ...


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
# The terms of a slot that has the IRI of its property.
Terms: TypeAlias = "Callable[[Slot], Iterable[Term]]"


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


def sentence(description: Description, show: TermPresenter) -> list[ShownValue]:
    """The sentence in pieces, which may lead to pages; none where no template can be filled.

    It is made of what the document says, so that it tells no more than its other formats.
    """

    def terms(slot: Slot) -> list[Term]:
        if slot.incoming:
            return [triple.subject for triple in description.incoming if triple.predicate.value == slot.property]
        return [triple.object for triple in description.facts if triple.predicate.value == slot.property]

    for class_ in show.model.most_particular(type_.value for type_ in description.types):
        if filled := fill(show.model.sentences.get(class_, ()), terms, show, show.in_words):
            return filled
    return []


def fill(
    templates: Iterable[ox.Literal], terms: Terms, show: TermPresenter, shown: Callable[[Term], ShownValue]
) -> list[ShownValue]:
    """The template for the reader in pieces; none where there is no template, or it cannot be filled.

    shown: how the values are.
    """
    parts = _of_reader(tuple(templates), show.language)
    return (parts and _Filler(terms, show, shown).fill(parts)) or []


@lru_cache(1024)
def _of_reader(templates: tuple[ox.Literal, ...], language: str) -> Parts | None:
    """The parts of the template in a language, or in the one that comes next; None where there is no template."""
    template = choose(templates, [language])
    return template and parse(template.text)


class _Filler:
    def __init__(self, terms: Terms, show: TermPresenter, shown: Callable[[Term], ShownValue]) -> None:
        self._terms, self._show, self._shown = terms, show, shown

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
                pieces += _listed(values, self._show.language)
        return pieces

    def _values(self, slot: Slot) -> list[ShownValue]:
        terms = list(self._terms(Slot(self._show.labels.expand(slot.property), slot.incoming)))
        texts = [term for term in terms if isinstance(term, ox.Literal) and term.language]
        if texts:  # the same in several languages
            name = choose(texts, self._show.languages)
            return [self._shown(next(text for text in texts if Name.of(text) == name))]
        values = [self._shown(term) for term in terms]
        return [_without_stop(value) for value in (self._show.sorted(values) if len(values) > 1 else values)]


def _without_stop(value: ShownValue) -> ShownValue:
    """The value as a part of a sentence: what goes by a sentence of its own ends without its full stop."""
    text = value.name.text
    is_sentence = len(text) > _NAME and text.endswith((".", "。"))
    return value._replace(name=value.name._replace(text=text[:-1])) if is_sentence else value


def _listed(values: list[ShownValue], language: str) -> list[ShownValue]:
    """The values with what the language puts between the items of a list."""
    shown = values[:_MOST]
    if len(values) > _MOST:
        shown.append(ShownValue(Name(ngettext("%(num)s more", "%(num)s more", len(values) - _MOST))))
    if len(shown) == 1:
        return shown
    between = _between(len(shown), language)
    return [piece for value, text in zip(shown, between[1:], strict=True) for piece in (value, ShownValue(Name(text)))]


@lru_cache(64)
def _between(count: int, language: str) -> list[str]:
    """What a language puts before, between and behind so many items of a list."""
    return format_list([_HOLE] * count, locale=language).split(_HOLE)
