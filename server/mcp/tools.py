"""The tools: what a language model asks of a release, by the site's own addresses (server/mcp/site.py).

An answer is one page (server/mcp/page.py); names and texts come from the dataset. Where the site refuses, the tool
says why.
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
    SavedQuery,
    SavedQueryAnswer,
    Schema,
    Use,
)
from server.mcp.document import Document
from server.mcp.names import LONGEST_QUERY, MOST, After, Iri, Language, Limit, fallback, labels_of, to_iri
from server.mcp.page import Page, parse_start, shorten
from server.mcp.site import Site, SiteError, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from server.mcp.site import Reply

_NAMES_FIRST = 10  # found by their names, before those that are found by their texts
_DOCUMENT = 16 << 20  # bytes
_LABEL = 200  # characters
_COLUMNS = 200
_MOST_USED = 100  # that the site tells of what leads to a class, and of the values of a property
_UNREAD = "Its document is too large to be read to its end: ask for the others with query."
_BEYOND = "The answer goes on behind the first mebibyte: ask for less, or in parts by ORDER BY, LIMIT and OFFSET."
_PREFIXES = f"PREFIX void: <{VOID}> PREFIX void-ext: <{VOID_EXT}>"


def search(
    site: Site,
    text: Annotated[str, Field(min_length=1, max_length=200)],
    class_iri: Iri | None = None,
    limit: Limit = 20,
    after: After = None,
    language: Language = "en",
) -> Matches:
    """Resources by their names, and by the words of their texts: ten of the former, the latter, the others."""
    start = parse_start(after)
    parameters = {"q": text, "limit": str(min(MOST, start + limit + 1)), "lang": language}
    if class_iri:
        parameters["class"] = to_iri(class_iri).value
    found = site.json("search", parameters)
    names, page = found["results"], Page(start, limit=limit)

    def tell(row: Mapping[str, Any]) -> Match:
        return _match(site, row)

    first, texts, others = (page.take(r, tell) for r in (names[:_NAMES_FIRST], found["texts"], names[_NAMES_FIRST:]))
    more = f"More than {MOST} have such a name." if found["more"] and len(names) == MOST else ""
    return Matches(release=site.about.release, found=first + others, in_texts=texts, **page.rest(more))


def _match(site: Site, row: Mapping[str, Any]) -> Match:
    return Match(
        iri=row["iri"],
        label=row["label"],
        kind=row["classLabel"],
        class_iri=row["class"],
        matched=row["matched"],
        address=site.document(row["iri"]),
    )


def describe(site: Site, iri: Iri, after: After = None, language: Language = "en") -> Description:
    """The facts about a resource with the statements about them, and what refers to it.

    after: how many items of a page of the document, and where the page begins, divided by a space.
    """
    node = to_iri(iri)
    start, _, behind = (after or "").partition(" ")
    reply = site.get("doc", {"iri": iri} | ({"after": behind} if behind else {}), N_TRIPLES.media_type, _DOCUMENT)
    document = Document(reply, language)
    label, address = shorten(document.label(node), _LABEL), site.document(iri)
    page = Page(parse_start(start), iri, label, address)
    facts = page.take([] if " " in behind else document.facts(node), lambda triple: document.fact(triple, node))
    references = page.take(document.references(node), document.reference)
    following, total = document.next_page(), document.total()
    more = f"{total} references in all." if following and total else ""
    rest = page.rest(more if document.is_whole else _UNREAD, f"0 {following}" if following else "")
    if not page.is_last:
        rest["next"] = f"{page.position} {behind}".rstrip(" ")
    return Description(
        release=site.about.release,
        iri=iri,
        label=label,
        address=address,
        facts=facts,
        references=references,
        **rest,
    )


def schema(
    site: Site,
    class_iri: Iri | None = None,
    property_iri: Iri | None = None,
    after: After = None,
    language: Language = "en",
) -> Schema:
    """Classes; the properties of a class with the classes and datatypes of their values; the values of a property."""
    found, page = Schema(release=site.about.release), Page(parse_start(after))
    if property_iri is not None:
        more = _add_values(site, found, page, to_iri(property_iri), to_iri(class_iri) if class_iri else None, language)
    elif class_iri is not None:
        more = _add_properties(site, found, page, to_iri(class_iri), language)
    else:
        more = _add_classes(site, found, page, language)
    return found.model_copy(update=page.rest(more))


def _add_classes(site: Site, found: Schema, page: Page, language: Language) -> str:
    """Each of these adds what a page has of its part, and tells what is left out beyond the pages."""
    rows = site.select(
        f"{_PREFIXES} SELECT ?iri ?uses ?total {{ GRAPH <{site.about.base}schema-card> {{ "
        "?data void:classes ?total ; void:classPartition ?c . ?c void:class ?iri ; void:entities ?uses } } "
        "ORDER BY DESC(?uses) ?iri"
    )
    labels = labels_of(site, (row["iri"].value for row in rows), language)
    found.classes = page.take(rows, lambda row: _use(row["iri"], row["uses"], labels))
    found.prefixes = dict(page.take([*site.about.prefixes.items()], list))
    total = int(rows[0]["total"].value) if rows else 0
    return f"{total} classes in all, of which these are the largest." if len(rows) < total else ""


def _add_properties(site: Site, found: Schema, page: Page, class_: ox.NamedNode, language: Language) -> str:
    """The properties of a class and those that lead to it, with what the schema card says of their values."""
    rows = site.select(
        f"{_PREFIXES} SELECT ?property ?all ?class ?datatype ?uses {{ GRAPH <{site.about.base}schema-card> {{ "
        f"?c void:class {class_} ; void:propertyPartition ?p . ?p void:property ?property ; void:triples ?all . "
        "OPTIONAL { { ?p void:classPartition ?r . ?r void:class ?class } UNION "
        "{ ?p void-ext:datatypePartition ?r . ?r void-ext:datatype ?datatype } ?r void:triples ?uses } } } "
        "ORDER BY DESC(?all) ?property DESC(?uses) ?class ?datatype"
    )
    named = (row[name].value for row in rows for name in ("property", "class") if name in row)
    labels = labels_of(site, named, language)
    properties: dict[str, Property] = {}
    for row in rows:
        iri = row["property"].value
        of_row = properties.setdefault(iri, Property(**_use(row["property"], row["all"], labels).model_dump()))
        if "class" in row:
            of_row.classes.append(_use(row["class"], row["uses"], labels))
        elif "datatype" in row:
            of_row.datatypes.append(_use(row["datatype"], row["uses"], {}))
    found.properties = page.take([*properties.values()], lambda property_: property_)
    incoming = site.json("completion", {"class": class_.value, "lang": language})["incoming"]
    found.incoming = page.take(incoming, _named)
    return "Of what leads to the class the most used." if len(incoming) == _MOST_USED else ""


def _add_values(
    site: Site, found: Schema, page: Page, property_: ox.NamedNode, class_: ox.NamedNode | None, language: Language
) -> str:
    """Which classes have a property, and its most frequent values with their classes."""
    parameters = {"property": property_.value, "lang": language} | ({"class": class_.value} if class_ else {})
    completion = site.json("completion", parameters)
    uses = sum(row["uses"] for row in completion["subjects"])
    classes = [_named(row) for row in completion["classes"]]
    told = Property(iri=property_.value, label=fallback(property_.value), uses=uses, classes=classes)
    found.properties = page.take([told], lambda property_: property_)
    found.classes = page.take(completion["subjects"], _named)
    found.values = page.take(completion["values"], _named)
    return ""


def _named(row: Mapping[str, Any]) -> Use:
    return Use(iri=row["iri"], label=row["name"], uses=row["uses"])


def _use(node: ox.NamedNode, uses: ox.Literal, labels: Mapping[str, str]) -> Use:
    return Use(iri=node.value, label=labels.get(node.value) or fallback(node.value), uses=int(uses.value))


def saved_query(
    site: Site,
    name: Annotated[str, Field(max_length=100)] | None = None,
    parameters: Annotated[dict[str, str], Field(max_length=50)] | None = None,
    limit: Limit = 100,
    after: After = None,
    language: Language = "en",
) -> SavedQueryAnswer:
    """The saved queries, or the answer to one of them."""
    if name is None:
        page = Page(parse_start(after))
        queries = page.take(site.json("queries", {}), lambda row: _saved(row, language))
        return SavedQueryAnswer(release=site.about.release, queries=queries, **page.rest())
    if not name.replace("-", "").isalnum():
        raise SiteError(f"'{name}' is no name of a saved query; call without a name for a list.")
    given = dict(parameters or {})
    accept = f"{RESULTS_TSV.media_type}, {N_TRIPLES.media_type}"
    reply, address = site.get(f"query/{name}", given, accept), site.permanent(f"query/{name}", given)
    return SavedQueryAnswer(**dict(_query_answer(site, reply, address, parse_start(after), limit)))


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


def query(
    site: Site,
    sparql: Annotated[str, Field(max_length=LONGEST_QUERY)],
    limit: Limit = 100,
    after: After = None,
) -> QueryAnswer:
    """The answer to a SPARQL query, within the limits of the site."""
    address = site.permanent("sparql", {"query": sparql})
    return _query_answer(site, site.post_query(sparql), address, parse_start(after), limit)


def _query_answer(site: Site, reply: Reply, address: str | None, start: int, limit: int) -> QueryAnswer:
    answer, page = QueryAnswer(release=site.about.release, address=address), Page(start, address, limit=limit)
    content_type = reply.fields.get("content-type", "").partition(";")[0]
    if content_type == N_TRIPLES.media_type:
        lines = reply.whole_lines().decode("utf-8", "ignore").splitlines(keepends=True)
        answer.graph = "".join(page.take(lines, lambda line: line))
    elif reply.body.strip() in {b"true", b"false"}:
        answer.boolean = reply.body.strip() == b"true"
    else:
        answer.columns, rows = read_rows(reply)
        if len(answer.columns) > _COLUMNS:
            raise SiteError(f"{len(answer.columns)} columns are more than can be told: select at most {_COLUMNS}.")
        page = Page(start, address, *answer.columns, limit=limit)
        answer.rows = page.take(rows, lambda row: {name: answers.term(value) for name, value in row.items()})
    return answer.model_copy(update=page.rest("" if reply.is_whole else _BEYOND))


def _text(texts: Mapping[str, str], language: str) -> str | None:
    name = choose_text(texts, [language])
    return name.text if name else None
