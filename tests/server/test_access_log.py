"""The access log: whole lines of bounded length, one for each request, whatever clients send or the disk does."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from core.errors import InputError
from server import access_log
from server.access_log import LINE, AccessLog
from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import serving

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_bytes()
    assert not text or text.endswith(b"\n")
    assert all(len(line) < LINE for line in text.split(b"\n"))
    return [json.loads(line) for line in text.decode("ascii").splitlines()]


def get(url: str, **fields: str) -> tuple[int, str]:
    """The status, and the request id of the answer."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in fields.items()})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            response.read()
            return response.status, response.headers["X-Request-ID"]
    except HTTPError as error:
        with error:
            return error.code, json.load(error)["request_id"]


def test_each_request_has_a_line(lights: Release, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with serving(lights.path.parent, access_log=log, workers=1) as service:  # each process has a cache of its own
        answers = [get(f"{service.url}/robots.txt")]
        with ThreadPoolExecutor(8) as clients:
            answers += clients.map(lambda _: get(f"{service.url}/robots.txt"), range(200))
        secret = f"{service.url}/sparql?query=SELECT"
        answers.append(get(secret, Referer=secret, User_Agent='"\\\t{}', Accept="application/json"))
        answers.append(get(f"{service.url}/{'%0A{' * 15_000}", Accept="application/json"))
        answers.append(get(f"{service.url}/release/{lights.id}/dumps/parkgraph.nq.gz"))
        wait_until(lambda: len(lines(log)) == len(answers))
    found = lines(log)
    assert {(line["status"], line["request_id"]) for line in found} == {*answers}
    assert {line["request_id"] for line in found if line["cache"] == "hit"} == {name for _, name in answers[1:201]}
    assert all(line["release"] == lights.id and line["client"] == "127.0.0.1" for line in found)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in found)
    assert "SELECT" not in log.read_text(encoding="ascii")
    (query,) = [line for line in found if line["path"] == "/sparql"]
    assert (query["referer"], query["user_agent"]) == (f"{service.url}/sparql", '"\\\t{}')


def test_query_strings_stand_there_if_asked_for(lights: Release, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with serving(lights.path.parent, access_log=log, access_log_queries=True) as service:
        get(f"{service.url}/robots.txt?a=b")
        wait_until(lambda: [line["query"] for line in lines(log)] == ["a=b"])


def test_a_log_that_was_renamed_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "_LOOK_AGAIN", 0.0)
    path = tmp_path / "access.log"
    log = AccessLog(str(path))
    log.write({"n": 1})
    path.rename(tmp_path / "access.log.1")
    log.write({"n": 2})
    assert (lines(tmp_path / "access.log.1"), lines(path)) == ([{"n": 1}], [{"n": 2}])


def test_a_full_disk_costs_lines_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """/dev/full is a disk without space."""
    path = tmp_path / "access.log"
    log = AccessLog(str(path))
    file, full = os.dup(log._descriptor), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._descriptor)
    monkeypatch.setattr(access_log, "_LOOK_AGAIN", 1000.0)
    for number in range(3):
        log.write({"n": number})
    assert capsys.readouterr().err.count("No space left") == 1
    os.dup2(file, log._descriptor)
    log.write({"n": 3})
    assert lines(path) == [{"n": 3}]
    os.close(file)
    os.close(full)


def test_a_line_that_was_cut_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "access.log"
    log = AccessLog(str(path))
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:4]))
        log.write({"n": 1})
    log.write({"n": 2})
    assert path.read_text(encoding="ascii").splitlines()[-1] == '{"n":2}'


def test_a_log_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write the access log"):
        AccessLog(str(tmp_path / "missing" / "access.log"))
