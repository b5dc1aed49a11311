"""Maps the records of `data/editorial/`: what the editors say about resources, in a graph of its own.

Names need no decision. Each other triple gets an rdf:Statement that says who has decided it, when and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapping import identifiers
from mapping.mapper import Fact
from mapping.records import Reference
from mapping.source import Items, Map, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mapping.documents import Document
    from mapping.mapper import Mapper

GRAPH = "graph/editorial"
NAMES = ("type", "label", "altLabel", "editorialNote")
DESCRIPTION = "description"  # needs no decision either, and gets that of its record
OF_GRAPH = ("license", "isBasedOn", "version")  # what the record of the graph says without a decision
ANSWERS = ("decidedBy", "decidedOn", "ground")  # what a decision has to have
DECISION = (*ANSWERS, "references")
LINKS = ("sameAs", "website")  # what two pages of different hosts have to agree on


def editorial_facts(document: Document, mapper: Mapper) -> list[Fact]:
    """The facts of a document of editorial records; the mapper's checker collects their problems."""
    return [fact for record in document.records for fact in _facts(record, mapper)]


def _facts(record: Map, mapper: Mapper) -> Iterator[Fact]:
    checker = mapper.checker
    if "id" not in record:
        fix = "add 'id:', also where it has a type"
        checker.report("editorial", record.place, "the record does not say what it is about", fix)
        return
    about = Map(record.place)
    for key in record.keys() - DECISION:
        about.put(key, record[key], record.key_places[key])
    node = checker.node(about, "editorial", typed=False)
    if "type" in record:
        mapper.places.setdefault(node["id"], record.place)
    elif node["id"] == record.get("id"):
        checker.references.append(Reference(node["id"], record.place, node["id"]))
    for key in ("evidence", "spellings"):
        if key in record:
            fix = "delete it, or move the record to the file of the article, or of the registry"
            checker.report("editorial", record.key_places[key], f"an editorial record has no '{key}'", fix)
    given = [key for key in DECISION if key in record]
    free = ["id", *NAMES, *([] if given else [DESCRIPTION]), *(OF_GRAPH if node["id"] == GRAPH else [])]
    yield Fact({key: node[key] for key in free if key in node}, (GRAPH,), place=record.place)
    decision = checker.values(record, given, "Statement")
    if given and not about.keys() - free:
        fix = f"delete {', '.join(given)}, or add what was decided"
        checker.report("editorial", record.key_places[given[0]], "nothing is decided here: names need none", fix)
    stated = _answered(record, [key for key in about if key in node and key not in free], mapper)
    decided = {key: value for key in _confirmed(record, stated, mapper) if (value := _valid(record, key, node, mapper))}
    if decided and decision.keys() >= set(ANSWERS):
        yield Fact({"id": node["id"], **decided}, (GRAPH,), place=record.place, decision=decision)


def _answered(record: Map, keys: list[str], mapper: Mapper) -> list[str]:
    """The keys, if the record says who has decided on them, when and why."""
    missing = [key for key in ANSWERS if key not in record]
    if keys and missing:
        fix = f"add {', '.join(missing)} to the record: who has decided, when and why"
        message = f"'{keys[0]}' is no name, so it needs a decision"
        mapper.checker.report("decision", record.key_places[keys[0]], message, fix)
        return []
    return keys


def _confirmed(record: Map, keys: list[str], mapper: Mapper) -> Iterator[str]:
    """The keys, without links that no two pages of different hosts are named for."""
    hosts = {identifiers.host(reference) for reference in _texts(record, "references")} - {""}
    for key in keys:
        if key not in LINKS or len(hosts) > 1:
            yield key
        else:
            fix = "add under references the addresses of two pages of different hosts, which both say so"
            message = f"'{key}' needs two references of different hosts, and has {len(hosts) or 'none'}"
            mapper.checker.report("references", record.key_places[key], message, fix)


def _valid(record: Map, key: str, node: dict[str, Any], mapper: Mapper) -> Any:
    """The value of a key, of `sameAs` without identifiers of a wrong form."""
    if key != "sameAs":
        return node[key]
    found = {text: identifiers.problem(text) for text in _texts(record, key)}
    for text, wrong in found.items():
        if wrong is not None:
            mapper.checker.report("identifier", text.place, *wrong)
    return [value for value in node[key] if found.get(value) is None]


def _texts(record: Map, key: str) -> Iterable[Text]:
    value = record.get(key)
    return [item for item in (value if isinstance(value, Items) else [value]) if isinstance(item, Text)]
