"""The command `query`: asks a release, or an endpoint."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

import click

from cli.options import FINDINGS, RELEASES, http_url
from cli.read import RELEASE, find
from core.errors import InputError, QueryError
from core.formats import RDF_FORMATS, RESULT_FORMATS, RESULTS_JSON, TURTLE, by_extension

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from core.formats import Format
    from core.rdf import Term
    from core.sparql_responses import QueryResult
    from release.reader import Release

_EXTENSIONS = [format_.extension for format_ in (*RESULT_FORMATS, *RDF_FORMATS)]
_ALIASES = {"json": "srj", "xml": "srx"}
_TABLE = "table"


@click.command()
@RELEASES
@RELEASE
@click.option("--endpoint", metavar="URL", callback=http_url, help="Ask this SPARQL endpoint, instead of a release.")
@click.option("-e", "--execute", metavar="QUERY", help="The query itself, instead of a file.")
@click.option(
    "--format",
    "form",
    type=click.Choice([_TABLE, *_EXTENSIONS, *_ALIASES]),
    help="How the answer is written.  [default: table, or ttl for CONSTRUCT and DESCRIBE]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="With --endpoint: how many seconds it has.",
)
@click.option("--exit-status", is_flag=True, help="Exit with 1 where the answer is no, or has no rows or triples.")
@click.argument("file", type=click.File("r", encoding="utf-8"), required=False)
def query(
    releases: Path,
    release_id: str | None,
    endpoint: str | None,
    execute: str | None,
    form: str | None,
    timeout: float,
    file: TextIO | None,
    *,
    exit_status: bool,
) -> None:
    """Ask a release or an endpoint a SPARQL query, from FILE, from standard input (-, or no FILE), or from -e.

    \b
      parkgraph query question.rq
      parkgraph query -e 'SELECT * { ?s ?p ?o } LIMIT 5' --format csv
      echo 'DESCRIBE <id/park/sophia-antipolis>' | parkgraph query
      parkgraph query question.rq --endpoint http://localhost:8000/sparql
      parkgraph query -e 'ASK { ?s ?p 1 }' --exit-status && echo yes

    A release knows the prefixes of its dataset, and relative IRIs. Nothing is written anywhere by a query.

    \b
    Exit codes: 0 answered; 1 with --exit-status: the answer is no, or empty; 2 wrong usage, or a format that cannot
    hold the answer; 3 the query is not SPARQL, or there is no answer: no release, no connection, a limit was met.
    """
    text = _text(execute, file)
    wanted = by_extension(_ALIASES.get(form, form)) if form and form != _TABLE else None
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine cannot be interrupted otherwise
    if endpoint and release_id:
        raise click.UsageError("--release goes without --endpoint.")
    asked = _ask_endpoint(endpoint, text, timeout) if endpoint else _ask_release(find(releases, release_id), text)
    with asked as (received, prefixes):
        answer, found = _is_found(received) if exit_status else (received, True)
        _write(answer, form, wanted, {**prefixes, **_declared(text)})
    if not found:
        raise click.exceptions.Exit(FINDINGS)


def _text(execute: str | None, file: TextIO | None) -> str:
    if execute is not None and file is not None:
        raise click.UsageError("Give the query as FILE or with -e, not both.")
    if execute is None and file is None and sys.stdin.isatty():
        raise click.UsageError("Give the query as FILE, on standard input, or with -e.")
    try:
        text = execute if execute is not None else file.read() if file else sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"the query is not UTF-8, at byte {error.start}") from error
    if not text.strip():
        raise click.UsageError("Give the query as FILE, on standard input, or with -e; this one is empty.")
    return text


@contextmanager
def _ask_release(release: Release, text: str) -> Iterator[tuple[QueryResult, Mapping[str, str]]]:
    from core.evaluation import explain
    from server.query.local import query_release

    try:
        yield query_release(release, text), release.manifest.prefixes
    except RuntimeError as error:
        raise QueryError(explain(error)) from error
    except OSError as error:
        if error.errno is not None:  # of what the answer is written to
            raise
        raise QueryError(f"a service that the query names cannot be asked: {error}") from error


@contextmanager
def _ask_endpoint(endpoint: str, text: str, seconds: float) -> Iterator[tuple[QueryResult, Mapping[str, str]]]:
    from core.sparql_client import query_endpoint

    def expire(*_: object) -> None:
        raise QueryError(f"the query took longer than {seconds:g} seconds")

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with query_endpoint(endpoint, text) as answer:
            signal.setitimer(signal.ITIMER_REAL, 0)
            yield answer, {}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _is_found(answer: QueryResult) -> tuple[QueryResult, bool]:
    """The answer again, unread, and whether it is yes, or has rows or triples."""
    import pyoxigraph as ox

    if isinstance(answer, ox.QueryBoolean):
        return answer, bool(answer)
    if isinstance(answer, ox.QuerySolutions):
        data = cast("bytes", answer.serialize(format=RESULTS_JSON.results))
        again, rows = (
            cast("ox.QuerySolutions", ox.parse_query_results(data, format=RESULTS_JSON.results)) for _ in range(2)
        )
        return again, next(rows, None) is not None
    triples = list(answer)
    return triples, bool(triples)


def _write(answer: QueryResult, form: str | None, wanted: Format | None, prefixes: Mapping[str, str]) -> None:
    """Write the answer to standard output once it is whole."""
    import pyoxigraph as ox

    from server.query.local import write_whole

    if isinstance(answer, ox.QueryBoolean) and wanted is None:
        click.echo("yes" if answer else "no")
        return
    if isinstance(answer, ox.QuerySolutions) and wanted is None:
        _table(answer, prefixes)
        return
    if wanted is None and form == _TABLE:
        raise click.UsageError("a graph is no table; choose another --format.")
    wanted = wanted or TURTLE
    if isinstance(answer, ox.QuerySolutions | ox.QueryBoolean) != (wanted in RESULT_FORMATS):
        raise click.UsageError(f"{form} cannot hold the answer of this query.")
    write_whole(answer, wanted, prefixes, sys.stdout.buffer)


def _table(solutions: ox.QuerySolutions, prefixes: Mapping[str, str]) -> None:
    import pyoxigraph as ox
    from prettytable import PrettyTable, TableStyle

    from core.namespaces import compact
    from core.rdf import notation

    def text(term: Term | None) -> str:
        if isinstance(term, ox.NamedNode):
            return compact(term.value, prefixes) or f"<{term.value}>"
        return term.value if isinstance(term, ox.Literal) else "" if term is None else notation(term)

    table = PrettyTable([variable.value for variable in solutions.variables], align="l")
    table.set_style(TableStyle.PLAIN_COLUMNS)
    table.add_rows([[text(term) for term in row] for row in solutions])
    click.echo(table.get_string() or "  ".join(table.field_names))


def _declared(text: str) -> dict[str, str]:
    """The prefixes that the query declares."""
    from core.lexer import declarations, read_terminals

    found = [declared for declared in declarations(read_terminals(text)[1]) if declared[0].is_word("PREFIX")]
    return {name.text[:-1]: iri.text[1:-1] for _, name, iri in found}
