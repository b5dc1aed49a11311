"""A wheel built from the tracked files, installed into an environment of its own: it builds a release and serves it.

The environment borrows the dependencies of this one, so nothing is fetched but the packages of web/ that npm has not
cached.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urljoin
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT

SECONDS = 300  # for a build on a busy machine
MINE = """
@prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:a a ex:Lamp ; rdfs:label "Harbour lamp"@en ; ex:near ex:b .
"""
SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:shape a sh:NodeShape ; sh:targetClass ex:Lamp ; sh:property [ sh:path rdfs:label ; sh:minCount 1 ] .
"""
PROJECT_PARTS = {"context.jsonld", "record.schema.json", "rules"}  # what mapping/ has as the folder of a project


def run(*command: object, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PARKGRAPH_"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked files, as they are now."""
    folder = tmp_path_factory.mktemp("clone")
    for name in run("git", "ls-files", "-z", cwd=ROOT).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    assert not (folder / "server" / "static" / "built").exists()
    return folder


def build_wheel(folder: Path, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=folder, check=check)


@pytest.fixture(scope="module")
def wheel(clone: Path) -> Path:
    build_wheel(clone)
    (path,) = (clone / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `parkgraph` of a fresh environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    run(uv, "pip", "install", "--offline", "--no-deps", "--python", python, wheel, cwd=folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = run(python, "-c", "import parkgraph, server; print(parkgraph.__file__, server.__file__)", cwd=folder).stdout
    assert where.count(str(packages)) == 2
    return folder / "bin" / "parkgraph"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder whose own packages have the names of ParkGraph's, which nothing may import."""
    for folder in (
        tmp_path,
        *(tmp_path / name for name in ("core", "mapping", "parkgraph", "release", "server", "validation")),
    ):
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("raise RuntimeError(__file__)\n", encoding="utf-8")
    return tmp_path


def test_the_wheel_has_the_scripts_and_styles_and_no_project(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        built = json.loads(archive.read("server/static/built/manifest.json"))
    assert {"pages.js", "pages.css", "editor.js", "theme.js"} <= set(built)
    assert {f"server/static/built/{name}" for name in built.values()} <= set(names)
    assert {"parkgraph/__init__.py", "parkgraph/py.typed", "validation/worker.py"} <= set(names)
    in_mapping = {name.split("/")[1] for name in names if name.startswith("mapping/")}
    assert "build.py" in in_mapping
    assert in_mapping & PROJECT_PARTS == set()


def test_a_wheel_without_scripts_and_styles_is_not_built(clone: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(clone, copy, ignore=shutil.ignore_patterns("node_modules", "built", "dist", "data"))
    (copy / "web" / "package-lock.json").unlink()
    done = build_wheel(copy, check=False)
    assert done.returncode != 0
    assert "the wheel would lack the scripts and styles of the pages: 'web/npm ci" in done.stderr
    assert not list(copy.glob("dist/*.whl"))


def test_the_installed_program_builds_and_serves_in_any_folder(installed: Path, elsewhere: Path) -> None:
    (elsewhere / "mine.ttl").write_text(MINE + SHAPE, encoding="utf-8")
    release = run(installed, "build", "--quiet", "--rdf", "mine.ttl", cwd=elsewhere).stdout.strip()
    assert (elsewhere / "releases" / "current").resolve().name == release
    command = [str(installed), "serve", "--port", "0", "--workers", "1"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PARKGRAPH_"))}
    with subprocess.Popen(command, cwd=elsewhere, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            with urlopen(url) as answer:
                page = answer.read().decode()
            assets = re.findall(r'(?:href|src)="([^"]*/built/[^"]+)"', page)
            assert {asset.rpartition(".")[2] for asset in assets} == {"js", "css"}
            for asset in assets:
                with urlopen(urljoin(url, asset)) as answer:
                    assert len(answer.read()) > 100
            query = quote('ASK { ?lamp <http://www.w3.org/2000/01/rdf-schema#label> "Harbour lamp"@en }')
            with urlopen(f"{url}sparql?query={query}") as answer:
                assert json.load(answer)["boolean"] is True
            lamp = Request(f"{url}validate", b"[] a <http://example.org/Lamp> .", {"Content-Type": "text/turtle"})
            with pytest.raises(HTTPError, match="422"):
                urlopen(lamp)
        finally:
            process.terminate()
    assert process.returncode == 0


def test_the_installed_program_builds_a_project_by_the_project_s_rules(installed: Path, elsewhere: Path) -> None:
    shutil.copytree(ROOT / "tests" / "broken" / "good", elsewhere, dirs_exist_ok=True)
    shutil.copytree(ROOT / "ontology", elsewhere / "ontology")
    shutil.copy(ROOT / "mapping" / "context.jsonld", elsewhere / "mapping")
    done = run(installed, "build", cwd=elsewhere)
    assert "mapping/rules/:1:1: warning: the project has no mapping/rules/: nothing is derived" in done.stdout
