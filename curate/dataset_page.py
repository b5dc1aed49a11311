"""Writes `docs/dataset.md`, the counts of the dataset; equal data gives the equal page, and a test compares them.

Only the coverage needs the texts. Without them the section is kept as it is, if its digest says that it was computed
from the same passages.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from core.errors import InputError
from core.labels import local_name
from core.namespaces import compact
from core.problems import Severity
from curate.completeness import KINDED, LINKED, NAMED, SITUATED, Completeness
from curate.coverage import Coverage, report
from curate.coverage_text import extent, percent
from curate.dataset_counts import RecordCounts, TripleCounts, count_records, count_triples
from mapping.mapper import DERIVED
from mapping.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from core.validation import ValidationResult
    from mapping.build import CheckedProject

_COVERAGE = re.compile(r"<!-- coverage of ([0-9a-f]{16}) -->\n\n(.*)\n\n<!-- end of coverage -->", re.DOTALL)
_ARTICLE = "article/"
_WIDTH = 120  # characters of a line of text


def page(checked: CheckedProject, previous: str) -> str:
    """The page about a project that was checked, in Markdown.

    previous: text of the page so far, whose coverage is kept if the project has no texts; InputError if that was
    computed from other passages.
    """
    project, store = checked.project, checked.store
    records = count_records(Project(project.root, project.base))
    counts = count_triples(store, project.base, project.ontology.iri or "")
    parts = [
        _head(records, counts),
        *_facts(records),
        "## Evidence\n\n" + _coverage(project, records, previous),
        *_published(counts, project),
        *_lacking(Completeness(project, store)),
        *_warnings(checked.results, store, project),
    ]
    return "\n\n".join(parts) + "\n"


def _head(records: RecordCounts, counts: TripleCounts) -> str:
    derived = sum(number for graph, number in counts.graphs.items() if graph.endswith(DERIVED))
    given = sum(counts.graphs.values()) - derived
    facts = records.resources.total() + records.values.total()
    return (
        "# The dataset\n\n"
        "<!-- Written by `parkgraph describe docs/dataset.md`; a test holds it up to date. -->\n\n"
        f"{len(records.articles)} articles state {facts:,} facts and {records.names.total():,} names of "
        f"{records.registered:,} entities. As RDF this is {given:,} triples in the graphs that they come from; "
        f"{derived:,} more are derived from them."
    )


def _facts(records: RecordCounts) -> Iterator[str]:
    yield "## Facts by kind and article\n\n" + _wrapped(
        "A fact is a resource that the file of an article describes (an agreement, a figure), or one value that it "
        "states of an entity of the registry (where a park lies). A name is one wording by which one article calls an "
        "entity. A resource that two articles describe counts in each."
    )
    articles = [article.removeprefix(_ARTICLE) for article in records.articles]
    rows = [_row(kind, records.resources, records) for kind in sorted({kind for kind, _ in records.resources})]
    rows += [
        _row(f"values of {kind}", records.values, records, kind)
        for kind in sorted({kind for kind, _ in records.values})
    ]
    facts = Counter({("", article): 0 for article in records.articles})
    for (_, article), number in (records.resources + records.values).items():
        facts["", article] += number
    rows += [_row("**facts**", facts, records, ""), _row("names", records.names, records, "")]
    yield _table(["", *articles, "all"], rows)


def _row(title: str, counts: Counter[tuple[str, str]], records: RecordCounts, kind: str | None = None) -> list[str]:
    numbers = [counts[title if kind is None else kind, article] for article in records.articles]
    return [title, *map(_number, numbers), _number(sum(numbers))]


def _coverage(project: Project, records: RecordCounts, previous: str) -> str:
    if project.texts is not None:
        articles = report(Project(project.root, project.base), project.texts).articles
        return _marked(records.basis, "\n".join(_covered(articles)))
    match = _COVERAGE.search(previous)
    if match is None or match[1] != records.basis:
        raise InputError("the coverage was computed from other passages: describe again with --articles")
    return _marked(records.basis, match[2])


def _marked(basis: str, text: str) -> str:
    return f"<!-- coverage of {basis} -->\n\n{text}\n\n<!-- end of coverage -->"


def _covered(articles: list[Coverage]) -> Iterator[str]:
    yield _wrapped(
        "The share of the letters and digits of each text that lie under at least one passage that a fact or a name "
        "rests on, and what is left of it. A stretch counts as uncovered whether or not there is a reason for it; "
        "shares are rounded down. `parkgraph coverage` shows the wording."
    )
    yield ""
    header = ["article", "letters and digits", "covered", "passages", "passages without a fact", "without a reason"]
    rows = [
        [
            article.document.slug,
            _number(article.letters),
            percent(article.share),
            _number(len(article.used)),
            _number(len(article.unused)),
            _number(len(article.unexplained)),
        ]
        for article in articles
    ]
    yield _table(header, rows)
    yield "\nUncovered, and why:\n"
    for article in articles:
        for exemption, stretches in article.exempt:
            yield _item(f"{article.document.slug}, {extent(stretches)}: {exemption.reason}")


def _published(counts: TripleCounts, project: Project) -> Iterator[str]:
    def name(iri: str) -> str:
        prefixed = compact(iri, project.context.prefixes)
        return f"`{prefixed}`" if prefixed else f"<{iri}>"

    yield "## Resources by class\n\nAs they are stated, and in all, with the classes that follow from that."
    yield _table(
        ["class", "stated", "in all"],
        [[name(iri), _number(direct), _number(merged)] for iri, (direct, merged) in counts.classes.items()],
    )
    yield "## Languages\n\nTexts by their language: of the data, and the labels of the vocabulary and its concepts."
    yield _table(
        ["", "labels", "names", "other texts", "labels of the vocabulary"],
        [[f"`{language}`", *map(_number, row)] for language, row in counts.languages.items()],
    )
    yield "## Links out\n\nTriples whose object is neither in the dataset nor in the vocabulary."
    yield _table(
        ["property", "site", "links"],
        [[name(property_), site, _number(number)] for (property_, site), number in counts.links.items()],
    )
    yield "## Graphs\n\nEach triple lies in the graph of where it comes from, and once in the default graph."
    prefix = f"{project.base}id/"
    rows = [[f"`{graph.removeprefix(prefix)}`", _number(number)] for graph, number in counts.graphs.items()]
    yield _table(["graph", "triples"], rows)


def _lacking(found: Completeness) -> Iterator[str]:
    """What has no name in a language, no kind, no country, no link; and statements that do not stand alone."""
    prefix = f"{found.project.base}id/"
    yield "## What is lacking\n\n" + _wrapped(
        "How many resources of each class have no label in a language of the vocabulary, no kind, and no country; a "
        "dash is none, a dot does not apply."
    )
    rows = []
    for class_ in NAMED:
        members = found.members(class_)
        lacks = [members - found.labelled[language] for language in found.languages]
        of_kind = _number(len(members - found.kinded)) if class_ in KINDED else "·"
        somewhere = _number(len(members - found.situated)) if class_ in SITUATED else "·"
        rows.append([class_, _number(len(members)), *(_number(len(lack)) for lack in lacks), of_kind, somewhere])
    labels = [f"no `{language}` label" for language in found.languages]
    yield _table(["class", "resources", *labels, "no kind", "no country"], rows)
    yield _wrapped(
        "Claims and plans whose text, in one of its languages, names nothing of what they are about: "
        + (", ".join(f"`{iri.removeprefix(prefix)}`" for iri in found.nameless) or "none")
        + "."
    )
    yield "How many have identifiers elsewhere, or a note of where none was found:"
    same, sites, nowhere = (found.links(key) for key in ("sameAs", "website", "notFoundIn"))
    rows = []
    for class_ in LINKED:
        members = found.members(class_)
        linked = [
            {iri for iri in members if any(site in value for value in same.get(iri, ()))}
            for site in ("wikidata.org", "ror.org", "geonames.org")
        ]
        anywhere = members & {*same, *sites}
        columns = [
            *linked,
            members & sites.keys(),
            (members - anywhere) & nowhere.keys(),
            members - anywhere - nowhere.keys(),
        ]
        rows.append([class_, _number(len(members)), *(_number(len(column)) for column in columns)])
    header = ["Wikidata", "ROR", "GeoNames", "official site", "looked, none found", "not looked"]
    yield _table(["class", "resources", *header], rows)


def _warnings(results: list[ValidationResult], store: ox.Store, project: Project) -> Iterator[str]:
    """The validation warnings, each with the uncertainty or editorial note that its resource records."""
    terms = project.context.terms
    notes = ", ".join(f"<{terms[key].iri}>" for key in ("uncertainty", "editorialNote") if key in terms)
    warnings = [result for result in results if result.severity is Severity.WARNING]
    items = []
    for result in sorted(warnings, key=lambda result: (result.rule, result.focus)):
        found: Iterable[ox.QuerySolution] = store.query(  # type: ignore[assignment]  # a SELECT query
            f"SELECT ?text {{ VALUES ?s {{ {result.focus} }} ?s ?p ?text FILTER(?p IN ({notes})) }} ORDER BY ?text"
        )
        why = " ".join(row["text"].value for row in found) or "**not explained**"
        rule, message = local_name(result.rule), result.message.replace(f"{project.base}id/", "")
        items.append(_item(f"`{rule}`: {message}. Why it stands: {why}"))
    yield "## Warnings\n\n" + (
        "What the shapes and checks ask a person to look at, and what the data says of it." if items else "None."
    )
    if items:
        yield "\n".join(items)


def _table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table: the first column is text, the others are numbers."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH)


def _item(text: str) -> str:
    """An item of a Markdown list."""
    return textwrap.fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"
