"""RDF files that are published together: their bases and names, files without a quad, what changes between builds.

In: files and options of `parkgraph build --rdf`. Out: the published quads, the manifest, exit codes.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import TYPE_CHECKING

from release.plain import distinct_names, document_bases
from release.reader import NQUADS, open_release
from tests.conftest import parkgraph

if TYPE_CHECKING:
    import subprocess

BASE = "http://b/"
ME = "<#me> a <Person> . <> <about> <#me> . <sub> <p> <../up> ."
QUAD = "<http://e/s> <http://e/p> {} .\n"


def publish(folder: Path, *options: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    return parkgraph("build", "--rdf", "--base", BASE, "--releases", folder / "releases", *options, check=check)


def published(folder: Path) -> str:
    return gzip.decompress((open_release(folder / "releases").path / NQUADS).read_bytes()).decode()


def subjects(folder: Path) -> set[str]:
    return {line.partition(" ")[0] for line in published(folder).splitlines()}


def test_names_are_as_short_as_they_can_be() -> None:
    paths = [Path(text) for text in ("a/x.ttl", "b/x.ttl", "c/b/x.ttl", "a/y.ttl", "a/../a/y.ttl", "x.nt")]
    assert list(distinct_names(paths).values()) == [
        "a/x.ttl",
        f"{Path.cwd().name}/b/x.ttl",
        "c/b/x.ttl",
        "y.ttl",
        "y.ttl",
        "x.nt",
    ]


def test_each_of_several_files_has_a_base_of_its_own() -> None:
    files = [Path(name) for name in ("v1.2.ttl.gz", "d/x.ttl", "d/x.rdf", "é f.owl", "words")]
    bases = {path.as_posix(): base for path, base in document_bases(files, BASE).items()}
    assert bases == {
        "v1.2.ttl.gz": "http://b/v1.2",
        "d/x.ttl": "http://b/x.ttl",
        "d/x.rdf": "http://b/x.rdf",
        "é f.owl": "http://b/%C3%A9%20f",
        "words": "http://b/words",
    }
    assert document_bases([Path("x.ttl")], BASE) == {Path("x.ttl"): BASE}


def test_two_files_that_speak_of_themselves_are_two_resources(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(ME, encoding="utf-8")
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    publish(tmp_path, one)
    assert subjects(tmp_path) == {"<http://b/#me>", "<http://b/>", "<http://b/sub>"}
    publish(tmp_path, one, two)
    expected = {f"<http://b/{name}{part}>" for name in ("one", "two") for part in ("", "#me")}
    assert subjects(tmp_path) == expected | {"<http://b/sub>"}
    publish(tmp_path, one, two, "--base-of", f"{two}=file:///data/two.ttl?a=b")
    assert {"<http://b/one#me>", "<file:///data/two.ttl?a=b#me>", "<file:///data/sub>"} <= subjects(tmp_path)
    for wrong in (f"{tmp_path}/three.ttl=http://e/", f"{one}=words", str(one)):
        assert publish(tmp_path, one, "--base-of", wrong, check=False).returncode == 2


def test_files_of_one_name_have_an_entry_each(tmp_path: Path) -> None:
    for number in "12":
        (tmp_path / number).mkdir()
        (tmp_path / number / "x.nt").write_text(QUAD.format(f'"{number}"'), encoding="utf-8")
    publish(tmp_path, tmp_path / "1/x.nt", tmp_path / "2/x.nt")
    assert set(open_release(tmp_path / "releases").manifest.inputs) == {"1/x.nt", "2/x.nt"}


def test_an_empty_file_does_not_replace_what_is_published(tmp_path: Path) -> None:
    full, other = tmp_path / "full.nt", tmp_path / "other.ttl"
    full.write_text(QUAD.format("1".join('""')), encoding="utf-8")
    other.write_text("@prefix : <http://e/> .", encoding="utf-8")
    done = publish(tmp_path, full, other)
    assert f"{other}:1:1: warning: the file holds no statement [empty-input]" in done.stdout
    before = open_release(tmp_path / "releases").id
    assert publish(tmp_path, full, other).returncode == 0
    full.write_text("# nothing\n", encoding="utf-8")
    for files in ([full], [full, other], [other]):
        done = publish(tmp_path, *files, check=False)
        assert done.returncode == 1
        assert (
            f"{files[0]}:1:1: violation: the file holds no statement, and would replace published ones" in done.stdout
        )
        assert "--allow-empty" in done.stdout
        assert open_release(tmp_path / "releases").id == before
    publish(tmp_path, full, "--allow-empty")
    assert published(tmp_path) == ""
    assert publish(tmp_path, other).returncode == 0  # nothing is published that it would replace


def test_three_added_triples_are_three(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    rows = [f"<s{n}> <at> [ <lat> {n} ; <in> ( [ <v> 1 ] [ <v> {n} ] [] ) ] ." for n in range(30)]
    path.write_text("\n".join(rows), encoding="utf-8")
    publish(tmp_path, path)
    first = open_release(tmp_path / "releases")
    random.shuffle(rows)
    path.write_text("\n".join(rows), encoding="utf-8")
    publish(tmp_path, path)
    assert open_release(tmp_path / "releases").id == first.id
    path.write_text("\n".join([*rows, "<s1> <p> 1 . <new> <at> [ <lat> 99 ] ."]), encoding="utf-8")
    publish(tmp_path, path)
    changes = open_release(tmp_path / "releases").manifest.changes
    assert changes
    assert (changes.added, changes.removed) == (3, 0)


def test_format_of_files_and_of_problems_have_one_option(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("@prefix : <http://e/> .", encoding="utf-8")
    assert '"code": "empty-input"' in publish(tmp_path, path, "--format", "ttl", "--format", "json").stdout
    assert publish(tmp_path, path, "--format", "words", check=False).returncode == 2
    assert parkgraph("build", "--format", "ttl", "--releases", tmp_path, check=False).returncode == 2
