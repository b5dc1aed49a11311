"""The project's own release, served by the real server at the address that its IRIs begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conftest import parkgraph
from tests.server.conftest import serving
from tests.server.engines import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def site_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of releases that the site is of."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def site(site_releases: Path) -> Iterator[str]:
    """The base IRI, with its final slash; every IRI of the data dereferences."""
    base = f"http://127.0.0.1:{free_port()}/"
    parkgraph("build", "--quiet", "--base", base, "--releases", site_releases)
    with serving(site_releases, port=urlsplit(base).port) as service:
        assert f"{service.url}/" == base
        yield base
