"""Publishes plain RDF files as a release, in one call: `publish_rdf`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import parse_base, parse_term
from core.validation import SECOND_OPINION, ShaclOutcome, validate
from release import graphs, nquads, own_addresses, places, writer
from release.digests import digest
from release.manifest import Dataset, Validation
from release.plain import RdfFiles
from release.source import Source, Validated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from release.nquads import Content
    from release.reader import Release


@dataclass(frozen=True)
class Build:
    """A release that was built and is current, and the problems that it was published with: warnings and infos.

    report: the SHACL validation report, in Turtle; empty if nothing was validated.
    """

    release: Release
    problems: tuple[Problem, ...]
    report: bytes


def silent(_step: str) -> None:
    """Report no progress."""


def publish_rdf(
    files: Sequence[Path],
    releases: Path,
    *,
    base: str,
    shapes: Path | None = None,
    by_graph: bool = False,
    second_opinion: int = SECOND_OPINION,
    queries: Path | None = None,
    title: str | None = None,
    keep: int | None = None,
    sign_key: Path | None = None,
    union: bool = True,
    progress: Callable[[str], None] = silent,
) -> Build:
    """Build a release of RDF files as they are, in the folder `releases`, and make it the current one.

    files: Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD by their extensions, each also with `.gz`. base: IRI of
    the dataset, and what relative IRIs are resolved against. shapes: SHACL shapes in Turtle that the union of all
    graphs has to conform to, or with by_graph each graph by itself. second_opinion: pyshacl validates too what has at
    most so many triples (docs/validation.md). queries: folder of saved queries (docs/saved-queries.md). title: of the
    dataset; else the name of the first file. keep: number of releases that stay; None for all. sign_key: private key of
    OpenSSH. union: whether the default graph has the triples of the named graphs too. progress: called with the name
    of each step that begins.

    Raises ValidationError if there are violations, InputError if a file cannot be read or the folder not be written,
    BusyError if another build runs in the folder.
    """
    base = parse_base(base)
    if not files:
        raise InputError("give at least one RDF file")
    rdf = RdfFiles(files, base)
    saved, broken = read_queries(queries, str(queries), base, {}) if queries else ({}, [])
    validated = Validated(Validation(), b"")

    def validate_content(content: Content, _store: ox.Store) -> Validated:
        nonlocal validated
        outcome, problems = ShaclOutcome(), list(broken)
        if shapes:
            if by_graph:
                data = graphs.by_graph(content, union=union)
            else:
                data = content.default_graph if union else graphs.union(content)
            outcome = validate(data, shapes, base, progress, second_opinion=second_opinion, by_graph=by_graph)
            problems += outcome.problems
            problems += _problems(outcome, content, files, shapes, base)
        validated = Validated.of(problems, outcome.results, base)
        return validated

    sources = (*files, *([shapes] if shapes else []), *sorted(queries.glob("*.rq") if queries else []))
    source = Source(
        quads=nquads.with_union(rdf.quads()) if union else rdf.quads(),
        base=base,
        dataset=Dataset(title={"en": title or files[0].name.partition(".")[0]}),
        prefixes=rdf.prefixes,
        queries=saved,
        sign_key=sign_key,
        inputs={path.name: digest(path).sha256 for path in sources if path.is_file()},
        validate=validate_content if shapes or broken else None,
    )
    release = writer.build(source, releases, progress, keep=keep)
    counts = release.manifest.counts
    hidden = () if counts.triples or not counts.quads else (_empty_default_graph(files[0], counts.quads),)
    shadowed = tuple(_own_address(files[0], iri) for iri in own_addresses.used(release))
    return Build(release, (*validated.problems, *hidden, *shadowed), validated.report)


def _own_address(file: Path, iri: str) -> Problem:
    message = f"the data describe <{iri}>, where the server has pages of its own: the document is at /doc?iri={iri}"
    return Problem(Place(str(file)), Severity.WARNING, "own-address", message, "give it another IRI under the base")


def _empty_default_graph(file: Path, quads: int) -> Problem:
    message = f"the default graph is empty, so pages, search and lists are; {quads} triples are in named graphs alone"
    fix = "leave --no-union away"
    return Problem(Place(str(file)), Severity.WARNING, "empty-default-graph", message, fix)


def _problems(
    outcome: ShaclOutcome, content: Content, files: Sequence[Path], shapes: Path, base: str
) -> Iterator[Problem]:
    """The results and remarks as problems at the places where the files, or the shapes, describe their focus nodes."""
    found = [(result, Place(str(files[0]))) for result in outcome.results]
    found += [(remark, Place(str(shapes))) for remark in outcome.remarks]
    terms = {result.focus: parse_term(result.focus) for result, _ in found if result.focus}
    located = places.find(terms.values(), content.quads, (*files, shapes), base) if found else {}
    for result, elsewhere in found:
        place = located.get(terms[result.focus], elsewhere) if result.focus else elsewhere
        yield Problem(place, result.severity, result.rule, result.text(result.focus), result.fix)
