"""Responses to GET: in goes what was found and the fields of a request, out come fields, body, and errors of files."""

from __future__ import annotations

import os
import tempfile
import zlib
from typing import TYPE_CHECKING

import pytest

from core.formats import RESULTS_JSON
from server.query.answers import Answer
from server.query.responder import complete
from server.semantics.negotiation import NegotiatedFormat
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = b"[" + b"1," * 1_000_000 + b"1]"
CHOICE = NegotiatedFormat.of(RESULTS_JSON)


@pytest.fixture
def large(tmp_path: Path) -> Answer:
    path = tmp_path / "answer"
    path.write_bytes(WHOLE)
    return Answer(RESULTS_JSON, len(WHOLE), os.open(path, os.O_RDONLY), "results", truncated=False)


def test_a_file_is_coded_into_another(large: Answer) -> None:
    response = complete({"HTTP_ACCEPT_ENCODING": "gzip"}, large, CHOICE, None, [], is_repeatable=True)
    assert response.fields["Content-Encoding"] == "gzip"
    assert isinstance(response.body, int)
    with os.fdopen(response.body, "rb") as file:
        coded = file.read()
    assert len(coded) == response.size
    assert zlib.decompress(coded, 31) == WHOLE


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_coding_that_cannot_be_written(
    large: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(TemporaryFileError, match=r"none: \[Errno 2\]"):
        complete({"HTTP_ACCEPT_ENCODING": coding}, large, CHOICE, None, [], is_repeatable=True)
    assert isinstance(large.body, int)
    with pytest.raises(OSError, match="Bad file descriptor"):  # it is closed
        os.fstat(large.body)
