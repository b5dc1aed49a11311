"""The real server, with real clients: limits hold, nothing gets out, nothing is left over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from SPARQLWrapper import JSON as WRAPPER_JSON
from SPARQLWrapper import TURTLE as WRAPPER_TURTLE
from SPARQLWrapper import SPARQLWrapper

from release.writer import build
from server.query.cache import Cache
from server.query.engine import Request
from server.query.errors import EvaluationError, QueryStoppedError, QueryTimeoutError
from server.query.pool import Pool, new_queues
from server.query.processes import ForkServer
from server.settings import Settings
from tests.server.conftest import BASE, QUERY_SECONDS, TERMS, Service, silent, source, start, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from release.reader import Release

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
GREEDY = "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?i"
TOWER = "/doc/tower/roter-sand"
FORMATS = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "trig": "trig"}  # suffix → what rapper calls it


def ask(service: Service, query: str) -> tuple[int, dict[str, object], dict[str, str]]:
    """Status, body and header fields of the answer to a query."""
    request = urllib.request.Request(f"{service.url}/sparql?{urlencode({'query': query})}")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def get(service: Service, path: str) -> bytes:
    with urllib.request.urlopen(service.url + path, timeout=30) as response:
        data: bytes = response.read()
        return data


def is_true_within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True


def busy(service: Service) -> int:
    """How many processes of the server lost their priority: those that run long queries."""
    return sum(priority(pid) > 0 for pid in service.below())


def priority(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def test_a_heavy_query_ends_at_the_limit_and_harms_nobody(service: Service) -> None:
    with ThreadPoolExecutor(6) as heavy:
        asked = [heavy.submit(ask, service, HEAVY) for _ in range(6)]
        assert is_true_within(5, lambda: busy(service) >= 1)
        answered = 0
        while not all(future.done() for future in asked):
            status, body, _ = ask(service, POINT)
            assert (status, body["results"]["bindings"][0]["o"]["value"]) == (200, "52.5")  # type: ignore[index]
            answered += 1
    assert answered > 20  # in about two seconds, while both cores were taken
    for status, body, headers in (future.result() for future in asked):
        assert status == 503
        assert "2 seconds" in str(body["detail"]) or "busy" in str(body["detail"])
        assert int(headers["retry-after"]) > 0
    assert is_true_within(5, lambda: busy(service) == 0)


def test_a_greedy_query_meets_the_limit_of_memory(lights: Release) -> None:
    process, service = start(lights.path.parent, query_seconds=60, query_memory=64)
    try:
        status, body, _ = ask(service, GREEDY)
        assert status == 503
        assert "64 MiB" in str(body["detail"])
        assert ask(service, POINT)[0] == 200
    finally:
        stop(process)


class Listener:
    """A server that counts who knocks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def calls(self) -> int:
        self._socket.settimeout(0)
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as listener:
        yield listener


def outward(port: int) -> list[str]:
    pattern = "{ ?s ?p ?o }"
    return [
        f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {pattern} }}",
        f"SELECT * {{ SERVICE SILENT <http://localhost:{port}/> {pattern} }}",
        f"SELECT * {{ \\u0053ERVICE <http://127.0.0.1:{port}/> {pattern} }}",
        f"SELECT * FROM <http://127.0.0.1:{port}/x> {pattern}",  # noqa: S608 - SPARQL
        f"SELECT * FROM NAMED <http://127.0.0.1:{port}/x> {{ GRAPH ?g {pattern} }}",  # noqa: S608 - SPARQL
    ]


def test_no_query_reaches_out(service: Service, listener: Listener) -> None:
    assert [ask(service, query)[0] for query in outward(listener.port)] == [403, 403, 403, 200, 200]
    assert listener.calls() == 0


@pytest.fixture
def pool(lights: Release) -> Iterator[Pool]:
    forkserver = ForkServer()
    settings = Settings(query_seconds=QUERY_SECONDS, query_memory=64, cache_memory=0, cache_disk=0)
    pool = Pool(forkserver, lights, settings, new_queues(settings), Cache(settings))
    yield pool
    pool.close()
    forkserver.close()


def answer(pool: Pool, query: str) -> bytes:
    body = pool.run(request(query)).body
    assert isinstance(body, bytes)
    return body


def request(query: str) -> Request:
    return Request(query, BASE, "srj", "nt", refuse_service=False)


def test_query_processes_cannot_reach_out_even_if_asked(pool: Pool, listener: Listener) -> None:
    assert pool.wait_until_ready() is None  # the sandbox is there
    plain, silent_one, *harmless = outward(listener.port)
    with pytest.raises(EvaluationError):
        pool.run(request(plain))
    for query in (silent_one, harmless[1], harmless[2]):
        assert pool.run(request(query)).size > 0
    assert listener.calls() == 0


def solutions(query: str) -> bytes:
    found = ox.Store().query(query)
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=ox.QueryResultsFormat.JSON) or b""


def test_the_listener_hears_a_query_outside_the_sandbox(listener: Listener) -> None:
    """So that the silence in the other tests means something."""
    query = outward(listener.port)[1]
    with ThreadPoolExecutor(1) as one:
        knock = one.submit(solutions, query)
        assert is_true_within(10, lambda: listener.calls() == 1)
        listener.close()
        knock.result(timeout=60)


def test_a_pool_outlives_its_processes(pool: Pool) -> None:
    for query, fault in ((HEAVY, QueryTimeoutError), (GREEDY, QueryStoppedError)):
        with pytest.raises(fault):
            pool.run(request(query))
        assert b"52.5" in answer(pool, POINT)
    pool._forkserver._process.kill()
    pool._forkserver._process.wait()
    assert is_true_within(5, lambda: not any(process.is_idle for process in pool._idle))
    assert b"52.5" in answer(pool, POINT)


def test_a_pool_outlives_processes_that_somebody_kills(pool: Pool) -> None:
    with ThreadPoolExecutor(1) as one:
        running = one.submit(pool.run, request(HEAVY))
        children = Path(f"/proc/{pool._forkserver._process.pid}/task/{pool._forkserver._process.pid}/children")
        assert is_true_within(5, lambda: len(children.read_text().split()) == 2)  # that, and one for others
        for pid in children.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        with pytest.raises(QueryStoppedError, match="its process was killed"):
            running.result(timeout=30)
    assert b"52.5" in answer(pool, POINT)


def test_an_overloaded_pool_says_so(lights: Release) -> None:
    process, service = start(lights.path.parent, query_seconds=1.5, query_queue=0, workers=1)
    try:
        with ThreadPoolExecutor(4) as clients:
            answers = [future.result() for future in [clients.submit(ask, service, HEAVY) for _ in range(4)]]
        details = [str(body["detail"]) for _, body, _ in answers]
        assert {status for status, _, _ in answers} == {503}
        assert sum("busy" in detail for detail in details) == 3
    finally:
        stop(process)


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_over(lights: Release, signal_number: signal.Signals) -> None:
    """SIGTERM to the server; SIGKILL to each web process, which takes its query processes with it."""
    process, service = start(lights.path.parent, query_seconds=60)
    with ThreadPoolExecutor(1) as client:
        hanging = client.submit(ask, service, HEAVY)
        assert is_true_within(10, lambda: busy(service) == 1)
        below = service.below()
        assert len(below) >= 5  # two web processes, two zygotes, at least one query process
        if signal_number is signal.SIGKILL:
            for pid in [service.pid, *below[:2]]:
                os.kill(pid, signal.SIGKILL)
            process.wait(timeout=10)
            assert process.stdout is not None
            process.stdout.close()
        else:
            assert stop(process) == 0
        assert is_true_within(10, lambda: not any(is_alive(pid) for pid in below))
        assert isinstance(hanging.exception(timeout=10), OSError | HTTPException)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(shutil.which("setarch") is None, reason="there is no setarch to pretend another machine with")
def test_without_a_sandbox_it_does_not_start(lights: Release) -> None:
    """On a machine for which there is no filter the server says so, once, instead of serving."""
    program = str(Path(sys.executable).parent / "parkgraph")
    command = ["setarch", "i686", program, "serve", "--port", "0", "--releases", str(lights.path.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("PARKGRAPH_REQUIRE_SANDBOX=false serves all the same") == 1


def test_a_new_release_is_taken_up_and_running_requests_finish(tmp_path: Path) -> None:
    first = build(source(), tmp_path, silent)
    process, service = start(tmp_path, query_seconds=1.5)
    try:
        assert get(service, "/health").decode().strip() == first.id
        height = ox.NamedNode(TERMS + "height")
        tower = ox.NamedNode(BASE + "id/tower/new")
        with ThreadPoolExecutor(1) as client:
            running = client.submit(ask, service, HEAVY)
            second = build(source(ox.Quad(tower, height, ox.Literal(9), ox.DefaultGraph())), tmp_path, silent)
            seen: list[str] = []

            def switched() -> bool:
                seen.append(get(service, "/health").decode().strip())
                return seen[-20:] == [second.id] * 20  # both web processes have it

            assert is_true_within(10, switched)
            assert set(seen) <= {first.id, second.id}
            assert running.result()[0] == 503
        assert b"new" in get(service, "/doc/tower/new.ttl")
    finally:
        stop(process)


def test_the_clients_of_the_field(service: Service) -> None:
    wrapper = SPARQLWrapper(service.url + "/sparql")
    wrapper.setQuery(POINT)
    wrapper.setReturnFormat(WRAPPER_JSON)
    rows = wrapper.queryAndConvert()
    assert isinstance(rows, dict)
    assert [row["o"]["value"] for row in rows["results"]["bindings"]] == ["52.5"]
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{BASE}id/tower/roter-sand> ?p ?o }}")
    wrapper.setReturnFormat(WRAPPER_TURTLE)
    turtle = wrapper.queryAndConvert()
    assert isinstance(turtle, bytes)
    constructed = rdflib.Graph().parse(data=turtle, format="turtle")
    document = rdflib.Graph().parse(service.url + TOWER)  # rdflib negotiates by itself
    assert len(constructed) == 8
    assert set(constructed) <= set(document)


def test_rapper_reads_the_same_in_every_format(service: Service) -> None:
    rapper = shutil.which("rapper")
    if rapper is None:
        pytest.skip("rapper is not installed (Debian: raptor2-utils)")
    graphs = []
    for extension, name in FORMATS.items():
        data = get(service, f"{TOWER}.{extension}")
        read = subprocess.run(
            [rapper, "-q", "-i", name, "-o", "ntriples", "-", BASE], input=data, capture_output=True, check=True
        )
        assert read.stderr == b""
        graphs.append(rdflib.Graph().parse(data=read.stdout, format="nt"))
    assert len(graphs) == 4
    assert len(graphs[0]) > 8
    assert all(isomorphic(graphs[0], other) for other in graphs)
