"""How much a build may take gives shares for its processes; in: sizes as people write them, and what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import limits, memory
from core.errors import InputError
from core.limits import memory_here
from core.memory import LEAST, Memory, allowed, current, limited, parse
from core.workers import processes
from tests.conftest import Told, parkgraph

if TYPE_CHECKING:
    from pathlib import Path

GB = 10**9


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1500", 1500 << 20),
        ("1.5G", 3 * GB // 2),
        ("1.5 GB", 3 * GB // 2),
        ("500m", 5 * 10**8),
        ("2GiB", 2 << 30),
        ("512 MiB", 512 << 20),
        ("1T", 1000 * GB),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1G", "1.5.G", "1X", "G", "1 G B", "nan", "1e9"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(InputError, match="is no size: give a number of MiB"):
        parse(text)


@pytest.mark.parametrize("cores", [1, 2, 16, 128])
def test_no_number_of_cores_takes_more_than_there_is(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(cores))
    before = 0
    for total in range(LEAST, 24 * GB, GB // 10):
        share = Memory(total)
        assert before <= share.processes() <= cores
        assert share.processes() > 0 < share.piece
        before = share.processes()
        loading = memory._LOADING + memory._LOADED * share.piece
        others = (share.processes() - 1) * memory._EACH
        assert memory._OWN + memory._FIRST + others + loading <= total
        assert memory._OWN + share.sort <= total
        assert share.processes(own=total) == 1
    assert before == cores


def test_too_little_is_refused_with_the_least(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a build needs at least 500 MB of memory, and may take 499"):
        Memory(LEAST - 1)
    done = parkgraph("build", "--memory", "100M", "--releases", tmp_path / "releases", cwd=tmp_path, check=False)
    assert (done.returncode, "at least 500 MB" in done.stderr) == (2, True)
    assert not (tmp_path / "releases").exists()


def test_processes_know_what_the_build_may_take() -> None:
    with limited(Memory(2 * GB)), processes(1) as executor:
        assert executor.submit(current).result() == Memory(2 * GB)
    assert current() == Memory()


def test_less_is_taken_where_there_is_less(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In: the files of a control group (version 2), of which the one above allows less."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "group").write_text("1:cpu:/else\n0::/a/b\n", encoding="utf-8")
    (tmp_path / "a" / "memory.max").write_text(f"{6 * GB // 10}\n", encoding="utf-8")
    (tmp_path / "a" / "b" / "memory.max").write_text("max\n", encoding="utf-8")
    machine = memory_here()
    monkeypatch.setattr(limits, "_GROUPS", tmp_path / "group")
    monkeypatch.setattr(limits, "_CGROUP", tmp_path)
    told = Told()
    assert allowed(2 * GB, told) == Memory(6 * GB // 10)
    assert told.sentences == ["there are 600 MB of memory here, so the build takes no more than that"]
    (tmp_path / "a" / "memory.max").write_text(f"{GB // 10}\n", encoding="utf-8")
    assert allowed(2 * GB, told) == Memory(GB // 2)  # the least, with which a small build may do
    with pytest.raises(InputError, match="at least 500 MB of memory, and may take 100"):
        allowed(GB // 10, told)
    (tmp_path / "group").unlink()
    assert memory_here() == machine
