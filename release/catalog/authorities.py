"""The controlled vocabularies that DCAT-AP asks for (https://semiceu.github.io/DCAT-AP/releases/3.0.0/#controlled-vocs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.namespaces import SKOS
from release.catalog.graph import english

if TYPE_CHECKING:
    from release.catalog.graph import Graph

AUTHORITY = "http://publications.europa.eu/resource/authority/"
PUBLIC = f"{AUTHORITY}access-right/PUBLIC"
STABLE = f"{AUTHORITY}planned-availability/STABLE"
IRREGULAR = f"{AUTHORITY}frequency/IRREG"
COMPLETED = f"{AUTHORITY}distribution-status/COMPLETED"
THEMES = f"{AUTHORITY}data-theme"
_NAMES = {
    STABLE: "stable",
    COMPLETED: "completed",
    f"{THEMES}/AGRI": "Agriculture, fisheries, forestry and food",
    f"{THEMES}/ECON": "Economy and finance",
    f"{THEMES}/EDUC": "Education, culture and sport",
    f"{THEMES}/ENER": "Energy",
    f"{THEMES}/ENVI": "Environment",
    f"{THEMES}/GOVE": "Government and public sector",
    f"{THEMES}/HEAL": "Health",
    f"{THEMES}/INTR": "International issues",
    f"{THEMES}/JUST": "Justice, legal system and public safety",
    f"{THEMES}/REGI": "Regions and cities",
    f"{THEMES}/SOCI": "Population and society",
    f"{THEMES}/TECH": "Science and technology",
    f"{THEMES}/TRAN": "Transport",
}

_LANGUAGES = {
    "ar": "ARA", "bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
    "et": "EST", "fa": "FAS", "fi": "FIN", "fr": "FRA", "ga": "GLE", "he": "HEB", "hi": "HIN", "hr": "HRV",
    "hu": "HUN", "id": "IND", "it": "ITA", "ja": "JPN", "ko": "KOR", "lt": "LIT", "lv": "LAV", "mt": "MLT",
    "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR", "ro": "RON", "ru": "RUS", "sk": "SLK", "sl": "SLV",
    "sv": "SWE", "th": "THA", "tr": "TUR", "uk": "UKR", "vi": "VIE", "zh": "ZHO",
}  # fmt: skip
_FILES = {
    "ttl": "RDF_TURTLE",
    "nt": "RDF_N_TRIPLES",
    "nq": "RDF_N_QUADS",
    "trig": "RDF_TRIG",
    "jsonld": "JSON_LD",
    "csv": "CSV",
    "parquet": "PARQUET",
    "json": "JSON",
}


def concept(graph: Graph, iri: str) -> None:
    """Say what a concept of these vocabularies is, so that the catalogue can be read by itself."""
    if iri in _NAMES:
        graph.types(iri, SKOS + "Concept")
        graph.say(iri, SKOS + "prefLabel", english(_NAMES[iri]))


def language(tag: str) -> str | None:
    """The IRI of the language of a tag (RFC 5646); None where it has neither a place here nor two letters."""
    primary = tag.split("-", maxsplit=1)[0].lower()
    if primary in _LANGUAGES:
        return f"{AUTHORITY}language/{_LANGUAGES[primary]}"
    return f"http://id.loc.gov/vocabulary/iso639-1/{primary}" if len(primary) == 2 else None  # noqa: PLR2004 - ISO 639-1


def language_tag(iri: str) -> str | None:
    """The tag of a language that `language` gives the IRI of."""
    last = iri.rpartition("/")[2]
    tags = {code: tag for tag, code in _LANGUAGES.items()}
    return tags.get(last, last if len(last) == 2 else None)  # noqa: PLR2004 - ISO 639-1


def file_type(extension: str) -> str | None:
    return f"{AUTHORITY}file-type/{_FILES[extension]}" if extension in _FILES else None
