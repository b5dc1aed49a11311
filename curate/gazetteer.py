"""Matches places of the registry with GeoNames, and keeps people's decisions about doubtful matches.

A match is certain if only one feature of GeoNames has the kind, a name and, if the articles state it, the country of
the place. Everything else is a finding for a person to decide in `data/gazetteer/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.problems import Place, Problem, Severity
from curate.gazetteer_file import as_list, refuse
from mapping.documents import data_files, read_documents
from mapping.gazetteer import PLACE
from mapping.source import Items, Map, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from curate.gazetteer_file import Decision
    from curate.geonames import Feature, GeoNames

COUNTRY = "country"
CITIES = frozenset({"city", "municipality", "countyLevelCity"})
OUT_OF_REACH = frozenset({"province", "region"})
_LEAD = 10  # how many times the population of the next place of its name and country makes a city the one meant
_SHOWN = 4  # candidates that a finding names
_WITHIN = ("containedInPlace", "capitalOf", "inCountry")
_DECIDE = "decide in data/gazetteer/: a record with sameAs (or none, for no match) and the reason as editorialNote"


@dataclass
class RegistryPlace:
    """A place of the registry.

    names: (language, text). labelled: languages that it has a label in. kinds, within: what articles state of it and
    editors decide.
    """

    id: str
    place: Place
    names: set[tuple[str, str]] = field(default_factory=set)
    labelled: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    within: set[str] = field(default_factory=set)


@dataclass
class MatchResult:
    """matched: place → feature of the certain matches. decided: place → feature by a person's decision. findings:
    doubts.
    """

    matched: dict[str, Feature] = field(default_factory=dict)
    decided: dict[str, Feature] = field(default_factory=dict)
    findings: list[Problem] = field(default_factory=list)


def entities(root: Path) -> dict[str, RegistryPlace]:
    """The places of a project, those of its editors too, with kind and country as articles and editors state them.

    InputError if a file cannot be read, because missing records would change the matches.
    """

    def records(folder: str) -> Iterator[Map]:
        for path in data_files(root / "data" / folder):
            for document in read_documents(path, path.relative_to(root).as_posix()):
                refuse(document.problems)
                yield from document.records

    found: dict[str, RegistryPlace] = {}
    for record in (*records("registry"), *records("editorial")):
        if record.get("type") == PLACE and isinstance(record.get("id"), Text):
            entity = found.setdefault(str(record["id"]), RegistryPlace(str(record["id"]), record.place))
            entity.names |= set(_names(record))
    for record in (*records("registry"), *records("articles"), *records("editorial")):
        fact_about = found.get(str(record.get("id")))
        if fact_about is not None:
            fact_about.labelled |= _labelled(record)
            fact_about.kinds |= {str(kind) for kind in as_list(record.get("kind"))}
            fact_about.within |= {str(other) for key in _WITHIN for other in as_list(record.get(key))}
    return found


def match(places: Mapping[str, RegistryPlace], decided: Mapping[str, Decision], geonames: GeoNames) -> MatchResult:
    """Match each place without a decision; countries first, because cities are looked up in them."""
    result = MatchResult()
    chosen = {name: geonames.feature(decision.feature) for name, decision in decided.items()}
    result.decided = {name: feature for name, feature in chosen.items() if feature is not None}
    codes = {name: feature.country for name, feature in result.decided.items() if feature.kind == COUNTRY}
    undecided = [entity for name, entity in sorted(places.items()) if name not in decided]
    for entity in undecided:
        if not entity.kinds or COUNTRY in entity.kinds:
            _match_country(entity, geonames, result)
            if entity.id in result.matched:
                codes[entity.id] = result.matched[entity.id].country
    for entity in undecided:
        if entity.kinds & CITIES:
            _match_city(entity, _countries(entity, places, codes), geonames, result)
        elif entity.kinds & OUT_OF_REACH:
            kind = min(entity.kinds & OUT_OF_REACH)
            message = f"{entity.id} is a {kind}; {geonames.version} has countries and cities only"
            result.findings.append(Problem(entity.place, Severity.INFO, "gazetteer", message, _DECIDE))
    return result


def _match_country(entity: RegistryPlace, geonames: GeoNames, result: MatchResult) -> None:
    countries, cities = geonames.countries(entity.names), geonames.cities(entity.names)
    if COUNTRY in entity.kinds:
        if len(countries) == 1:
            result.matched[entity.id] = countries[0]
        else:
            _doubt(
                entity,
                "no country has its name" if not countries else "several countries have its name",
                countries,
                result,
            )
    elif len(countries) == 1 and not cities:
        result.matched[entity.id] = countries[0]  # no text says what it is, but nothing else has the name
    elif countries or cities:
        _doubt(entity, "no text says what kind of place it is", [*countries, *cities], result)


def _match_city(entity: RegistryPlace, countries: set[str], geonames: GeoNames, result: MatchResult) -> None:
    candidates = geonames.cities(entity.names)
    here = [feature for feature in candidates if not countries or feature.country in countries]
    if not here:
        wrong = (
            f"no city of its name lies in {' or '.join(sorted(countries))}" if candidates else "no city has its name"
        )
        _doubt(entity, wrong, candidates, result)
    elif not here[0].population:
        _doubt(entity, "GeoNames knows no population of it", here, result)
    elif len(here) == 1 or (countries and here[0].population >= _LEAD * here[1].population):
        result.matched[entity.id] = here[0]
    else:
        _doubt(entity, "several cities have its name", here, result)


def _countries(entity: RegistryPlace, places: Mapping[str, RegistryPlace], codes: Mapping[str, str]) -> set[str]:
    """Country codes of a place, through any number of containing places."""
    seen, rest, found = {entity.id}, set(entity.within), set[str]()
    while rest:
        step = rest.pop()
        if step in codes:
            found.add(codes[step])
        elif step in places and step not in seen:
            rest |= places[step].within
        seen.add(step)
    return found


def _doubt(entity: RegistryPlace, reason: str, candidates: Iterable[Feature], result: MatchResult) -> None:
    features = list(candidates)
    listed = "; ".join(str(feature) for feature in features[:_SHOWN])
    more = f"; and {len(features) - _SHOWN} more" if len(features) > _SHOWN else ""
    message = f"{entity.id} is not matched: {reason}{f': {listed}{more}' if listed else ''}"
    result.findings.append(Problem(entity.place, Severity.WARNING, "gazetteer", message, _DECIDE))


def _labelled(record: Map) -> set[str]:
    label = record.get("label")
    return set(label) if isinstance(label, Map) else set()


def _names(record: Map) -> Iterator[tuple[str, str]]:
    label, spellings = record.get("label"), record.get("spellings")
    if isinstance(label, Map):
        yield from ((language, str(text)) for language, text in label.items())
    for spelling in spellings if isinstance(spellings, Items) else []:
        if isinstance(spelling, Map) and "text" in spelling:
            yield str(spelling.get("language", "")), str(spelling["text"])
