"""Measures precision and recall of the suggestions against the curated facts.

The page that it writes, docs/suggestions.md, defines what counts as a hit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from curate.suggest import names
from curate.suggest.findings import Findings, Recogniser, article, read_all
from curate.suggest.text import Span
from curate.suggest.unknown import EVENT, PREFIXES
from mapping.source import Items, Map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mapping.documents import Document
    from mapping.source import Value

KINDS = ("entities", "dates", "amounts", "claims")
_HEAD = """\
# How good the suggestions of `parkgraph new` are

<!-- Written by `parkgraph new --measure --articles FOLDER > docs/suggestions.md`; do not edit. -->

`parkgraph new` reads the text of an article and suggests records. Here its suggestions are held against what people made
of the same texts (`data/articles/`). **Precision** is the share of suggestions that are right, **recall** the share of
the curated items that were suggested.

| kind | one suggestion | one curated item | they meet where |
|---|---|---|---|
| entities | a mention of an entity of the registry | a passage in the evidence of a spelling | same entity, the mention overlaps the passage |
| dates | a date, as EDTF | an EDTF value of `date` or `founded`, or a `targetYear` | same value, the date overlaps a passage of a record that has it |
| amounts | a quantity with unit and approximation | a record with a `unit` | same value or fraction, unit and approximation, overlapping passages |
| new names | a name that the registry does not know | a park, organization, person or place of this article only | a spelling of one is one of the other |
| claims | an utterance with its speaker | a record with `saidBy` (claims, and figures and plans that somebody stated) | same speaker, overlapping passages |

Not counted are mere notes: numbers for which the ontology has no unit or approximation, and quotations without a speaker.
A type that is suggested for a new name counts where the name is right.
Curated passages are clauses and sentences, so to overlap is easy: an utterance in which somebody claims three things finds
three curated items. The rules are general, but who wrote them knew these {articles} texts, and the units of the ontology were
made for what these texts count: another text will fare worse.
"""  # noqa: E501


class Item(NamedTuple):
    """A suggestion or curated item to compare: a key, and its spans in the text."""

    key: tuple[object, ...]
    spans: tuple[Span, ...]

    def meets(self, other: Item) -> bool:
        """Whether the keys are equal and any spans overlap."""
        return self.key == other.key and any(one.overlaps(two) for one in self.spans for two in other.spans)


@dataclass
class Score:
    """Numbers of suggestions and curated items, and of those that meet."""

    suggested: int = 0
    right: int = 0
    curated: int = 0
    found: int = 0

    def add(self, suggested: list[Item], curated: list[Item]) -> None:
        """Count the suggestions and curated items of one article."""
        by_key: defaultdict[tuple[object, ...], list[Item]] = defaultdict(list)
        for item in curated:
            by_key[item.key].append(item)
        met = [[other for other in by_key[item.key] if item.meets(other)] for item in suggested]
        self.suggested += len(suggested)
        self.right += sum(bool(others) for others in met)
        self.curated += len(curated)
        self.found += len({id(other) for others in met for other in others})

    @property
    def cells(self) -> str:
        """The score as cells of a Markdown table."""
        precision = f"{self.right / self.suggested:.0%}" if self.suggested else "–"
        recall = f"{self.found / self.curated:.0%}" if self.curated else "–"
        return f"{self.right}/{self.suggested} | {precision} | {self.found}/{self.curated} | {recall}"


@dataclass
class Scores:
    """A score for each kind, in total and for each article."""

    total: dict[str, Score] = field(default_factory=lambda: {kind: Score() for kind in KINDS})
    each: dict[tuple[str, str], Score] = field(default_factory=dict)

    def add(self, slug: str, suggested: dict[str, list[Item]], curated: dict[str, list[Item]]) -> None:
        """Count the suggestions and curated items of one article, by kind."""
        for kind in KINDS:
            self.total[kind].add(suggested[kind], curated[kind])
            self.each.setdefault((slug, kind), Score()).add(suggested[kind], curated[kind])


def page(recogniser: Recogniser, root: Path, texts: Path) -> str:
    """The page in Markdown, over all articles whose texts are in the folder."""
    curated: defaultdict[str, list[Document]] = defaultdict(list)
    for document in read_all(root, "articles"):
        curated[(document.article or "").partition("/")[2]].append(document)
    known, unread, named, new, typed = Scores(), Scores(), Score(), Score(), Score()
    slugs = []
    for slug, documents in sorted(curated.items()):
        name = next((str(d.own_record["textFile"]) for d in documents if "textFile" in d.own_record), None)
        if name is None or not (texts / name).is_file():
            continue
        slugs.append(slug)
        read = article(texts / name, slug)
        wanted = _curated(slug, documents, recogniser.registry)
        known.add(slug, _suggested(recogniser.findings(read)), wanted)
        others = names.names(recogniser.registry, without=slug)
        findings = recogniser.findings(read, names.Finder(others))
        suggested = _suggested(findings)
        unread.add(slug, suggested, wanted)
        ids = {name.id for name in others}
        named.add(suggested["entities"], [item for item in wanted["entities"] if item.key[0] in ids])
        spelled = names.of_article(recogniser.registry, slug)
        borne = [one for one in spelled if one.id not in ids and one.type in PREFIXES]
        new.add(*_new(findings, borne))
        typed.add(*_typed(findings, borne))
    rows = {"entities that other articles name": named, "new names": new, "types of new names": typed}
    return "".join(f"{line}\n" for line in _lines(slugs, known, unread, rows))


def _lines(slugs: list[str], known: Scores, unread: Scores, others: dict[str, Score]) -> Iterator[str]:
    yield _HEAD.format(articles=len(slugs))
    yield "## With a registry that knows only the other articles"
    yield ""
    yield "For each article the spellings are left out that only this article has: what a curator gets for a new one."
    yield "An entity that no other article names cannot be recognised then; its name is suggested as a new one if its"
    yield "capitals tell."
    yield ""
    yield from _table("all articles", [*others.items(), *((kind, unread.total[kind]) for kind in KINDS)])
    yield ""
    yield "## With the registry as it is"
    yield ""
    yield "The registry knows every spelling of these articles: what is left are mistakes of matching and of the rules."
    yield ""
    yield from _table("all articles", [(kind, known.total[kind]) for kind in KINDS])
    for slug in slugs:
        yield ""
        yield from _table(f"article {slug}", [(kind, known.each[slug, kind]) for kind in KINDS])


def _table(title: str, rows: list[tuple[str, Score]]) -> Iterator[str]:
    yield f"| {title} | right/suggested | precision | found/curated | recall |"
    yield "|---|---:|---:|---:|---:|"
    for kind, score in rows:
        yield f"| {kind} | {score.cells} |"


def _suggested(findings: Findings) -> dict[str, list[Item]]:
    dated = [*findings.dates.mentioned, *([findings.dates.own] if findings.dates.own else [])]
    return {
        "entities": [Item((one.id,), (one.span,)) for one in findings.mentions],
        "dates": [Item((one.value,), (one.span,)) for one in dated],
        "amounts": [
            Item(_amount_key(one.value, one.quantity.fraction, one.unit, one.approximation), (one.span,))
            for one in findings.amounts
            if one.unit is not None and one.approximation is not None
        ],
        "claims": [Item((one.speaker.id,), (one.span,)) for one in findings.utterances if one.speaker is not None],
    }


def _new(findings: Findings, borne: list[names.RegistryName]) -> tuple[list[Item], list[Item]]:
    """The new names and the entities of which they are names, each once."""
    bearers = {_plain(name.text): name.id for name in borne}
    whole = (Span(0, len(findings.article.text)),)
    suggested_names = (one for one in findings.unknown if one.type != EVENT)
    found = [{bearers.get(_plain(spelling), "") for spelling in one.spellings} for one in suggested_names]
    suggested = [Item((max(ids),), whole) for ids in found]
    return suggested, [Item((identity,), whole) for identity in sorted({name.id for name in borne})]


def _typed(findings: Findings, borne: list[names.RegistryName]) -> tuple[list[Item], list[Item]]:
    """The types of the new names that are right, and of the entities."""
    bearers = {_plain(name.text): name for name in borne}
    whole = (Span(0, len(findings.article.text)),)
    met = [
        (one.type, bearers[_plain(spelling)])
        for one in findings.unknown
        for spelling in [next((text for text in one.spellings if _plain(text) in bearers), None)]
        if spelling is not None and one.type
    ]
    types = {name.id: name.type for name in borne}
    return (
        [Item((name.id, type_), whole) for type_, name in met],
        [Item((identity, type_), whole) for identity, type_ in sorted(types.items())],
    )


def _plain(name: str) -> str:
    """A name without the article before it, in one case."""
    return names.normal(name)[0].strip().removeprefix("the ")


def _curated(slug: str, documents: list[Document], registry: Iterable[Document]) -> dict[str, list[Item]]:
    passages = {
        f"{slug}/{name}": Span(passage.start, passage.end)
        for document in documents
        for name, passage in document.passages.items()
    }
    items: dict[str, list[Item]] = {"entities": list(_named(slug, registry, passages)), "amounts": [], "claims": []}
    dates: defaultdict[str, list[Span]] = defaultdict(list)
    for record in (record for document in documents for record in document.records):
        spans = tuple(_spans(record.get("evidence"), slug, passages))
        for key in ("date", "founded", "targetYear"):
            if key in record:
                dates[str(record[key])].extend(spans)
        if "unit" in record:
            items["amounts"].append(Item(_curated_amount(record), spans))
        items["claims"] += [Item((str(speaker),), spans) for speaker in _values(record.get("saidBy"))]
    items["dates"] = [Item((value,), tuple(spans)) for value, spans in dates.items()]
    return items


def _named(slug: str, registry: Iterable[Document], passages: dict[str, Span]) -> Iterator[Item]:
    found = {
        (str(record["id"]), span)
        for document in registry
        for record in document.records
        if "id" in record
        for spelling in _values(record.get("spellings"))
        if isinstance(spelling, Map)
        for span in _spans(spelling.get("evidence"), slug, passages, own=False)
    }
    yield from (Item((identity,), (span,)) for identity, span in sorted(found))


def _spans(value: Value | None, slug: str, passages: dict[str, Span], *, own: bool = True) -> Iterator[Span]:
    """The passages of one article that an `evidence` value names. own: whether a bare name is of this article."""
    for item in _values(value):
        if isinstance(item, Map):
            if names.article_of(item) == slug:
                yield Span(int(str(item["start"])), int(str(item["end"])))
            continue
        name = f"{slug}/{item}" if own and "/" not in str(item) else str(item)
        if name in passages:
            yield passages[name]


def _values(value: Value | None) -> list[Value]:
    return list(value) if isinstance(value, Items) else [value] if value is not None else []


def _curated_amount(record: Map) -> tuple[object, ...]:
    value = str(record["value"]) if "value" in record else None
    fraction = (int(str(record["numerator"])), int(str(record["denominator"]))) if "numerator" in record else None
    return _amount_key(value, fraction, str(record["unit"]), str(record.get("approximation", "exact")))


def _amount_key(
    value: str | None, fraction: tuple[int, int] | None, unit: str | None, approximation: str | None
) -> tuple[object, ...]:
    return Decimal(value).normalize() if value is not None else None, fraction, unit, approximation
