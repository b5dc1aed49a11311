"""Values that are put into a `Memo` come back from it, also from another one over the same file, or are missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from release.memo import Memo, remove

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_put_is_found_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with Memo(tmp_path / "memo") as memo:
        memo.put(b"key", b"one")
        memo.put(b"key", b"two")
        memo.commit()
        with Memo(tmp_path / "memo", read_only=True) as reader:
            assert (reader.get(b"key"), reader.get(b"other"), b"key" in reader) == (b"two", None, True)
    with Memo(tmp_path / "memo") as memo:
        assert memo.get(b"key") == b"two"


def test_a_value_that_was_changed_is_missing(tmp_path: Path) -> None:
    with Memo(tmp_path / "memo") as memo:
        memo.put(b"key", b"value")
        memo.commit()
    with closing(sqlite3.connect(tmp_path / "memo")) as database:
        database.execute("UPDATE result SET value = ?", (b"valve",))
        database.commit()
    with Memo(tmp_path / "memo") as memo:
        assert memo.get(b"key") is None


def test_a_file_that_is_no_memo_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "memo").write_bytes(b"no database" * 1000)
    with Memo(tmp_path / "memo") as memo:
        memo.put(b"key", b"value")
        assert memo.get(b"key") == b"value"


def test_a_memo_is_removed_with_what_a_killed_build_left_of_it(tmp_path: Path) -> None:
    for name in ("memo", "memo-wal", "memo-shm", "other"):
        (tmp_path / name).touch()
    remove(tmp_path / "memo")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "memo").symlink_to(tmp_path / "elsewhere")
    with Memo(tmp_path / "memo") as memo:
        memo.put(b"key", b"value")
        memo.commit()
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "memo").is_symlink()


def test_what_no_build_uses_any_more_is_forgotten(tmp_path: Path) -> None:
    with Memo(tmp_path / "memo") as memo:
        for number in range(10):
            memo.put(b"%d" % number, b"value")
        memo.forget_others(lambda: [b"%d" % number for number in range(6)])
        assert b"9" in memo  # less than half
        memo.forget_others(lambda: [b"1"])
        assert [number for number in range(10) if b"%d" % number in memo] == [1]
