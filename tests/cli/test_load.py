"""The options of `load`: in go command lines, out come what is wrong with them, or the file for a bulk loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from cli.main import main
from release.build import publish_rdf
from tests.server.engines import free_port

if TYPE_CHECKING:
    from pathlib import Path

INTO = ("--into", "http://127.0.0.1:1/store")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "either --into or --file"),
        ((*INTO, "--file", "x.nq"), "either --into or --file"),
        (("--file", "x.nq"), "--file goes with --default-graph"),
        (("--into", "ftp://x/"), "begins with http"),
        ((*INTO, "--default-graph", "merged"), "is not an absolute IRI"),
        ((*INTO, "--user", "dba"), "PARKGRAPH_LOAD_PASSWORD"),
        ((*INTO, "--user", "dba", "--password-file", "latin-1"), "cannot be read as UTF-8"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "latin-1").write_bytes(b"\xe4\n")
    given = [str(tmp_path / option) if option == "latin-1" else option for option in options]
    result = CliRunner(env={"PARKGRAPH_LOAD_PASSWORD": None}).invoke(main, ["load", *given])
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_file_and_a_store_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    publish_rdf([tmp_path / "a.ttl"], tmp_path / "releases", base="http://x.example/")
    common = ["load", "--quiet", "--releases", str(tmp_path / "releases"), "--default-graph", "urn:merged"]
    result = CliRunner().invoke(main, [*common, "--file", str(tmp_path / "out.nq")])
    assert (result.exit_code, result.output) == (0, "1\n")
    assert (tmp_path / "out.nq").read_bytes().endswith(b" <urn:merged> .\n")
    for name in ((), ("--user", "u")):
        away = [*common, "--into", f"http://127.0.0.1:{free_port()}/store", *name]
        result = CliRunner(env={"PARKGRAPH_LOAD_PASSWORD": "p"}).invoke(main, away)
        assert result.exit_code == 3
        assert "cannot be reached" in result.output
