"""The command `query`: asks a release, or an endpoint."""

from __future__ import annotations

import math
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from cli.options import FINDINGS, RELEASES
from cli.read import RELEASE, find
from core.errors import InputError
from core.formats import RDF_FORMATS, RESULT_FORMATS, RESULTS_JSON, TURTLE, by_extension

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from core.formats import Format
    from server.query.writing import Spool

_EXTENSIONS = [format_.extension for format_ in (*RESULT_FORMATS, *RDF_FORMATS)]
_ALIASES = {"json": "srj", "xml": "srx"}
_TABLE = "table"
_SIZE = 1 << 40  # bytes: what the answer of an endpoint may have here


@click.command()
@RELEASES
@RELEASE
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint, instead of a release.")
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
    if endpoint:
        if release_id:
            raise click.UsageError("--release goes without --endpoint.")
        answered = _ask_endpoint(endpoint, text, timeout)
    else:
        answered = _ask_release(find(releases, release_id), text)
    with answered as (result, prefixes):
        something = _write(result, form, wanted, {**prefixes, **_declared(text)}, count=exit_status)
    if exit_status and not something:
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
def _ask_release(release: Any, text: str) -> Iterator[tuple[Any, Mapping[str, str]]]:
    import pyoxigraph as ox

    from core.evaluation import evaluate
    from core.syntax_errors import misread
    from server.model.describe import Describer
    from server.query.errors import SyntaxFault

    store = release.open_store()
    prefixes: dict[str, str] = release.manifest.prefixes
    try:
        result: Any = evaluate(store, text, base_iri=release.base, prefixes=prefixes)
    except SyntaxError as error:
        raise _not_sparql(SyntaxFault(*misread(error))) from error
    if isinstance(result, ox.QueryTriples):
        declared = "".join(f"PREFIX {name}: <{iri}> " for name, iri in prefixes.items() if name not in _declared(text))
        described = Describer(store, release.path).triples(declared + text, release.base)
        result = result if described is None else described
    yield result, prefixes


@contextmanager
def _ask_endpoint(endpoint: str, text: str, timeout: float) -> Iterator[tuple[Any, Mapping[str, str]]]:
    from server.query.errors import SyntaxFault, TimeFault
    from server.query.remote import form_of
    from server.query.upstream import NO_GRAPHS, LateError, Upstream
    from server.settings import is_address

    if not is_address(endpoint):
        raise click.BadParameter("give an address that begins with http:// or https://", param_hint="--endpoint")
    upstream = Upstream(endpoint, 1)
    try:
        ask: Any = upstream.triples if form_of(text) == "graph" else upstream.results
        with ask(text, NO_GRAPHS, time.monotonic() + timeout, _SIZE) as result:
            yield result, {}
    except SyntaxFault as error:
        raise _not_sparql(error) from error
    except LateError as error:
        raise TimeFault(f"the query took longer than {timeout:g} seconds") from error
    finally:
        upstream.close()


def _not_sparql(fault: Any) -> InputError:
    where = f" at line {fault.line}, column {fault.column}" if fault.line else ""
    return InputError(f"the query is not SPARQL{where}: {fault}")


def _write(result: Any, form: str | None, wanted: Format | None, prefixes: dict[str, str], *, count: bool) -> bool:
    """Write the answer to standard output, once it is there whole; says whether there is anything in it.

    count: whether that has to be found out.
    """
    import pyoxigraph as ox

    from server.model.serialization import UnwritableError
    from server.query.writing import Spool, write_results, write_triples

    if isinstance(result, ox.QueryBoolean) and wanted is None:
        click.echo("yes" if result else "no")
        return bool(result)
    if isinstance(result, ox.QuerySolutions) and wanted is None:
        return _table(result, prefixes)
    rows = isinstance(result, ox.QuerySolutions | ox.QueryBoolean)
    if wanted is None and form == _TABLE:
        raise click.UsageError("a graph is no table; choose another --format.")
    wanted = wanted or TURTLE
    if rows != (wanted in RESULT_FORMATS):
        raise click.UsageError(f"{form} cannot hold the answer of this query.")
    spool = Spool(math.inf)
    with spool.file:
        try:
            if not rows:
                triples = list(result) if count else result
                write_triples(triples, wanted, spool, prefixes)
                something = bool(triples)
            elif isinstance(result, ox.QuerySolutions) and count:
                something = _counted(result, wanted, spool)
            else:
                write_results(result, wanted, spool)
                something = bool(result) if isinstance(result, ox.QueryBoolean) else True
        except UnwritableError as error:
            raise InputError(f"{error}; other formats can") from error
        spool.file.seek(0)
        shutil.copyfileobj(spool.file, sys.stdout.buffer)
    return something


def _counted(result: ox.QuerySolutions, wanted: Format, spool: Spool) -> bool:
    """Write rows by way of JSON, to see whether there is one."""
    import pyoxigraph as ox

    from server.query.writing import write_results

    data = cast("bytes", result.serialize(format=RESULTS_JSON.results))
    rows = cast("ox.QuerySolutions", ox.parse_query_results(data, format=RESULTS_JSON.results))
    write_results(cast("ox.QuerySolutions", ox.parse_query_results(data, format=RESULTS_JSON.results)), wanted, spool)
    return next(rows, None) is not None


def _table(solutions: ox.QuerySolutions, prefixes: Mapping[str, str]) -> bool:
    import pyoxigraph as ox
    from prettytable import PrettyTable, TableStyle

    def text(term: object) -> str:
        if isinstance(term, ox.NamedNode):
            fits = [(name, space) for name, space in prefixes.items() if term.value.startswith(space)]
            name, space = max(fits, key=lambda fit: len(fit[1]), default=("", ""))
            return f"{name}:{term.value.removeprefix(space)}" if space else f"<{term.value}>"
        return term.value if isinstance(term, ox.Literal) else "" if term is None else str(term)

    table = PrettyTable([variable.value for variable in solutions.variables], align="l")
    table.set_style(TableStyle.PLAIN_COLUMNS)
    table.add_rows([[text(term) for term in row] for row in solutions])
    click.echo(table.get_string() or "  ".join(table.field_names))
    return bool(table.rows)


def _declared(text: str) -> dict[str, str]:
    """The prefixes that the query declares."""
    from core.tokens import query_form, tokens, unescape

    terminals = list(tokens(unescape(text)))
    before = terminals[: query_form(terminals)]
    found = zip(before, before[1:], before[2:], strict=False)
    return {name.text[:-1]: iri.text[1:-1] for word, name, iri in found if word.is_word("PREFIX")}
