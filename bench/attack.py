"""How long one client waits while another attacks the server, for every attack that is known.

`.venv/bin/python bench/attack.py [--before CHECKOUT] [--seconds 12] [--only NAME] [--write]` starts a server with
default settings for each attack, attacks it for so long from a process of its own, and prints a table in Markdown;
`--write` puts it into docs/attacks.md, which explains it. `--releases FOLDER` keeps the synthetic releases. The
attackers have a low priority (nice 10), so that what is measured is the server, and the table tells the processor
time that they took.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import multiprocessing
import os
import resource
import socket
import struct
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import bystanders
import serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

ONE, FOUR = ("127.0.0.2",), ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")  # addresses of attackers
BYSTANDER = "127.0.0.99"
IDLE_SECONDS = 6.0  # of the server before the attack
AFTER_SECONDS = 5.0  # from the end of the attack to the last requests
EVERY = 0.5  # seconds between two rounds of the bystander's requests
PATIENCE = 5.0  # seconds after which the bystander gives up; such a request counts with them in the percentiles
IN_TIME = 2.0  # seconds; an answer that comes later does not count as one
SHARE, RATIO = 99.0, 5.0  # the goals: percent answered in time; p95 under attack to p95 idle
NICE = 10  # priority of the attackers
ATTACKER_FILES = 8192  # descriptors
LONGEST_HEAD = 400_000  # bytes; the server reads heads up to about this length
FORMATS = "," * 50_000
ANY = "application/json, text/event-stream, */*"  # what a client of the Model Context Protocol accepts, and all else
CONNECTIONS = 2100  # more than two web processes accept
RESULTS = "## Results"  # the heading that the table stands under, at the end of the page
PAGE = serving.ROOT / "docs" / "attacks.md"


@dataclass(frozen=True)
class Target:
    """The server as an attacker sees it; `sent` counts requests, or connections where no request is completed."""

    port: int
    dump: str
    sent: Any = field(default_factory=lambda: multiprocessing.Value("q", 0))

    async def connect(self, address: str, receive: int = 0) -> socket.socket:
        """A new connection from the address, with a small buffer for what is received if that is given."""
        connection = socket.socket()
        connection.settimeout(0)
        if receive:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        connection.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        connection.bind((address, 0))
        try:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        except BaseException:
            connection.close()
            raise
        self.sent.value += 1
        return connection

    async def exchange(self, address: str, request: bytes) -> bytes:
        """Send a request on a connection of its own, and read until the server closes it; what came first."""
        loop = asyncio.get_running_loop()
        with await self.connect(address) as connection:
            await loop.sock_sendall(connection, request)
            first = await loop.sock_recv(connection, 1 << 16)
            while await loop.sock_recv(connection, 1 << 16):
                pass
            return first

    async def hold(self, address: str, *, first: bytes, more: bytes = b"", pause: float = 2.0) -> None:
        """Send some bytes, then more of them now and then, or nothing, until the server closes the connection."""
        loop = asyncio.get_running_loop()
        with await self.connect(address) as connection:
            await loop.sock_sendall(connection, first)
            while True:
                with contextlib.suppress(TimeoutError):
                    if not await asyncio.wait_for(loop.sock_recv(connection, 1 << 16), pause if more else None):
                        return
                await loop.sock_sendall(connection, more)

    async def read_slowly(self, address: str, path: str) -> None:
        """Ask for something large and take a little of it now and then."""
        loop = asyncio.get_running_loop()
        with await self.connect(address, receive=4096) as connection:
            await loop.sock_sendall(connection, get(path))
            while (await asyncio.gather(loop.sock_recv(connection, 500), asyncio.sleep(1)))[0]:
                pass


def get(path: str, *fields: str, close: bool = True) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost:8000", *fields, *(["Connection: close"] if close else []), "", ""]
    return "\r\n".join(lines).encode()


def post(
    body: bytes, length: int | None = None, *, path: str = "/sparql", type_: str = "application/sparql-query"
) -> bytes:
    """A body by POST, of a query if nothing else is said, or the beginning of one that is said to be longer."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: {type_}\r\nAccept: {ANY}\r\n"
    return f"{head}Content-Length: {length or len(body)}\r\nConnection: close\r\n\r\n".encode() + body


async def repeat(
    addresses: tuple[str, ...], clients: int, once: Callable[[str, int], Awaitable[object]], pause: float = 0.01
) -> None:
    """So many clients at a time, each doing the same again and again; they tell `once` a number that is never the same.

    The pause, in seconds, comes after each; a connection that is refused or reset is tried again.
    """
    numbers = itertools.count()

    async def client(address: str) -> None:
        while True:
            with contextlib.suppress(OSError):
                await once(address, next(numbers))
            await asyncio.sleep(pause)

    await asyncio.gather(*(client(addresses[place % len(addresses)]) for place in range(clients)))


def unclosed(length: int) -> str:
    return '"' + '\\"' * (length // 2)


async def unclosed_accept(target: Target) -> None:
    """`Accept` of unclosed quotes, 7,900 bytes and more; 6 at a time"""
    requests = [get("/", f"Accept: {unclosed(length)}") for length in (7_900, 60_000, LONGEST_HEAD)]
    await repeat(ONE, 6, lambda address, n: target.exchange(address, requests[n % len(requests)]))


async def unclosed_fields(target: Target) -> None:
    """Unclosed quotes and commas in the other fields that are read; 6 at a time"""
    names = ("Accept-Language", "Accept-Encoding", "If-None-Match", "If-Match", "Range", "If-Range", "Prefer")
    values = (unclosed(7_900), "," * 7_900, unclosed(60_000))
    requests = [get("/sparql", f"{name}: {value}") for name in names for value in values]
    await repeat(ONE, 6, lambda address, n: target.exchange(address, requests[n % len(requests)]))


async def lexer_bombs(target: Target) -> None:
    """POSTs of 900 KB with an unclosed string; 130 at a time from 4 addresses"""
    request = post(f"ASK{{}} #RAND\n{unclosed(900_000)}".encode())
    await repeat(FOUR, 130, lambda address, _: target.exchange(address, request))


async def lexer_addresses(target: Target) -> None:
    """Queries of 50 KB with an unclosed string, in the address; 32 at a time"""
    text = quote(f"ASK{{}} #RAND\n{unclosed(16_000)}", safe="")
    await repeat(ONE, 32, lambda address, n: target.exchange(address, get(f"/sparql?query={text}&n={n}")))


async def format_names(target: Target) -> None:
    """`format=,,,…` of 50 KB; 8 at a time"""
    await repeat(
        ONE, 8, lambda address, n: target.exchange(address, get(f"/sparql?query=ASK%7B%7D%23{n}&format={FORMATS}"))
    )


async def silent(target: Target) -> None:
    """2,100 connections that send nothing, opened again when they are closed"""
    await repeat(ONE, CONNECTIONS, lambda address, _: target.hold(address, first=b""), pause=2)


async def slow_heads(target: Target) -> None:
    """2,100 heads of requests, a byte every 2 s"""
    start = b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nX: "
    await repeat(ONE, CONNECTIONS, lambda address, _: target.hold(address, first=start, more=b"x"), pause=2)


async def idle_keep_alive(target: Target) -> None:
    """2,100 connections that are kept after one request"""
    request = get("/robots.txt", close=False)
    await repeat(ONE, CONNECTIONS, lambda address, _: target.hold(address, first=request), pause=2)


async def http2_prefaces(target: Target) -> None:
    """2,100 prefaces of HTTP/2, then silence"""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
    await repeat(ONE, CONNECTIONS, lambda address, _: target.hold(address, first=preface), pause=2)


async def slow_posts(target: Target) -> None:
    """160 queries by POST, a byte of the body every 2 s, from 4 addresses"""
    start = post(b"ASK {", length=900_000)
    await repeat(FOUR, 160, lambda address, _: target.hold(address, first=start, more=b" "), pause=1)


async def slow_dumps(target: Target) -> None:
    """140 readers of one download, 500 bytes a second each"""
    await repeat(ONE, 140, lambda address, _: target.read_slowly(address, target.dump), pause=1)


async def slow_results(target: Target) -> None:
    """100 readers of results of 100,000 rows, 500 bytes a second each"""
    await repeat(ONE, 100, lambda address, n: target.read_slowly(address, numbered(bystanders.LARGE, n)), pause=1)


async def heavy_queries(target: Target) -> None:
    """60 heavy queries at a time"""
    await repeat(ONE, 60, lambda address, n: target.exchange(address, get(numbered(bystanders.HEAVY, n))), pause=0.1)


async def heavy_queries_of_four(target: Target) -> None:
    """120 heavy queries at a time from 4 addresses"""
    await repeat(FOUR, 120, lambda address, n: target.exchange(address, get(numbered(bystanders.HEAVY, n))), pause=0.1)


async def cold_searches(target: Target) -> None:
    """10,000 different searches, 50 at a time"""

    async def search(address: str, number: int) -> None:
        await target.exchange(address, get(f"/search?q=agreement+harb{number % 10_000}r", "Accept: text/html"))

    await repeat(ONE, 50, search)


async def crawl(target: Target) -> None:
    """Pages that are not kept, 64 at a time"""

    async def ask(address: str, number: int) -> None:
        await target.exchange(address, get(f"/doc/park/park-0?crawl={number}", "Accept: text/html"))

    await repeat(ONE, 64, ask)


async def distinct_keys(target: Target) -> None:
    """3,000 requests with different `Accept-Encoding` of 380 KB, 8 at a time"""
    filling = "x" * (LONGEST_HEAD - 20_000)

    async def ask(address: str, number: int) -> None:
        await target.exchange(address, get("/robots.txt", f"Accept-Encoding: gzip, {number % 3000}{filling}"))

    await repeat(ONE, 8, ask)


async def many_ranges(target: Target) -> None:
    """`Range` of 1,500 and of 15,000 parts of a download, 16 at a time"""
    ranges = [",".join(f"{2 * n}-{2 * n}" for n in range(count)) for count in (1_500, 15_000)]
    requests = [get(target.dump, f"Range: bytes={text}") for text in ranges]
    await repeat(ONE, 16, lambda address, n: target.exchange(address, requests[n % len(requests)]))


async def churn(target: Target) -> None:
    """Connections that ask for one kept answer, or for nothing, and are reset; 64 at a time"""
    request = get("/robots.txt")
    linger = struct.pack("ii", 1, 0)  # closed by RST, so that no port stays taken

    async def ask(address: str, number: int) -> None:
        loop = asyncio.get_running_loop()
        with await target.connect(address) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            if number % 2:
                await loop.sock_sendall(connection, request)
                await loop.sock_recv(connection, 1 << 16)

    await repeat(ONE, 64, ask)


async def reconciliations(target: Target) -> None:
    """Reconciliation of 20 misspelt names in a batch, 24 at a time"""

    async def ask(address: str, number: int) -> None:
        names = {f"q{n}": {"query": f"Harbuor Prak {number} {n} agreemnet " * 6} for n in range(20)}
        form = urlencode({"queries": json.dumps(names)}).encode()
        await target.exchange(address, post(form, path="/reconcile", type_="application/x-www-form-urlencoded"))

    await repeat(ONE, 24, ask)


async def tool_calls(target: Target) -> None:
    """Heavy queries and searches by the tools of the Model Context Protocol, 40 at a time"""

    async def ask(address: str, number: int) -> None:
        query = {"name": "query", "arguments": {"sparql": f"{bystanders.HEAVY} #{number}"}}
        search = {"name": "search", "arguments": {"text": f"agreement harb{number}r"}}
        params = query if number % 2 else search
        call = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        await target.exchange(address, post(json.dumps(call).encode(), path="/mcp", type_="application/json"))

    await repeat(ONE, 40, ask)


async def validations(target: Target) -> None:
    """Validations of 900 KB of RDF, 16 at a time"""
    park, kind = f"<{serving.TERMS}Park>", f"<{serving.TERMS}kind>"
    links = [f"<{serving.BASE}id/park/new-{n}> a {park} ; {kind} <{serving.BASE}id/x-{n}> ." for n in range(5_400)]
    parks = "\n".join(links).encode()

    async def ask(address: str, number: int) -> None:
        body = parks + f"\n# {number}".encode()
        await target.exchange(address, post(body, path="/validate", type_="text/turtle"))

    await repeat(ONE, 16, ask)


async def large_tables(target: Target) -> None:
    """Workbooks and maps of results of 80,000 rows, 16 at a time"""

    async def ask(address: str, number: int) -> None:
        form = "geojson" if number % 2 else "xlsx"
        query = f"SELECT * {{ ?s ?p ?o }} LIMIT {80_000 + number}"
        await target.exchange(address, get(f"{bystanders.path(query)}&format={form}"))

    await repeat(ONE, 16, ask)


async def side_doors(target: Target) -> None:
    """Histories, time maps, completions and suggestions that are not kept, 64 at a time"""
    park, class_ = quote(f"{serving.BASE}id/park/park-0"), quote(f"{serving.TERMS}Park")
    paths = (
        f"/history?iri={park}",
        f"/timemap?uri={park}",
        f"/completion?class={class_}",
        "/reconcile/suggest/entity?prefix=park",
    )

    async def ask(address: str, number: int) -> None:
        await target.exchange(
            address, get(f"{paths[number % len(paths)]}&nothing={number}", "Accept: application/json")
        )

    await repeat(ONE, 64, ask)


def numbered(query: str, number: int) -> str:
    """The path of a query that is not asked twice."""
    return bystanders.path(f"{query} #{number}")


ATTACKS = (
    unclosed_accept,
    unclosed_fields,
    lexer_bombs,
    lexer_addresses,
    format_names,
    silent,
    slow_heads,
    idle_keep_alive,
    http2_prefaces,
    slow_posts,
    slow_dumps,
    slow_results,
    heavy_queries,
    heavy_queries_of_four,
    cold_searches,
    crawl,
    distinct_keys,
    many_ranges,
    churn,
    reconciliations,
    tool_calls,
    validations,
    large_tables,
    side_doors,
)


@contextlib.contextmanager
def under(attack: Callable[[Target], Awaitable[None]], target: Target) -> Iterator[multiprocessing.Process]:
    """In a process of its own, with a low priority."""
    process = multiprocessing.Process(target=run, args=(attack, target), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def run(attack: Callable[[Target], Any], target: Target) -> None:
    os.nice(NICE)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, ATTACKER_FILES), hard))
    asyncio.run(attack(target))


@dataclass(frozen=True)
class Reply:
    """The end of one request of the bystander: when it began, after how many seconds it ended, and its status."""

    began: float
    seconds: float
    status: int

    @property
    def is_in_time(self) -> bool:
        return self.status == http.client.OK and self.seconds <= IN_TIME


class Bystander:
    """Asks for a page, a document and a point query in each round, each kept by the server and not, evenly spread.

    Every request has a connection of its own.
    """

    def __init__(self, server: serving.Server, parks: int) -> None:
        self._server = server
        self._parks = parks
        self._numbers = itertools.count()

    def requests(self) -> list[bytes]:
        number = next(self._numbers)
        park = number % self._parks
        point = bystanders.POINT.format(base=serving.BASE, number=park)
        kept = bystanders.POINT.format(base=serving.BASE, number=1)
        return [
            get("/doc/person/person-1", "Accept: text/html"),
            get(f"/doc/person/person-{park}?round={number}", "Accept: text/html"),
            get("/doc/park/park-1", "Accept: text/turtle"),
            get(f"/doc/park/park-{1 + park % (self._parks - 1)}?round={number}", "Accept: text/turtle"),
            get(bystanders.path(kept)),
            get(numbered(point, number)),
        ]

    def rounds(self, seconds: float) -> list[Reply]:
        """All replies of the rounds that begin within so many seconds."""
        replies: list[Future[Reply]] = []
        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=256) as threads:
            for place in range(max(1, round(seconds / EVERY))):
                requests = self.requests()
                for part, request in enumerate(requests):
                    due = began + (place + part / len(requests)) * EVERY
                    time.sleep(max(0.0, due - time.monotonic()))
                    replies.append(threads.submit(self.ask, request))
            return [reply.result() for reply in replies]

    def ask(self, request: bytes) -> Reply:
        began = time.monotonic()
        status = 0
        with contextlib.suppress(OSError, ValueError, IndexError), socket.socket() as connection:
            connection.settimeout(PATIENCE)
            connection.bind((BYSTANDER, 0))
            connection.connect(("127.0.0.1", self._server.port))
            connection.sendall(request)
            head = b""
            while (data := connection.recv(1 << 16)) and time.monotonic() < began + PATIENCE:
                head = head or data
            if not data:
                status = int(head.split(b" ", 2)[1])
        return Reply(began, time.monotonic() - began if status else PATIENCE, status)


@dataclass(frozen=True)
class Measurement:
    """The replies before, under and after an attack, and what it took from the server and the attacker."""

    idle: list[Reply]
    attacked: list[Reply]
    began: float
    after: list[Reply]
    growth: float  # MiB
    sent: int
    processor: float  # share of one core

    def row(self) -> str:
        """Cells of the table; what misses a goal is bold."""
        answered = 100 * sum(reply.is_in_time for reply in self.attacked) / len(self.attacked)
        times = [reply.seconds * 1000 for reply in self.attacked]
        settled = [reply.seconds * 1000 for reply in self.attacked if reply.began > self.began + 1]
        idle = serving.percentile([reply.seconds * 1000 for reply in self.idle], 95)
        ratio = serving.percentile(settled, 95) / idle
        is_well = all(reply.is_in_time for reply in self.after)
        cells = [
            goal(f"{answered:.1f} %", is_met=answered >= SHARE),
            f"{serving.percentile(times, 50):.0f}",
            f"{serving.percentile(times, 95):.0f}",
            f"{idle:.0f}",
            goal(f"{ratio:.1f}", is_met=ratio <= RATIO),
            f"{self.growth:+.0f}",
            goal("yes" if is_well else "no", is_met=is_well),
            f"{self.sent:,}",
            f"{100 * self.processor:.0f} %",
        ]
        return " | ".join(cells)


HEADER = """\
| attack | | in 2 s | p50 | p95 | idle p95 | ratio | MiB | after | sent | CPU |
|---|---|---:|---:|---:|---:|---:|---:|---|---:|---:|"""


def goal(text: str, *, is_met: bool) -> str:
    return text if is_met else f"**{text}**"


def measure(checkout: serving.Checkout, attack: Callable[[Target], Any], seconds: float, parks: int) -> Measurement:
    release = (checkout.releases / "current").resolve().name
    with checkout.serve(cache=True) as server:
        bystander = Bystander(server, parks)
        target = Target(server.port, f"/release/{release}/dumps/parkgraph.nq.gz")
        bystander.rounds(2)
        idle = bystander.rounds(IDLE_SECONDS)
        before = most = server.memory()
        with under(attack, target) as attacker, ThreadPoolExecutor(max_workers=1) as thread:
            began = time.monotonic()
            asked = thread.submit(bystander.rounds, seconds)
            while time.monotonic() < began + seconds:
                time.sleep(1)
                most = max(most, server.memory())
                processor = serving.processor_seconds(attacker.pid or 0) / (time.monotonic() - began)
            attacked = asked.result()
        time.sleep(AFTER_SECONDS)
        return Measurement(idle, attacked, began, bystander.rounds(EVERY), most - before, target.sent.value, processor)


def main() -> None:
    parser = serving.options(__doc__, seconds=12)
    names = [attack.__name__ for attack in ATTACKS]
    parser.add_argument("--only", action="append", choices=names, help="this attack, several times for several")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(serving.ROOT)}")
    given = parser.parse_args()
    lines = HEADER.splitlines()
    print(HEADER, flush=True)
    with serving.checkouts(given) as found:
        for attack in ATTACKS:
            if given.only and attack.__name__ not in given.only:
                continue
            title = (attack.__doc__ or "").strip()
            for checkout in reversed(found):  # the older one first
                measured = measure(checkout, attack, given.seconds, given.articles // 10)
                lines.append(f"| {title} | {checkout.name} | {measured.row()} |")
                print(lines[-1], flush=True)
                title = ""
    if given.write:
        kept = PAGE.read_text(encoding="utf-8").partition(RESULTS)[0]
        PAGE.write_text("\n".join((f"{kept}{RESULTS}", "", *lines, "")), encoding="utf-8")


if __name__ == "__main__":
    main()
