"""The options of `build` for other machines: in go command lines, out comes what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from cli.main import main
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--runs", "s3://b/runs"), 2, "--runs goes with --cluster"),
        (("--cluster", "tcp://127.0.0.1:1", "--rdf", "a.ttl"), 2, "RDF files are not mapped"),
        (("--project", "nowhere"), 2, "does not exist"),
        (("--cluster", "http://127.0.0.1:1", "--project", str(ROOT)), 3, "unknown address scheme 'http'"),
        (("--project", "gopher://nowhere"), 3, "Protocol not known: gopher"),
        (("--project", "memory://nowhere"), 3, "memory://nowhere holds no project"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, options: tuple[str, ...], code: int, message: str) -> None:
    result = CliRunner().invoke(main, ["build", "--releases", str(tmp_path), *options])
    assert result.exit_code == code
    assert message in " ".join(result.output.split())
