"""Each of the W3C's tests of the protocol and of the service description is one of those that are sent.

In: the manifests of the suites, which say in words what is to be sent. Out: their names, compared with those of
tests/server/test_protocol_suite.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox

from tests.server import test_protocol_suite
from tests.w3c.cases import MF, RDF, manifest_address, parse


def names(part: str, kind: str) -> set[str]:
    """The names of the tests of a kind in a part of the suite of SPARQL 1.1."""
    found = (quad for quad in parse(manifest_address("sparql11", part)) if quad.predicate.value == RDF + "type")
    return {
        str(quad.subject).rpartition("#")[2].rstrip(">") for quad in found if quad.object == ox.NamedNode(MF + kind)
    }


def test_every_test_of_the_protocol_is_sent() -> None:
    assert names("protocol", "ProtocolTest") == {case.name for case in test_protocol_suite.CASES}


def test_every_test_of_the_service_description_is_made() -> None:
    text = Path(test_protocol_suite.__file__).read_text(encoding="utf-8")
    for name in names("service-description", "ServiceDescriptionTest"):
        assert re.search(rf"\b{name}\b", text), name
