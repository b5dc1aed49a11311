"""The dataset in VoID: statistics, partitions, subsets, linksets (https://www.w3.org/TR/void/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCAT, DCTERMS, FOAF, SD, VOID
from release.catalog.dataset import PUBLISHER, license_
from release.catalog.distributions import licences_of, part_of
from release.catalog.graph import english, integer, texts
from release.dumps.index import Extent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.catalog.facts import Facts
    from release.catalog.graph import Graph

_GRAPHS = 1000  # named graphs that are told one by one; of more, those under a licence of their own
_LINKSETS = 200  # those with the most triples


def describe(graph: Graph, facts: Facts) -> None:
    _statistics(graph, facts)
    _classes(graph, facts)
    _properties(graph, facts)
    _collections(graph, facts)
    _graphs(graph, facts)
    _linksets(graph, facts)


def _statistics(graph: Graph, facts: Facts) -> None:
    this, counts, base = facts.dataset, facts.manifest.counts, facts.base
    numbers = {
        "triples": counts.triples,
        "entities": counts.entities,
        "documents": counts.entities,
        "classes": len(counts.classes),
        "properties": len(counts.properties),
        "distinctSubjects": facts.statistics.subjects,
        "distinctObjects": facts.statistics.objects,
    }
    for name, number in numbers.items():
        graph.say(this, VOID + name, integer(number))
    graph.link(this, VOID + "sparqlEndpoint", f"{base}sparql")
    graph.say(this, VOID + "uriSpace", ox.Literal(base))
    graph.link(this, VOID + "exampleResource", *facts.manifest.dataset.examples)
    graph.link(this, VOID + "vocabulary", *facts.vocabularies())
    graph.link(this, FOAF + "homepage", base)


def _classes(graph: Graph, facts: Facts) -> None:
    """The partition of each class; where it has files of its own it is a dataset to download as well."""
    dumps = {dump.of[0]: dump for dump in facts.dumps if dump.extent in {Extent.CLASS, Extent.TABLE} and dump.of}
    for number, (iri, count) in enumerate(sorted(facts.manifest.counts.classes.items()), 1):
        part = facts.node(f"class-{number}")
        graph.link(facts.dataset, VOID + "classPartition", part)
        graph.types(part, VOID + "Dataset")
        graph.link(part, VOID + "class", iri)
        graph.say(part, VOID + "entities", integer(count))
        if iri in dumps:
            names = facts.labels.get(iri) or {"": iri}
            _subset(graph, facts, part, names, f"The {count} instances of <{iri}>, with all triples about them.")
            license_(graph, facts, part, licences_of(facts, dumps[iri]))


def _properties(graph: Graph, facts: Facts) -> None:
    for number, (iri, count) in enumerate(sorted(facts.manifest.counts.properties.items()), 1):
        part = facts.node(f"property-{number}")
        graph.link(facts.dataset, VOID + "propertyPartition", part)
        graph.types(part, VOID + "Dataset")
        graph.link(part, VOID + "property", iri)
        graph.say(part, VOID + "triples", integer(count))


def _collections(graph: Graph, facts: Facts) -> None:
    """Named graphs that have files together."""
    done = set()
    for dump in facts.dumps:
        if dump.extent is not Extent.COLLECTION or dump.of in done:
            continue
        done.add(dump.of)
        part, graphs = part_of(facts, dump), facts.collection(dump.of[0])
        graph.link(facts.dataset, VOID + "subset", part)
        names = facts.labels.get(graphs[0], {}) if len(graphs) == 1 else {}
        _subset(graph, facts, part, names or {"en": dump.of[0]}, f"{len(graphs)} named graphs: {dump.of[0]}.")
        graph.say(part, VOID + "triples", integer(sum(facts.manifest.counts.graphs[iri] for iri in graphs)))
        license_(graph, facts, part, licences_of(facts, dump))


def _subset(graph: Graph, facts: Facts, part: str, names: Mapping[str, str], description: str) -> None:
    """A part of the dataset that can be downloaded by itself."""
    graph.types(part, DCAT + "Dataset", VOID + "Dataset")
    graph.link(part, DCTERMS + "isPartOf", facts.dataset)
    graph.link(facts.catalog, DCAT + "dataset", part)
    graph.say(part, DCTERMS + "title", *texts(names))
    graph.say(part, DCTERMS + "description", english(description))
    graph.link(part, DCTERMS + "publisher", facts.base + PUBLISHER)


def _graphs(graph: Graph, facts: Facts) -> None:
    """Each named graph as a subset, with its own licence."""
    counts = facts.manifest.counts.graphs
    for number, (iri, count) in enumerate(sorted(counts.items()), 1):
        if len(counts) > _GRAPHS and iri not in facts.licences.of_graph:
            continue
        part = facts.node(f"graph-{number}")
        graph.link(facts.dataset, VOID + "subset", part)
        graph.types(part, VOID + "Dataset", SD + "NamedGraph")
        graph.link(part, SD + "name", iri)
        graph.say(part, DCTERMS + "title", *texts(facts.labels.get(iri) or {"": iri}))
        graph.say(part, VOID + "triples", integer(count))
        license_(graph, facts, part, facts.licences.of([iri]))


def _linksets(graph: Graph, facts: Facts) -> None:
    """Links to other sites, by property; `void:objectsTarget` is all that is there."""
    targets: dict[str, str] = {}
    for number, links in enumerate(facts.statistics.links[:_LINKSETS], 1):
        part = facts.node(f"links-{number}")
        if links.target not in targets:
            targets[links.target] = target = facts.node(f"target-{len(targets) + 1}")
            graph.types(target, VOID + "Dataset")
            graph.say(target, VOID + "uriSpace", ox.Literal(links.target))
            graph.link(target, FOAF + "homepage", links.target)
        graph.link(facts.dataset, VOID + "subset", part)
        graph.types(part, VOID + "Linkset")
        graph.link(part, VOID + "subjectsTarget", facts.dataset)
        graph.link(part, VOID + "objectsTarget", targets[links.target])
        graph.link(part, VOID + "linkPredicate", links.predicate)
        graph.say(part, VOID + "triples", integer(links.triples))
