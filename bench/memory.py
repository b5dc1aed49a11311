"""How much the memory of a server grows under requests that are all different.

`.venv/bin/python bench/memory.py [--before CHECKOUT] [--articles 2000] [--requests 20000]` prints the memory (Pss, MiB)
of the whole process tree at the start, after half of the requests and after all of them.
"""

from __future__ import annotations

import http.client
import threading
from pathlib import Path
from urllib.parse import urlsplit

import serving

CLIENTS = 8
LONG = 6000  # characters of the longest header fields
PATHS = (
    "/doc/person/person-{n}",
    "/search?q=person+{n}",
    "/sparql?query=ASK%7B%7D%23{n}",
    "/list?after={n}",
    "/none/{n}",
    "/doc/person/person-{n}.ttl?lang=de",
)


def flood(url: str, first: int, last: int) -> None:
    """Ask for so many different things, by their numbers, with header fields that no other request has."""
    numbers = iter(range(first, last))
    lock = threading.Lock()

    def ask(client: str) -> None:
        port = urlsplit(url).port or 80
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(client, 0))
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            filler = "x" * (LONG if number % 10 == 0 else 10)
            fields = {
                "Accept": f"text/{filler}{number}, */*;q=0.{number % 9 + 1}",
                "Accept-Language": f"{filler}-{number}, de;q=0.5",
                "Accept-Encoding": f"{filler}{number}, gzip;q=0.{number % 9 + 1}",
                "If-None-Match": f'"{filler}{number}"',
            }
            path = PATHS[number % len(PATHS)].format(n=number)
            connection.request("GET", path, headers=fields)
            connection.getresponse().read()

    threads = [threading.Thread(target=ask, args=(f"127.0.0.{place + 2}",)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def memory(pid: int) -> float:
    """MiB of a process and of all that descend from it, pages that they share counted once."""
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text(encoding="utf-8").split()
    ]
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own / 1024 + sum(map(memory, children))


def process(url: str) -> int:
    """The first process of the server that was started for the URL."""
    port = str(urlsplit(url).port)
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            arguments = (folder / "cmdline").read_bytes().decode().split("\0")
            if "serve" in arguments and port in arguments:
                return int(folder.name)
    raise RuntimeError("there is no such server")


def main() -> None:
    parser = serving.options(__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    given = parser.parse_args()
    with serving.checkouts(given) as found:
        for checkout in found:
            with checkout.serve(cache=True) as url:
                flood(url, 0, 200)
                pid = process(url)
                steps = [memory(pid)]
                for half in range(2):
                    flood(url, 200 + half * given.requests // 2, 200 + (half + 1) * given.requests // 2)
                    steps.append(memory(pid))
            print(f"{checkout.name:7} MiB at the start, half-way, at the end:", *(f"{step:.0f}" for step in steps))


if __name__ == "__main__":
    main()
