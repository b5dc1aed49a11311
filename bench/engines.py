"""A contest of engines: what answers queries in place of pyoxigraph has to pass every gate, and this script holds them.

The candidates are no part of ParkGraph. They are installed, by their names in the registry, into an environment of
their own, with which the script is run:

    python3 -m venv /tmp/engines
    /tmp/engines/bin/pip install --require-hashes -r requirements.lock
    /tmp/engines/bin/pip install --no-deps --no-build-isolation -e .
    /tmp/engines/bin/pip install sparq-rdf==0.1.6 rete-graph==0.3.6 holosdb==0.25.0 oxilite==0.9.1
    PARKGRAPH_SUITES=FOLDER /tmp/engines/bin/python bench/engines.py [--keep FOLDER] [--large FOLDER]

It prints tables in Markdown; docs/engines.md has them, and says what each gate asks for. What is not equal is written
to the folder of `--keep`, a file for each engine and gate. Each engine runs in a process that is confined as a query
process is. The W3C's suites are in the folder PARKGRAPH_SUITES; without it that gate is left out, and so is not passed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import differences
import hostile
import pyoxigraph as ox
import serving
from candidates import ENGINES, Reply, form_of, running
from endpoint import COUNTS, PREFIXES, QUERIES
from random_queries import RandomQueries

from core.lexer import QUERY_FORMS
from core.saved_queries import bind, values
from release.reader import QUADS, open_release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from release.reader import Release

REFERENCE = "pyoxigraph"
GENERATED, SEED = 5000, 13
PARTS = 4  # processes that are asked at a time
LONG = 20.0  # the same over the large release
PATIENCE = 2.5  # seconds of processor time for a query whose answer is compared
SHORT = 0.25  # seconds that pyoxigraph has for a generated query; one that takes longer is left out
SPEED = {
    **{name: query.replace("{m}", "1") for name, query in QUERIES.items()},
    "wide join": "SELECT (COUNT(*) AS ?n) { ?a pg:party ?b . ?b rdfs:label ?name . ?a pg:evidence ?e }",
    "count": COUNTS["triples"],
}
PROBES = (
    "SELECT ?s ?p ?o { ?s ?p ?o }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c",
    f"{PREFIXES} SELECT ?a ?l {{ ?a pg:party ?b . ?b rdfs:label ?l }}",
    "SELECT ?s ?o { ?s <https://schema.org/value> ?o FILTER(?o > 10) }",
)


_SAID = {"answer", "error"}  # outcomes of an engine that goes on
T = TypeVar("T")
Asked: TypeAlias = dict[str, tuple[str, Reply]]  # name → query and pyoxigraph's reply


@dataclass
class Gate:
    """The result of one engine at one gate. shown: for the table; problems: all that was not as it should be."""

    name: str
    shown: str = ""
    is_passed: bool = True
    problems: list[str] = field(default_factory=list)


def suites(engine: str, work: Path) -> Gate:
    """The W3C's tests of SPARQL 1.0, 1.1 and 1.2: none fails but those that fail in ParkGraph (deviations.tsv)."""
    from tests.w3c import answers, cases, test_sparql  # noqa: PLC0415 - they need the archives

    gate, passed, counts = Gate("W3C suites"), 0, Counter[str]()
    known = {name for name, row in test_sparql.DEVIATIONS.items() if row["outcome"] == test_sparql.FAILED}
    every = sorted(cases.read(), key=lambda case: (case.result is None, case.dataset))  # syntax over any dataset, last
    with running(engine, work / "none", memory=None) as process:
        before = None
        for number, case in enumerate(every):
            if case.result is not None and case.dataset != before:
                before, quads = case.dataset, work / f"{number}.nq"
                quads.write_bytes(_quads_of(case.dataset, test_sparql))
                process.build(quads, work / f"{number}.store")
            text = f"BASE <{case.query}>\n{cases.file(case.query).read_text(encoding='utf-8')}"
            reply = process.ask(text, PATIENCE)
            if case.result is None:
                is_right = reply.outcome == ("answer" if case.is_right else "error")
            else:
                is_right = reply.outcome == "answer" and _is_expected(reply, text, case, answers)
            passed += is_right
            if not is_right and case.name not in known:
                counts[case.name.partition("/")[0]] += 1
                gate.problems.append(f"{case.name}: {reply.outcome} {reply.text} {reply.body[:300]!r}")
    gate.shown = f"{passed} of {len(every)}; {len(gate.problems)} that ParkGraph passes fail"
    gate.is_passed = not gate.problems
    return gate


def _quads_of(dataset: Any, suite: Any) -> bytes:
    graphs = [(ox.DefaultGraph(), file) for file in dataset.default]
    graphs += [(ox.NamedNode(name), address) for name, address in dataset.named]
    quads = [quad for graph, address in graphs for quad in suite.read_graph(graph, address)]
    return b"".join(sorted(f"{quad} .\n".encode() for quad in quads))


def _is_expected(reply: Reply, text: str, case: Any, answers: Any) -> bool:
    """Whether the answer is the expected one, with literals by their value; of CSV and TSV the content alone."""
    is_graph = QUERY_FORMS.get(form_of(text)) == "graph"
    with contextlib.suppress(ValueError, SyntaxError, KeyError, AssertionError):
        given = answers.graph(reply.body) if is_graph else answers.results(reply.body, ox.QueryResultsFormat.JSON)
        path = Path(case.result)
        if path.suffix == ".csv":
            rows = ox.parse_query_results(reply.body, ox.QueryResultsFormat.JSON)
            given = answers.table(rows.serialize(format=ox.QueryResultsFormat.CSV))  # type: ignore[union-attr]
        ordered = "ORDER BY" in text.upper().rpartition("}")[2]
        one, other = (
            answers.comparable(answer, ordered=ordered, counted=not case.is_lax, by_value=True)
            for answer in (given, answers.expected(case.result))
        )
        return bool(one == other)
    return False


def equal(
    engine: str, name: str, stores: dict[str, Path], asked: Asked, *, explain: bool = True, seconds: float = PATIENCE
) -> Gate:
    """Queries with the same answer as pyoxigraph; explain: or one whose difference the specification explains."""
    gate, kinds = Gate(name), Counter[str]()

    def compare(titles: list[str]) -> Iterator[tuple[str, str]]:
        with running(engine, stores[engine]) as process, running(REFERENCE, stores[REFERENCE]) as reference:
            replies = process.ask_all([asked[title][0] for title in titles], seconds)
            for title, reply in zip(titles, replies, strict=True):
                text, expected = asked[title]
                ask = (lambda meant: reference.ask(meant, PATIENCE)) if explain else None
                kind = differences.kind_of(text, expected, reply, ask)
                yield kind, f"{kind}: {title}\n{text}\n{differences.shown(expected, reply)}"

    for kind, told in in_parts(compare, list(asked), PARTS if ENGINES[engine].is_shared else 1):
        kinds[kind] += 1
        if kind in differences.WRONG:
            gate.problems.append(told)
    wrong = {kind: kinds.pop(kind, 0) for kind in differences.WRONG}
    counts = {differences.EQUAL: kinds.pop(differences.EQUAL, 0), **kinds, **wrong}
    gate.shown = f"of {len(asked)} " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    gate.is_passed = not any(wrong.values())
    return gate


def saved_queries(release: Release) -> dict[str, str]:
    """Each saved query with its defaults, and with each of its examples."""
    texts = {}
    for name, query in release.queries().items():
        needed = {p.name: p.example for p in query.parameters if p.required and p.example}
        givens = [needed, *({**needed, p.name: p.example} for p in query.parameters if p.example)]
        for number, given in enumerate(givens):
            terms = values(query, given, release.base, release.manifest.prefixes)
            texts[f"{name} {number}"] = f"BASE <{release.base}>\n{bind(query.text, terms)}"
    return texts


def answered(store: Path, texts: dict[str, str], seconds: float = PATIENCE) -> Asked:
    """The queries with pyoxigraph's replies."""

    def ask(names: list[str]) -> Iterator[tuple[str, Reply]]:
        with running(REFERENCE, store) as process:
            yield from zip(names, process.ask_all([texts[name] for name in names], seconds), strict=True)

    found = dict(in_parts(ask, list(texts)))
    return {name: (text, found[name]) for name, text in texts.items()}


def in_parts(
    work: Callable[[list[str]], Iterable[tuple[str, T]]], names: list[str], count: int = PARTS
) -> list[tuple[str, T]]:
    """What the work gives for all names, with a thread for each of a few parts of them."""
    with ThreadPoolExecutor(count) as pool:
        parts = pool.map(lambda place: list(work(names[place::count])), range(count))
        return [found for part in parts for found in part]


def questions(release: Release) -> dict[str, str]:
    paths = sorted((serving.ROOT / "tests" / "questions").glob("*.rq"))
    return {path.stem: f"BASE <{release.base}>\n{path.read_text(encoding='utf-8')}" for path in paths}


def generated(store: Path, count: int) -> Asked:
    """So many random queries that pyoxigraph answers in a short time."""
    source = RandomQueries(sorted(ox.Store.read_only(str(store)), key=str), SEED)
    texts = {str(number): source.text() for number in range(count * 11 // 10)}
    replies = answered(store, texts, SHORT)
    kept = [(name, found) for name, found in replies.items() if found[1].outcome == "answer"]
    return dict(kept[:count])


def attacked(engine: str, store: Path, asked: Asked) -> Gate:
    """Hostile queries: an engine may run into a limit where pyoxigraph does, and nowhere else."""
    gate, ends = Gate("hostile queries"), Counter[str]()
    with running(engine, store) as process:
        for name, (text, expected) in asked.items():
            reply = process.ask(text, hostile.SECONDS)
            ends[reply.outcome] += 1
            if expected.outcome in _SAID and reply.outcome not in _SAID:
                gate.problems.append(f"{name}: {reply.outcome} {reply.text[:200]}, pyoxigraph: {expected.outcome}")
    gate.shown = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    gate.shown += f"; {len(gate.problems)} worse than pyoxigraph" if gate.problems else ""
    gate.is_passed = not gate.problems
    return gate


def damaged(engine: str, store: Path, work: Path) -> Gate:
    """Files cut, emptied, removed, with other bytes: no wrong answer. `ended`: instead of an error, the process did."""
    gate, ends = Gate("damaged files"), Counter[str]()
    chance = random.Random(SEED)  # noqa: S311 - places of damage, not secrets
    with running(engine, store, None) as process:
        right = [_digest(process.ask(probe, PATIENCE)) for probe in PROBES]
    for title, damage in _damages(store, chance):
        folder = work / f"{engine}-damaged"
        shutil.copytree(store, folder)
        damage(folder)
        with running(engine, folder, None) as process:
            replies = [process.ask(probe, PATIENCE) for probe in PROBES]
        shutil.rmtree(folder)
        ends[end := _end(replies, right)] += 1
        if end in {"wrong", "ended"}:
            gate.problems.append(f"{title}: {end}")
    gate.shown = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    gate.is_passed = not ends["wrong"]
    return gate


def _damages(store: Path, chance: random.Random) -> Iterator[tuple[str, Any]]:
    """Names of damages and functions that do them to a copy of the store: to each file with content but for logs."""
    paths = [p for p in sorted(store.rglob("*")) if p.is_file() and p.stat().st_size and not p.name.startswith("LOG")]
    for path in paths:
        name, size = path.relative_to(store), path.stat().st_size
        yield f"{name} cut", lambda folder, name=name, size=size: os.truncate(folder / name, size // 2)
        yield f"{name} empty", lambda folder, name=name: os.truncate(folder / name, 0)
        yield f"{name} removed", lambda folder, name=name: (folder / name).unlink()
        for _ in range(6 if len(paths) < 10 else 2):  # noqa: PLR2004 - about as many for every engine
            place, bits = chance.randrange(size), chance.randrange(1, 256)
            yield f"{name} byte {place}", lambda folder, name=name, at=place, bits=bits: _flip(folder / name, at, bits)


def _flip(path: Path, place: int, bits: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ bits]))


def _end(replies: list[Reply], right: list[str]) -> str:
    outcomes = {reply.outcome for reply in replies}
    digests = [_digest(reply) for reply in replies]
    if any(
        one != other for one, other, reply in zip(digests, right, replies, strict=True) if reply.outcome == "answer"
    ):
        return "wrong"
    if outcomes <= {"answer"}:
        return "harmless"
    return "refused" if outcomes <= {"answer", "error"} else "ended"


def _digest(reply: Reply) -> str:
    """A digest of the rows of an answer, in any order; of another reply its outcome."""
    if reply.outcome != "answer":
        return reply.outcome
    rows = json.loads(reply.body)["results"]["bindings"]
    lines = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Contest:
    """The engines with their stores of two releases: of the project's own data, and a large one.

    Each gate takes the name of an engine. What pyoxigraph answers is asked once.
    """

    def __init__(self, engines: list[str], work: Path, given: argparse.Namespace) -> None:
        self.engines, self._work, self._given = engines, work, given
        releases = given.own or work / "own"
        if not releases.exists():
            command = [Path(sys.executable).with_name("parkgraph"), "build", "--quiet", "--releases", releases]
            subprocess.run(command, check=True, cwd=serving.ROOT, stdout=subprocess.DEVNULL)
        self._own = open_release(releases)
        every = {REFERENCE, *engines}
        self._stores = {engine: self._built(engine, self._own.path / QUADS, "own")[0] for engine in every}
        self.gates = {
            "suites": self._suites,
            "saved": lambda engine: equal(engine, "saved queries", self._stores, self._saved, explain=False),
            "questions": lambda engine: equal(engine, "questions", self._stores, self._questions, explain=False),
            "random": lambda engine: equal(engine, "random queries", self._stores, self._random),
            "hostile": lambda engine: attacked(engine, self._stores[engine], self._hostile),
            "damaged": lambda engine: damaged(engine, self._stores[engine], work),
            "large": self._large_gate,
        }

    def _built(self, engine: str, quads: Path, name: str) -> tuple[Path, Reply]:
        folder = self._work / f"{engine}-{name}"
        with running(engine, folder, None) as process:
            return folder, process.build(quads, folder)

    @cached_property
    def _saved(self) -> Asked:
        return answered(self._stores[REFERENCE], saved_queries(self._own))

    @cached_property
    def _questions(self) -> Asked:
        return answered(self._stores[REFERENCE], questions(self._own))

    @cached_property
    def _random(self) -> Asked:
        return generated(self._stores[REFERENCE], self._given.count)

    @cached_property
    def _hostile(self) -> Asked:
        return answered(self._stores[REFERENCE], hostile.queries(), hostile.SECONDS)

    @cached_property
    def _large(self) -> dict[str, tuple[Path, Reply]]:
        """The store of the large release of each engine, and how it was built."""
        checkout = serving.Checkout("large", serving.ROOT, self._given.large or self._work / "large")
        checkout.build(self._given.articles)
        quads = open_release(checkout.releases).path / QUADS
        return {engine: self._built(engine, quads, "large") for engine in {REFERENCE: 0, **dict.fromkeys(self.engines)}}

    @cached_property
    def _saved_large(self) -> Asked:
        texts = {name: text for name, text in saved_queries(self._own).items() if name.endswith(" 0")}
        return answered(self._large[REFERENCE][0], texts, LONG)

    def _suites(self, engine: str) -> Gate:
        (self._work / f"{engine}-suites").mkdir()
        return suites(engine, self._work / f"{engine}-suites")

    def _large_gate(self, engine: str) -> Gate:
        stores = {name: store for name, (store, _) in self._large.items()}
        return equal(engine, "saved queries, large", stores, self._saved_large, explain=False, seconds=LONG)

    def speed(self, engine: str) -> dict[str, float]:
        """Processor seconds of the engine over the large release, and MiB."""
        store, built = self._large[engine]
        size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        found = {"load": built.seconds, "MiB to load": float(built.body or b"nan"), "MiB on disk": size / (1 << 20)}
        with running(engine, store) as process:
            found["open"] = process.open().seconds
            for name, text in SPEED.items():
                times = 200 if name in {"point", "join"} else 5
                replies = list(process.ask_all([f"{PREFIXES}{text} #{n}" for n in range(times)], LONG))
                is_answered = all(reply.outcome == "answer" for reply in replies)
                found[name] = statistics.mean(reply.seconds for reply in replies) if is_answered else float("nan")
            process.ask("ASK {}", PATIENCE)
            return found | {"MiB at work": float(process.resident())}


GATES = ("suites", "saved", "questions", "random", "hostile", "damaged", "large")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(ENGINES), help="this engine; may come again")
    parser.add_argument("--gate", action="append", choices=[*GATES, "speed"], help="this gate; may come again")
    parser.add_argument("--count", type=int, default=GENERATED, help="of random queries")
    parser.add_argument("--keep", type=Path, help="a folder for what is not as it should be")
    parser.add_argument("--articles", type=int, default=2000, help="of the large release")
    parser.add_argument("--own", type=Path, help="a folder for the release of the project's data, to be used again")
    parser.add_argument("--large", type=Path, help="a folder for the large release, to be used again")
    given = parser.parse_args()
    wanted = given.only or [name for name in ENGINES if name != "rdflib"]
    engines = [name for name in wanted if importlib.util.find_spec(ENGINES[name].module)]
    gates = given.gate or [*GATES, "speed"]
    with tempfile.TemporaryDirectory() as temporary:
        contest = Contest(engines, Path(temporary), given)
        print("| engine | gate | passed | |\n|---|---|---|---|", flush=True)
        for engine, name in itertools.product(engines, contest.gates):
            if name in gates and (name != "suites" or "PARKGRAPH_SUITES" in os.environ):
                show(engine, contest.gates[name](engine), given.keep)
        if "speed" in gates:
            compare({engine: contest.speed(engine) for engine in engines})


def show(engine: str, gate: Gate, keep: Path | None) -> None:
    version = importlib.metadata.version(engine)
    print(f"| {engine} {version} | {gate.name} | {'yes' if gate.is_passed else '**no**'} | {gate.shown} |", flush=True)
    if keep:
        keep.mkdir(exist_ok=True, parents=True)
        (keep / f"{engine} {gate.name}.txt").write_text("\n\n".join(gate.problems), encoding="utf-8")


def compare(measured: dict[str, dict[str, float]]) -> None:
    """A table of the figures, and in brackets their ratios to the first engine's."""
    first = next(iter(measured.values()))
    print(f"\n| | {' | '.join(measured)} |\n|---|{'---:|' * len(measured)}")
    for name in first:
        cells = [f"{found[name]:.3g} ({found[name] / first[name]:.2g})" for found in measured.values()]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
