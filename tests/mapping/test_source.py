"""Files of records that nobody would write: each gives problems with their places, in little time and memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mapping.source import read

if TYPE_CHECKING:
    from pathlib import Path

ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", ALIASES.encode(), "aliases stand for more than the file is long"),
        ("a.yaml", b"a: &a [*a]\n", "aliases stand for more than the file is long"),
        ("a.yaml", b"[" * 100_000, "more than 100 lists and mappings"),
        ("a.yaml", b"[" * 150 + b"]" * 150, "more than 100 lists and mappings"),
        ("a.yaml", b"a: \xff\n", "not UTF-8"),
        ("a.yaml", b"a: \0\n", "not YAML"),
        ("a.yaml", b'a: "\\ud800"\n', "half a surrogate pair"),
        ("a.jsonl", b"[" * 100_000, "more than 100 lists and mappings"),
        ("a.jsonl", b'{"a": NaN}', "NaN is no number"),
        ("a.jsonl", b'{"a": -Infinity}', "-Infinity is no number"),
        ("a.jsonl", b'{"a": "\\ud800"}', "half a surrogate pair"),
        ("a.jsonl", b'{"a": "\xff"}', "not UTF-8"),
    ],
)
def test_what_nobody_would_write_is_a_problem(name: str, text: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text)
    problems = [problem for parsed in read(tmp_path / name, name) for problem in parsed.problems]
    assert len(problems) == 1
    assert message in problems[0].message
    assert problems[0].place.file == name


def test_numbers_stay_as_they_are_typed(tmp_path: Path) -> None:
    number = "9" * 10_000
    (tmp_path / "a.jsonl").write_text(f'{{"a": {number}, "b": 1e999999999}}', encoding="utf-8")
    (parsed,) = read(tmp_path / "a.jsonl", "a.jsonl")
    assert parsed.value == {"a": number, "b": "1e999999999"}


@pytest.mark.parametrize("name", ["a.yaml", "a.jsonl"])
def test_a_pipe_and_a_folder_are_no_files(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / name, tmp_path / "folder"):
        (parsed,) = read(path, name)
        assert "it is no regular file" in parsed.problems[0].message
