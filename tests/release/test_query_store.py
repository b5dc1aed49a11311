"""A store that is made from another one by the difference holds what one that is loaded holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from release import query_store

if TYPE_CHECKING:
    from pathlib import Path


BEFORE = [
    b'<urn:a> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    b'<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    b'<urn:a> <urn:p> "chat"@en-GB .\n',
    b'<urn:a> <urn:p> "chat"@en-gb <urn:g> .\n',
    b"<urn:b> <urn:p> _:b1n0 .\n",
    b"_:b1n0 <urn:p> <urn:c> <urn:g> .\n",
    b"<urn:c> <urn:p> <urn:d> <urn:emptied> .\n",
]
AFTER = [BEFORE[1], BEFORE[3], BEFORE[5], b'<urn:a> <urn:p> "chat"@EN-gb <urn:g> .\n', b"_:b1n0 <urn:q> <urn:c> .\n"]


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(sorted(lines)))
    return path


def test_the_difference_of_lines_makes_the_store_of_the_lines(tmp_path: Path) -> None:
    before, after = write(tmp_path / "before.nq", BEFORE), write(tmp_path / "after.nq", AFTER)
    query_store.load(before, tmp_path / "old")
    query_store.load(after, tmp_path / "loaded")
    removed, added = sorted(set(BEFORE) - set(AFTER)), sorted(set(AFTER) - set(BEFORE))
    query_store.update(tmp_path / "old", removed, added, after, tmp_path / "new")
    new, loaded = (ox.Store.read_only(str(tmp_path / name)) for name in ("new", "loaded"))
    assert set(new) == set(loaded)
    assert set(new.named_graphs()) == set(loaded.named_graphs()) == {ox.NamedNode("urn:g")}
    assert len(loaded) == 4
    assert len(ox.Store.read_only(str(tmp_path / "old"))) == 6
