"""The archives of the W3C's test suites, which are no part of this repository, unpacked for the tests.

In: the folder that PARKGRAPH_SUITES names, with `w3c-rdf-tests.tar.gz` (SPARQL and RDF) and `w3c-shacl-tests.tar.gz`.
Out: folders in the environment of the tests, one for each content of an archive, which all test processes share.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import SUITES

RDF_TESTS = "w3c-rdf-tests.tar.gz"
SHACL_TESTS = "w3c-shacl-tests.tar.gz"


def unpacked(archive: str) -> Path:
    """The folder of an unpacked archive; skips the module that calls it while it is imported, if there are none."""
    folder = os.environ.get(SUITES)
    if not folder:
        pytest.skip(f"the W3C's test suites are not at hand: set {SUITES}", allow_module_level=True)
    path = Path(folder) / archive
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    target = Path(sys.prefix) / "suites" / digest
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as made, tarfile.open(path) as tar:
            tar.extractall(Path(made) / digest, filter="data")
            with suppress(OSError):  # another process was first
                (Path(made) / digest).rename(target)
    return target
