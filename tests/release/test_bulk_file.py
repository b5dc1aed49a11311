"""The file for a bulk loader: in goes a release, out come N-Quads with the default graph under a name."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError, ReleaseError
from core.named_default_graph import NamedDefaultGraph
from release.build import publish_rdf
from release.bulk_file import write

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release

BASE = "http://names.example/"
DEFAULT = NamedDefaultGraph(f"{BASE}merged")
DATA = """
@prefix : <http://names.example/> .
:a :p 01, "x\\ny"@en-GB . :g { :a :p 01 . :b :q :c } _:h { :c :p 2 }
"""


def published(folder: Path, data: str = DATA) -> Release:
    (folder / "data.trig").write_text(data, encoding="utf-8")
    return publish_rdf([folder / "data.trig"], folder / "releases", base=BASE).release


@pytest.mark.parametrize("name", ["out.nq", "out.nq.gz"])
def test_each_quad_has_a_graph(tmp_path: Path, name: str) -> None:
    release, steps = published(tmp_path), list[str]()
    number = write(release, tmp_path / name, DEFAULT, steps.append)
    data = (tmp_path / name).read_bytes()
    lines = (gzip.decompress(data) if name.endswith("gz") else data).decode().splitlines()
    merged, listing, integer = (
        f"<{DEFAULT.iri}> .",
        f"<{DEFAULT.listing}> .",
        "<http://www.w3.org/2001/XMLSchema#integer>",
    )
    assert sorted(lines) == sorted(
        [
            f'<{BASE}a> <{BASE}p> "01"^^{integer} {merged}',
            f'<{BASE}a> <{BASE}p> "x\\ny"@en-GB {merged}',
            f"<{BASE}b> <{BASE}q> <{BASE}c> {merged}",
            f'<{BASE}c> <{BASE}p> "2"^^{integer} {merged}',
            f'<{BASE}a> <{BASE}p> "01"^^{integer} <{BASE}g> .',
            f"<{BASE}b> <{BASE}q> <{BASE}c> <{BASE}g> .",
            f"{DEFAULT.listed(f'<{BASE}g>').removesuffix('.')}{listing}",
        ]
    )
    assert number == len(lines)
    assert [path.name for path in tmp_path.glob("*out*")] == [name]


def test_what_is_refused(tmp_path: Path) -> None:
    release = published(tmp_path, f"<urn:a> <urn:b> 1 . <{DEFAULT.listing}> {{ <urn:a> <urn:b> 2 }}")
    with pytest.raises(InputError, match=r"a graph .*merged/graphs of its own"):
        write(release, tmp_path / "out.nq", DEFAULT, print)
    other = NamedDefaultGraph("urn:other")
    with pytest.raises(InputError, match="cannot be written"):
        write(release, tmp_path / "none" / "out.nq", other, print)
    index = release.path / "index.sqlite"
    index.chmod(0o644)
    index.write_bytes(b"")
    with pytest.raises(ReleaseError, match="damaged"):
        write(release, tmp_path / "out.nq", other, print)
    assert not [*tmp_path.glob("*out.nq*")]
