"""Publishes plain RDF files as a release, in one call: `publish_rdf`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.errors import InputError, ValidationError
from core.memory import DEFAULT
from core.problems import Place, Problem, Severity
from core.progress import SILENT
from core.query_files import read_queries
from core.rdf import parse_base, parse_term
from core.validation import SECOND_OPINION
from release import changes, graphs, nquads, own_addresses, places, self_description, writer
from release.digests import digest
from release.manifest import Validation
from release.plain import RdfFiles, distinct_names
from release.rdf_formats import stem
from release.rdf_reader import RdfFile
from release.release_validation import Shacl
from release.source import Source, Validated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from core.progress import Progress
    from core.validation import ShaclOutcome, ValidationResult
    from release.lines import Lines
    from release.reader import Release


@dataclass(frozen=True)
class Build:
    """A release that was built and is current, and the problems that it was published with: warnings and infos.

    report: the SHACL validation report, in Turtle; empty if nothing was validated.
    """

    release: Release
    problems: tuple[Problem, ...]
    report: bytes


def publish_rdf(
    files: Sequence[Path],
    releases: Path,
    *,
    base: str,
    bases: Mapping[Path, str] | None = None,
    form: str = "",
    contexts: Path | None = None,
    allow_empty: bool = False,
    shapes: Path | None = None,
    by_graph: bool = False,
    second_opinion: int = SECOND_OPINION,
    queries: Path | None = None,
    title: str | None = None,
    keep: int | None = None,
    sign_key: Path | None = None,
    union: bool = True,
    full: bool = False,
    memory: int = DEFAULT,
    progress: Progress = SILENT,
) -> Build:
    """Build a release of RDF files as they are, in the folder `releases`, and make it the current one.

    files: RDF in any format of docs/input.md, by their extensions, or all in the one that has the extension `form`.
    base: IRI of the dataset. bases: file → what its relative IRIs are resolved against (docs/input.md). contexts:
    folder of JSON-LD contexts. allow_empty: whether a file may have become empty. shapes: SHACL shapes in Turtle that
    the union of all graphs has to conform to, or with by_graph each graph by itself. second_opinion: pyshacl validates
    too what has at most so many triples (docs/validation.md). Pages follow their names, orders and groups
    (docs/pages.md). queries: folder of saved queries (docs/saved-queries.md). title: of the dataset; else what the data
    say, or the name of the first file. keep: number of releases that stay; None for all. sign_key: private key of
    OpenSSH. union: whether the default graph has the triples of the named graphs too. full: whether to use nothing that
    earlier builds have kept. memory: bytes that all processes may take together (docs/settings.md). progress: called
    with the name of each step that begins.

    Raises ValidationError if there are violations, InputError if a file cannot be read or the folder not be written,
    BusyError if another build runs in the folder.
    """
    base = parse_base(base)
    if not files:
        raise InputError("give at least one RDF file")
    rdf = RdfFiles(files, base, bases=bases, form=form, contexts=contexts)
    saved, broken = read_queries(queries, str(queries), base, {}) if queries else ({}, [])
    validated = Validated(Validation(), b"")

    shacl = None
    if shapes:
        write = partial(graphs.by_graph, union=union) if by_graph else graphs.default if union else graphs.union
        shacl = Shacl(shapes, base, write, by_graph=by_graph, second_opinion=second_opinion)

    def validate(outcome: ShaclOutcome, _checked: list[ValidationResult], lines: Lines) -> Validated:
        nonlocal validated
        problems = [*broken, *outcome.problems]
        if shapes:
            problems += shacl_problems(outcome, lines.path, (*rdf.files, RdfFile(shapes, base)))
        validated = Validated.of(problems, outcome.results, base)
        return validated

    sources = (*files, *([shapes] if shapes else []), *sorted(queries.glob("*.rq") if queries else []))
    names = distinct_names(sources)
    inputs = {name: digest(path).sha256 for path, name in names.items() if path.is_file()}
    found: list[Problem] = []

    def quads() -> Iterator[bytes]:
        yield from rdf.quads()
        if not allow_empty:
            empty = {path: names[path] for path in rdf.empty}
            replaces_all = len(empty) == len(rdf.files)
            before = changes.predecessor(releases, base)
            found.extend(_problems_of_empty_files(empty, inputs, before, replaces_all=replaces_all))
        if any(problem.severity is Severity.VIOLATION for problem in found):
            raise ValidationError(found)

    source = Source(
        quads=nquads.with_union(quads()) if union else quads(),
        base=base,
        dataset=partial(self_description.read, base=base, title=title, otherwise=stem(files[0].name), tell=progress),
        prefixes=rdf.prefixes,
        queries=saved,
        sign_key=sign_key,
        inputs=inputs,
        shacl=shacl,
        shown_by=shapes,
        validate=validate if shapes or broken else None,
    )
    release = writer.build(source, releases, progress, keep=keep, full=full, memory=memory)
    counts = release.manifest.counts
    hidden = () if counts.triples or not counts.quads else (_empty_default_graph(files[0], counts.quads),)
    shadowed = tuple(_own_address(files[0], iri) for iri in own_addresses.used(release))
    return Build(release, (*found, *validated.problems, *hidden, *shadowed), validated.report)


def _problems_of_empty_files(
    empty: Mapping[Path, str], inputs: Mapping[str, str], before: Release | None, *, replaces_all: bool
) -> Iterator[Problem]:
    """A violation for each file without a quad that would take published ones away, else a warning.

    empty: these files → their names in `inputs`, where their SHA-256 is. before: the current release.
    """
    published = before.manifest.inputs if before and before.manifest.counts.quads else {}
    for path, name in empty.items():
        replaces = published.get(name, inputs[name]) != inputs[name] or (published and replaces_all)
        severity = Severity.VIOLATION if replaces else Severity.WARNING
        message = "the file holds no statement" + (", and would replace published ones" if replaces else "")
        fix = "if the file is right, build with --allow-empty" if replaces else ""
        yield Problem(Place(str(path)), severity, "empty-input", message, fix)


def _own_address(file: Path, iri: str) -> Problem:
    message = f"the data describe <{iri}>, where the server has pages of its own: the document is at /doc?iri={iri}"
    return Problem(Place(str(file)), Severity.WARNING, "own-address", message, "give it another IRI under the base")


def _empty_default_graph(file: Path, quads: int) -> Problem:
    message = f"the default graph is empty, so pages, search and lists are; {quads} triples are in named graphs alone"
    fix = "leave --no-union away"
    return Problem(Place(str(file)), Severity.WARNING, "empty-default-graph", message, fix)


def shacl_problems(outcome: ShaclOutcome, lines: Path, files: Sequence[RdfFile]) -> Iterator[Problem]:
    """The results and remarks as problems at the places where the files describe their focus nodes.

    lines: the file of all quads. files: those of the data, and at the end that of the shapes.
    """
    found = [(result, Place(str(files[0].path))) for result in outcome.results]
    found += [(remark, Place(str(files[-1].path))) for remark in outcome.remarks]
    terms = {result.focus: parse_term(result.focus) for result, _ in found if result.focus}
    located = places.find(terms.values(), lines, files) if found else {}
    for result, elsewhere in found:
        place = located.get(terms[result.focus], elsewhere) if result.focus else elsewhere
        yield Problem(place, result.severity, result.rule, result.text(result.focus), result.fix)
