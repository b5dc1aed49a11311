"""RDF of others: whatever a file holds, a build says one sentence about it, publishes nothing and leaves nothing."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from release.rdf_reader import LONGEST
from tests.conftest import parkgraph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

XML = (
    '<?xml version="1.0"?><!DOCTYPE rdf:RDF [{}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:e="http://e/"><rdf:Description rdf:about="http://e/s"><e:p>{}</e:p></rdf:Description></rdf:RDF>'
)
QUAD = "<http://e/s> <http://e/p> {} .\n"
LONG = "a" * (LONGEST + 1)
DEEP = 100_000


def entities(count: int, text: str) -> str:
    return f'<!ENTITY e0 "{text}">' + "".join(f'\n<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, count))


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), 1)


CASES: dict[str, tuple[str | bytes, str]] = {
    "entities.rdf": (XML.format(entities(12, "lol"), "&e11;"), "the XML entity 'e3' stands for more than 1000"),
    "unused.rdf": (XML.format(entities(12, "lol"), "x"), "the XML entity 'e3' stands for more than 1000"),
    "parameter.rdf": (XML.format('<!ENTITY % a "&a;">', "x"), "parameter.rdf: "),
    "comment.rdf": (XML.format(f"<!-- {entities(12, 'lol')} -->", "&e11;"), "the XML entity 'e3'"),
    "quadratic.rdf": (XML.format(entities(1, "a" * 10_000), "&e0;" * 10_000), "the XML entity 'e0' stands for more"),
    "unclosed.rdf": (XML.format('<!ENTITY e0 "' + "a" * 100_000, "x"), "the XML entity 'e0' stands for more"),
    "external.rdf": (XML.format('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"), "external.rdf: "),
    "long.rdf": (XML.format("", LONG), "a quad is longer than 16777216 bytes"),
    "long.nt": (QUAD.format("1") * 0 + "\n\n" + QUAD.format(f'"{LONG}"'), "long.nt:3: a term or a comment is longer"),
    "long.nq": (QUAD.format(f'"{LONG}"'), "long.nq:1: a term or a comment is longer"),
    "long.nt.gz": (zipped(QUAD.format(f'"{LONG}"')), "long.nt.gz:1: a term or a comment is longer"),
    "long.ttl": (QUAD.format(f'"{LONG}"'), "long.ttl:1: a term or a comment is longer"),
    "iri.trig": (f"<http://e/{LONG}> a <http://e/c> .", "iri.trig:1: a term or a comment is longer"),
    "comment.ttl": (f"# {LONG}", "comment.ttl:1: a term or a comment is longer"),
    "long.jsonld": (f'{{"@id": "http://e/s", "http://e/p": "{LONG}"}}', "long.jsonld:1: a term or a comment is longer"),
    "terms.nt": (QUAD.format("<<( <http://e/s> <http://e/p> " * DEEP + "1" + " )>>" * DEEP), "terms.nt"),
    "terms.ttl": (
        QUAD.format("<<( <http://e/s> <http://e/p> " * 200 + "1" + " )>>" * 200),
        "more than 100 triple terms",
    ),
    "deep.jsonld": ('{"@id":"http://e/s","http://e/p":' * DEEP + "1" + "}" * DEEP, "deep.jsonld:1:"),
    "lists.jsonld": ('{"@id":"http://e/s","http://e/p":' + "[" * DEEP + "1" + "]" * DEEP + "}", "lists.jsonld:1:"),
    "nan.jsonld": ('{"@id":"http://e/s","http://e/p":NaN}', "nan.jsonld:1:"),
    "context.jsonld": ('{"@context":"file:///etc/passwd","http://e/p":1}', "context.jsonld: "),
    "latin.nt": (QUAD.format('"ä"').encode("latin-1"), "latin.nt:1:"),
    "latin.ttl": (QUAD.format('"ä"').encode("latin-1"), "latin.ttl:1:"),
    "latin.rdf": (XML.format("", "ä").encode("latin-1"), "latin.rdf: "),
    "latin.jsonld": ('{"http://e/p": "ä"}'.encode("latin-1"), "latin.jsonld:1:"),
    "zeros.nt": (b"\0" * 1000, "zeros.nt:1:"),
    "truncated.nt.gz": (zipped(QUAD.format("<http://e/o>") * 1000)[:-20], "truncated.nt.gz: "),
    "plain.nt.gz": (b"hello", "plain.nt.gz: Not a gzipped file"),
    "damaged.nt.gz": (zipped(QUAD.format("<http://e/o>") * 1000)[:20] + b"\xff" * 40, "damaged.nt.gz: "),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_read_is_one_sentence(name: str, tmp_path: Path) -> None:
    given, message = CASES[name]
    (tmp_path / name).write_bytes(given if isinstance(given, bytes) else given.encode())
    refuse(tmp_path, name, message)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_what_is_no_file_is_one_sentence(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "a.ttl")
    refuse(tmp_path, "a.ttl", "a.ttl: it is no regular file")


def refuse(folder: Path, name: str, message: str, *options: object) -> None:
    done = parkgraph(
        "build", "--quiet", "--rdf", folder / name, "--releases", folder / "releases", *options, check=False
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert message in done.stderr
    assert done.stderr.startswith("parkgraph: ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in (folder / "releases").iterdir()] == [".lock"]


def test_a_flood_of_compressed_blanks_is_read_in_bounded_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "blanks.ttl.gz", "wb") as file:
        for _ in range(100):
            file.write(b" " * (1 << 20))
        file.write(QUAD.format("1").encode())
    done = parkgraph("build", "--quiet", "--rdf", tmp_path / "blanks.ttl.gz", "--releases", tmp_path / "releases")
    assert done.stderr == ""


def test_entities_for_namespaces_are_read(tmp_path: Path) -> None:
    declared = '<!ENTITY e "http://e/">\n<!ENTITY f "&e;f#">'
    (tmp_path / "a.rdf").write_text(XML.format(declared, "&f;x"), encoding="utf-8")
    parkgraph("build", "--rdf", tmp_path / "a.rdf", "--releases", tmp_path / "releases")
    query = ("query", "--releases", tmp_path / "releases", "-e", 'ASK { ?s ?p "http://e/f#x" }')
    assert parkgraph(*query).stdout == "yes\n"
