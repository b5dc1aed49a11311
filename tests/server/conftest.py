"""A release of another domain, built by the code that builds any; served in this process and by the real server."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from core.progress import Progress
from core.rdf import serialize
from release.build import publish_rdf
from release.manifest import Dataset
from release.source import Source
from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.conftest import PROGRAM, running

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from release.reader import Release

silent = Progress()
BASE = "http://lights.example/"
TERMS = BASE + "terms#"
GRAPHS = {"vocabulary": BASE + "terms", "shapes": BASE + "shapes", "data": BASE + "id/graph/survey"}
SHIPS = 230  # so many point to one tower, which makes three pages
LIGHTS = Path(__file__).parent / "lights"
QUERY_SECONDS = 600.0  # long enough on a busy machine; a query that shall meet its limit asks for less
PATIENT: dict[str, Any] = {"query_seconds": QUERY_SECONDS, "chart_seconds": QUERY_SECONDS}


def quads() -> Iterator[ox.Quad]:
    """Every triple twice: in the default graph, and in the graph it comes from; shapes only in theirs."""
    for name, graph in GRAPHS.items():
        for quad in ox.parse(path=LIGHTS / f"{name}.ttl", format=ox.RdfFormat.TURTLE):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(graph))
            if name != "shapes":
                yield quad
    guards, tower = ox.NamedNode(TERMS + "guards"), ox.NamedNode(BASE + "id/tower/v1.2")
    for number in range(SHIPS):
        yield ox.Quad(ox.NamedNode(f"{BASE}id/ship/{number:03}"), guards, tower, ox.DefaultGraph())


def source(*more: ox.Quad) -> Source:
    return Source(
        quads=[serialize([*quads(), *more], ox.RdfFormat.N_QUADS)],
        base=BASE,
        dataset=Dataset(
            {"en": "Lights", "de": "Lichter"}, {"en": "Towers with a light."}, examples=[BASE + "id/tower/roter-sand"]
        ),
        prefixes={"li": TERMS, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"},
        ontology=GRAPHS["vocabulary"],
        shapes=GRAPHS["shapes"],
        context=(LIGHTS / "context.jsonld").read_bytes(),
        queries={path.stem: path.read_bytes() for path in sorted((LIGHTS / "queries").glob("*.rq"))},
    )


@pytest.fixture(scope="session")
def lights(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(source(), tmp_path_factory.mktemp("lights"), silent)


class WholeClient(FlaskClient):
    """Reads each answer to its end and closes it, as the real server does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


@contextmanager
def in_process(releases: Path, **settings: Any) -> Iterator[FlaskClient]:
    """Requests to an application in this process, over a folder of releases; it is closed at the end."""
    app = create_app(Settings(releases=releases, **{**PATIENT, **settings}))
    app.test_client_class = WholeClient
    try:
        yield app.test_client()
    finally:
        app.extensions["current"].close()


@contextmanager
def publishing(file: Path, releases: Path, base: str) -> Iterator[FlaskClient]:
    """Requests to an application over a release of one RDF file, which is made in the folder."""
    publish_rdf([file], releases, base=base)
    with in_process(releases) as client:
        yield client


def html_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """The page at a path, which is answered with this status."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    return answer.text


@pytest.fixture(scope="session")
def client(lights: Release) -> Iterator[FlaskClient]:
    """Requests to the application in this process."""
    with in_process(lights.path.parent, query_result=2) as client:
        yield client


@dataclass(frozen=True)
class Service:
    """A running server: its address and its first process."""

    url: str
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def below(self) -> list[int]:
        """Every process that descends from the server."""
        parents = {int(p.name): _parent(p) for p in Path("/proc").iterdir() if p.name.isdecimal()}
        found = [self.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found[1:]

    def long_queries(self) -> list[int]:
        """The processes that lost their priority: those with a query that is long, running or waiting."""
        return [pid for pid in self.below() if _priority(pid) > 0]

    def end_long_queries(self) -> None:
        """Kill what runs them, one after the other; the clients are told."""
        for pid in self.long_queries():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End all of it at once, whatever it is doing."""
        os.killpg(self.pid, signal.SIGKILL)


def _priority(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@contextmanager
def serving(releases: Path, stderr: Any = None, **settings: object) -> Iterator[Service]:
    """The server as a user starts it, on a free port if none is given; it prints its address when it is up.

    stderr: a file for what it says of faults; None for that of the tests.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARKGRAPH_")}
    settings = {"port": 0, "releases": releases, **PATIENT, **settings}
    environment |= {f"PARKGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    with running(PROGRAM, "serve", env=environment, stderr=stderr) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://" in line, "the server did not start"
        yield Service(line.split()[-1].rstrip("/"), process)


@pytest.fixture(scope="session")
def service(lights: Release) -> Iterator[Service]:
    with serving(lights.path.parent) as service:
        yield service
