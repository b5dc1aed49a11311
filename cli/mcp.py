"""`parkgraph mcp`: tools for a language model on this machine."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from cli.options import RELEASES
from core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = "http://127.0.0.1/"


@click.command()
@RELEASES
@click.option("--url", metavar="URL", help="Ask a running service at this address, instead of a folder.")
def mcp(releases: Path, url: str | None) -> None:
    """Serve the tools of the Model Context Protocol on standard input and output, read-only.

    \b
      parkgraph mcp --releases releases
      parkgraph mcp --url https://data.example.org/

    A program with a language model starts this command, and ends it. It needs the extra: pip install "parkgraph[mcp]".
    """
    if find_spec("mcp") is None:
        raise InputError('the package mcp is missing: install "parkgraph[mcp]"')
    from server.app import create_app
    from server.mcp.server import serve_stdio
    from server.mcp.site import About, Site, of_application, open_service
    from server.settings import Settings

    if url:
        asyncio.run(serve_stdio(open_service(url)))
        return
    application = create_app(replace(Settings.from_environment(), releases=releases))
    about = About.of(application.extensions["current"].manifest)
    send = of_application(application.extensions["site"], "127.0.0.1", nullcontext, _LOCAL)
    asyncio.run(serve_stdio(Site(send, _LOCAL, about)))
