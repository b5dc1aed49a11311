"""`answers.sqlite`: the answers to queries that are asked first (release/known_queries.py), made by the build.

A query finds its answer by its canonical text (core/canonical_query.py). The answer is the one that the engine gives:
where there is none, the engine is asked.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Self, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from core.canonical_query import canonical, first_constant
from core.namespaces import TEXT_QUERY
from core.query_graphs import names_graph
from release.answering import LARGEST, Answering

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from core.evaluation import Result
    from release.known_queries import Group

    KnownResult: TypeAlias = Result | Iterator[ox.Triple]

_LARGEST = 16 << 20  # bytes of all answers
_BLANK_NODE = re.compile(r"^(?:\[|_:)", re.MULTILINE)  # which CONSTRUCT makes anew in each run
_SCHEMA = """
CREATE TABLE query (text TEXT PRIMARY KEY, columns TEXT NOT NULL, answer INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE answer (id INTEGER PRIMARY KEY, form TEXT NOT NULL, body BLOB NOT NULL);
"""


class KnownQueries:
    """Evaluates queries while a release is built, and writes their answers; a context, which ends the evaluation."""

    def __init__(self, groups: Iterable[Group], store: Path, base: str, apart: Collection[str]) -> None:
        """Begin to evaluate the first query of each group (release/known_queries.py) that has no answer yet.

        store: folder of a query store that nothing writes to. base: for relative IRIs. apart: graphs that the
        store does not have.
        """
        self._groups = [group for group in groups if _has_known_answer(group.queries[0], base, apart)]
        asked = [group.queries[0] for group in self._groups if group.answer is None]
        self._answering = Answering(store, base, asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answering.close()

    def write(self, path: Path) -> None:
        """Wait for the answers and write them, up to a size of all: those of the groups that come first."""
        size, evaluated = 0, iter(self._answering.answers())
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")  # the writer of the release syncs every file in the end
            database.executescript(_SCHEMA)
            database.execute("BEGIN")
            for number, group in enumerate(self._groups, 1):
                answer = group.answer or next(evaluated)
                body = answer.body.encode() if answer else b""
                if answer is None or len(body) > LARGEST or size + len(body) > _LARGEST:
                    continue
                size += len(body)
                database.execute("INSERT INTO answer VALUES (?, ?, ?)", (number, answer.form, body))
                rows = [(*_key(query, answer.columns), number) for query in group.queries]
                database.executemany("INSERT OR IGNORE INTO query VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")
            database.execute("VACUUM")  # the same content gives the same file


def _has_known_answer(query: str, base: str, apart: Collection[str]) -> bool:
    """Whether the answer to the query is the same in each run, and over the store without the graphs `apart`."""
    found = canonical(query)
    if found is None or TEXT_QUERY in found.text or names_graph(query, apart, base, {}):
        return False
    return not (found.text.startswith("CONSTRUCT") and _BLANK_NODE.search(found.text))


def _key(query: str, columns: Iterable[str]) -> tuple[str, str]:
    """The canonical text of a query, and what its columns are called there, as a JSON array."""
    found = canonical(query)
    assert found is not None  # noqa: S101 - as _has_known_answer said
    names = {name: new for new, name in found.names.items()}
    return found.text, json.dumps([names[column] for column in columns])


class KnownAnswers:
    """Finds the answers of one release; used by one thread."""

    def __init__(self, path: Path) -> None:
        """path: of the file."""
        self._database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        rows = self._database.execute("SELECT text, columns, answer FROM query")
        self._queries: dict[str, tuple[str, int]] = {text: (columns, answer) for text, columns, answer in rows}
        self._constants = set(map(first_constant, self._queries))

    def find(self, query: str) -> KnownResult | None:
        """The result of the query over the dataset, with the names of its variables; None if it is not known.

        Relative IRIs in it are understood to be relative to the base of the release.
        """
        found = canonical(query, self._constants)
        row = self._queries.get(found.text) if found else None
        if found is None or row is None:
            return None
        columns, number = row
        form, body = self._database.execute("SELECT form, body FROM answer WHERE id = ?", (number,)).fetchone()
        if form == "graph":
            return (quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES))
        if form == "boolean":
            return ox.parse_query_results(b'{"head":{},"boolean":%s}' % body, ox.QueryResultsFormat.JSON)
        head = "\t".join(f"?{found.names[column]}" for column in json.loads(columns))
        return ox.parse_query_results(f"{head}\n".encode() + body, ox.QueryResultsFormat.TSV)
