"""Compares the evidence with the articles' texts, if the publisher has them."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from core.files import LARGEST_PART, read_bytes
from core.problems import Place, Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from mapping.documents import Document, Passage

QUOTATION_LENGTH = 300  # characters: the right to quote does not reach further than a fact needs
_ELLIPSIS = " […]"


class Texts:
    """The articles' texts in a folder, by file name. passages_checked: how many passages were compared with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passages_checked = 0
        self._read = cache(self._read_file)

    def check(self, document: Document) -> list[Problem]:
        """Problems of a document's text digest, and of the place and the digest of each of its passages."""
        record = document.own_record
        name, digest = record.get("textFile"), record.get("textDigest")
        if not isinstance(name, str) or not isinstance(digest, str):
            return []  # the shape of articles asks for both
        try:
            text = self._read(name)
        except (OSError, ValueError):
            fix = "put the text there, or correct 'textFile'"
            return [_problem(record.place, f"the text {name} is not among the texts at hand", fix)]
        if sha256(text) != digest:
            fix = f"the text's SHA-256 is {sha256(text)}; if the text has changed, its passages have to be taken anew"
            return [_problem(record.place, f"'textDigest' is not that of {name}", fix)]
        self.passages_checked += len(document.passages)
        exempt = [exemption.passage for exemption in document.exemptions if exemption.passage is not None]
        found = (_compare(passage, text) for passage in (*document.passages.values(), *exempt))
        return [problem for problem in found if problem is not None]

    def passage(self, passage: Passage, file_name: str) -> str:
        """The wording of a passage."""
        return self._read(file_name)[passage.start : passage.end]

    def whole(self, file_name: str) -> str:
        """The wording of a text; OSError if the file is missing."""
        return self._read(file_name)

    def has(self, file_name: str) -> bool:
        return (self.folder / file_name).is_file()

    def _read_file(self, name: str) -> str:
        return read_bytes(self.folder / name, LARGEST_PART).decode("utf-8")


def quotation(passage: str) -> str:
    """A passage as a quotation in one line, truncated between words to QUOTATION_LENGTH."""
    words = " ".join(passage.split())
    if len(words) <= QUOTATION_LENGTH:
        return words
    begin = words[: QUOTATION_LENGTH - len(_ELLIPSIS)]
    return (begin.rpartition(" ")[0] or begin) + _ELLIPSIS


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _compare(passage: Passage, text: str) -> Problem | None:
    if passage.end > len(text):
        message = f"the passage ends at {passage.end}, the text has {len(text)} characters"
        return _problem(passage.place, message, "count characters (not bytes) from 0 in the decoded text")
    here = text[passage.start : passage.end]
    if sha256(here) == passage.digest:
        return None
    length = passage.end - passage.start
    starts = (s for s in range(len(text) - length + 1) if sha256(text[s : s + length]) == passage.digest)
    moved = next(starts, None)
    if moved is not None:
        fix = f"the passage with this digest stands at {moved} to {moved + length}"
    else:
        fix = f"characters {passage.start} to {passage.end} have the SHA-256 {sha256(here)}"
    return _problem(passage.place, "the text at this place has another digest", fix)


def _problem(place: Place, message: str, fix: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "evidence", message, fix)
