"""The real server, with real clients: limits hold, nothing gets out, nothing is left over."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from SPARQLWrapper import JSON as WRAPPER_JSON
from SPARQLWrapper import TURTLE as WRAPPER_TURTLE
from SPARQLWrapper import SPARQLWrapper

import server.query.pool
from core.formats import N_TRIPLES, RESULTS_JSON
from release.writer import build
from server import cores
from server.middleware.limits import ADDRESS, FIELD
from server.query.errors import QueryStoppedError, QueryTimeoutError
from server.query.guard import LONGEST
from server.query.pool import SLOW_AFTER, Pool, new_queues
from server.query.processes import ForkServer, QueryProcess
from server.query.requests import Operation, Request
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem
from server.settings import Settings
from server.shares import ServerBusyError
from server.temporary import TemporaryFileError
from tests.conftest import PATIENCE, PROGRAM, wait_until
from tests.server.conftest import BASE, QUERY_SECONDS, TERMS, Service, serving, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?a) > STR(?d)) }"  # which ends
LARGE_SET = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 200000 }"
GREEDY = "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?i"
TOWER = "/doc/tower/roter-sand"
FORMATS = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "trig": "trig"}  # suffix → what rapper calls it


def ask(service: Service, query: str, timeout: str = "1000") -> tuple[int, dict[str, object], dict[str, str]]:
    """Status, body and header fields of the answer to a query, which has so many seconds if the server allows them."""
    request = urllib.request.Request(f"{service.url}/sparql?{urlencode({'query': query, 'timeout': timeout})}")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.status, json.load(response), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def get(service: Service, path: str) -> bytes:
    with urllib.request.urlopen(service.url + path, timeout=PATIENCE) as response:
        data: bytes = response.read()
        return data


def test_a_heavy_query_ends_at_its_limit(service: Service) -> None:
    with ThreadPoolExecutor(6) as clients:
        answers = [future.result() for future in [clients.submit(ask, service, HEAVY, "0.5") for _ in range(6)]]
    for status, body, headers in answers:
        assert status == 503
        assert "0.5 seconds" in str(body["detail"]) or "busy" in str(body["detail"])
        assert int(headers["retry-after"]) > 0
    wait_until(lambda: not service.long_queries())


def test_a_heavy_query_harms_nobody(lights: Release) -> None:
    """While long queries run and wait, more of them than there are cores, short ones are answered."""
    limits = {"query_seconds": QUERY_SECONDS, "cache_memory": 0}
    with ThreadPoolExecutor(6) as clients, serving(lights.path.parent, **limits) as service:
        heavy = [clients.submit(ask, service, HEAVY) for _ in range(6)]
        wait_until(lambda: len(service.long_queries()) == len(heavy))
        for _ in range(25):
            status, body, _ = ask(service, POINT)
            assert (status, body["results"]["bindings"][0]["o"]["value"]) == (200, "52.5")  # type: ignore[index]
        assert not any(future.done() for future in heavy)
        service.kill()
        assert all(isinstance(future.exception(PATIENCE), OSError | HTTPException) for future in heavy)


def test_a_greedy_query_meets_the_limit_of_memory(lights: Release) -> None:
    with serving(lights.path.parent, query_memory=64) as service:
        status, body, _ = ask(service, GREEDY)
        assert status == 503
        assert "64 MiB" in str(body["detail"])
        assert ask(service, POINT)[0] == 200


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
    settings = Settings(query_seconds=QUERY_SECONDS, query_memory=64)
    pool = Pool(forkserver, lights, settings, new_queues(settings))
    yield pool
    pool.close()
    forkserver.close()


def answer(pool: Pool, query: str) -> bytes:
    body = pool.respond({}, request(query)).body
    assert isinstance(body, bytes)
    return body


def request(query: str) -> Request:
    return Request(query, BASE, NegotiatedFormat.of(RESULTS_JSON), NegotiatedFormat.of(N_TRIPLES), refuse_service=False)


def test_query_processes_cannot_reach_out_even_if_asked(pool: Pool, listener: Listener) -> None:
    assert pool.wait_until_ready() is None  # the sandbox is there
    plain, silent_one, *harmless = outward(listener.port)
    with pytest.raises(TemporaryFileError, match="Permission denied"):  # as of a file that may not be opened
        pool.respond({}, request(plain))
    for query in (silent_one, harmless[1], harmless[2]):
        assert pool.respond({}, request(query)).size > 0
    assert listener.calls() == 0


def test_an_error_of_the_query_costs_no_process(pool: Pool) -> None:
    pool.wait_until_ready()
    process = pool._idle[0]
    for query in ("ASK {", "ASK {} #" + LONGEST * "x" + "\n}"):
        with pytest.raises(HTTPProblem):
            pool.respond({}, request(query))
        assert [*pool._idle] == [process]


def test_a_long_query_begins_in_the_slow_queue(pool: Pool) -> None:
    assert pool._queues.slow.try_enter("other")
    assert b"true" in answer(pool, "ASK {}")
    with pytest.raises(ServerBusyError):
        pool.respond({}, request("ASK {} #" + LONGEST * "x"), seconds=0.1)
    pool._queues.slow.leave("other")


def test_a_query_that_waits_for_a_core_stays_in_the_fast_queue(pool: Pool) -> None:
    """Its process is stopped meanwhile, as on a machine that has no core for it, and the slow queue is full."""
    pool.wait_until_ready()
    process, queues = pool._idle[0], pool._queues
    assert queues.slow.try_enter("other")
    process.pause()
    with ThreadPoolExecutor(1) as thread:
        try:
            asked = thread.submit(answer, pool, "ASK {}")
            with pytest.raises(TimeoutError):
                asked.result(3 * SLOW_AFTER)
            process.resume()
            assert b"true" in asked.result(PATIENCE)
        finally:
            queues.slow.leave("other")


@pytest.mark.parametrize("is_permitted", [True, False])
def test_priority_is_lowered_before_a_query_is_slow_if_it_can_be_restored(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, *, is_permitted: bool
) -> None:
    """Without it queries of others would wait for a core. The place in the fast queue stays: the slow one is full."""
    pool.wait_until_ready()
    process, own = pool._idle[0], os.getpriority(os.PRIO_PROCESS, 0)
    set_to: list[int] = []
    monkeypatch.setattr(os, "setpriority", lambda _which, _pid, priority: set_to.append(priority))
    monkeypatch.setattr(QueryProcess, "regains_priority", is_permitted)
    monkeypatch.setattr(server.query.pool, "MOMENT", 0.001)
    monkeypatch.setattr(server.query.pool, "SLOW_AFTER", math.inf)
    assert pool._queues.slow.try_enter("other")
    assert b'"0"' not in answer(pool, SLOW)
    pool._queues.slow.leave("other")
    assert (len(set_to) >= 2 and set_to[0] > own == set_to[-1]) if is_permitted else not set_to
    assert [*pool._idle] == [process]


@pytest.mark.parametrize("is_permitted", [True, False])
def test_after_a_slow_query_a_process_goes_on_if_its_priority_can_be_restored(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, *, is_permitted: bool
) -> None:
    pool.wait_until_ready()
    process, own = pool._idle[0], os.getpriority(os.PRIO_PROCESS, 0)
    lowered = []

    def set_priority(_which: int, _pid: int, priority: int) -> None:
        if priority == own and not is_permitted:
            raise PermissionError
        lowered.append(priority)

    monkeypatch.setattr(os, "setpriority", set_priority)
    monkeypatch.setattr(QueryProcess, "regains_priority", True)
    monkeypatch.setattr(server.query.pool, "SLOW_AFTER", 0.001)
    assert b'"0"' not in answer(pool, SLOW)
    assert lowered[0] > own
    assert QueryProcess.regains_priority == is_permitted
    assert (process in pool._idle) == is_permitted
    assert len(pool._idle) == 1 + is_permitted  # and one for others, that was forked meanwhile
    assert b"52.5" in answer(pool, POINT)


def test_a_query_that_takes_a_moment_has_all_cores_until_it_ends(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.wait_until_ready()
    process, own = pool._idle[0], os.sched_getaffinity(0)
    given: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, cores: given.append((pid, cores)))
    monkeypatch.setattr(server.query.pool, "MOMENT", PATIENCE)
    assert b"52.5" in answer(pool, POINT)
    assert not given
    monkeypatch.setattr(server.query.pool, "MOMENT", 0.0)
    assert b'"0"' not in answer(pool, SLOW)
    assert given == [(process._pid, cores._ALL), (process._pid, own)]


def test_a_process_that_goes_on_gives_memory_back(pool: Pool) -> None:
    """Which a slow query has taken: the next one, of whomever, has its share, and an idle process holds little."""
    pool.wait_until_ready()
    process = pool._idle[0]
    before = resident(process)
    assert b"200000" in answer(pool, LARGE_SET)
    assert process in pool._idle
    wait_until(lambda: resident(process) < before + 8)


def resident(process: QueryProcess) -> float:
    """Its memory in MiB."""
    pages = int(Path(f"/proc/{process._pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def test_the_time_that_a_request_asks_for(pool: Pool) -> None:
    """A query process reads it, and the web process keeps it."""
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": f"timeout=0.5&query={quote(HEAVY)}"}
    with pytest.raises(QueryTimeoutError, match=r"longer than 0\.5 seconds"):
        pool.respond(environ, Operation(b""))
    environ["QUERY_STRING"] = f"timeout=5&query={quote(POINT)}"
    assert b"52.5" in pool.respond(environ, Operation(b"")).body  # type: ignore[operator]


def solutions(query: str) -> bytes:
    found = ox.Store().query(query)
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=ox.QueryResultsFormat.JSON) or b""


def test_the_listener_hears_a_query_outside_the_sandbox(listener: Listener) -> None:
    """So that the silence in the other tests means something."""
    query = outward(listener.port)[1]
    with ThreadPoolExecutor(1) as one:
        knock = one.submit(solutions, query)
        wait_until(lambda: listener.calls() == 1)
        listener.close()
        knock.result(PATIENCE)


def test_a_pool_outlives_its_processes(pool: Pool) -> None:
    for query, error, seconds in ((HEAVY, QueryTimeoutError, 0.5), (GREEDY, QueryStoppedError, None)):
        with pytest.raises(error):
            pool.respond({}, request(query), seconds=seconds)
        assert b"52.5" in answer(pool, POINT)
    pool._forkserver._process.kill()
    pool._forkserver._process.wait()
    wait_until(lambda: not any(process.is_idle for process in pool._idle))
    assert b"52.5" in answer(pool, POINT)


def test_a_pool_outlives_processes_that_somebody_kills(pool: Pool) -> None:
    with ThreadPoolExecutor(1) as one:
        running = one.submit(pool.respond, {}, request(HEAVY))
        children = Path(f"/proc/{pool._forkserver._process.pid}/task/{pool._forkserver._process.pid}/children")
        wait_until(lambda: len(children.read_text().split()) == 2)  # that, and one for others
        for pid in children.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        with pytest.raises(QueryStoppedError, match="its process was killed"):
            running.result(PATIENCE)
    assert b"52.5" in answer(pool, POINT)


def test_an_overloaded_pool_says_so(lights: Release) -> None:
    with (
        ThreadPoolExecutor(1) as client,
        serving(lights.path.parent, query_queue=0, workers=1) as service,
    ):
        running = client.submit(ask, service, HEAVY)
        wait_until(lambda: len(service.long_queries()) == 1)
        for _ in range(3):
            status, body, headers = ask(service, HEAVY)
            assert status == 503
            assert "busy" in str(body["detail"])
            assert int(headers["retry-after"]) > 0
        assert not running.done()
        service.end_long_queries()
        assert running.result(PATIENCE)[0] == 503


@pytest.mark.skipif(shutil.which("setarch") is None, reason="there is no setarch to pretend another machine with")
def test_without_a_sandbox_it_does_not_start(lights: Release) -> None:
    """On a machine for which there is no filter the server says so, once, instead of serving."""
    command = ["setarch", "i686", PROGRAM, "serve", "--port", "0", "--releases", str(lights.path.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("PARKGRAPH_REQUIRE_SANDBOX=false serves all the same") == 1


def test_it_starts_in_a_folder_with_modules_of_the_same_names(
    lights: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("__init__.py", "server/__init__.py", "core/__init__.py", "json.py"):
        (tmp_path / module).parent.mkdir(exist_ok=True)
        (tmp_path / module).write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with serving(lights.path.parent) as service:
        assert ask(service, POINT)[0] == 200


def test_a_new_release_is_taken_up_and_running_requests_finish(tmp_path: Path) -> None:
    first = build(source(), tmp_path, silent)
    with ThreadPoolExecutor(1) as client, serving(tmp_path) as service:
        assert get(service, "/health").decode().strip() == first.id
        height = ox.NamedNode(TERMS + "height")
        tower = ox.NamedNode(BASE + "id/tower/new")
        running = client.submit(ask, service, HEAVY)
        wait_until(lambda: len(service.long_queries()) == 1)
        second = build(source(ox.Quad(tower, height, ox.Literal(9), ox.DefaultGraph())), tmp_path, silent)
        seen: list[str] = []

        def switched() -> bool:
            seen.append(get(service, "/health").decode().strip())
            return seen[-20:] == [second.id] * 20  # both web processes have it

        wait_until(switched)
        assert set(seen) <= {first.id, second.id}
        assert not running.done()
        assert len(service.long_queries()) == 1
        service.end_long_queries()
        assert running.result(PATIENCE)[0] == 503
        assert b"new" in get(service, "/doc/tower/new.ttl")


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


@pytest.mark.parametrize(("host", "proxies", "is_told"), [("::", 0, True), ("::", 1, False), ("::1", 0, False)])
def test_a_public_address_without_a_proxy(lights: Release, host: str, proxies: int, *, is_told: bool) -> None:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with serving(lights.path.parent, stderr=errors, host=host, trusted_proxies=proxies, workers=1):
            pass
        errors.seek(0)
        lines = errors.read().splitlines()
    assert [line for line in lines if "TLS" in line] == lines[:1] * is_told


def test_the_longest_head(service: Service) -> None:
    """All that has a limit of its own, at that limit, comes through; more than twice as much does not."""
    fields = dict.fromkeys(("Accept", "Accept-Language", "Accept-Encoding", "If-Match", "If-None-Match"), "x" * FIELD)
    for filling, status in (({}, 412), ({"Filling": "x" * 20_000}, 412), ({"Filling": "x" * 200_000}, 431)):
        parts = urlsplit(service.url)
        connection = HTTPConnection(parts.hostname or "", parts.port)
        connection.request("GET", f"{TOWER}?{'x' * (ADDRESS - len(TOWER))}", headers=fields | filling)
        assert connection.getresponse().status == status
        connection.close()
