"""Parameters of a saved query on its page: a field for each, and what is meant by a name that stands for an IRI."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import SKOS
from core.saved_queries import ParameterError, Type, is_absolute, shortest, term
from release.folding import fold
from release.index_tags import tag
from release.search import LONGEST, find, find_exact
from server.http.context import current_release, links
from server.http.languages import gettext
from server.model.lists import CLASS
from server.pages.page import presenter, shown
from server.pages.suggestions import suggestions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.labels import Name
    from core.saved_queries import Parameter, SavedQuery
    from release.search import NameMatch
    from release.search_index import IndexedTerm

_LISTED = 40  # members of a class or a concept scheme that a list has; of more, a search box suggests some
_FOUND = 20  # resources that are looked through for those of exactly the name
_SUGGESTED = 5
_SUGGESTED_YEARS = 100
_IN_SCHEME = ox.NamedNode(SKOS + "inScheme")
_INPUTS = {Type.DATE: "date", Type.INTEGER: "number"}


@dataclass(frozen=True)
class Option:
    """One value of a list."""

    value: str
    name: Name
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """The field of a parameter. kind: `list`, `search`, or a type of HTML's input.

    value: as an address has it. text: what the field shows: of an IRI its name, if that leads back to it. search: the
    address of the search that suggests values. years: those of the data, which are suggested; others may be given.
    """

    parameter: Parameter
    kind: str
    value: str
    text: str
    options: tuple[Option, ...] = ()
    search: str = ""
    years: range | None = None

    @property
    def suggested(self) -> range:
        """The years that are suggested, the last first."""
        return (self.years or range(0))[: -_SUGGESTED_YEARS - 1 : -1]

    @property
    def example(self) -> str:
        """The example that the query has for it: of an IRI the name; of a year the period of the data."""
        if self.years:
            return f"{self.years[0]}\N{EN DASH}{self.years[-1]}"
        example = self.parameter.example or ""
        iri = _iri(self.parameter, example)
        return shown(iri).name.text if iri and is_mentioned(iri) else example


@dataclass(frozen=True)
class Limit:
    """A value that limits an answer; without: the given values but this one, None where there has to be one."""

    parameter: Parameter
    text: str
    without: dict[str, str] | None


class UnclearNameError(ParameterError):
    """The value is no IRI that the data mention, and no name of exactly one resource, or of none.

    candidates: IRIs of what may be meant. The message is in the reader's language.
    """

    def __init__(self, parameter: str, message: str, candidates: Iterable[str]) -> None:
        super().__init__(parameter, message.replace("%", "%%"), "")
        self.candidates = list(candidates)


def fields(query: SavedQuery, given: Mapping[str, str]) -> list[Field]:
    """A field for each parameter, with the value given or the default."""
    return [_field(parameter, given.get(parameter.name, parameter.default or "")) for parameter in query.parameters]


def resolve_names(query: SavedQuery, given: Mapping[str, str]) -> dict[str, str]:
    """The values given, with an IRI for each name in place of one; UnclearNameError where a name is not enough.

    What is no absolute IRI or name with a prefix, and leads to nothing that the data mention, is taken for a name.
    """
    by_name = {parameter.name: parameter for parameter in query.parameters if parameter.type is Type.IRI}
    found = {name: _by_name(by_name[name], value) for name, value in given.items() if name in by_name}
    return {**given, **found}


def limits(query: SavedQuery, given: Mapping[str, str]) -> list[Limit]:
    """The values, given or by default, without which there might be more rows."""
    found = []
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None or parameter.type is Type.LANGUAGE:
            continue
        others = {name: text for name, text in given.items() if name != parameter.name}
        iri = _iri(parameter, value)
        text = shown(iri).name.text if iri and is_mentioned(iri) else value
        found.append(Limit(parameter, text, others if parameter.optional else None))
    return found


def values_in_words(query: SavedQuery, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """The name and the value of each parameter that has one: of an IRI the name too."""
    found = []
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is not None:
            iri = _iri(parameter, value)
            found.append((parameter.name, f"{shown(iri).name.text} ({value})" if iri else value))
    return found


def unmentioned(query: SavedQuery, given: Mapping[str, str]) -> list[tuple[Parameter, str, list[str]]]:
    """The parameters whose IRIs the data do not mention, with these, and with IRIs that may be meant."""
    index, found = current_release().index, []
    for parameter in query.parameters:
        iri = _iri(parameter, given.get(parameter.name, parameter.default or ""))
        if iri and not is_mentioned(iri):
            found.append((parameter, iri, [near.iri for near in suggestions(iri, index)]))
    return found


def is_mentioned(iri: str) -> bool:
    """Whether the IRI stands anywhere in the data: as a subject, object, property or the name of a graph."""
    node, store = ox.NamedNode(iri), current_release().store
    patterns = ((node, None, None, None), (None, None, node, None), (None, node, None, None), (None, None, None, node))
    return any(next(store.quads_for_pattern(*pattern), None) is not None for pattern in patterns)


def to_value(iri: str) -> str:
    """The IRI as addresses of saved queries have it: as short as it can be."""
    manifest = current_release().manifest
    return shortest(iri, manifest.base, manifest.prefixes)


def _field(parameter: Parameter, value: str) -> Field:
    if parameter.type is Type.YEAR:
        return Field(parameter, "number", value, value, years=_years())
    if parameter.type is not Type.IRI:
        return Field(parameter, _INPUTS.get(parameter.type, "text"), value, value)
    iri, members = _iri(parameter, value), _members(parameter, _LISTED + 1)
    if 0 < len(members) <= _LISTED:
        others = {iri} if iri and is_mentioned(iri) else set()
        options = sorted(
            (Option(to_value(one), shown(one).name, one == iri) for one in {*members, *others}),
            key=lambda option: option.name.text.casefold(),
        )
        is_chosen = any(option.is_chosen for option in options)
        return Field(parameter, "list", value if is_chosen else "", value, tuple(options))
    index = current_release().index
    class_ = parameter.members_of if parameter.members_of and index.members(CLASS, parameter.members_of) else None
    search = links().search(*(((CLASS, class_),) if class_ else ()))
    if iri is None or not is_mentioned(iri):
        return Field(parameter, "search", value, value, search=search)
    name = shown(iri).name.text
    called_so = _possible(parameter, find_exact(index, name[:LONGEST], _FOUND, _tags(parameter)))
    text = name if [other for other, _ in called_so] == [iri] else value
    return Field(parameter, "search", to_value(iri), text, search=search)


def _years() -> range | None:
    """The years from the earliest to the latest date in the data."""
    found = current_release().manifest.statistics
    if not found.earliest or not found.latest:
        return None
    return range(int(found.earliest[:4]), int(found.latest[:4]) + 1)


def _iri(parameter: Parameter, value: str) -> str | None:
    manifest = current_release().manifest
    if parameter.type is not Type.IRI or not value:
        return None
    try:
        node = term(parameter, value, manifest.base, manifest.prefixes)
    except ParameterError:
        return None
    return node.value


def _members(parameter: Parameter, most: int) -> list[str]:
    """IRIs of members of the parameter's class or concept scheme, at most so many."""
    release, of = current_release(), parameter.members_of
    if of is None:
        return []
    numbers = release.index.members(CLASS, of)
    if numbers is not None:
        return [resource.iri for resource in release.index.resources(islice(numbers, most))]
    quads = release.store.quads_for_pattern(None, _IN_SCHEME, ox.NamedNode(of), ox.DefaultGraph())
    return [quad.subject.value for quad in islice(quads, most) if isinstance(quad.subject, ox.NamedNode)]


def _by_name(parameter: Parameter, value: str) -> str:
    """The value, or the IRI of the one resource that has it as its name."""
    iri = _iri(parameter, value)
    if iri is None and "://" in value:
        return value  # no IRI, and no name: terms() says so
    if iri is not None and (is_absolute(value) or is_mentioned(iri)):
        return value
    if iri is not None and "/" in value:
        message = gettext("The data of this release do not mention <%(iri)s>.", iri=iri)
        near = [found.iri for found in suggestions(iri, current_release().index)]
        raise UnclearNameError(parameter.name, message, near)
    exact, near = _named(parameter, value)
    if len(exact) == 1:
        return to_value(exact[0])
    name, of = value[:LONGEST], parameter.members_of
    if exact:
        message = gettext("Several things are called “%(name)s”. Which one is meant?", name=name)
    elif of:
        kind = shown(of).name.text
        message = gettext("Nothing of the kind “%(kind)s” is called “%(name)s”.", kind=kind, name=name)
    else:
        message = gettext("Nothing is called “%(name)s”.", name=name)
    raise UnclearNameError(parameter.name, message, exact or near)


def _named(parameter: Parameter, text: str) -> tuple[list[str], list[str]]:
    """IRIs of the possible values that have exactly this name, and of others that have one like it."""
    results = find(current_release().index, text[:LONGEST], _FOUND, _tags(parameter))
    exact: list[str] = []
    near: list[str] = []
    folded = "".join(fold(text))
    for iri, name in _possible(parameter, results.found):
        (exact if "".join(fold(name)) == folded else near).append(iri)
    return exact, near[:_SUGGESTED]


def _class(parameter: Parameter) -> IndexedTerm | None:
    """The class of the parameter's values; None where they are of a concept scheme or may be anything."""
    classes, of = current_release().index.classes, parameter.members_of
    return next((one for one in classes.values() if one.iri == of), None) if of else None


def _tags(parameter: Parameter) -> list[str]:
    """What names of possible values are tagged with."""
    class_ = _class(parameter)
    return [tag(class_.id)] if class_ else []


def _possible(parameter: Parameter, matches: list[NameMatch]) -> list[tuple[str, str]]:
    """The IRIs and names of those matches that the parameter may have as its value."""
    index = current_release().index
    iris = {resource.id: resource.iri for resource in index.resources([match.resource for match in matches])}
    found = [(iris[match.resource], match.text) for match in matches]
    if parameter.members_of is None or _class(parameter):
        return found
    concepts = set(_members(parameter, 10 * _LISTED))
    return [(iri, name) for iri, name in found if iri in concepts]


def names_of(iris: Iterable[str]) -> list[tuple[str, Name, str | None]]:
    """Each IRI with the name of its resource, and the name of its class."""
    show, index = presenter(), current_release().index
    found = []
    for iri in iris:
        number = index.number(iri)
        class_ = index.resources([number])[0].class_ if number is not None else None
        kind = None if class_ is None else shown(index.classes[class_].iri).name.text
        found.append((iri, show.name(ox.NamedNode(iri)), kind))
    return found
