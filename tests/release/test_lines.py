"""`merge` writes sorted runs as lines and blocks; `update`, of another's lines and the runs that changed, the same."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ReleaseError
from release import blocks, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path


LINES = st.builds(
    lambda subject, text, long: b'<s%d> <p> "%s%d" .\n' % (subject, b"x" * (1500 if long == 9 else 9 * long), text),
    st.sampled_from([*range(30), 7, 7, 7, 7]),
    st.integers(0, 40),
    st.integers(0, 9),
)
RUNS = st.lists(st.sets(LINES, max_size=14).map(lambda found: b"".join(sorted(found))), max_size=8)


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_SMALLEST", 300)
        patch.setattr(blocks, "LARGEST", 900)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


def distinct(runs: list[bytes]) -> list[bytes]:
    return sorted({line for run in runs for line in run.splitlines(keepends=True)})


@settings(deadline=None, max_examples=150)
@given(RUNS, st.sets(st.integers(0, 7)), RUNS)
def test_an_update_gives_what_merging_all_runs_gives(
    folder: Path, runs: list[bytes], gone: set[int], new: list[bytes]
) -> None:
    before = lines.merge(runs, folder / "before")
    assert (folder / "before").read_bytes() == b"".join(distinct(runs))
    kept = [run for number, run in enumerate(runs) if number not in gone]
    out = [run for number, run in enumerate(runs) if number in gone]
    merged = lines.merge([*kept, *new], folder / "merged")
    updated = lines.update(before, out, new, folder / "updated")
    assert (folder / "updated").read_bytes() == (folder / "merged").read_bytes()
    assert (updated.blocks, updated.digest, updated.repeated) == (merged.blocks, merged.digest, merged.repeated)
    found = lines.difference(before, updated)
    assert found.removed == sorted(set(distinct(runs)) - set(distinct([*kept, *new])))
    assert found.added == sorted(set(distinct([*kept, *new])) - set(distinct(runs)))


@settings(deadline=None)
@given(st.lists(LINES, unique=True, min_size=40, max_size=200), st.integers(1, 2000))
def test_blocks_follow_from_the_lines_alone(found: list[bytes], size: int) -> None:
    text = b"".join(sorted(found))
    whole = list(blocks.divide([text]))
    assert b"".join(whole) == text
    assert list(blocks.divide(text[place : place + size] for place in range(0, len(text), size))) == whole
    assert all(block.endswith(b"\n") for block in whole)


def test_a_change_leaves_the_groups_far_from_it_as_they_are() -> None:
    digests = [hashlib.sha256(b"%d" % number).digest() for number in range(5000)]
    before = [blocks.Block(number, number + 1, digest) for number, digest in enumerate(digests)]
    groups = list(blocks.groups(before))
    assert [block for group in groups for block in group.blocks] == before
    assert 150 < len(groups) < 250
    changed = [*digests[:2500], b"\1" * 32, *digests[2501:3000], *digests[3001:]]
    after = [blocks.Block(number, number + 1, digest) for number, digest in enumerate(changed)]
    new = {group.whole.digest for group in blocks.groups(after)} - {group.whole.digest for group in groups}
    assert len(new) <= 4
    uncut = [blocks.Block(number, number + 1, b"\1") for number in range(300)]
    assert [len(group.blocks) for group in blocks.groups(uncut)] == [64, 64, 64, 64, 44]


def test_a_change_leaves_the_blocks_far_from_it_as_they_are(folder: Path) -> None:
    text = [b"<s%05d> <p> <o> .\n" % number for number in range(3000)]
    before = lines.merge([b"".join(text)], folder / "before")
    updated = lines.update(before, [text[1500]], [], folder / "updated")
    old, new = ({block.digest for block in found.blocks} for found in (before, updated))
    assert len(new - old) < 10 < len(new & old)


def test_a_subject_of_many_lines_goes_on_in_the_next_block(folder: Path) -> None:
    text = b"".join(b"<s> <p> <o%05d> .\n" % number for number in range(200))
    found = lines.merge([b"<r> <p> <o> .\n" + text], folder / "many")
    assert [block.continues for block in found.blocks] == [False, *[True] * (len(found.blocks) - 1)]
    assert len(found.blocks) > 2


def test_lines_can_be_followed_while_they_are_written(folder: Path) -> None:
    runs = [b"".join(b"<s%05d> <p%d> <o> .\n" % (number, run) for number in range(3000)) for run in range(2)]
    with ThreadPoolExecutor(1) as beside:
        followed: list[Future[list[bytes]]] = []

        def begun(written: int) -> None:
            assert written > 0
            if not followed:
                followed.append(beside.submit(lambda: [*lines.follow(folder / "lines", 1000)]))

        lines.merge(runs, folder / "lines", begun)
        pieces = followed[0].result()
    assert b"".join(pieces) == (folder / "lines").read_bytes() == b"".join(distinct(runs))
    assert all(piece.endswith(b"\n") for piece in pieces)
    assert [*lines.follow(folder / "lines", 1000)] == pieces
    assert [path.name for path in folder.glob("lines*")] == ["lines"]


@pytest.mark.parametrize("damage", [lambda text: text[:-5] + b"! .\n", lambda text: text[:30000], lambda _: b""])
@pytest.mark.parametrize("new", [b"<a> <p> <o> .\n", b"<s1500> <p> <o> .\n", b"<z> <p> <o> .\n"])
def test_lines_that_are_not_as_they_were_written_are_not_copied(
    folder: Path, damage: Callable[[bytes], bytes], new: bytes
) -> None:
    text = b"".join(b"<s%05d> <p> <o> .\n" % number for number in range(3000))
    before = lines.merge([text], folder / "damaged")
    (folder / "damaged").write_bytes(damage(text))
    with pytest.raises(ReleaseError, match="not as it was written"):
        lines.update(before, [], [new], folder / "updated")
