"""Asks a server over a release of any size what the other benchmarks ask, and what its pages ask, each twice.

    python bench/scale.py RELEASES...

For each folder of releases a server without a cache answers the queries of `bench/endpoint.py` and `bench/engines.py`,
every saved query that the release has (`bench/generate.py --queries`), with its defaults and with each of its examples,
and pages and documents of resources with few and with many links. The table has the seconds of the first and of the
second answer, and their bytes; what is not answered has its status. The memory (PSS) is that of all
processes of the server at the end.
"""

from __future__ import annotations

import argparse
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode

import serving
from endpoint import COUNTS, JSON, PREFIXES, QUERIES
from engines import SPEED
from prettytable import PrettyTable

from release.reader import open_release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

_PATIENCE = 120  # seconds for an answer
_OK = 200
# Of the synthetic data: what every article speaks of, and what few do.
_RESOURCES = ("id/park/park-0", "id/place/place-0", "id/park/park-7", "id/article/s1", "id/agreement/s1-0")
_PAGES = ("", "query", "network", "dumps/", "search?q=river+park", "search?q=riber", "health")


def requests(release: Release) -> Iterator[tuple[str, str, str]]:
    """Each request: its name, the path below the base, and the media type."""
    queries = QUERIES | COUNTS | SPEED
    for name, text in queries.items():
        yield name, "sparql?" + urlencode({"query": PREFIXES + text.replace("{m}", "1")}), JSON
    for name, query in release.queries().items():
        needed = {p.name: p.example for p in query.parameters if p.required and p.example}
        for given in (needed, *({**needed, p.name: p.example} for p in query.parameters if p.example)):
            yield f"saved query {name} {' '.join(given)}", f"query/{name}?{urlencode(given)}", f"{JSON}, */*;q=0.1"
    for resource in _RESOURCES:
        for media_type in ("text/html", "text/turtle", "application/ld+json"):
            yield f"{resource} as {media_type}", resource, media_type
    for page in _PAGES:
        yield f"page {page}", page, "text/html"


def ask(url: str, media_type: str) -> tuple[float, int | str]:
    """Seconds to the last byte, and how many bytes came, or the status that is no success."""
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Accept": media_type}), timeout=_PATIENCE
        ) as answer:
            size: int | str = sum(map(len, iter(lambda: answer.read(1 << 20), b"")))
    except HTTPError as error:
        with error:
            size = f"status {error.code}"
    return time.monotonic() - begun, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("releases", type=Path, nargs="+")
    for folder in parser.parse_args().releases:
        release = open_release(folder)
        table = PrettyTable(["asked", "first s", "second s", "bytes"], align="l")
        checkout, failed = serving.Checkout("now", serving.ROOT, folder), 0
        with checkout.serve(cache=False) as server:
            for name, path, media_type in requests(release):
                first, _ = ask(f"{server.url}/{path}", media_type)
                second, size = ask(f"{server.url}/{path}", media_type)
                failed += isinstance(size, str)
                table.add_row([name, f"{first:.3f}", f"{second:.3f}", size])
            memory = server.memory()
        counts = release.manifest.counts
        print(table)
        print(f"{folder}: {counts.triples} triples, {counts.quads} quads; {failed} not answered; {memory:.0f} MiB")


if __name__ == "__main__":
    main()
