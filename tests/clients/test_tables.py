"""DuckDB over HTTP: answers as CSV and JSON, downloads as Parquet, of which it reads the parts that it needs."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import duckdb
import pytest
from fsspec.implementations.http import HTTPFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


class _Files(HTTPFileSystem):
    """Files at addresses, in place of the extension that DuckDB would download; it asks when they were changed."""

    cachable = False

    def modified(self, path: str) -> datetime:
        with urlopen(Request(path, method="HEAD")) as response:
            return parsedate_to_datetime(response.headers["Last-Modified"])


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
        connection.register_filesystem(_Files())  # type: ignore[no-untyped-call]
        yield connection


def test_csv(site: str, database: duckdb.DuckDBPyConnection) -> None:
    table = database.read_csv(f"{site}query/sister-parks.csv")
    assert {"park", "sister", "since"} <= set(table.columns)
    assert [row[0] for row in table.project("since").fetchall()]


def test_json(site: str, database: duckdb.DuckDBPyConnection) -> None:
    address = f"{site}query/sister-parks.srj"
    query = "SELECT row.park.value FROM (SELECT unnest(results.bindings) AS row FROM read_json(?))"
    found = [row[0] for row in database.execute(query, [address]).fetchall()]
    table = database.read_csv(f"{site}query/sister-parks.csv").project("park").fetchall()
    assert found == [row[0] for row in table]
    assert found
    assert database.execute("SELECT count(*) FROM read_json(?)", [f"{site}dumps/?format=json"]).fetchall()


def test_parquet(site: str, database: duckdb.DuckDBPyConnection) -> None:
    """It counts in the table of quads what the endpoint counts."""
    counted = "SELECT count(*) FROM read_parquet(?) WHERE predicate = ? AND graph IS NULL"
    found = database.execute(counted, [f"{site}dumps/quads.parquet", LABEL]).fetchall()
    query = urlencode({"query": f"SELECT (COUNT(*) AS ?n) {{ ?s <{LABEL}> ?label }}"})
    assert found == database.read_csv(f"{site}sparql?format=csv&{query}").fetchall()
    assert found[0][0] > 100
