"""Queries a release in this process, without the limits of query processes: for the command line."""

from __future__ import annotations

import math
import shutil
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from core.corrections import correct
from core.evaluation import evaluate
from core.query_graphs import names_graph
from release.text_search import TextSearch
from server.model.describe import Describer
from server.query.writing import Spool, write_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.formats import Format
    from core.sparql_responses import QueryResult
    from release.reader import Release


def query_release(release: Release, query: str) -> QueryResult:
    """The answer of a release, which knows the prefixes of its dataset and relative IRIs; DESCRIBE gives documents.

    QuerySyntaxError if the query is not SPARQL.
    """
    prefixes = release.manifest.prefixes
    is_described = names_graph(query, release.manifest.description_graphs, release.base, prefixes)
    store = release.open_described_store() if is_described else release.open_store()
    corrected = TextSearch(release).rewrite(correct(query), release.base, prefixes)
    result = evaluate(store, corrected, base_iri=release.base, prefixes=prefixes)
    if not isinstance(result, ox.QueryTriples):
        return result
    described = Describer(store, release).triples(corrected.text, release.base, prefixes)
    return result if described is None else described


def write_whole(
    answer: QueryResult,
    format_: Format,
    prefixes: Mapping[str, str],
    output: IO[bytes],
) -> None:
    """Write an answer once it is whole; UnwritableError, and nothing written, if the format cannot hold it.

    prefixes: for the formats of graphs that have them.
    """
    with Spool(math.inf) as spool:
        write_answer(answer, format_, spool, dict(prefixes))
        spool.file.seek(0)
        shutil.copyfileobj(spool.file, output)
