"""In go projects in folders and in a store like S3, mapped by workers of a cluster.

Out comes what one machine gives, or a sentence on what is wrong with the cluster.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from distributed import Client
from moto.server import ThreadedMotoServer

from core.errors import InputError
from core.runs import unpack
from mapping import cluster, stretches
from mapping.articles import Articles
from mapping.build import build_project
from mapping.cluster import Cluster, Workers
from mapping.evidence import Texts
from mapping.known import Known
from mapping.project import Project
from mapping.shared_folder import SharedFolder
from mapping.unit_mapping import map_unit
from tests.conftest import ROOT
from tests.mapping.test_kept import EDITORIAL, Edited
from tests.mapping.test_unit_mapping import ARTICLES
from tests.release.test_last_build import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mapping.cluster_worker import Job
    from mapping.units import UnitPlace
    from release.reader import Release

BASE = "https://example.org/"
PACKAGES = ("core", "mapping", "release")


class Machines:
    """A scheduler and workers, each a process, which are started again when they have been killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workers = folder, dict[str, subprocess.Popen[bytes]]()
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self, workers: int = 2) -> None:
        if self.scheduler is None or self.scheduler.poll() is not None:
            file = self.folder / "scheduler.json"
            file.unlink(missing_ok=True)
            self.address = ""
            self.scheduler = self._process("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
            while not self.address:
                assert self.scheduler.poll() is None
                time.sleep(0.05)
                with suppress(OSError, ValueError):  # it is being written
                    self.address = json.loads(file.read_text())["address"]
        running = [name for name, process in self.workers.items() if process.poll() is None]
        self.workers = {name: self.workers[name] for name in running}
        for number in range(workers):
            if f"worker-{number}" not in self.workers:
                self.start_worker(f"worker-{number}")
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def start_worker(self, name: str, path: Path | None = None) -> None:
        """path: of other packages than these."""
        options = ("--nthreads", "1", "--no-nanny", "--name", name)
        self.workers[name] = self._process("worker", self.address, *options, path=path)

    def kill(self, name: str) -> None:
        process = self.workers.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for name in [*self.workers]:
            self.kill(name)
        if self.scheduler is not None:
            self.scheduler.kill()
            self.scheduler.wait()

    def _process(self, *command: str | Path, path: Path | None = None) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(path or ROOT)}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """With a store like S3, which workers reach by the settings that they are started with."""
    store = ThreadedMotoServer(port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    started = Machines(tmp_path_factory.mktemp("machines"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        try:
            yield started
        finally:
            started.stop()
            store.stop()


@pytest.fixture
def running(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """With two workers. What ends after a time ends soon."""
    machines.start()
    monkeypatch.setattr(stretches, "STRETCH", 1)
    monkeypatch.setattr(cluster, "_PATIENCE", 1)
    monkeypatch.setattr(cluster, "_LOOK", 0.2)
    monkeypatch.setattr(cluster, "_CONNECT", 5)
    return machines


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    found = Edited(tmp_path / "project")
    found.write()
    return found


def mapped(edited: Edited, on: Cluster | None = None) -> tuple[set[bytes], list[str], dict[str, int]]:
    """The lines, the problems, and the numbers of records."""
    project = Project(edited.root, BASE, Texts(edited.root / "texts"))
    keys = list(project.runs(edited.memo, set(), 0, on))
    lines = {line for key in keys for line in unpack(edited.memo[key]).splitlines()}
    return lines, sorted(map(str, project.problems)), dict(project.records)


def content(release: Release) -> dict[str, str]:
    """The digests of the files that follow from the content alone."""
    files = release.manifest.files.items()
    return {path: file.sha256 for path, file in files if path not in OWN and not path.startswith("store")}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The places of the units that were sent to workers."""
    found: list[object] = []
    submit = Workers._submit

    def noted(workers: Workers, job: Job, place: UnitPlace) -> object:
        found.append(place)
        return submit(workers, job, place)

    monkeypatch.setattr(Workers, "_submit", noted)
    return found


def test_workers_give_what_one_machine_gives_of_what_has_changed(
    running: Machines, edited: Edited, sent: list[object]
) -> None:
    on = Cluster(running.address, str(edited.root), str(edited.root / ".runs"))
    alone = mapped(edited)
    edited.memo.clear()
    assert mapped(edited, on) == alone
    assert len(sent) > ARTICLES  # some come again with the articles that they ask for
    assert list((edited.root / ".runs").iterdir()) == []
    sent.clear()
    assert mapped(edited, on) == alone
    assert sent == []
    edited.articles[3]["facts"][1]["label"] = {"en": "Another event"}
    edited.write()
    changed = mapped(edited, on)
    assert 0 < len(sent) <= 2
    edited.memo.clear()
    assert changed == mapped(edited) != alone


def test_a_project_in_a_store_gives_the_release_of_a_folder(running: Machines, tmp_path: Path) -> None:
    generate = [sys.executable, str(ROOT / "bench/generate.py"), str(tmp_path / "project"), "--articles", "6"]
    subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    system.mkdir("parks")
    for folder in ("data", "mapping", "ontology"):
        system.put(f"{tmp_path}/project/{folder}/", f"parks/project/{folder}/", recursive=True)
    options: dict[str, Any] = {"base": BASE, "allow_missing": True, "second_opinion": 0}
    here = build_project(tmp_path / "project", tmp_path / "here", **options).release
    there = build_project("s3://parks/project", tmp_path / "there", cluster=running.address, **options).release
    assert (there.id, content(there)) == (here.id, content(here))
    assert system.find("parks/project/.runs") == []


def test_a_worker_that_is_killed_changes_nothing(running: Machines, edited: Edited) -> None:
    alone = mapped(edited)
    edited.memo.clear()
    project = Project(edited.root, BASE, Texts(edited.root / "texts"))
    on = Cluster(running.address, str(edited.root), str(edited.root / ".runs"))
    keys = []
    for key in project.runs(edited.memo, set(), 0, on):
        keys.append(key)
        if len(keys) == 5:
            running.kill("worker-1")
    assert {line for key in keys for line in unpack(edited.memo[key]).splitlines()} == alone[0]


@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_what_is_lost_is_said_and_what_was_mapped_is_kept(
    running: Machines, edited: Edited, sent: list[object], lost: str
) -> None:
    on = Cluster(running.address, str(edited.root), str(edited.root / ".runs"))
    message = "no worker has been connected" if lost == "workers" else "connection to the scheduler"
    found = Project(edited.root, BASE).runs(edited.memo, set(), 0, on)
    for _ in range(9 + len(EDITORIAL)):
        next(found)
    if lost == "scheduler":
        running.stop()
    else:
        for name in [*running.workers]:
            running.kill(name)
    with pytest.raises(InputError, match=message):
        list(found)
    running.start()
    sent.clear()
    again = Cluster(running.address, on.project, on.runs)
    assert set(Project(edited.root, BASE).runs(edited.memo, set(), 0, again))
    assert 0 < len(sent) < ARTICLES


def test_a_worker_of_another_version_is_refused(running: Machines, edited: Edited, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, other / package, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "core/__init__.py").write_text('__version__ = "0.0.7"\n', encoding="utf-8")
    on = Cluster(running.address, str(edited.root), str(edited.root / ".runs"))
    with on.connect() as workers:
        running.start_worker("other", other)
        with Client(running.address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)
        knowledge = Project(edited.root, BASE)._knowledge(Known(f"{BASE}id/"))
        places = Articles(edited.root, "data/articles").units()
        with pytest.raises(InputError, match=r"worker tcp:.* has another version: parkgraph 0\.0\.7 .*this"):
            list(workers.map(map_unit, knowledge, places))
    with pytest.raises(InputError, match=r"parkgraph 0\.0\.7 .*this machine has parkgraph .*install the same"):
        mapped(edited, on)
    running.kill("other")
    (tmp_path / "older/mapping").mkdir(parents=True)
    (tmp_path / "older/mapping/__init__.py").touch()
    running.start_worker("older", tmp_path / "older")
    with Client(running.address, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=60)
    with pytest.raises(InputError, match=r"has another version: parkgraph [0-9.]+; this machine has parkgraph"):
        mapped(edited, on)
    running.kill("older")


def test_bytes_that_differ_are_refused(running: Machines, edited: Edited, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(edited.root, other)
    (other / "data/articles/b.jsonl").write_bytes(b" " * 100_000)
    with pytest.raises(InputError, match=r"the worker tcp://.*b\.jsonl is not as the machine that builds has read it"):
        mapped(edited, Cluster(running.address, str(other), str(tmp_path / "runs")))


@pytest.mark.parametrize(
    ("project", "runs", "message"),
    [
        ("/nowhere", "{}/.runs", r"the worker tcp://.*: /nowhere/data/.* cannot be read: it cannot be seen from here"),
        ("{}", "/dev/null/runs", r"/dev/null/runs/.* cannot be written"),
        ("{}", "s3://none/runs", r"s3://none/runs/.* cannot be written: .*[Bb]ucket"),
        ("{}", "gopher://runs", r"gopher://runs/.* cannot be opened: Protocol not known: gopher"),
        ("{}", "gs://bucket/runs", r"gs://bucket/runs/.* cannot be opened: .*gcsfs"),
        ("{}", "memory://runs", r"the worker tcp://.*: memory://runs/.* cannot be read: it cannot be seen from here"),
    ],
)
def test_places_that_cannot_be_used_are_named(
    running: Machines, edited: Edited, project: str, runs: str, message: str
) -> None:
    on = Cluster(running.address, project.format(edited.root), runs.format(edited.root))
    with pytest.raises(InputError, match=message):
        mapped(edited, on)


def test_stores_that_cannot_be_used_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(InputError, match=r"s3://a/b cannot be read: .*credentials"):
        build_project("s3://a/b", tmp_path / "releases", base=BASE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(InputError, match=r"s3://a/b cannot be read: .*127\.0\.0\.1:1.*check the address"):
        build_project("s3://a/b", tmp_path / "releases", base=BASE)
    fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:1", "no scheduler of Dask answers at tcp://127.0.0.1:1: Timed out"),
        ("nowhere.invalid:8786", "no scheduler of Dask answers at nowhere.invalid:8786"),
        ("here", "missing port number"),
        ("http://127.0.0.1:1", "unknown address scheme 'http'"),
        ("inproc://1", "an address begins with tcp or tls"),
        ("tls://127.0.0.1:1", "needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE"),
    ],
)
def test_addresses_without_a_scheduler_are_refused(
    edited: Edited, monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT", 0.3)
    with pytest.raises(InputError, match=message):
        mapped(edited, Cluster(address, str(edited.root), str(edited.root / ".runs")))


def test_a_missing_package_is_named(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"--cluster needs packages that are not installed .*parkgraph\[cluster\]"):
        mapped(edited, Cluster("127.0.0.1:8786", "", ""))


def test_names_in_a_store_do_not_lead_out_of_a_copy(machines: Machines, tmp_path: Path) -> None:
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    system.mkdir("outside")
    system.pipe_file("outside/project/data/../../../out.yaml", b"")
    with pytest.raises(InputError, match="is no name of a file"):
        SharedFolder("s3://outside/project").copy(("data",), frozenset({".yaml"}), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
    assert machines


def test_builds_of_one_machine_load_no_package_for_others() -> None:
    code = "import sys, cli.build, mapping.build; print({'dask', 'distributed', 'fsspec', 's3fs'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
    assert found.stdout == "set()\n"
