"""Property paths over columns, held to the engine.

In: random graphs with cycles, and paths of every kind. Out: the pairs that `Edges.follow` gives, and those of SPARQL.
"""

from __future__ import annotations

import random

import numpy as np
import pyoxigraph as ox
import pytest

from core.shapes import PropertyPath
from release.paths import Edges, last_properties, properties

P, Q, R = (PropertyPath.of(f"urn:{name}") for name in "pqr")


def path(operator: str, *parts: PropertyPath) -> PropertyPath:
    texts = [part.sparql for part in parts]
    text = operator + texts[0] if operator == "^" else texts[0] + operator if len(texts) == 1 else operator.join(texts)
    return PropertyPath(f"({text})", operator=operator, parts=parts)


PATHS = {
    "p": P,
    "^p": path("^", P),
    "p/q": path("/", P, Q),
    "^(p/q)": path("^", path("/", P, Q)),
    "p|^q": path("|", P, path("^", Q)),
    "p*": path("*", P),
    "p+": path("+", path("|", P, Q)),
    "p?/q": path("/", path("?", P), Q),
    "(p|q)*/r": path("/", path("*", path("|", P, Q)), R),
    "^(p+)/q*": path("/", path("^", path("+", P)), path("*", Q)),
    "(p/q)*": path("*", path("/", P, Q)),
    "none": PropertyPath.of("urn:none"),
    "none*": path("*", PropertyPath.of("urn:none")),
}


@pytest.mark.parametrize("name", PATHS)
def test_pairs_are_those_of_sparql(name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - no secret
    for _ in range(4):
        edges = {
            iri: sorted({(chance.randrange(12), chance.randrange(12)) for _ in range(chance.randrange(25))})
            for iri in ("urn:p", "urn:q", "urn:r")
        }
        edges["urn:every"] = [(node, node) for node in range(12)]  # for paths without a step
        store = ox.Store()
        store.extend(
            ox.Quad(ox.NamedNode(f"urn:n{start}"), ox.NamedNode(iri), ox.NamedNode(f"urn:n{end}"))
            for iri, pairs in edges.items()
            for start, end in pairs
        )
        nodes = chance.sample(range(12), 7)
        values = " ".join(f"<urn:n{node}>" for node in nodes)
        rows = store.query(f"SELECT DISTINCT ?s ?o {{ VALUES ?s {{ {values} }} ?s {PATHS[name].sparql} ?o }}")
        assert isinstance(rows, ox.QuerySolutions)
        expected = sorted((int(row["s"].value[5:]), int(row["o"].value[5:])) for row in rows)
        columns = {
            iri: (np.array([pair[0] for pair in pairs], np.uint32), np.array([pair[1] for pair in pairs], np.uint32))
            for iri, pairs in edges.items()
        }
        places, ends = Edges(columns).follow(PATHS[name], np.array(nodes, np.uint32))
        assert sorted(zip([nodes[place] for place in places], ends.tolist(), strict=True)) == expected


def test_properties_of_a_path() -> None:
    assert properties(PATHS["(p|q)*/r"]) == {"urn:p", "urn:q", "urn:r"}
    assert last_properties(PATHS["(p|q)*/r"]) == {"urn:r"}
    assert last_properties(PATHS["^(p+)/q*"]) == {"urn:q"}  # or subjects
    assert last_properties(path("/", P, path("?", Q))) == {"urn:p", "urn:q"}
    assert last_properties(PATHS["p|^q"]) == {"urn:p"}
