"""Files are written whole or not at all, and what is no file is not waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.errors import InputError
from core.files import open_regular, read_bytes, write_text


def test_a_file_is_replaced_with_its_mode_and_through_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "page.md", tmp_path / "link.md"
    file.write_text("before", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    write_text(link, "after")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "after"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.md", "page.md"]


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_text(file, "after \ud800")
    assert file.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]
    with pytest.raises(InputError, match="cannot be written"):
        write_text(tmp_path / "missing" / "page.md", "after")
    with pytest.raises(InputError, match="cannot be written"):
        write_text(tmp_path, "after")


def test_only_regular_files_are_read_and_only_to_their_limit(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="no regular file"):
            open_regular(path)
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bytes(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_bytes(tmp_path / "file", 4)
