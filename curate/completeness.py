"""Finds what a dataset lacks: names in a language, kinds, countries, links, and statements that stand alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.namespaces import DCTERMS, RDFS, SKOS
from mapping.mapper import DERIVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from mapping.project import Project

NAMED = (
    "Park",
    "Organization",
    "Place",
    "Person",
    "Group",
    "Concept",
    "ConceptScheme",
    "Event",
    "EventSeries",
    "Agreement",
    "Partnership",
    "CreativeWork",
)
KINDED = frozenset(
    {"Park", "Organization", "Place", "Event", "EventSeries", "Agreement", "Partnership", "CreativeWork"}
)
SITUATED = frozenset({"Park", "Organization"})
LINKED = ("Park", "Organization", "Place", "Person")
_NAMING = f"<{RDFS}label>|<{SKOS}altLabel>|<{DCTERMS}title>"


@dataclass(frozen=True)
class Completeness:
    """Asks a store with the triples of a project. Where a key is none of its context, nothing has it."""

    project: Project
    store: ox.Store

    def members(self, class_: str) -> set[str]:
        """The resources of a class, as it is stated."""
        classes = self.project.context.classes
        if class_ not in classes:
            return set()
        ids = f"{self.project.base}id/"
        query = f"""SELECT DISTINCT ?s {{
          GRAPH ?g {{ ?s a <{classes[class_]}> }} FILTER(?g != <{ids}{DERIVED}> && STRSTARTS(STR(?s), "{ids}"))
        }}"""
        return {iri for (iri,) in self._rows(query)}

    @cached_property
    def languages(self) -> list[str]:
        """Those that the vocabulary declares."""
        ontology = self.project.ontology.iri
        rows = self._rows(f"SELECT ?language {{ <{ontology}> <{DCTERMS}language> ?language }} ORDER BY ?language")
        return [language for (language,) in rows]

    @cached_property
    def labelled(self) -> dict[str, set[str]]:
        """Language → the resources with a label in it."""
        found = defaultdict[str, set[str]](set)
        for subject, language in self._rows(f"SELECT ?s (LANG(?o) AS ?language) {{ ?s <{RDFS}label> ?o }}"):
            found[language].add(subject)
        return found

    @cached_property
    def kinded(self) -> set[str]:
        """The resources that have a kind."""
        return set(self._with("kind"))

    @cached_property
    def situated(self) -> set[str]:
        """The resources that have a country, or lie, over any number of steps, in a place that is one or has one."""
        within = defaultdict[str, set[str]](set)
        for key in ("containedInPlace", "location"):
            for subject, value in self._with(key).items():
                within[subject] |= value
        country = f"{self.project.ontology.iri}#country"
        kinds = self._with("kind")
        found = {*self._with("inCountry"), *(subject for subject in kinds if country in kinds[subject])}
        while new := {subject for subject, places in within.items() if places & found} - found:
            found |= new
        return found

    def links(self, key: str) -> dict[str, set[str]]:
        """Resource → what it leads to by `sameAs`, `website` or `notFoundIn`."""
        return self._with(key)

    @cached_property
    def nameless(self) -> list[str]:
        """The claims and plans with a text that names nothing of what they are about, nor who is to do it."""
        terms, classes = self.project.context.terms, self.project.context.classes
        if (
            not {"Claim", "Plan"} <= classes.keys()
            or not {"about", "actor", "paraphrase", "description"} <= terms.keys()
        ):
            return []
        names = defaultdict[str, set[str]](set)
        about = f"<{terms['about'].iri}>|<{terms['actor'].iri}>"
        for subject, name in self._rows(f"SELECT DISTINCT ?s ?name {{ ?s {about} ?o . ?o {_NAMING} ?name }}"):
            names[subject].add(name.casefold())
        found = []
        for class_, key in (("Claim", "paraphrase"), ("Plan", "description")):
            statements = f"?s a <{classes[class_]}> ; <{terms[key].iri}> ?text"
            for subject, text in self._rows(f"SELECT ?s ?text {{ {statements} }} ORDER BY ?s"):
                if not any(name in text.casefold() for name in names[subject]):
                    found.append(subject)
        return list(dict.fromkeys(found))

    def _with(self, key: str) -> dict[str, set[str]]:
        """Resource → its values of the property."""
        terms = self.project.context.terms
        if key not in terms:
            return {}
        found = defaultdict[str, set[str]](set)
        for subject, value in self._rows(f"SELECT DISTINCT ?s ?o {{ ?s <{terms[key].iri}> ?o }}"):
            found[subject].add(value)
        return found

    def _rows(self, query: str) -> Iterator[tuple[str, ...]]:
        rows: Iterable[Any] = self.store.query(query)  # type: ignore[assignment]  # a SELECT query
        return (tuple(term.value for term in row) for row in rows)
