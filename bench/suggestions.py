"""How suggesting grows: with the length of the text, and with the number of spellings in the registry.

    .venv/bin/python bench/suggestions.py

Texts and names are made up. Each row doubles what is measured; the seconds are those of the processor.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

from curate.suggest.draft import draft
from curate.suggest.findings import Recogniser
from curate.suggest.lexicon import lexicon
from curate.suggest.names import Finder, RegistryName
from curate.suggest.records import blocks
from curate.suggest.text import Article

PROSE = (
    "In May 2021 Harbour Park {n} signed more than 20 agreements with Northlight Park. “We shall grow by 30 percent,” "
    "said Ada Berg, director of Harbour Park {n}, on April 3, 2022. Eva Holm believes that 300 companies will come. "
)


def article(parts: int, shape: str) -> Article:
    """A text of so many parts, as paragraphs, as one paragraph, or as one sentence."""
    text = "".join(PROSE.format(n=number % 1000) for number in range(parts))
    text = {"paragraphs": text.replace("come. ", "come.\n"), "one sentence": text.replace(". ", "; ")}.get(shape, text)
    return Article("x", text, "en", lexicon("en"))


def finder(names: int) -> Finder:
    """A registry with so many names, of which a thousand stand in the texts."""
    known = [
        RegistryName("person/ada-berg", "Person", "Ada Berg", "en"),
        RegistryName("park/north", "Park", "Northlight Park", "en"),
    ]
    known += [RegistryName(f"park/{number}", "Park", f"Harbour Park {number}", "en") for number in range(names)]
    return Finder(known)


def main() -> None:
    recogniser = Recogniser.of(Path(), "http://localhost:8000/")
    small = finder(1000)
    for shape in ("paragraphs", "one paragraph", "one sentence"):
        for parts in (1000, 2000, 4000, 8000):
            text = article(parts, shape)
            started = time.process_time()
            found = recogniser.findings(text, small)
            written = draft(text, "x.txt", blocks(found, recogniser))
            took = time.process_time() - started
            print(f"{shape:14} {len(text.text):>10,} characters {took:8.2f} s {len(written):>12,} characters written")
    text = article(4000, "paragraphs")
    for names in (125_000, 250_000, 500_000, 1_000_000):
        started = time.process_time()
        built = finder(names)
        middle = time.process_time()
        mentions = built.find(text)
        ended = time.process_time()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{names:>10,} names: built in {middle - started:6.2f} s, {len(mentions):,} mentions found in "
            f"{ended - middle:6.2f} s, {memory:,} MB at most"
        )


if __name__ == "__main__":
    main()
