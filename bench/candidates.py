"""Engines that could answer queries, each behind the same three functions, in a process confined as a query process is.

An `Engine` is made from a folder and answers a query with bytes; `build` writes the folder from sorted N-Quads.
`running` starts one in a process of its own, whose end, whatever its cause, is a `Reply`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import os
import re
import signal
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyoxigraph as ox

from core import evaluation
from core.lexer import QUERY_FORMS, TokenKind, tokenize
from server.query import sandbox
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

MEMORY = Settings.query_memory
_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|<<|>>|<[^<>]*>')  # of a term of RDF-star
_AHEAD, _SHORT = 20, 4000  # queries that are sent ahead, and characters of such a one
_LONGEST = 900.0  # seconds by the clock, for what ends by itself before


class Engine(Protocol):
    """A store that is opened read-only; is_shared: by several processes at a time.

    `query` answers SELECT and ASK with the JSON of SPARQL 1.1 results, the other forms with N-Triples.
    """

    def __init__(self, folder: Path) -> None: ...

    @staticmethod
    def build(quads: Path, folder: Path) -> None: ...

    def query(self, text: str) -> bytes: ...


class Pyoxigraph:
    """What ParkGraph has: RocksDB, and the corrections in front of it."""

    package, module, is_shared = "pyoxigraph", "pyoxigraph", True

    def __init__(self, folder: Path) -> None:
        self._store = ox.Store.read_only(str(folder))

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        store = ox.Store(str(folder))
        store.bulk_load(path=str(quads), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()

    def query(self, text: str) -> bytes:
        result = evaluation.evaluate(self._store, text)
        is_graph = isinstance(result, ox.QueryTriples)
        return result.serialize(format=ox.RdfFormat.N_TRIPLES if is_graph else ox.QueryResultsFormat.JSON) or b""


class Sparq:
    """Memory-mapped permutations of its own."""

    package, module, is_shared = "sparq-rdf", "sparq", True

    def __init__(self, folder: Path) -> None:
        self._graph = importlib.import_module("sparq").Graph.open(str(folder))

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        importlib.import_module("sparq").Graph.load(quads, "nquads").save(str(folder))

    def query(self, text: str) -> bytes:
        form = form_of(text)
        if QUERY_FORMS.get(form, "results") == "results":
            return str(self._graph.query_json(text)).encode()
        triples = self._graph.construct(text) if form == "CONSTRUCT" else self._graph.describe(text)
        return n_triples([_sparq_term(term) for term in triple] for triple in triples)


def _sparq_term(term: Any) -> str:
    if term.kind == "uri":
        return str(ox.NamedNode(term.value))
    if term.kind == "bnode":
        return f"_:{term.value}"
    if term.kind == "triple":
        return f"<<( {term.value} )>>"
    datatype = None if term.language else ox.NamedNode(term.datatype) if term.datatype else None
    return str(ox.Literal(term.value, language=term.language, datatype=datatype))


class Rete:
    """One file of columns, read in place."""

    package, module, is_shared = "rete-graph", "rete_graph", True

    def __init__(self, folder: Path) -> None:
        self._graph = importlib.import_module("rete_graph").open(str(folder / "data.rete"))

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        builder = importlib.import_module("rete_graph").Builder().add_file(str(quads), "nq").pyramid(False)  # noqa: FBT003
        builder.export(str(folder / "data.rete"))

    def query(self, text: str) -> bytes:
        found = self._graph.query_raw(text)
        if found["kind"] == "ask":
            return boolean(found["boolean"])
        if "triples" in found:
            return n_triples((s, p, self._term(o)) for s, p, o in found["triples"])
        return results(found["vars"], [{k: self._term(v) for k, v in row.items()} for row in found["rows"]])

    @staticmethod
    def _term(text: str) -> str:
        """The term as N-Triples has it; the engine has triple terms as RDF-star had them."""
        marks = {"<<": "<<( ", ">>": " )>>"}
        return _PARTS.sub(lambda part: marks.get(part[0], part[0]), text) if text.startswith("<<") else text


class Holos:
    """RocksDB under an evaluator that is Oxigraph's (the crate spareval)."""

    package, module, is_shared = "holosdb", "holosdb", False

    def __init__(self, folder: Path) -> None:
        self._store = importlib.import_module("holosdb").Store(str(folder))

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        importlib.import_module("holosdb").Store(str(folder)).load(str(quads), bulk=True)

    def query(self, text: str) -> bytes:
        found = self._store.query(text)
        if isinstance(found, bool):
            return boolean(found)
        if QUERY_FORMS.get(form_of(text)) == "graph":
            return "".join(f"{triple} .\n" for triple in found).encode()
        names = found[0].variables if found else []
        return results(names, [{name: row.term(name) for name in names} for row in found])


class Oxilite:
    """SQLite; most of a query is one statement of SQL, the rest an evaluator that is Oxigraph's."""

    package, module, is_shared = "oxilite", "oxilite", True

    def __init__(self, folder: Path) -> None:
        self._module = importlib.import_module("oxilite")
        self._store = self._module.Store.read_only(str(folder / "data.sqlite"))

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        module = importlib.import_module("oxilite")
        store = module.Store(str(folder / "data.sqlite"))
        store.bulk_load(path=str(quads), format=module.RdfFormat.N_QUADS)
        store.optimize()

    def query(self, text: str) -> bytes:
        result = self._store.query(text)
        is_graph = isinstance(result, self._module.QueryTriples)
        formats = self._module.RdfFormat.N_TRIPLES if is_graph else self._module.QueryResultsFormat.JSON
        return result.serialize(format=formats) or b""


class Rdflib:
    """No candidate, but an opinion: in memory, read anew, and it shares no code with the others."""

    package, module, is_shared = "rdflib", "rdflib", True

    def __init__(self, folder: Path) -> None:
        rdflib = importlib.import_module("rdflib")
        rdflib.NORMALIZE_LITERALS = False
        self._dataset = rdflib.Dataset()
        self._dataset.parse(folder / "data.nq", format="nquads")

    @staticmethod
    def build(quads: Path, folder: Path) -> None:
        (folder / "data.nq").write_bytes(quads.read_bytes())

    def query(self, text: str) -> bytes:
        result = self._dataset.query(text)
        return bytes(result.serialize(format="nt" if result.type in {"CONSTRUCT", "DESCRIBE"} else "json") or b"")


ENGINES: dict[str, type[Any]] = {engine.package: engine for engine in (Pyoxigraph, Sparq, Rete, Holos, Oxilite, Rdflib)}


def form_of(text: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; empty where no such keyword stands in the text."""
    words = (token.text.upper() for token in tokenize(text) if token.kind is TokenKind.WORD)
    return next((word for word in words if word in QUERY_FORMS), "")


def boolean(value: bool) -> bytes:  # noqa: FBT001 - the answer itself
    return json.dumps({"head": {}, "boolean": value}).encode()


def n_triples(triples: Any) -> bytes:
    return "".join(f"{' '.join(triple)} .\n" for triple in triples).encode()


def results(names: list[str], rows: list[dict[str, str | None]]) -> bytes:
    """The JSON of rows whose terms are written as in N-Triples."""
    bindings = [{name: _json_of(term) for name, term in row.items() if term} for row in rows]
    return json.dumps({"head": {"vars": names}, "results": {"bindings": bindings}}).encode()


@lru_cache(maxsize=100_000)
def _json_of(term: str) -> dict[str, Any]:
    if term.startswith("<") and not term.startswith("<<"):
        return {"type": "uri", "value": term[1:-1]}
    return _json(next(iter(ox.parse(f"<urn:x:s> <urn:x:p> {term} .", ox.RdfFormat.N_TRIPLES))).object)


def _json(term: Any) -> dict[str, Any]:
    match term:
        case ox.NamedNode():
            return {"type": "uri", "value": term.value}
        case ox.BlankNode():
            return {"type": "bnode", "value": term.value}
        case ox.Triple():
            parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
            return {"type": "triple", "value": {name: _json(part) for name, part in parts.items()}}
    found = {"type": "literal", "value": term.value}
    if not term.language:
        return {**found, "datatype": term.datatype.value}
    return {**found, "xml:lang": term.language, **({"its:dir": term.direction.value} if term.direction else {})}


@dataclass(frozen=True)
class Reply:
    """What became of a query.

    outcome: `answer`; `error`, which the engine told; `panic`, which it could not go on from; `time`, of which it had
    used all; `memory`, where an allocation failed; or the signal that ended the process. text: an error's message.
    """

    outcome: str
    body: bytes = b""
    text: str = ""
    seconds: float = 0.0  # processor time of all threads


class Process:
    """An engine over a store, in a process that may end at any query; the next query then has a new one.

    memory: MiB beyond what it has when its store is open, None without a limit.
    """

    def __init__(self, name: str, folder: Path, memory: int | None) -> None:
        self._name, self._folder, self._memory = name, folder, memory
        self._process: Any = None
        self._connection: Any = None

    def build(self, quads: Path, folder: Path) -> Reply:
        """Build another store and have it in place of the one before; its body is the peak of memory in MiB."""
        self._folder = folder
        folder.mkdir(parents=True)
        self._start()
        return self._exchange((quads, folder), _LONGEST)

    def ask(self, text: str, seconds: float) -> Reply:
        """The reply to a query, which has so many seconds of processor time; opening the store is no part of them."""
        opened = self.open()
        return opened if opened.outcome != "answer" else self._exchange((text, seconds), _LONGEST)

    def open(self) -> Reply:
        """What became of opening the store, at once if it is open already."""
        return self._exchange(None, _LONGEST) if self._start() else Reply("answer")

    def resident(self) -> int:
        """MiB of memory that the process has, with the pages of files that it has mapped (VmRSS of proc(5))."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
        self._process = None

    def _start(self) -> bool:
        """Whether the process was not there and has been started."""
        if self._process is not None:
            return False
        context = multiprocessing.get_context("forkserver")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._name, self._folder, self._memory))
        self._process.start()
        other.close()
        return True

    def ask_all(self, texts: list[str], seconds: float) -> Iterator[Reply]:
        """The replies to queries, in their order; short ones are sent ahead, so that the engine need not wait."""
        sent = place = 0
        while place < len(texts):
            opened = self.open()
            if opened.outcome != "answer":
                yield opened
                sent, place = place + 1, place + 1
                continue
            while sent < len(texts) and (sent == place or (sent < place + _AHEAD and len(texts[sent]) < _SHORT)):
                self._send((texts[sent], seconds))
                sent += 1
            yield self._receive()
            place += 1
            if self._process is None:
                sent = place

    def _exchange(self, message: object, seconds: float) -> Reply:
        self._send(message)
        reply = self._receive(seconds)
        if message is None and reply.outcome != "answer":
            self.close()
        return reply

    def _send(self, message: object) -> None:
        with contextlib.suppress(OSError):  # it has ended, as what it does not reply tells
            self._connection.send(message)

    def _receive(self, seconds: float = _LONGEST) -> Reply:
        try:
            if self._connection.poll(seconds):
                reply: Reply = self._connection.recv()
                if reply.outcome == "panic":
                    self.close()
                return reply
            outcome = "time"
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            outcome = "time" if code == -signal.SIGPROF else signal.Signals(-code).name if code < 0 else f"exit {code}"
        self.close()
        return Reply(outcome)


@contextlib.contextmanager
def running(name: str, folder: Path, memory: int | None = MEMORY) -> Iterator[Process]:
    process = Process(name, folder, memory)
    try:
        yield process
    finally:
        process.close()


def _serve(connection: Connection, name: str, folder: Path, memory: int | None) -> None:
    """Answer messages until the other end is closed: two paths build a store, None opens it, a text is a query.

    A query comes with the seconds of processor time that it has; after them the kernel ends the process.
    """
    sandbox.die_with_parent(os.getppid())
    sandbox.no_core_file()
    sandbox.deny_network()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what is said of panics
    opened: list[Any] = []

    def work(message: object) -> bytes:
        if isinstance(message, tuple) and isinstance(message[0], str):
            text, seconds = message
            signal.setitimer(signal.ITIMER_PROF, seconds)
            body = bytes(opened[0].query(text))
            signal.setitimer(signal.ITIMER_PROF, 0)
            return body
        if isinstance(message, tuple):
            opened.clear()
            ENGINES[name].build(*message)
            opened.append(ENGINES[name](message[1]))
            status = Path("/proc/self/status").read_text(encoding="ascii")
            return str(int(status.partition("VmHWM:")[2].split()[0]) // 1024).encode()
        opened[:] = [ENGINES[name](folder)]
        if memory is not None:
            sandbox.limit_memory(memory)
        return b""

    with contextlib.suppress(EOFError):
        while True:
            connection.send(_told(work, connection.recv()))


def _told(work: Callable[[object], bytes], message: object) -> Reply:
    began = time.process_time()
    try:
        body = work(message)
    except MemoryError:
        return Reply("memory")
    except Exception as error:  # noqa: BLE001 - whatever an engine says
        return Reply("error", text=str(error)[:2000], seconds=time.process_time() - began)
    except BaseException as error:  # noqa: BLE001 - PanicException of PyO3
        return Reply("panic", text=str(error)[:2000])
    return Reply("answer", body, seconds=time.process_time() - began)
