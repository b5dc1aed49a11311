"""How the release came to be: the build, what it read, what it ran on, who had it run (https://www.w3.org/TR/prov-o/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCTERMS, FOAF, PROV, RDFS, SCHEMA, SH, SPDX, XSD
from release.catalog.dataset import PUBLISHER
from release.catalog.distributions import checksum_
from release.catalog.graph import english, time
from release.reader import RELEASE

if TYPE_CHECKING:
    from release.catalog.facts import Facts
    from release.catalog.graph import Graph

_INPUTS = 1000  # files that are told one by one; the manifest has all


def describe(graph: Graph, facts: Facts) -> None:
    _build(graph, facts)
    _inputs(graph, facts)
    _tools(graph, facts)
    _validation(graph, facts)


def _build(graph: Graph, facts: Facts) -> None:
    this, build, publisher = facts.dataset, facts.node("build"), facts.base + PUBLISHER
    graph.types(this, PROV + "Entity")
    graph.link(this, PROV + "wasGeneratedBy", build)
    graph.link(this, PROV + "wasAttributedTo", publisher)
    graph.say(this, PROV + "generatedAtTime", time(facts.manifest.created))
    if facts.manifest.predecessor is not None:
        graph.link(this, PROV + "wasRevisionOf", f"{facts.base}{RELEASE}{facts.manifest.predecessor}")
    graph.types(build, PROV + "Activity")
    graph.say(build, RDFS + "label", english(f"Build of release {facts.manifest.id}"))
    graph.say(build, PROV + "endedAtTime", time(facts.manifest.created))
    graph.link(build, PROV + "wasAssociatedWith", publisher)
    graph.types(publisher, PROV + "Agent")


def _inputs(graph: Graph, facts: Facts) -> None:
    build, inputs = facts.node("build"), sorted(facts.manifest.inputs.items())
    for number, (path, sha256) in enumerate(inputs[:_INPUTS], 1):
        this = facts.node(f"input-{number}")
        graph.link(build, PROV + "used", this)
        graph.link(facts.dataset, PROV + "wasDerivedFrom", this)
        graph.types(this, PROV + "Entity")
        graph.say(this, DCTERMS + "title", ox.Literal(path))
        checksum = facts.node(f"input-{number}/sha256")
        graph.link(this, SPDX + "checksum", checksum)
        checksum_(graph, checksum, sha256)
    if len(inputs) > _INPUTS:
        more = f"{len(inputs) - _INPUTS} more inputs are in the manifest of the release."
        graph.say(build, RDFS + "comment", english(more))


def _tools(graph: Graph, facts: Facts) -> None:
    build = facts.node("build")
    for name, version in sorted(facts.manifest.software.items()):
        tool = facts.node(f"software-{name}")
        graph.types(tool, PROV + "SoftwareAgent", PROV + "Agent", SCHEMA + "SoftwareApplication")
        graph.say(tool, FOAF + "name", ox.Literal(name))
        graph.say(tool, SCHEMA + "softwareVersion", ox.Literal(version))
        graph.link(tool, PROV + "actedOnBehalfOf", facts.base + PUBLISHER)
        graph.link(build, PROV + "wasAssociatedWith", tool)


def _validation(graph: Graph, facts: Facts) -> None:
    """The validation report, where shapes were given."""
    found, report = facts.manifest.validation, facts.node("validation")
    if facts.manifest.shapes is None:
        return
    graph.types(report, SH + "ValidationReport", PROV + "Entity")
    graph.link(report, PROV + "wasGeneratedBy", facts.node("build"))
    graph.link(report, DCTERMS + "conformsTo", facts.manifest.shapes)
    conforms = str(not found.violations).lower()
    graph.say(report, SH + "conforms", ox.Literal(conforms, datatype=ox.NamedNode(XSD + "boolean")))
    graph.say(report, RDFS + "label", english(f"{found.warnings} warnings, {found.infos} notes"))
    graph.link(facts.dataset, DCTERMS + "relation", report)
