"""Lines found in a sorted file by what they begin with: the same ones as by reading all of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from core.errors import ReleaseError
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.quick

LENGTHS = (1, 5, 60, 300, 5_000, 50_000)  # of texts; a block of the file has 4,096 bytes
LONG = b"<http://a.example/" + b"z" * 700  # longer than what is remembered of a line


def made() -> list[bytes]:
    chance = random.Random(7)  # noqa: S311 - the same lines each time
    lines = {
        b'<http://a.example/%d> <p%d> "%s" .\n' % (chance.randrange(900), chance.randrange(3), b"x" * length)
        for length in LENGTHS
        for _ in range(3_000 if length < 1_000 else 20)
    }
    return sorted(lines | {LONG + b"%d> <p> <o> .\n" % number for number in range(300)})


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return made()


@pytest.fixture(scope="module")
def found(lines: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SortedLines]:
    path = tmp_path_factory.mktemp("lines") / "quads.nq"
    path.write_bytes(b"".join(lines))
    opened = SortedLines(path)
    yield opened
    opened.close()


def test_every_subject_has_its_lines(lines: list[bytes], found: SortedLines) -> None:
    for number in range(901):
        prefix = b"<http://a.example/%d> " % number
        assert list(found.beginning(prefix)) == [line for line in lines if line.startswith(prefix)]


def test_beginnings_of_any_length(lines: list[bytes], found: SortedLines) -> None:
    assert list(found.beginning(b"")) == lines
    given = [line[:-1] for line in lines[::97]] + [LONG, LONG + b"12", LONG + b"299> ", LONG + b"300> "]
    given += [b"<", b"<http://a.example/8", b"\x00", b"~", lines[0][:-1], lines[-1][:-1], lines[-1][:-1] + b"x"]
    for prefix in given:
        assert list(found.beginning(prefix)) == [line for line in lines if line.startswith(prefix)]


def test_what_is_not_asked_for_is_not_read(lines: list[bytes], found: SortedLines) -> None:
    reading = found.beginning(b"<http://a.example/")
    assert [next(reading) for _ in range(3)] == lines[:3]


def test_an_empty_file_has_none_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    empty = SortedLines(tmp_path / "empty")
    assert list(empty.beginning(b"<")) == []
    empty.close()
    with pytest.raises(ReleaseError, match="none does not open: No such file"):
        SortedLines(tmp_path / "none")


def test_many_beginnings_at_once(lines: list[bytes], found: SortedLines) -> None:
    """In: sorted prefixes, near to one another or not, of which some begin no line. Out: the first lines of each."""
    chance = random.Random(3)  # noqa: S311 - the same prefixes each time
    prefixes = [b"<http://a.example/%d> <p%d> " % (n, chance.randrange(5)) for n in range(0, 950, 3)]
    prefixes += [b"<http://a.example/%d> " % n for n in (0, 1, 2, 500, 999_999)]
    prefixes += [
        LONG,
        LONG + b"12",
        LONG + b"300> ",
        b"\x00",
        b"~",
        lines[0][:-1],
        lines[-1][:-1],
        lines[-1][:-1] + b"x",
    ]
    prefixes.sort()
    for most in (1, 3, 10_000):
        expected = [[line[:-1] for line in lines if line.startswith(prefix)][:most] for prefix in prefixes]
        assert list(found.each_beginning(prefixes, most)) == expected
