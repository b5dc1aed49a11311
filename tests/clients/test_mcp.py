"""A client of the Model Context Protocol answers the questions by tools alone, over HTTP and over stdio.

It plays a model: whatever IRI it puts into a query has been told by a tool before. It looks at the schema, searches for
the words of what it misses, and declares the prefixes that it was told.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from mcp import Client, StdioServerParameters

from tests.clients import questions
from tests.conftest import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r'(?<![\w<"/@])([A-Za-z]\w*):([A-Za-z][\w-]*)')
_COMMENT = re.compile(r"(?m)(^|\s)#[^\n]*$")
_TEXT = re.compile(r'"[^"\n]*"')


class Model:
    """Calls tools, and remembers which IRIs it was told."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.told: set[str] = set()
        self.prefixes: dict[str, str] = {}

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """An answer, with the lists of all its pages."""
        told: dict[str, Any] = {}
        after: dict[str, str] = {}
        while not told or after:
            result = await self._client.call_tool(tool, {**arguments, **after})
            assert not result.is_error, result.content
            page: dict[str, Any] = result.structured_content
            lists = {name: told.get(name, []) + rows for name, rows in page.items() if isinstance(rows, list)}
            told |= page | lists | {"prefixes": told.get("prefixes", {}) | page.get("prefixes", {})}
            after = {"after": page["next"]} if "next" in page else {}
        self.told.update(_texts(told))
        return told

    async def look_around(self) -> None:
        """The classes, and the properties of each."""
        overview = await self.call("schema")
        self.prefixes = overview["prefixes"]
        for class_ in overview["classes"]:
            await self.call("schema", class_iri=class_["iri"])

    async def ask(self, text: str) -> Counter[tuple[str, ...]]:
        """The rows for a question in SPARQL, of which the prefixes are left out."""
        bare = _TEXT.sub('""', _COMMENT.sub("", text))
        names = {(prefix, name) for prefix, name in _NAME.findall(bare) if self.prefixes[prefix] and prefix != "xsd"}
        wanted = {self.prefixes[prefix] + name: name for prefix, name in names}
        for iri in sorted(wanted.keys() - self.told):
            await self.call("search", text=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", wanted[iri]), limit=50)
        if wanted.keys() - self.told:  # a value that is called otherwise: look at those of each property
            for iri in sorted(wanted.keys() & self.told):
                await self.call("schema", property_iri=iri)
        assert wanted.keys() <= self.told, f"no tool has told {sorted(wanted.keys() - self.told)}"
        declared = "\n".join(f"PREFIX {prefix}: <{space}>" for prefix, space in self.prefixes.items())
        answer = await self.call("query", sparql=f"{declared}\n{text}", limit=1_000)
        assert not answer["truncated"]
        return Counter(tuple(_written(row.get(column)) for column in answer["columns"]) for row in answer["rows"])


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for member in value.values():
                yield from _texts(member)
        case list():
            for member in value:
                yield from _texts(member)
        case str():
            yield value


def _written(term: dict[str, str] | None) -> str:
    """A term of an answer as N-Triples."""
    if term is None:
        return ""
    if term["type"] == "uri":
        return str(ox.NamedNode(term["value"]))
    if "language" in term:
        return str(ox.Literal(term["value"], language=term["language"]))
    return str(ox.Literal(term["value"], datatype=ox.NamedNode(term["datatype"])))


def _expected(name: str, base: str) -> Counter[tuple[str, ...]]:
    """With types and languages, nothing for no value."""
    table = (questions.FOLDER / f"{name}.tsv").read_text(encoding="utf-8").replace("http://localhost:8000/", base)
    found = ox.parse_query_results(table.encode(), format=ox.QueryResultsFormat.TSV)
    assert isinstance(found, ox.QuerySolutions)
    return Counter(tuple("" if term is None else str(term) for term in row) for row in found)


def _without_prefixes(name: str) -> str:
    return "\n".join(line for line in questions.text(name).splitlines() if not line.startswith("PREFIX"))


async def _answer_all(server: Any, base: str) -> dict[str, bool]:
    async with Client(server) as client:
        model = Model(client)
        await model.look_around()
        return {name: await model.ask(_without_prefixes(name)) == _expected(name, base) for name in questions.NAMES}


@pytest.mark.parametrize("transport", ["http", "stdio of a service", "stdio of a folder"])
def test_the_questions_are_answered_by_tools_alone(site: str, site_releases: Path, transport: str) -> None:
    arguments = (
        ["mcp", "--url", site] if transport == "stdio of a service" else ["mcp", "--releases", str(site_releases)]
    )
    server = f"{site}mcp" if transport == "http" else StdioServerParameters(command=PROGRAM, args=arguments)
    answered = asyncio.run(_answer_all(server, site))
    assert len(answered) == 40
    assert [name for name, is_right in answered.items() if not is_right] == []


async def _look_up(server: Any) -> None:
    """A question of saved queries, and the source of an answer, from names alone."""
    async with Client(server) as client:
        model = Model(client)
        listed = await model.call("saved_query")
        asked = next(
            query for query in listed["queries"] if "sister park" in query["title"].lower() and query["parameters"]
        )
        (first, second) = [
            (await model.call("search", text=text, limit=1))["found"][0]
            for text in ("Sophia Antipolis", "Chengdu Hi-Tech")
        ]
        names = [parameter["name"] for parameter in asked["parameters"]]
        given = dict(zip(names, (first["iri"], second["label"]), strict=True))  # an IRI, and a name
        answer = await model.call("saved_query", name=asked["name"], parameters=given)
        assert answer["boolean"] is True
        classes = {class_["label"]: class_["iri"] for class_ in (await model.call("schema"))["classes"]}
        deal = (await model.call("search", text="sister park", class_iri=classes["agreement"]))["found"][0]
        backed = await model.call("evidence", iri=deal["iri"])
        said = [detail for source in backed["sources"] for detail in source["says"]]
        assert {"start", "end"} <= {detail["label"] for detail in said}
        assert all(f"/release/{backed['release']}/" in source["address"] for source in backed["sources"])
        described = await model.call("describe", iri=deal["iri"], language="de")
        statements = [statement for fact in described["facts"] for statement in fact["statements"]]
        for statement in statements[:3]:
            of_statement = await model.call("evidence", iri=statement["iri"])
            assert of_statement["backing"][0]["statement"] == statement["iri"]


def test_saved_queries_and_sources(site: str) -> None:
    asyncio.run(_look_up(f"{site}mcp"))
