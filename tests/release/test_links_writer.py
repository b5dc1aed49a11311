"""`links.bin`, written and read.

In: lines in blocks of any size. Out: pages of links and their numbers, as they follow from the lines.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from core.errors import ReleaseError
from release import sorted_rows
from release.links import Link, LinkIndex
from release.links_writer import LinksPart
from release.reader import LINKS
from release.sorted_lines import SortedLines
from tests.release.made_parts import made

if TYPE_CHECKING:
    from pathlib import Path

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NO_LINKS = [
    '<urn:s1> <urn:p> "text <urn:t1> ." .\n',
    "<urn:s1> <urn:p> <urn:named> <urn:g> .\n",
    f"<urn:s1> <{RDF}subject> <urn:part> .\n",
    "<urn:s1> <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> .\n",
]
START = Link("", "")


def links() -> dict[str, list[Link]]:
    """Target → links, many to some."""
    chance = random.Random(1)  # noqa: S311 - no secret
    found = defaultdict(set)
    for _ in range(900):
        target = chance.choice([f"urn:t{chance.randrange(40)}", "urn:t1", "_:b"])
        found[target].add(
            Link(f"urn:p{chance.randrange(3)}", chance.choice(["urn:s%03d", "_:s%03d"]) % chance.randrange(99))
        )
    return {target: sorted(of, key=lambda link: (link.property, term(link.source))) for target, of in found.items()}


def term(node: str) -> str:
    return node if node.startswith("_:") else f"<{node}>"


@pytest.mark.parametrize(("at_once", "held"), [(1, 50), (7, 1 << 21), (10_000, 100)])
def test_pages_of_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, held: int) -> None:
    """However many lines are a block, and links are held in memory."""
    monkeypatch.setattr(sorted_rows, "_ROWS", held)
    given = links()
    lines = [f"{term(link.source)} <{link.property}> {term(target)} .\n" for target in given for link in given[target]]
    lines += [line.replace(" .\n", " <urn:g> .\n") for line in lines[::2]] + NO_LINKS
    made(LinksPart(), [line.encode() for line in lines], tmp_path, at_once)
    (tmp_path / "quads.nq").write_text("".join(sorted(lines)), encoding="utf-8")
    quads = SortedLines(tmp_path / "quads.nq")
    index = LinkIndex(tmp_path / LINKS, quads)
    for target, expected in given.items():
        assert index.after(target, START, 10_000) == expected
        assert index.totals(target) == {
            name: sum(link.property == name for link in expected)
            for name in sorted({link.property for link in expected})
        }
        for place in (0, len(expected) // 2, len(expected) - 1):
            assert index.after(target, expected[place], 5) == expected[place + 1 : place + 6]
            assert index.before(target, expected[place], 5) == expected[max(place - 5, 0) : place][::-1]
        between = Link(expected[0].property, "urn:t")  # which is no source
        later = [link for link in expected if (link.property, term(link.source)) > (between.property, "<urn:t")]
        assert index.after(target, between, 3) == later[:3]
    for target in ("urn:part", "urn:named", "urn:none", "urn:c"):
        assert (index.totals(target), index.after(target, START, 9)) == ({}, [])
    index.close()
    quads.close()


def test_there_may_be_no_links(tmp_path: Path) -> None:
    made(LinksPart(), [NO_LINKS[0].encode()], tmp_path)
    (tmp_path / "quads.nq").write_text(NO_LINKS[0], encoding="utf-8")
    lines = SortedLines(tmp_path / "quads.nq")
    assert LinkIndex(tmp_path / LINKS, lines).totals("urn:t1") == {}
    (tmp_path / LINKS).write_bytes(b"no links")
    with pytest.raises(ReleaseError, match="does not open"):
        LinkIndex(tmp_path / LINKS, lines)
