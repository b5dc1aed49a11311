"""Maps documents to quads.

The JSON-LD 1.1 context does the mapping (https://www.w3.org/TR/json-ld11/). Each record goes through it in a graph
of its own, which tells from which record each triple came, and so its graphs and its evidence.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import RDF, RDF_TYPE
from core.problems import Place, Problem, Severity, nearest
from mapping.documents import Document, Passage, read_passage
from mapping.evidence import quotation
from mapping.source import Items, Map, Text, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mapping.evidence import Texts
    from mapping.records import Checker

REGISTRY, DERIVED = "graph/registry", "graph/derived"
_RECORD = "urn:parkgraph:record:"
REGISTRY_KEYS = ("label", "editorialNote", "differentFrom", "possiblySameAs", "isReplacedBy", "deprecated")


@dataclass(frozen=True)
class Fact:
    """A JSON-LD node, the graphs that its triples are in, and the passages that are evidence for them.

    reified: whether each triple gets an rdf:Statement, which leads from the triple to its evidence. place: of the
    record.
    """

    node: dict[str, Any]
    graphs: tuple[str, ...]
    evidence: tuple[Passage, ...] = ()
    reified: bool = False
    place: Place | None = None


@dataclass
class Mapper:
    """Maps documents with a checker, which holds context and ontology.

    entities: id → place of the registry's entities. digests, text_files, languages: article → SHA-256, file name and
    language of its text, and passages: `002/p07` → passage, all of the documents that were registered. texts: of the
    articles; quotations: whether evidence has the words of its passage. places: id → place of its record; unresolved:
    problems of evidence that names unknown passages.
    """

    checker: Checker
    base: str
    entities: Mapping[str, Place]
    digests: dict[str, str] = field(default_factory=dict)
    passages: dict[str, Passage] = field(default_factory=dict)
    text_files: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    texts: Texts | None = None
    quotations: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    unresolved: list[Problem] = field(default_factory=list)

    @property
    def ids(self) -> str:
        """The IRI that ids are relative to."""
        return f"{self.base}id/"

    def register(self, document: Document, names: set[str] | None = None) -> None:
        """Make an article's passages, text digest and text file known, for evidence in other documents.

        names: of the passages, if not all of them.
        """
        if document.article is not None:
            known = {name: found for name, found in document.passages.items() if names is None or name in names}
            self.passages.update({f"{document.slug}/{name}": found for name, found in known.items()})
            own = document.own_record
            digest, file_name, language = own.get("textDigest"), own.get("textFile"), own.get("inLanguage")
            if isinstance(language, str):
                self.languages[document.article] = language
            if isinstance(digest, str):
                self.digests[document.article] = digest
            if isinstance(file_name, str):
                self.text_files[document.article] = file_name

    def quads(self, document: Document) -> list[ox.Quad]:
        """The quads of a document in its named graphs; the checker collects the problems of its records."""
        facts = self.facts(document)
        used = {found.id: found for fact in facts for found in fact.evidence}
        self.places.update({name: found.place for name, found in used.items()})
        facts += [self._evidence(found) for found in used.values()]
        return self.to_quads(facts)

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
            file_name = self.text_files.get(found.article)
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
        known = own.get(name) or self.passages.get(name)
        if known is None:
            fix = nearest(name, [*own, *self.passages]) or "add it to 'passages' of its article"
            message = f"there is no passage '{name}'"
            self.unresolved.append(Problem(name.place, Severity.VIOLATION, "evidence", message, fix))
            self.checker.records_with_errors.add(self.checker.current)
        return known

    def _in_full(self, item: Map) -> Passage | None:
        entry = Map(item.place)
        entry.update({key: value for key, value in item.items() if key != "article"})
        article = item.get("article")
        if not isinstance(article, Text):
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
        if found.article in self.digests:
            node["textDigest"] = self.digests[found.article]
        file_name, language = self.text_files.get(found.article), self.languages.get(found.article)
        if self.quotations and self.texts is not None and file_name and language and self.texts.has(file_name):
            node["quotation"] = {language: quotation(self.texts.passage(found, file_name))}
        return Fact(node, (found.article,))

    def to_quads(self, facts: list[Fact]) -> list[ox.Quad]:
        """The quads of facts through the context, each in the graphs of its fact."""
        return list(self._through_context(facts))

    def _through_context(self, facts: list[Fact]) -> Iterator[ox.Quad]:
        named = []
        for number, fact in enumerate(facts):
            node = fact.node
            if fact.evidence:
                node = {**node, "evidence": [found.id for found in fact.evidence]}
            named.append({"id": f"{_RECORD}{number}", "@graph": [node]})
        document = {"@context": self.checker.context.document["@context"], "@graph": named}
        parsed = ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD, base_iri=self.ids)
        for quad in parsed:
            assert isinstance(quad.graph_name, ox.NamedNode)  # noqa: S101 - each record has its graph
            fact = facts[int(quad.graph_name.value.removeprefix(_RECORD))]
            graphs = [ox.NamedNode(self.ids + graph) for graph in fact.graphs]
            triples = [quad.triple]
            if fact.reified and quad.predicate.value not in (RDF_TYPE, self._evidence_iri):
                triples += self._statement(quad.triple, fact.evidence)
            yield from (ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples for graph in graphs)

    @property
    def _evidence_iri(self) -> str:
        return self.checker.context.terms["evidence"].iri

    def _statement(self, triple: ox.Triple, evidence: Iterable[Passage]) -> Iterator[ox.Triple]:
        """The triple as an rdf:Statement (https://www.w3.org/TR/rdf-schema/#ch_statement) with its evidence."""
        digest = hashlib.sha256(str(triple).encode()).hexdigest()[:16]
        statement = ox.NamedNode(f"{self.ids}statement/{digest}")
        yield ox.Triple(statement, ox.NamedNode(RDF_TYPE), ox.NamedNode(RDF + "Statement"))
        yield ox.Triple(statement, ox.NamedNode(RDF + "subject"), triple.subject)
        yield ox.Triple(statement, ox.NamedNode(RDF + "predicate"), triple.predicate)
        yield ox.Triple(statement, ox.NamedNode(RDF + "object"), triple.object)
        for found in evidence:
            yield ox.Triple(statement, ox.NamedNode(self._evidence_iri), ox.NamedNode(self.ids + found.id))
