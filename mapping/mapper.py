"""Maps documents to quads.

The JSON-LD 1.1 context does the mapping (https://www.w3.org/TR/json-ld11/). Each record goes through it in a graph
of its own, which tells from which record each triple came, and so its graphs and its evidence.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core.namespaces import RDF
from core.ntriples import TYPE, encode_iri
from core.problems import Place, Problem, Severity, nearest
from core.rdf import nquads
from mapping.documents import ArticleText, Document, Passage, is_article, read_passage
from mapping.evidence import quotation
from mapping.source import Items, Map, Text, Value

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from mapping.evidence import Texts
    from mapping.records import Checker

REGISTRY, DERIVED = "graph/registry", "graph/derived"
_RECORD = "urn:parkgraph:record:"
REGISTRY_KEYS = (
    *("label", "editorialNote", "differentFrom", "possiblySameAs", "inScheme", "broader"),
    *("isReplacedBy", "deprecated"),
)


@dataclass(frozen=True)
class Fact:
    """A JSON-LD node, the graphs that its triples are in, and the passages that are evidence for them.

    reified: whether each triple gets an rdf:Statement, which leads from the triple to its evidence. place: of the
    record. decision: a node without id, if each triple gets an rdf:Statement with what this one says.
    """

    node: dict[str, Any]
    graphs: tuple[str, ...]
    evidence: tuple[Passage, ...] = ()
    reified: bool = False
    place: Place | None = None
    decision: dict[str, Any] | None = None


@dataclass
class Mapper:
    """Maps documents with a checker, which holds context, concepts and properties.

    entities: ids of the registry's entities. articles: the text of each article whose passages may be evidence, by id.
    texts: of the articles; quotations: whether evidence has the words of its passage. places: id → place of its record.
    unresolved: problems of evidence that names unknown passages. unknown: articles that evidence speaks of and that are
    not among `articles` → names of passages of theirs. similar: names of passages to suggest there.
    """

    checker: Checker
    base: str
    entities: Container[str]
    articles: dict[str, ArticleText] = field(default_factory=dict)
    texts: Texts | None = None
    quotations: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    unresolved: list[Problem] = field(default_factory=list)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    similar: Sequence[str] = ()

    @property
    def ids(self) -> str:
        """The IRI that ids are relative to."""
        return f"{self.base}id/"

    def register(self, document: Document) -> None:
        """Make an article's passages and text known, for evidence in other documents."""
        if document.article is not None:
            self.articles[document.article] = document.text

    def with_evidence(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts of a document, and those about the passages that they rest on."""
        used = {found.id: found for fact in facts for found in fact.evidence}
        self.places.update({name: found.place for name, found in used.items()})
        return [*facts, *(self._evidence(found) for found in used.values())]

    def facts(self, document: Document) -> list[Fact]:
        """The facts of a document's records, and of the registry's spellings."""
        return [fact for record in document.records for fact in self._facts(record, document)]

    def _facts(self, record: Map, document: Document) -> Iterator[Fact]:
        node = self.checker.node(record, document.slug or "registry")
        self.places.setdefault(node["id"], record.place)
        if document.article is None:
            yield from self._registered(record, node)
            return
        evidence = tuple(self._passages(record.get("evidence"), document))
        if "evidence" not in record:
            fix = "add 'evidence:' with the name of the passage that says so"
            self.checker.report("evidence", record.place, "the fact has no evidence", fix)
        if "spellings" in record:
            fix = "move the spellings to the entity's record in the registry"
            self.checker.report("key", record.key_places["spellings"], "a fact has no spellings", fix)
        reified = bool(evidence) and node["id"] in self.entities
        yield Fact(node, (document.article,), evidence, reified, record.place)

    def _registered(self, record: Map, node: dict[str, Any]) -> Iterator[Fact]:
        for key in node:
            if key not in ("id", "type", *REGISTRY_KEYS):
                fix = "move it to the file of the article that states it, with its evidence"
                self.checker.report("registry", record.key_places[key], f"'{key}' is a fact, not identity", fix)
        yield Fact({key: value for key, value in node.items() if key in ("id", "type", *REGISTRY_KEYS)}, (REGISTRY,))
        mentioned = set()
        spellings = record.get("spellings")
        for spelling in spellings if isinstance(spellings, Items) else []:
            for fact in self._spelling(spelling, node):
                mentioned.add(fact.graphs[0])
                yield fact
        if mentioned and "type" in node:
            yield Fact({"id": node["id"], "type": node["type"]}, tuple(sorted(mentioned)))

    def _spelling(self, spelling: Value, node: dict[str, Any]) -> Iterator[Fact]:
        if not isinstance(spelling, Map) or sorted(spelling) != ["evidence", "language", "text"]:
            fix = "write {text: …, language: en, evidence: 002/p07}"
            self.checker.report("spelling", spelling.place, "a spelling needs text, language and evidence", fix)
            return
        text, language = str(spelling["text"]), str(spelling["language"])
        found = self._passages(spelling["evidence"], None)
        for article in dict.fromkeys(one.article for one in found):
            here = tuple(one for one in found if one.article == article)
            self._check_wording(text, here, spelling.place)
            name: dict[str, Any] = {"id": node["id"], "altLabel": {language: [text]}}
            if node.get("label", {}).get(language) == text:
                name["label"] = {language: text}
            yield Fact(name, (article,), here, reified=True, place=spelling.place)

    def _check_wording(self, text: str, passages: Iterable[Passage], place: Place) -> None:
        for found in passages:
            article = self._article(found.article)
            file_name = article.file if article else None
            if self.texts is None or file_name is None or not self.texts.has(file_name):
                continue
            if text not in self.texts.passage(found, file_name):
                fix = "write it exactly as the text does, or name the passage where it stands"
                message = f"'{text}' does not stand in {found.slug} at {found.start} to {found.end}"
                self.checker.report("spelling", place, message, fix)

    def _passages(self, value: Value | None, document: Document | None) -> list[Passage]:
        """The passages that an `evidence` value names: by a name of the document, as `002/p07`, or in full."""
        items: list[Value] = list(value) if isinstance(value, Items) else [value] if value is not None else []
        found = []
        for item in items:
            if isinstance(item, Map):
                known = self._in_full(item)
            else:
                known = self._by_name(item, document) if isinstance(item, Text) else None
            if known is not None:
                found.append(known)
        return found

    def _by_name(self, name: Text, document: Document | None) -> Passage | None:
        own = document.passages if document is not None else {}
        known, article = own.get(name), None
        if known is None:
            slug, _, passage = name.partition("/")
            article = self._article(f"article/{slug}", passage) if passage else None
            known = article.passages.get(passage) if article else None
        if known is None:
            fix = (
                nearest(name, [*own, *(article.names if article else self.similar)])
                or "add it to 'passages' of its article"
            )
            message = f"there is no passage '{name}'"
            self.unresolved.append(Problem(name.place, Severity.VIOLATION, "evidence", message, fix))
            self.checker.records_with_errors.add(self.checker.current)
        return known

    def _article(self, name: str, passage: str | None = None) -> ArticleText | None:
        """The text of an article, or None; passage: name of the one that is looked for."""
        known = self.articles.get(name)
        if known is None:
            self.unknown.setdefault(name, set()).update([passage] if passage else [])
        return known

    def _in_full(self, item: Map) -> Passage | None:
        entry = Map(item.place)
        entry.update({key: value for key, value in item.items() if key != "article"})
        article = item.get("article")
        if not isinstance(article, Text) or not is_article(article):
            fix = "write {article: article/002, start: …, end: …, digest: …}"
            self.checker.report("evidence", item.place, "the evidence does not name its article", fix)
            return None
        passage = read_passage(entry, str(article))
        if isinstance(passage, Problem):
            self.checker.problems.append(passage)
            return None
        return passage

    def _evidence(self, found: Passage) -> Fact:
        node: dict[str, Any] = {
            "id": found.id,
            "type": "Evidence",
            "article": found.article,
            "start": str(found.start),
            "end": str(found.end),
            "passageDigest": found.digest,
        }
        article = self._article(found.article) or ArticleText(found.article)
        if article.digest:
            node["textDigest"] = article.digest
        if self.quotations and self.texts is not None and article.file and article.language:  # noqa: SIM102
            if self.texts.has(article.file):
                node["quotation"] = {article.language: quotation(self.texts.passage(found, article.file))}
        return Fact(node, (found.article,))

    def triples(self, facts: Sequence[Fact]) -> Iterator[tuple[int, bytes]]:
        """The triples of facts through the context, each with the number of its fact.

        A triple is the subject, predicate and object of a line of canonical N-Triples, with a space between them.
        """
        named = []
        for number, fact in enumerate(facts):
            node = fact.node
            if fact.evidence:
                node = {**node, "evidence": [found.id for found in fact.evidence]}
            nodes = [node] if fact.decision is None else [node, {"id": f"{_RECORD}{number}", **fact.decision}]
            named.append({"id": f"{_RECORD}{number}", "@graph": nodes})
        document = {"@context": self.checker.context.document["@context"], "@graph": named}
        quads = ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD, base_iri=self.ids)
        not_reified = (TYPE, encode_iri(self.checker.context.terms["evidence"].iri))
        numbers = {encode_iri(f"{_RECORD}{number}"): number for number in range(len(facts))}
        of_facts = [line.rsplit(b" ", 2)[:2] for line in nquads(cast("Iterable[ox.Quad]", quads)).splitlines()]
        decisions: dict[bytes, list[bytes]] = {}  # record → predicate and object of what its decision says
        for triple, record in of_facts:
            if triple.startswith(record):
                decisions.setdefault(record, []).append(triple.split(b" ", 1)[1])
        for triple, record in of_facts:
            if triple.startswith(record):
                continue
            number = numbers[record]
            yield number, triple
            fact, grounds = facts[number], decisions.get(record, [])
            if fact.reified and triple.split(b" ", 2)[1] not in not_reified:
                grounds = [b"%s %s" % (not_reified[1], encode_iri(self.ids + found.id)) for found in fact.evidence]
            for part in self._statement(triple, grounds) if grounds else ():
                yield number, part

    def _statement(self, triple: bytes, grounds: Iterable[bytes]) -> Iterator[bytes]:
        """The triple as an rdf:Statement (https://www.w3.org/TR/rdf-schema/#ch_statement).

        grounds: predicate and object of each triple that says what it rests on.
        """
        statement = encode_iri(f"{self.ids}statement/{hashlib.sha256(triple).hexdigest()[:16]}")
        yield b"%s %s %s" % (statement, TYPE, encode_iri(RDF + "Statement"))
        for name, term in zip(("subject", "predicate", "object"), triple.split(b" ", 2), strict=True):
            yield b"%s %s %s" % (statement, encode_iri(RDF + name), term)
        for ground in grounds:
            yield b"%s %s" % (statement, ground)
