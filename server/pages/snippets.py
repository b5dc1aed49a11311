"""How programs get the answer to a query: short texts for a shell, Python, R and JavaScript, ready to be run."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from flask import request

from core.formats import RESULTS_CSV, RESULTS_JSON, TURTLE
from server.http.context import current_release
from server.http.languages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.formats import Format

_MAIN = {"results": RESULTS_CSV, "boolean": RESULTS_JSON, "graph": TURTLE}  # what an answer of each form is taken as
_PANDAS = """import pandas as pd

table = pd.read_csv({address})
"""
_RDFLIB = """import rdflib

graph = rdflib.Graph().parse({address}, format="turtle")
"""
_WRAPPER = '''from SPARQLWrapper import {format}, SPARQLWrapper

endpoint = SPARQLWrapper({endpoint}, returnFormat={format})
endpoint.setMethod("POST")
{parameters}endpoint.setQuery("""
{query}
""")
answer = endpoint.queryAndConvert()
'''
_R = """table <- read.csv({address}, encoding = "UTF-8")
"""
_JAVASCRIPT = """const response = await fetch({address});
const answer = await response.{read}();
"""


def snippets(
    form: str, name: str, address: Callable[[Format], str], parameters: Sequence[tuple[str, str]]
) -> list[tuple[str, str, None]]:
    """The name and the text of each.

    form: that of the answer, `results`, `boolean` or `graph`. name: of a file for it, without an extension. address:
    the path of the answer in a format. parameters: of the operation at the endpoint, the query among them.
    """
    main, site = _MAIN[form], request.host_url.rstrip("/")
    url, in_json = site + address(main), site + address(RESULTS_JSON if form != "graph" else TURTLE)
    curl = f"curl -fLo {shlex.quote(f'{name}.{main.extension}')} {shlex.quote(url)}\n"
    found = [(gettext("Address"), f"{url}\n"), ("curl", curl)]
    if form == "results":
        found.append(("Python, pandas", _PANDAS.format(address=_quoted(url))))
    elif form == "graph":
        found.append(("Python, rdflib", _RDFLIB.format(address=_quoted(url))))
    found.append(("Python, SPARQLWrapper", _wrapper(form, site + current_release().urls.file("sparql"), parameters)))
    if form == "results":
        found.append(("R", _R.format(address=_quoted(url))))
    read = "text" if form == "graph" else "json"
    found.append(("JavaScript", _JAVASCRIPT.format(address=_quoted(in_json), read=read)))
    return [(title, text, None) for title, text in found]


def _wrapper(form: str, endpoint: str, parameters: Sequence[tuple[str, str]]) -> str:
    others = [
        f"endpoint.addParameter({_quoted(name)}, {_quoted(value)})\n" for name, value in parameters if name != "query"
    ]
    return _WRAPPER.format(
        format="TURTLE" if form == "graph" else "JSON",
        endpoint=_quoted(endpoint),
        parameters="".join(others),
        query=_in_python(dict(parameters)["query"].strip("\n")),
    )


def _quoted(text: str) -> str:
    """A literal of Python, R and JavaScript, which read those of JSON alike."""
    return json.dumps(text, ensure_ascii=False)


def _in_python(text: str) -> str:
    """Lines between triple quotation marks."""
    return text.replace("\\", "\\\\").replace('"""', '""\\"').replace("\r", "\\r").replace("\0", "\\0")
