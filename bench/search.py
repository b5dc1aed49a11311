"""How long the index takes to build, and search and lists take to answer, with many made-up names.

    .venv/bin/python bench/search.py --resources 1000000

Half of the resources have four facets; a third have Chinese names; all names are made of a thousand words.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.shapes import read_graph
from release import index_writer
from server.model.lists import Listing, Selection
from server.model.search import find
from server.model.search_index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EX, BASE, SHAPES = "http://example.org/", "http://localhost:8000/id/", "http://example.org/shapes"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
CODE = "<http://www.geonames.org/ontology#countryCode>"
WORDS = [
    "".join(parts)
    for parts in product(
        ("ba", "co", "di", "fu", "ga", "hel", "ju", "ka", "lo", "ma", "ne", "pi", "ro", "su", "ta", "vi", "wo", "ze"),
        ("lan", "mer", "nor", "pol", "ran", "sel", "tin", "ver"),
        ("da", "en", "ia", "ock", "um", "ley", "stad"),
    )
]
SIGNS = "成都高新技术产业开发区科学城园北京上海国际创新中心大学合作发展东湖谷知识港未来"
FACETS = f"""
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ui: <https://w3id.org/parkgraph/ui#> . @prefix ex: <{EX}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Shape sh:targetClass ex:Thing ; ui:facet ex:facet-kind, ex:facet-country, ex:facet-year, ex:facet-source .
ex:facet-kind sh:path ex:kind . ex:facet-source sh:path ex:source .
ex:facet-country sh:path ( ex:in {CODE} ) . ex:facet-year sh:path ex:date ; sh:datatype xsd:gYear .
"""
TYPED = ["b", "balanda", "balanda colanda", "成", "成都高", "anda", "balnada", "balanda colndaa", "qqqq"]
THING = EX + "Thing"
LISTS = [
    Selection(THING),
    Selection(THING, None, {"kind": [EX + "k0"]}),
    Selection(THING, None, {"country": ["AA", "AB"], "year": ["2000"]}),
    Selection(),
]


def lines(count: int) -> Iterator[str]:
    dice = random.Random(5)  # noqa: S311 - the same names each time
    for number in range(200):
        yield f'<{BASE}c/{number}> {CODE} "{chr(65 + number // 26)}{chr(65 + number % 26)}" .\n'
    for number in range(count):
        this = f"<{BASE}t/{number}>"
        name = " ".join(dice.choice(WORDS) for _ in range(dice.randint(2, 5)))
        yield f'{this} {LABEL} "{name} {number % 997}"@en .\n'
        yield f"{this} {TYPE} <{EX}{'Thing' if number % 2 else 'Other'}> .\n"
        if number % 3 == 0:
            yield f'{this} {LABEL} "{"".join(dice.choice(SIGNS) for _ in range(dice.randint(4, 9)))}"@zh .\n'
        if number % 2:
            yield f"{this} <{EX}kind> <{EX}k{int(dice.random() ** 2 * 40)}> .\n"
            yield f"{this} <{EX}in> <{BASE}c/{int(dice.random() ** 2 * 200)}> .\n"
            yield f'{this} <{EX}date> "{1990 + dice.randint(0, 33)}" .\n'
            yield f"{this} <{EX}source> <{BASE}a/{number // 20}> .\n"


def timed(name: str, call: Callable[[], object]) -> None:
    """Print the first time and the median of ten, in milliseconds."""
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    print(f"{name:44} {times[0]:8.1f} {statistics.median(times):8.1f}")


def listed(of: SearchIndex, selection: Selection) -> None:
    listing = Listing(of, selection)
    page, counts = listing.page(50, after=of.size // 2), listing.counts()
    listing.columns(counts, page.numbers)
    of.resources(page.numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=100_000)
    count: int = parser.parse_args().resources
    with TemporaryDirectory() as folder:
        triples, path = Path(folder) / "triples.nt", Path(folder) / "index.sqlite"
        with triples.open("w", encoding="utf-8") as file:
            file.writelines(sorted(lines(count)))
        store = ox.Store(str(Path(folder) / "store"))
        store.bulk_load(path=str(triples), format=ox.RdfFormat.N_TRIPLES)
        store.bulk_load(FACETS.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(SHAPES))
        begin = time.perf_counter()
        index_writer.write(triples, store, path, read_graph(store, SHAPES))
        print(f"{count:,} resources: {time.perf_counter() - begin:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        print(f"{'milliseconds':44} {'first':>8} {'median':>8}")
        of = SearchIndex(path)
        for text in TYPED:
            timed(f"find {text!r}", lambda text=text: find(of, text, 8))  # type: ignore[misc]
        for selection in LISTS:
            name = " ".join(value.removeprefix(EX) for _, value in selection.parameters()) or "everything"
            timed(f"list {name}", lambda selection=selection: listed(of, selection))  # type: ignore[misc]
        of.close()


if __name__ == "__main__":
    main()
