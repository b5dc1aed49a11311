"""The MCP server: the tools under their names, and what a model is told of them and of the dataset."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mcp.server import Server
from mcp.server.mcpserver.utilities.func_metadata import func_metadata
from mcp.server.stdio import stdio_server
from mcp_types import CallToolResult, ListToolsResult, TextContent, ToolAnnotations
from mcp_types import Tool as ToolDescription
from pydantic import ValidationError
from pydantic_core import to_json

from core import __version__
from core.labels import choose_text
from server.mcp import backing, tools
from server.mcp.page import shorten
from server.mcp.site import SiteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server import ServerRequestContext
    from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
    from mcp_types import CallToolRequestParams, PaginatedRequestParams

    from server.mcp.site import Site

_log = logging.getLogger(__name__)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
# Names and descriptions, for models: which tool to take, and what to give it.
_TEXTS: dict[str, tuple[Callable[..., Any], str]] = {
    "search": (
        tools.search,
        """Find resources by name, in any language or spelling, or by the words of their texts. Begin here: it gives the
IRIs that the other tools take. class_iri: only members of this class.""",
    ),
    "describe": (
        tools.describe,
        """The facts about one resource, by its IRI, with names, the statements about each fact (their IRIs, and what
they say), and what refers to it.""",
    ),
    "schema": (
        tools.schema,
        """What the data are made of. Without arguments: the classes. With class_iri: the properties of its members,
with the classes or datatypes of their values, and the properties that lead to them. With property_iri: its most
frequent values. Ask it before you write SPARQL.""",
    ),
    "saved_query": (
        tools.saved_query,
        """Ready-made questions. Without a name: all of them, with their parameters. With a name: the answer. A
parameter of type iri takes an IRI or the exact name of a resource.""",
    ),
    "query": (
        tools.query,
        """The answer to a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT, DESCRIBE), read-only, with limits of time and size.
Declare all prefixes. The default graph has every triple; named graphs say where a triple comes from.""",
    ),
    "evidence": (
        backing.backing,
        """What backs a statement (by its IRI), all facts about a resource, or its fact with a property and a value: the
sources with their quotation or text, position and permanent address. Cite these.""",
    ),
}


class _Tool:
    """A tool with its schemas, which come from the types of its function."""

    def __init__(self, name: str, function: Callable[..., Any], description: str) -> None:
        """function: takes the site before its arguments."""
        self._function = function
        self._metadata: FuncMetadata = func_metadata(function, skip_names=["site"], structured_output=True)
        self.description = ToolDescription(
            name=name,
            description=description,
            input_schema=self._metadata.arg_model.model_json_schema(),
            output_schema=self._metadata.output_schema,
            annotations=_READS,
        )

    def call(self, site: Site, arguments: dict[str, Any]) -> CallToolResult:
        """The answer, or what is wrong with the arguments, or why the site refuses."""
        try:
            given = self._metadata.validate_arguments(arguments)
        except ValidationError as error:
            places = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            return _failed("; ".join(places))
        try:
            told = self._function(site, **given).model_dump(mode="json")
        except SiteError as error:
            return _failed(str(error))
        text = to_json(told).decode()  # for clients that do not read structured content
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=told)


_TOOLS = {name: _Tool(name, function, " ".join(text.split())) for name, (function, text) in _TEXTS.items()}


def server(site: Site) -> Server[Any]:
    """A server of the tools for a site. They are called in the thread that runs it, one after the other."""

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool.description for tool in _TOOLS.values()])

    async def call_tool(_: ServerRequestContext[Any], asked: CallToolRequestParams) -> CallToolResult:
        tool = _TOOLS.get(asked.name)
        if tool is None:
            return _failed(f"There is no tool of this name; there are {', '.join(_TOOLS)}.")
        try:
            return tool.call(site, asked.arguments or {})
        except Exception:  # noqa: BLE001 - whatever it is, the model is told that the call failed
            _log.exception("the tool %s failed", asked.name)
            return _failed("The tool failed; the log of the server says more.")

    return Server(
        "parkgraph",
        version=__version__,
        instructions=_instructions(site),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_stdio(site: Site) -> None:
    """Serve the tools on standard input and output, until the input ends."""
    of_site = server(site)
    async with stdio_server() as (read, write):
        await of_site.run(read, write, of_site.create_initialization_options())


def _failed(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=shorten(text))], is_error=True)


def _instructions(site: Site) -> str:
    about = site.about
    title, description = (choose_text(texts, ()) for texts in (about.titles, about.descriptions))
    more = shorten(description.text) if description else ""
    lines = [
        f"{title.text if title else about.base}: linked data, read-only. {more}",
        f"Release {about.release}" + (f", licence {about.licence}." if about.licence else "."),
        "Find IRIs with search, never guess them. For tables look at saved_query first, then schema and query.",
        "Long answers come in pages: left_out says what is missing, next given as after gets what follows.",
        f"The permanent address of an IRI is {site.permanent('doc')}?iri=<IRI, percent-encoded>.",
        "Back what you say: cite the IRIs of statements, their quotations and sources, and permanent addresses.",
    ]
    return "\n".join(lines)
