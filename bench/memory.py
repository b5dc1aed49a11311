"""How much memory the server takes for requests that all differ.

`.venv/bin/python bench/memory.py [--requests 20000] [--before CHECKOUT]` prints the memory (PSS) and the open files of
all processes before, in between and after the requests.
"""

from __future__ import annotations

import asyncio
import collections
import time
from typing import TYPE_CHECKING

import attack
import bystanders
import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENTS = 16
ALLOWED = 100  # MiB beyond the limits of the caches
CACHES = 2 * 64  # MiB: PARKGRAPH_CACHE_MEMORY of two web processes
SETTLE_SECONDS = 5.0


def mixed(number: int, parks: int) -> bytes:
    """A request that is like no other: another address, and other fields that the answer depends on."""
    park = number % parks
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: attack.get(f"/doc/park/park-{park}?n={number}", "Accept: text/html", *fields(number)),
        lambda: attack.get(f"/doc/park/park-{park}?n={number}", "Accept: text/turtle", *fields(number)),
        lambda: attack.get("/", f"Accept: text/html;q=0.9, x/y{number}", *fields(number)),
        lambda: attack.get("/robots.txt", *fields(number)),
        lambda: attack.get(f"/search?q=harbour+{number}", "Accept: text/html", *fields(number)),
        lambda: attack.get(f"/there-is-no-{number}", *fields(number)),
        lambda: attack.get(
            attack.numbered(bystanders.POINT.format(base=serving.BASE, number=park), number), *fields(number)
        ),
        lambda: attack.post(f"ASK {{}} #{number}".encode()),
        lambda: attack.post(f"ASK {{ #{number}".encode()),
    )
    return kinds[number % len(kinds)]()


def fields(number: int) -> list[str]:
    return [
        f"Accept-Encoding: gzip, x{number};q=0.1",
        f"Accept-Language: en, x-l{number};q=0.1",
        f'If-None-Match: "{number:x}"',
        f"User-Agent: {number}",
        f"X-{number}: {'x' * (number % 500)}",
    ]


async def send(target: attack.Target, numbers: Iterator[int], parks: int) -> collections.Counter[str]:
    """Send the requests of these numbers; tells how often each status was the answer."""
    statuses = collections.Counter[str]()

    async def client(address: str) -> None:
        for number in numbers:
            try:
                answer = await target.exchange(address, mixed(number, parks))
            except OSError as error:
                answer = type(error).__name__.encode()
            statuses[answer.partition(b"\r\n")[0].decode()] += 1

    await asyncio.gather(*(client(attack.FOUR[place % len(attack.FOUR)]) for place in range(CLIENTS)))
    return statuses


def requests(server: serving.Server, count: int, parks: int) -> None:
    target = attack.Target(server.port, "")
    asyncio.run(send(target, iter(range(count, count + 500)), parks))
    start = server.memory()
    print(f"memory at the start {start:.0f} MiB, {server.descriptors()} open files", flush=True)
    for part in range(2):
        numbers = iter(range(part * count // 2, (part + 1) * count // 2))
        statuses = asyncio.run(send(target, numbers, parks))
        time.sleep(SETTLE_SECONDS)
        growth = server.memory() - start
        print(
            f"after {(part + 1) * count // 2:,} requests: {growth:+.0f} MiB, {server.descriptors()} open files", end=""
        )
        print(f", goal {CACHES + ALLOWED}; {dict(statuses)}", flush=True)


def main() -> None:
    parser = serving.options(__doc__, articles=500)
    parser.add_argument("--requests", type=int, default=20_000)
    given = parser.parse_args()
    with serving.checkouts(given) as found:
        for checkout in found:
            print(checkout.name)
            with checkout.serve(cache=True) as server:
                requests(server, given.requests, given.articles // 10)


if __name__ == "__main__":
    main()
