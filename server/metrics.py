"""What the server counts and measures, of all web processes together, as Prometheus takes it.

Counters are in memory that the web processes share with the process that forks them, a file without a name for each: a
process that is started in place of another counts on from there, so they never fall. Gauges hold for the process that
sets them, and are gone with it.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import finalize
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import ThreadingWSGIServer, choose_encoder
from prometheus_client.mmap_dict import MmapedDict
from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Metric

Labels = tuple[str, ...]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)  # upper bounds of the histogram
PATH = "/metrics"
_TIMEOUT = 10.0  # seconds for a request at an address of its own
_KEYS = 1024  # that are remembered; labels are names of routes, methods and statuses
_PAUSE = 0.5  # seconds between two looks at what is not counted at once
_SUM = "sum"
_GONE = float("nan")


@dataclass(frozen=True)
class Name:
    """A metric: its name without the suffix that its type has, what it is, and the names of its labels."""

    name: str
    help: str
    labels: Labels = ()
    is_common: bool = False  # a gauge that all processes have alike: the largest value is told, and not the sum


REQUESTS = Name(
    "parkgraph_http_requests", "Requests, those answered from memory included.", ("route", "method", "status")
)
SECONDS = Name(
    "parkgraph_http_request_seconds", "Seconds that answers took to make, but those from memory.", ("route",)
)
REFUSALS = Name("parkgraph_http_refusals", "Requests that a limit of the server refused.", ("reason",))
HITS = Name("parkgraph_cache_hits", "Requests answered from memory.", ("route",))
MISSES = Name(
    "parkgraph_cache_misses", "Requests that could have been answered from memory, had the answer been there."
)
STARTS = Name("parkgraph_process_starts", "Processes that were started.", ("kind",))
PROCESSES = Name("parkgraph_processes", "Processes that run.", ("kind",))
QUERIES = Name("parkgraph_queries", "Queries that run or wait.", ("queue", "state"))
CACHE_BYTES = Name("parkgraph_cache_bytes", "Bytes that the answers in memory take.")
CACHE_ENTRIES = Name("parkgraph_cache_entries", "Answers in memory.")
RELEASE = Name("parkgraph_release_info", "The release that is served.", ("id", "created"), is_common=True)
TRIPLES = Name("parkgraph_release_triples", "Triples of the release.", ("id",), is_common=True)
CONNECTIONS = Name("parkgraph_connections", "Connections that are open.")
CUTS = Name("parkgraph_connections_cut", "Connections that were cut because they broke a limit.")
_NAMES = {
    name.name: name
    for name in (
        *(REQUESTS, SECONDS, REFUSALS, HITS, MISSES, STARTS, PROCESSES, QUERIES),
        *(CACHE_BYTES, CACHE_ENTRIES, RELEASE, TRIPLES, CONNECTIONS, CUTS),
    )
}


@dataclass(eq=False, slots=True)
class Tally:
    """A count that costs next to nothing: it is added to the counters `to` later, by another thread."""

    to: tuple[tuple[Name, Labels], ...]
    count: int = 0
    added: int = 0


@dataclass
class SharedMemory:
    """The memory of all web processes: a descriptor for each. Made before they are forked."""

    descriptors: list[int] = field(default_factory=list)

    @classmethod
    def create(cls, processes: int) -> SharedMemory:
        return cls([os.memfd_create("metrics") for _ in range(processes)])


class Metrics:
    """The counters and gauges of this web process, and what there is of the others; any thread may call it."""

    def __init__(self, memory: SharedMemory) -> None:
        """Take the place of a process that has ended, or one that no process has had yet."""
        self._memory = memory
        self._lock = threading.Lock()
        self._file = self._take_place()
        self._values = MmapedDict(self._file)
        self.close = finalize(self, _close, self._values, self._place)
        self._tallies: dict[tuple[tuple[Name, Labels], ...], Tally] = {}
        self._gauges: list[tuple[Name, Callable[[], Mapping[Labels, float]]]] = []
        self._gauge_keys = {key for key, *_ in self._values.read_all_values() if _kind(key) == "gauge"}
        self.look()  # there are no gauges yet: those of the process that had this place are gone

    def count(self, name: Name, *labels: str, amount: float = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._add(_key("counter", name.name, labels), amount)

    def tally(self, *to: tuple[Name, Labels]) -> Tally:
        """The tally that adds to these counters, each with its labels."""
        return self._tallies.setdefault(to, Tally(to))

    def observe(self, name: Name, seconds: float, *labels: str) -> None:
        """Add a duration to a histogram."""
        bound = next((str(bound) for bound in _SECONDS if seconds <= bound), "+Inf")
        with self._lock:
            self._add(_key("histogram", name.name, (*labels, bound)), 1)
            self._add(_key("histogram", name.name, (*labels, _SUM)), seconds)

    def watch(self, name: Name, values: Callable[[], Mapping[Labels, float]]) -> None:
        """Have a gauge look at the values of this process, by labels, again and again."""
        self._gauges.append((name, values))

    def start(self) -> None:
        """Look at tallies and gauges in the background from now on, so that other processes can tell them."""
        threading.Thread(target=self._look_again_and_again, name="metrics", daemon=True).start()

    def look(self) -> None:
        """Take over tallies and gauges."""
        gauges = {
            _key("gauge", name.name, labels): value
            for name, values in self._gauges
            for labels, value in values().items()
        }
        with self._lock:
            for tally in list(self._tallies.values()):
                new = tally.count - tally.added
                tally.added += new
                for counter, labels in tally.to if new else ():
                    self._add(_key("counter", counter.name, labels), new)
            for key in self._gauge_keys - gauges.keys():
                self._values.write_value(key, _GONE, 0.0)
            for key, value in gauges.items():
                self._values.write_value(key, value, 0.0)
            self._gauge_keys = {*gauges}

    def collect(self) -> Iterable[Metric]:
        """All metrics, of all processes (the Collector of prometheus_client)."""
        self.look()
        found: dict[tuple[str, str], dict[Labels, float]] = {}
        for key, value in self._of_all_processes():
            kind, name, *labels = json.loads(key)
            values = found.setdefault((name, kind), {})
            before = values.get(tuple(labels), 0.0)
            values[tuple(labels)] = max(before, value) if _NAMES[name].is_common else before + value
        for (name, kind), values in sorted(found.items()):
            yield _family(kind, _NAMES[name], values)

    def text(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the format that an Accept field prefers, OpenMetrics or that of Prometheus; its media type."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type

    def _add(self, key: str, amount: float) -> None:
        value, _ = self._values.read_value(key)
        self._values.write_value(key, value + amount, 0.0)

    def _look_again_and_again(self) -> None:
        while True:
            time.sleep(_PAUSE)
            self.look()

    def _take_place(self) -> str:
        for descriptor in self._memory.descriptors:
            path = f"/proc/self/fd/{descriptor}"
            self._place = os.open(path, os.O_RDWR | os.O_CLOEXEC)  # its lock is of this process alone, until it ends
            with suppress(BlockingIOError):
                fcntl.flock(self._place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return path
            os.close(self._place)
        raise RuntimeError("there are more web processes than places for their metrics")

    def _of_all_processes(self) -> Iterator[tuple[str, float]]:
        for descriptor in self._memory.descriptors:
            path = f"/proc/self/fd/{descriptor}"
            if not os.fstat(descriptor).st_size:
                continue
            lives = path == self._file or _is_locked(path)
            for key, value, *_ in MmapedDict.read_all_values_from_file(path):
                if _kind(key) != "gauge" or (lives and not math.isnan(value)):
                    yield key, value


class _Server(ThreadingWSGIServer):
    """Several processes listen on the same port; whichever is asked tells of all."""

    allow_reuse_port = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = _TIMEOUT

    def log_message(self, *_: object) -> None:
        """Nothing: a scrape every few seconds is no news."""


def serve(metrics: Metrics, host: str, port: int) -> None:
    """Answer `GET /metrics` at an address of its own, in the background."""

    @Request.application
    def answer(request: Request) -> Response:
        if request.path != PATH or request.method not in {"GET", "HEAD"}:
            return Response(status=404)
        body, media_type = metrics.text(request.headers.get("Accept", ""))
        return Response(body, content_type=media_type)

    server = make_server(host, port, answer, _Server6 if ":" in host else _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="metrics listener", daemon=True).start()


def _close(values: MmapedDict, place: int) -> None:
    """Give up the place; the counts stay."""
    values.close()
    os.close(place)


def _is_locked(path: str) -> bool:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@lru_cache(_KEYS)
def _key(kind: str, name: str, labels: Labels) -> str:
    return json.dumps([kind, name, *labels])


def _kind(key: str) -> str:
    return key[2:].partition('"')[0]


def _family(kind: str, name: Name, values: Mapping[Labels, float]) -> Metric:
    if kind == "histogram":
        return _histogram(name, values)
    family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(name.name, name.help, labels=name.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    return family


def _histogram(name: Name, values: Mapping[Labels, float]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name.name, name.help, labels=name.labels)
    for labels in sorted({labels[:-1] for labels in values}):
        passed = 0.0
        buckets = []
        for bound in (*map(str, _SECONDS), "+Inf"):
            passed += values.get((*labels, bound), 0.0)
            buckets.append((bound, passed))
        family.add_metric(labels, buckets, values.get((*labels, _SUM), 0.0))
    return family
