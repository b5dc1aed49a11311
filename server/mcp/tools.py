"""The tools: what a language model asks of a release, by the site's own addresses (server/mcp/site.py).

Each is bounded in what it tells; names and texts come from the dataset. Where the site refuses, the tool says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from core.formats import N_TRIPLES, RESULTS_TSV
from core.labels import choose_text
from core.namespaces import VOID, VOID_EXT
from server.mcp import answers
from server.mcp.answers import (
    Description,
    Match,
    Matches,
    Parameter,
    Property,
    QueryAnswer,
    Reference,
    SavedQuery,
    SavedQueryAnswer,
    Schema,
    Use,
)
from server.mcp.document import ABOUT, Document
from server.mcp.names import LONGEST_QUERY, Iri, Language, Limit, fallback, labels_of, to_iri
from server.mcp.site import Site, SiteError, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from server.mcp.site import Reply

_FACTS, _REFERENCES = 200, 100
_PREFIXES = f"PREFIX void: <{VOID}> PREFIX void-ext: <{VOID_EXT}>"


def search(
    site: Site,
    text: Annotated[str, Field(min_length=1, max_length=200)],
    class_iri: Iri | None = None,
    limit: Limit = 10,
    language: Language = "en",
) -> Matches:
    """Resources by their names, and by the words of their texts."""
    parameters = {"q": text, "limit": str(limit), "lang": language}
    if class_iri:
        parameters["class"] = to_iri(class_iri).value
    found = site.json("search", parameters)
    texts = found["texts"][:limit]
    return Matches(
        release=site.about.release,
        found=[_match(site, row) for row in found["results"]],
        in_texts=[_match(site, row) for row in texts],
        more=found["more"] or len(texts) < len(found["texts"]),
    )


def _match(site: Site, row: Mapping[str, Any]) -> Match:
    return Match(
        iri=row["iri"],
        label=row["label"],
        kind=row["classLabel"],
        class_iri=row["class"],
        matched=row["matched"],
        address=site.document(row["iri"]),
    )


def describe(site: Site, iri: Iri, after: Iri | None = None, language: Language = "en") -> Description:
    """The facts about a resource with the statements about them, and what refers to it."""
    node = to_iri(iri)
    parameters = {"iri": node.value} | ({"after": after} if after else {})
    document = Document(site.get("doc", parameters, N_TRIPLES.media_type), language)
    facts = document.facts(node)
    blank = {fact.value.value for fact in facts if fact.value.type == "bnode"}
    references = [
        Reference(subject=document.term(t.subject), property=t.predicate.value, label=document.label(t.predicate))
        for t in document.triples
        if t.object == node and t.subject != node and t.predicate not in ABOUT
    ]
    return Description(
        release=site.about.release,
        iri=node.value,
        label=document.label(node),
        address=site.document(node.value),
        facts=facts[:_FACTS],
        nested={str(n): document.details(n) for n in document.by_subject if str(n) in blank},
        references=references[:_REFERENCES],
        next=document.next_page(),
        truncated=not document.is_whole or len(facts) > _FACTS or len(references) > _REFERENCES,
    )


def schema(
    site: Site, class_iri: Iri | None = None, property_iri: Iri | None = None, language: Language = "en"
) -> Schema:
    """Classes; the properties of a class with the classes and datatypes of their values; the values of a property."""
    found = Schema(release=site.about.release, prefixes=dict(site.about.prefixes))
    if class_iri is None and property_iri is None:
        rows = site.select(
            f"{_PREFIXES} SELECT ?iri ?uses ?total {{ GRAPH <{site.about.base}schema-card> {{ "
            "?data void:classes ?total ; void:classPartition ?c . ?c void:class ?iri ; void:entities ?uses } } "
            "ORDER BY DESC(?uses) ?iri"
        )
        labels = labels_of(site, (row["iri"].value for row in rows), language)
        found.classes = [_use(row, labels) for row in rows]
        found.truncated = bool(rows) and len(rows) < int(rows[0]["total"].value)
        return found
    if property_iri is None:
        _add_properties(site, found, to_iri(class_iri or ""), language)
        return found
    parameters = {"property": to_iri(property_iri).value, "lang": language}
    if class_iri is not None:
        parameters["class"] = to_iri(class_iri).value
    completion = site.json("completion", parameters)
    found.values = [_named(row) for row in completion["values"]]
    found.classes = [_named(row) for row in completion["subjects"]]
    uses = sum(row["uses"] for row in completion["subjects"])
    found.properties = [
        Property(
            iri=property_iri,
            label=fallback(property_iri),
            uses=uses,
            classes=[_named(row) for row in completion["classes"]],
        )
    ]
    return found


def _add_properties(site: Site, found: Schema, class_: ox.NamedNode, language: Language) -> None:
    """The properties of a class and those that lead to it, with what the schema card says of their values."""
    completion = site.json("completion", {"class": class_.value, "lang": language})
    rows = site.select(
        f"{_PREFIXES} SELECT ?property ?class ?datatype ?uses {{ GRAPH <{site.about.base}schema-card> {{ "
        f"?c void:class {class_} ; void:propertyPartition ?p . ?p void:property ?property . "
        "{ ?p void:classPartition ?r . ?r void:class ?class } UNION "
        "{ ?p void-ext:datatypePartition ?r . ?r void-ext:datatype ?datatype } ?r void:triples ?uses } } "
        "ORDER BY DESC(?uses)"
    )
    labels = labels_of(site, (row["class"].value for row in rows if "class" in row), language)
    properties = {row["iri"]: Property(**_named(row).model_dump()) for row in completion["properties"]}
    for row in rows:
        property_ = properties.get(row["property"].value)
        if property_ and "class" in row:
            property_.classes.append(_use({"iri": row["class"], "uses": row["uses"]}, labels))
        elif property_:
            property_.datatypes.append(_use({"iri": row["datatype"], "uses": row["uses"]}, {}))
    found.properties, found.incoming = list(properties.values()), [_named(row) for row in completion["incoming"]]


def _named(row: Mapping[str, Any]) -> Use:
    return Use(iri=row["iri"], label=row["name"], uses=row["uses"])


def _use(row: Mapping[str, Any], labels: Mapping[str, str]) -> Use:
    iri = row["iri"].value
    return Use(iri=iri, label=labels.get(iri) or fallback(iri), uses=int(row["uses"].value))


def saved_query(
    site: Site,
    name: Annotated[str, Field(max_length=100)] | None = None,
    parameters: Annotated[dict[str, str], Field(max_length=50)] | None = None,
    limit: Limit = 100,
    language: Language = "en",
) -> SavedQueryAnswer:
    """The saved queries, or the answer to one of them."""
    if name is None:
        queries = [_saved(row, language) for row in site.json("queries", {})]
        return SavedQueryAnswer(release=site.about.release, queries=queries)
    if not name.replace("-", "").isalnum():
        raise SiteError(f"'{name}' is no name of a saved query; call without a name for a list.")
    given = dict(parameters or {})
    accept = f"{RESULTS_TSV.media_type}, {N_TRIPLES.media_type}"
    answer = _query_answer(site, site.get(f"query/{name}", given, accept), limit)
    answer.address = site.permanent(f"query/{name}", given)
    return SavedQueryAnswer(**dict(answer))


def _saved(row: Mapping[str, Any], language: Language) -> SavedQuery:
    parameters = [
        Parameter(
            name=p["name"],
            type=p["type"],
            required=p["required"],
            description=_text(p["description"], language),
            members_of=p["membersOf"],
            default=p["default"],
            example=p["example"],
        )
        for p in row["parameters"]
    ]
    return SavedQuery(
        name=row["name"],
        title=_text(row["title"], language) or row["name"],
        description=_text(row["description"], language),
        parameters=parameters,
        columns=row["columns"],
    )


def query(site: Site, sparql: Annotated[str, Field(max_length=LONGEST_QUERY)], limit: Limit = 100) -> QueryAnswer:
    """The answer to a SPARQL query, within the limits of the site."""
    answer = _query_answer(site, site.post_query(sparql), limit)
    answer.address = site.permanent("sparql", {"query": sparql})
    return answer


def _query_answer(site: Site, reply: Reply, limit: int) -> QueryAnswer:
    answer = QueryAnswer(release=site.about.release)
    content_type = reply.fields.get("content-type", "").partition(";")[0]
    if content_type == N_TRIPLES.media_type:
        lines = reply.body.decode("utf-8", "ignore").splitlines(keepends=True)
        answer.truncated = not reply.is_whole or len(lines) > limit
        answer.graph = "".join(lines[:limit] if reply.is_whole else lines[:-1][:limit])
    elif reply.body.strip() in {b"true", b"false"}:
        answer.boolean = reply.body.strip() == b"true"
    else:
        answer.columns, rows, is_whole = read_rows(reply, limit)
        answer.rows = [{name: answers.term(value) for name, value in row.items()} for row in rows]
        answer.truncated = not is_whole
    return answer


def _text(texts: Mapping[str, str], language: str) -> str | None:
    name = choose_text(texts, [language])
    return name.text if name else None
