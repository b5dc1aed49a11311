"""How much memory the server takes for requests that all differ, and how many descriptors after switches of releases.

`.venv/bin/python bench/memory.py [--requests 20000] [--switches 50] [--before CHECKOUT]` prints the memory of all
processes (PSS) before, in between and after the requests, and the open files before, in between and after the switches.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import os
import time
from typing import TYPE_CHECKING

import attack
import bystanders
import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLIENTS = 16
ALLOWED = 100  # MiB beyond the limits of the caches
CACHES = 2 * 64  # MiB: PARKGRAPH_CACHE_MEMORY of two web processes
SETTLE_SECONDS = 5.0
SWITCH_SECONDS = 1.5  # in which web processes see a new release


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


async def send(target: attack.Target, numbers: Iterator[int], parks: int, seconds: float) -> collections.Counter[str]:
    """Send the requests of these numbers, for so many seconds at most; tells how often each status was the answer."""
    statuses = collections.Counter[str]()
    end = time.monotonic() + seconds

    async def client(address: str) -> None:
        for number in numbers:
            if time.monotonic() > end:
                return
            try:
                answer = await target.exchange(address, mixed(number, parks))
            except OSError as error:
                answer = type(error).__name__.encode()
            statuses[answer.partition(b"\r\n")[0].decode()] += 1

    await asyncio.gather(*(client(attack.FOUR[place % len(attack.FOUR)]) for place in range(CLIENTS)))
    return statuses


def requests(server: serving.Server, count: int, parks: int) -> None:
    target = attack.Target(server.port, "")
    asyncio.run(send(target, iter(range(count, count + 500)), parks, float("inf")))
    start = server.memory()
    print(f"memory at the start {start:.0f} MiB, {server.descriptors()} open files", flush=True)
    for part in range(2):
        numbers = iter(range(part * count // 2, (part + 1) * count // 2))
        statuses = asyncio.run(send(target, numbers, parks, float("inf")))
        time.sleep(SETTLE_SECONDS)
        growth = server.memory() - start
        print(
            f"after {(part + 1) * count // 2:,} requests: {growth:+.0f} MiB, {server.descriptors()} open files", end=""
        )
        print(f", goal {CACHES + ALLOWED}; {dict(statuses)}", flush=True)


def switches(server: serving.Server, checkout: serving.Checkout, count: int, parks: int) -> None:
    """Switch between two releases, while requests run."""
    current = (checkout.releases / "current").resolve().name
    other = next(
        p.name for p in sorted(checkout.releases.iterdir()) if p.is_dir() and p.name not in {current, "current"}
    )
    target = attack.Target(server.port, "")
    numbers = itertools.count(10_000_000)
    for turn, name in zip(range(count + 1), itertools.cycle((current, other)), strict=False):
        switch(checkout.releases, name)
        asyncio.run(send(target, numbers, parks, SWITCH_SECONDS))
        if turn % 10 == 0:
            print(f"after {turn} switches: {server.descriptors()} open files, {server.memory():.0f} MiB", flush=True)
    switch(checkout.releases, current)


def switch(releases: Path, name: str) -> None:
    new = releases / ".new"
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    new.symlink_to(name)
    os.replace(new, releases / "current")  # noqa: PTH105


def main() -> None:
    parser = serving.options(__doc__, articles=500)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--switches", type=int, default=50)
    given = parser.parse_args()
    parks = given.articles // 10
    with serving.checkouts(given) as found:
        for checkout in found:
            print(checkout.name)
            if given.switches and sum(place.is_dir() for place in checkout.releases.iterdir()) < 3:  # noqa: PLR2004
                checkout.build_another(given.articles // 2)
            with checkout.serve(cache=True) as server:
                requests(server, given.requests, parks)
                if given.switches:
                    switches(server, checkout, given.switches, parks)


if __name__ == "__main__":
    main()
