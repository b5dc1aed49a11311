"""Settings: read from the environment, refused where unknown, and explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import InputError
from server.settings import Settings


def test_variables_of_each_type() -> None:
    variables = {"RELEASES": "/x", "PORT": "1", "QUERY_SECONDS": "0.5", "REQUIRE_SANDBOX": "no"}
    settings = Settings.from_environment({f"PARKGRAPH_{name}": value for name, value in variables.items()})
    assert settings == Settings(releases=Path("/x"), port=1, query_seconds=0.5, require_sandbox=False)


def test_other_variables_do_not_matter() -> None:
    assert Settings.from_environment({"HOME": "/", "PARKGRAPH_BASE": "http://x/"}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PARKGRAPH_PROT", "1", "PARKGRAPH_PROT is not a setting"),
        ("PARKGRAPH_PORT", "eighty", "PARKGRAPH_PORT='eighty' is not a value of type int"),
        ("PARKGRAPH_REQUIRE_SANDBOX", "maybe", "PARKGRAPH_REQUIRE_SANDBOX='maybe' is not true or false"),
        ("PARKGRAPH_QUERY_SLOW", "0", "PARKGRAPH_QUERY_SLOW has to be more than 0"),
        ("PARKGRAPH_QUERY_SECONDS", "-1", "PARKGRAPH_QUERY_SECONDS"),
        ("PARKGRAPH_QUERY_SECONDS", "nan", "PARKGRAPH_QUERY_SECONDS has to be more than 0"),
        ("PARKGRAPH_QUERY_QUEUE", "-1", "PARKGRAPH_QUERY_QUEUE has to be 0 or more"),
        ("PARKGRAPH_HOST", "localhost", "PARKGRAPH_HOST='localhost' is not an IP address"),
    ],
)
def test_what_does_not_fit_is_named(variable: str, value: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Settings.from_environment({variable: value})
