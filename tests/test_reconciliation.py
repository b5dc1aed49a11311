"""How well names of the registry are found again: the right entity first, and no wrong one matched by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from core.namespaces import DCTERMS, OWL, RDF_TYPE
from release.index_tags import NAMES
from tests.server.conftest import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

DEFAULT = ox.DefaultGraph()
GONE = [ox.NamedNode(OWL + "deprecated"), ox.NamedNode(DCTERMS + "isReplacedBy")]


@pytest.fixture(scope="module")
def client(releases: Path) -> Iterator[FlaskClient]:
    with in_process(releases) as client:
        yield client


def ask(client: FlaskClient, queries: Sequence[Mapping[str, str]]) -> list[list[dict[str, Any]]]:
    batch = {f"q{number}": query for number, query in enumerate(queries)}
    answer = client.post("/reconcile", data={"queries": json.dumps(batch)}).get_json(force=True)
    return [answer[key]["result"] for key in batch]


def names(client: FlaskClient, release: Release) -> list[tuple[str, str, str]]:
    """Type, entity and name of all that a type is offered for and that has an identifier of its own."""
    store, found = release.open_store(), set[tuple[str, str, str]]()
    for type_ in client.get("/reconcile").get_json()["defaultTypes"]:
        for member in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(type_["id"]), DEFAULT):
            subject = member.subject
            if not str(subject).startswith(f"<{release.base}id/"):
                continue
            if any(next(store.quads_for_pattern(subject, gone, None, DEFAULT), None) for gone in GONE):
                continue
            for property_ in map(ox.NamedNode, NAMES):
                for quad in store.quads_for_pattern(subject, property_, None, DEFAULT):
                    found.add((type_["id"], str(subject)[1:-1], quad.object.value))  # type: ignore[union-attr]
    return sorted(found)


@pytest.mark.parametrize("has_type", [True, False])
def test_names_are_found_and_none_is_matched_wrongly(client: FlaskClient, release: Release, *, has_type: bool) -> None:
    cases = names(client, release)
    assert len(cases) > 1_500
    first = 0
    for batch in (cases[start : start + 20] for start in range(0, len(cases), 20)):
        queries = [{"query": name, **({"type": type_} if has_type else {})} for type_, _, name in batch]
        for (_, iri, name), found in zip(batch, ask(client, queries), strict=True):
            first += found[0]["id"] == iri
            assert [one["id"] for one in found if one["match"]] in ([], [iri]), name
    assert first / len(cases) >= 0.98


def test_what_the_data_tell_apart_is_never_matched_by_itself(client: FlaskClient, release: Release) -> None:
    store = release.open_store()
    pairs = list(store.quads_for_pattern(None, ox.NamedNode(OWL + "differentFrom"), None, DEFAULT))
    apart = {str(node)[1:-1] for pair in pairs for node in (pair.subject, pair.object)}
    cases = [case for case in names(client, release) if case[1] in apart]
    assert len(cases) > 50
    for start in range(0, len(cases), 20):
        batch = cases[start : start + 20]
        for found in ask(client, [{"query": name, "type": type_} for type_, _, name in batch]):
            assert not any(one["match"] for one in found)
