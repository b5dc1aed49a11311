"""Whether RDF of other people comes back as it was published: every dataset of a folder, built, served and read again.

`.venv/bin/python bench/published.py FOLDER [--only NAME] [--most 2000]` takes each file, and each folder of files, in
FOLDER as a dataset of plain RDF, and prints a table in Markdown. The judges are rdflib and rapper, which have no part
in what is published:

- triples: those of the release, of rdflib and of rapper (each once, all graphs together; rapper reads no JSON-LD)
- dumps: which of the five that hold the dataset rdflib reads as the same graph, blank nodes by RDFC-1.0
- described: IRIs that are the subject of a triple; HTML, Turtle: those with such a document; exact: those whose
  Turtle has exactly their triples, and those of the blank nodes that they lead to
- verify: what `parkgraph verify` says

The exit code is 1 if anything differs; what differs is told on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.error import HTTPError
from urllib.parse import quote, urljoin

import pyoxigraph as ox
import rdflib
import serving
from rdflib.util import guess_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node: TypeAlias = rdflib.term.Node
Triple: TypeAlias = tuple[Node, Node, Node]

DUMPS = ("nq", "trig", "jsonld", "nt", "ttl")  # extensions
RAPPER = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "trig": "trig", "rdf": "rdfxml", "owl": "rdfxml"}
BLANK = re.compile(rb"(?:^|(?<= ))_:")  # blank nodes of two files are two, whatever their labels
HEADER = """\
| dataset | triples | rdflib | rapper | build | dumps that are the same | described | HTML | Turtle | exact | verify |
|---|---:|---:|---:|---:|---|---:|---:|---:|---:|---|"""

rdflib.NORMALIZE_LITERALS = False  # or rdflib would change what it shall judge


def read(paths: Iterable[Path], base: str) -> set[Triple]:
    """The triples of files, of all graphs together."""
    found: set[Triple] = set()
    for path in paths:
        dataset = rdflib.Dataset()
        kind = "json-ld" if path.suffix == ".jsonld" else guess_format(path.name)
        dataset.parse(path, format=kind, publicID=base)
        found.update((s, p, o) for s, p, o, _ in dataset.quads())
    return found


def canonical(triples: Iterable[Triple]) -> set[str]:
    """The triples as lines; blank nodes have the labels of RDFC-1.0."""
    lines = set()
    with_blank_nodes = []
    for triple in triples:
        line = " ".join(map(text, triple))
        if any(isinstance(term, rdflib.BNode) for term in triple):
            with_blank_nodes.append(f"{line} .\n")
        else:
            lines.add(line)
    dataset = ox.Dataset(ox.parse("".join(with_blank_nodes), ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return lines | {str(quad) for quad in dataset}


def text(term: Node) -> str:
    """A term in Turtle; of a decimal all digits, where rdflib writes a power of ten for one without quotation marks."""
    if isinstance(term, rdflib.Literal) and term.datatype == rdflib.XSD.decimal:
        with contextlib.suppress(InvalidOperation):
            return rdflib.Literal(format(Decimal(str(term)), "f"), datatype=term.datatype).n3()
    return term.n3()


def rapper_count(paths: list[Path], base: str) -> int | None:
    """The triples that rapper reads, each once; None where it does not know a format."""
    lines: set[bytes] = set()
    for number, path in enumerate(paths):
        kind = RAPPER.get(path.suffix[1:])
        if kind is None:
            return None
        command = ["rapper", "-q", "-i", kind, "-o", "ntriples", str(path), base]
        out = subprocess.run(command, check=False, capture_output=True).stdout
        lines.update(BLANK.sub(b"_:%d-" % number, line) for line in out.splitlines())
    return len(lines)


def get(url: str, accept: str) -> tuple[int, bytes, str]:
    """Status, body and `Link` of an answer, after its redirects."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=60) as answer:
            return answer.status, answer.read(), ", ".join(answer.headers.get_all("Link") or ())
    except HTTPError as error:
        return error.code, b"", ""


def pages(url: str) -> Iterator[bytes | None]:
    """The pages of a document in Turtle; None for one that is not there."""
    following: str | None = url
    while following:
        status, body, links = get(following, "text/turtle")
        yield body if status == 200 else None  # noqa: PLR2004 - OK
        link = next((part for part in links.split(", <") if 'rel="next"' in part), None)
        following = urljoin(url, link.lstrip("<").partition(">")[0]) if link else None


def closure(node: Node, facts: dict[Node, set[Triple]]) -> set[Triple]:
    """The triples of a node and of the blank nodes that it leads to (https://www.w3.org/submissions/CBD/)."""
    found: set[Triple] = set()
    nodes, seen = [node], {node}
    while nodes:
        for triple in facts.get(nodes.pop(), ()):
            found.add(triple)
            if isinstance(triple[2], rdflib.BNode) and triple[2] not in seen:
                seen.add(triple[2])
                nodes.append(triple[2])
    return found


def by_subject(triples: Iterable[Triple]) -> dict[Node, set[Triple]]:
    facts: dict[Node, set[Triple]] = defaultdict(set)
    for triple in triples:
        facts[triple[0]].add(triple)
    return facts


class Report:
    """One row of the table; what differs is told at once."""

    def __init__(self, name: str) -> None:
        self.name, self.cells, self.is_clean = name, [name], True

    def add(self, cell: object, *, fits: bool = True, said: str = "") -> None:
        self.cells.append(f"{cell:,}" if isinstance(cell, int) else str(cell))
        if not fits:
            self.cells[-1] = f"**{self.cells[-1]}**"
            self.is_clean = False
            print(f"{self.name}: {said}", file=sys.stderr)


def check(name: str, paths: list[Path], most: int) -> Report:
    """Publish a dataset and read it again."""
    report = Report(name)
    programs = serving.ROOT / ".venv" / "bin"
    with tempfile.TemporaryDirectory() as folder:
        base = f"http://127.0.0.1:{serving.free_port()}/"
        build = [programs / "parkgraph", "build", "--quiet", "--rdf", *paths, "--releases", folder, "--base", base]
        began = time.monotonic()
        done = subprocess.run([str(part) for part in build], check=False, capture_output=True, text=True)
        seconds = time.monotonic() - began
        if done.returncode:
            report.add("refused", fits=False, said=done.stderr.strip())
            return report
        release = Path(folder) / "current"
        expected = read(paths, base)
        lines = canonical(expected)
        with gzip.open(release / "dumps" / "parkgraph.nt.gz") as dump:
            count = sum(1 for _ in dump)
        report.add(count, fits=count == len(expected), said=f"{count} triples, rdflib reads {len(expected)}")
        report.add(len(expected))
        by_rapper = rapper_count(paths, base)
        report.add("-" if by_rapper is None else by_rapper, fits=by_rapper in {None, count}, said="rapper differs")
        report.add(f"{seconds:.1f} s")
        same = [extension for extension in DUMPS if dump_lines(release, extension, folder, base) == lines]
        report.add(" ".join(same), fits=len(same) == len(DUMPS), said="a dump reads as another graph")
        with serving.running(
            programs / "parkgraph", "serve", "--releases", folder, "--port", base.rpartition(":")[2][:-1], url=base[:-1]
        ):
            documents(report, base, by_subject(expected), most)
        verified = subprocess.run(
            [programs / "parkgraph", "verify", "--releases", folder], check=False, capture_output=True, text=True
        )
        said = (verified.stdout + verified.stderr).strip()
        report.add("clean" if not verified.returncode else "not clean", fits=not verified.returncode, said=said)
    return report


def dump_lines(release: Path, extension: str, folder: str, base: str) -> set[str]:
    with gzip.open(release / "dumps" / f"parkgraph.{extension}.gz") as file:
        copy = Path(folder) / f"copy.{extension}"
        copy.write_bytes(file.read())
    return canonical(read([copy], base))


def documents(report: Report, base: str, facts: dict[Node, set[Triple]], most: int) -> None:
    """Ask for the documents of what is described."""
    described = sorted(node for node in facts if isinstance(node, rdflib.URIRef))[:most]
    html = turtle = exact = 0
    for node in described:
        url = f"{base}doc?iri={quote(node, safe='')}"
        html += get(url, "text/html")[0] == 200  # noqa: PLR2004 - OK
        expected, graph, is_exact = canonical(closure(node, facts)), rdflib.Graph(), False
        for number, part in enumerate(pages(url)):
            if part is None:
                break
            turtle += number == 0
            graph.parse(data=part, format="turtle", publicID=base)
            is_exact = canonical(closure(node, by_subject(graph))) == expected
            if is_exact:  # what other pages have is said of other resources
                break
        exact += is_exact
        if not is_exact:
            print(f"{report.name}: {node} has other triples", file=sys.stderr)
    report.add(len(described))
    for count in (html, turtle, exact):
        report.add(count, fits=count == len(described), said="some documents are not there, or not exact")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", help="the name of a dataset, several times for several")
    parser.add_argument("--most", type=int, default=2000, help="IRIs of a dataset whose documents are asked for")
    given = parser.parse_args()
    print(HEADER, flush=True)
    is_clean = True
    for path in sorted(given.folder.iterdir()):
        if not given.only or path.name in given.only:
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            report = check(path.name, files, given.most)
            is_clean &= report.is_clean
            print(f"| {' | '.join(report.cells)} |", flush=True)
    return not is_clean


if __name__ == "__main__":
    sys.exit(main())
