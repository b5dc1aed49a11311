"""RDF of others: whatever a file holds, a build says one sentence about it, publishes nothing and leaves nothing."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
import os
from collections import deque
from typing import TYPE_CHECKING

import pytest
import zstandard

from core.errors import InputError
from core.namespaces import RDF, XSD
from release.plain import RdfFiles
from release.rdf_formats import BLOCK
from release.rdf_reader import LONGEST, FileEnd, RdfFile, read
from tests.conftest import parkgraph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

XML = (
    '<?xml version="1.0"?><!DOCTYPE rdf:RDF [{}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:e="http://e/"><rdf:Description rdf:about="http://e/s"><e:p>{}</e:p></rdf:Description></rdf:RDF>'
)
PARSE_TYPE = XML.format("", "{}").replace("<e:p>", '<e:p rdf:parseType="Literal">')
QUAD = "<http://e/s> <http://e/p> {} .\n"
LONG = "a" * (LONGEST + 1)
LANG_STRING = '<e:p rdf:datatype="http://www.w3.org/1999/02/22-rdf-syntax-ns#langString">'
DEEP = 100_000


def entities(count: int, text: str) -> str:
    return f'<!ENTITY e0 "{text}">' + "".join(f'\n<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, count))


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), 1)


MANY = QUAD.format("<http://e/o>").encode() * 1000


CASES: dict[str, tuple[str | bytes, str]] = {
    "entities.rdf": (XML.format(entities(12, "lol"), "&e11;"), "the XML entity 'e3' stands for more than 1000"),
    "unused.rdf": (XML.format(entities(12, "lol"), "x"), "the XML entity 'e3' stands for more than 1000"),
    "parameter.rdf": (XML.format('<!ENTITY % a "%b;">%a;', "x"), "parameter.rdf:1:"),
    "parameters.rdf": (
        XML.format(f"""<!ENTITY % a '{entities(12, "lol").replace("&", "&#38;")}'>%a;""", "&e11;"),
        "'e3' stands",
    ),
    "comment.rdf": (XML.format(f"<!-- {entities(12, 'lol')} -->", "&e11;"), "comment.rdf:12:"),
    "deep.rdf": (
        XML.format("", "<e:p><e:q>" * DEEP + "</e:q></e:p>" * DEEP),
        "more than 1000 elements stand within each",
    ),
    "wide.rdf": (
        XML.format("", "<e:p " + " ".join(f"e:a{n}=''" for n in range(DEEP)) + "/>"),
        "more than 1000 attributes",
    ),
    "turtle.owl": (QUAD.format("1"), "turtle.owl:1:8: "),
    "turtle.rdf": ("@prefix : <http://e/> .", "if it is no XML, say with --format what it is"),
    "xml.owl": ('<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>', "xml.owl:1:1: it is OWL/XML, which is no RDF"),
    "undeclared.rdf": (XML.format("", "&nbsp;"), "undeclared.rdf:1:"),
    "skipped.rdf": (XML.format("", "&a;").replace("[]", 'SYSTEM "http://e/a.dtd"'), "entity 'a' is not declared"),
    "attribute.rdf": (XML.format(entities(12, "lol"), '"/><e:p rdf:resource="&e11;"/><e:p a="'), "'e3' stands for"),
    "quadratic.rdf": (XML.format(entities(1, "a" * 10_000), "&e0;" * 10_000), "the XML entity 'e0' stands for more"),
    "unclosed.rdf": (XML.format('<!ENTITY e0 "' + "a" * 100_000, "x"), "unclosed.rdf:1:"),
    "unclosed-long.rdf": (f"<!-- {LONG}{LONG}{LONG}", "a tag, a text or a comment is longer"),
    "external.rdf": (
        XML.format('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"),
        "outside the file, at file:///etc/passwd",
    ),
    "long.rdf": (XML.format("", LONG), "a quad is longer than 16777216 bytes"),
    "literal.rdf": (PARSE_TYPE.format(f"<e:a>{LONG}</e:a>"), "an XML literal is longer than 16777216 bytes"),
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
    "context.jsonld": (
        '{"@context":"file:///etc/passwd","http://e/p":1}',
        "the context file:///etc/passwd is not at hand",
    ),
    "outside.jsonld": ('{"@context":"../secret.jsonld","http://e/p":1}', "outside the folder of the document"),
    "contexts.jsonld": (
        "[" + '{"@context":"http://e/c","p":1},' * 10_000 + "1]",
        "the context http://e/c is not at hand",
    ),
    "latin.nt": (QUAD.format('"ä"').encode("latin-1"), "latin.nt:1:"),
    "latin.ttl": (QUAD.format('"ä"').encode("latin-1"), "latin.ttl:1:"),
    "latin.rdf": (XML.format("", "ä").encode("latin-1"), "it is not UTF-8, and says no other encoding"),
    "utf-7.rdf": (XML.format("", "x").replace("?>", ' encoding="utf-7"?>', 1), "its encoding, utf-7, is not known"),
    "shift.rdf": (
        XML.format("", "x").replace("?>", ' encoding="shift_jis"?>', 1).encode() + b"\x81",
        "in the encoding",
    ),
    "half.ttl": (codecs.BOM_UTF16_LE + "<a>".encode("utf-16-le")[:-1], "in the encoding that its mark of byte order"),
    "language.rdf": (XML.format("", "x").replace("<e:p>", LANG_STRING), "rdf:langString has no xml:lang"),
    "attribute.trix": (
        "<TriX xmlns='http://www.w3.org/2004/03/trix/trix-1/'><graph><triple><uri>a</uri></triple></graph></TriX>",
        "attribute.trix: ",
    ),
    "words.trix": ("<a/>", "words.trix: "),
    "words.hext": ('["http://e/s", "http://e/p"]', "words.hext:1:1: it is no HexTuple"),
    "rule.n3": ("@prefix : <#> . { ?x a :b } => { ?x a :c } .", "rule.n3: variables"),
    "latin.jsonld": ('{"http://e/p": "ä"}'.encode("latin-1"), "latin.jsonld:1:"),
    "zeros.nt": (b"\0" * 1000, "zeros.nt:1:"),
    "truncated.nt.gz": (zipped(QUAD.format("<http://e/o>") * 1000)[:-20], "truncated.nt.gz: "),
    "plain.nt.gz": (b"hello", "plain.nt.gz: Not a gzipped file"),
    "truncated.nt.bz2": (bz2.compress(MANY)[:-20], "truncated.nt.bz2: "),
    "truncated.nt.xz": (lzma.compress(MANY)[:-20], "truncated.nt.xz: "),
    "truncated.nt.zst": (zstandard.compress(MANY)[:-20], "truncated.nt.zst: Compressed file ended before"),
    "plain.nt.zst": (b"hello", "plain.nt.zst: "),
    "a.csv": ("x", "no RDF format has the extension '.csv': say with --format"),
    "a": ("x", "no RDF format has no extension"),
    "damaged.nt.gz": (zipped(QUAD.format("<http://e/o>") * 1000)[:20] + b"\xff" * 40, "damaged.nt.gz: "),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_read_is_one_sentence(name: str, tmp_path: Path) -> None:
    given, message = CASES[name]
    (tmp_path / name).write_bytes(given if isinstance(given, bytes) else given.encode())
    with pytest.raises(InputError) as raised:
        deque(RdfFiles([tmp_path / name], "http://b/").quads(), maxlen=0)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["entities.rdf", "terms.nt", "context.jsonld", "long.ttl", "truncated.nt.zst"])
def test_what_cannot_be_read_is_not_published(name: str, tmp_path: Path) -> None:
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
    assert sorted(path.name for path in (folder / "releases").iterdir()) == [".lock", ".memo"]


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


def read_lines(path: Path, form: str = "", contexts: Path | None = None) -> list[str]:
    """What the reader gives for a file, as sorted lines."""
    blocks = [part for part in read([RdfFile(path, "http://b/", form)], contexts) if not isinstance(part, FileEnd)]
    return sorted(b"".join(blocks).decode().splitlines())


def line(value: str) -> str:
    return f"<http://e/s> <http://e/p> {value} ."


TURTLE = '<http://e/s> <http://e/p> "ä" .'
JSON = '{"@id": "http://e/s", "http://e/p": "ä"}'
TRIX = (
    "<TriX xmlns='http://www.w3.org/2004/03/trix/trix-1/'><graph><triple><uri>http://e/s</uri><uri>http://e/p</uri>"
    "<plainLiteral>ä</plainLiteral></triple></graph></TriX>"
)
HEX_TUPLES = '["http://e/s", "http://e/p", "ä", "http://www.w3.org/2001/XMLSchema#string", "", ""]'
PLAIN = XML.format("", "ä")
# What files are called → their text, which says the same in each format.
FORMATS = {
    **dict.fromkeys(["ttl", "turtle", "trig", "nt", "ntriples", "nq", "nquads", "n3", "TTL"], TURTLE),
    **dict.fromkeys(["rdf", "owl", "xml", "rdfs"], PLAIN),
    **dict.fromkeys(["jsonld", "json"], JSON),
    "trix": TRIX,
    "hext": HEX_TUPLES,
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".GZ": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE], ids=bytes.hex)
def test_every_format_is_read_with_every_mark_of_byte_order_and_compression(
    tmp_path: Path, extension: str, mark: bytes
) -> None:
    encoding = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(mark, "utf-8")
    text = FORMATS[extension]
    for ending, compress in COMPRESSIONS.items():
        path = tmp_path / f"a.{extension}{ending}"
        path.write_bytes(compress(mark + text.encode(encoding)))
        assert read_lines(path) == [line('"ä"')], path
        path = path.rename(tmp_path / f"words.txt{ending}")
        assert read_lines(path, extension.lower()) == [line('"ä"')]


def test_frames_of_compressed_files_may_follow_each_other(tmp_path: Path) -> None:
    for ending, compress in COMPRESSIONS.items():
        path = tmp_path / f"a.nt{ending}"
        path.write_bytes(b"".join(compress(QUAD.format(number).encode()) for number in ('"1"', '"2"')))
        assert read_lines(path) == [line('"1"'), line('"2"')]


def test_a_mark_of_byte_order_is_more_than_a_declaration(tmp_path: Path) -> None:
    text = XML.format("", "ü").replace('"?>', '" encoding="ISO-8859-1"?>', 1)
    (tmp_path / "a.rdf").write_bytes(codecs.BOM_UTF8 + text.encode())
    assert read_lines(tmp_path / "a.rdf") == [line('"ü"')]


@pytest.mark.parametrize(
    "encoding", ["ISO-8859-1", "iso-8859-15", "windows-1252", "UTF-16", "utf-8", "US-ASCII", "GBK"]
)
def test_xml_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str) -> None:
    value = {"US-ASCII": "a", "GBK": "雪"}.get(encoding, "ü")
    text = XML.format("", value).replace('"?>', f"\" encoding='{encoding}'?>", 1)
    (tmp_path / "a.rdf").write_bytes(text.encode(encoding))
    assert read_lines(tmp_path / "a.rdf") == [line(f'"{value}"')]


LITERALS = {
    '<e:p xml:lang="">x</e:p>': '"x"',
    '<e:p xml:lang="en-GB">x</e:p>': '"x"@en-GB',
    "<e:p>x</e:p>": '"x"@de-CH',
    LANG_STRING + "x</e:p>": '"x"@de-CH',
    LANG_STRING.replace(">", ' xml:lang="zh-Hans">') + "x</e:p>": '"x"@zh-Hans',
    "<e:p>a&lt;&#13;&#10;<![CDATA[<&]]>\r\n</e:p>": r'"a<\r\n<&\n"@de-CH',
    '<e:p rdf:parseType="Literal"><e:a b="1" a="&lt;"/><!-- c --> </e:p>': (
        r'"<e:a xmlns:e=\"http://e/\" a=\"&lt;\" b=\"1\"></e:a><!-- c --> "'
        "^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>"
    ),
    '<e:p rdf:parseType="words"/>': '""^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>',
    "<e:p>&single;&double;&nested;</e:p>": '"it\'s \\"http://e/f#"@de-CH',
}


@pytest.mark.parametrize("element", LITERALS)
def test_literals_of_xml_are_those_of_the_specifications(tmp_path: Path, element: str) -> None:
    entities = "<!ENTITY double \"it's \"><!ENTITY single '\"'><!ENTITY % f '<!ENTITY nested \"&e;f#\">'>"
    text = XML.replace("<e:p>{}</e:p>", "{}").replace("<rdf:Description", '<rdf:Description xml:lang="de-CH"')
    declared = f"{entities}<!ENTITY e 'http://e/'> %f;".replace("single '\"'", "double2 '\"'")
    declared = declared.replace('double "it\'s "', 'single "it\'s "').replace("double2", "double")
    (tmp_path / "a.owl").write_text(text.format(declared, element), encoding="utf-8", newline="")
    assert read_lines(tmp_path / "a.owl") == [line(LITERALS[element])]


def test_defaults_of_attributes_are_read_and_a_dtd_elsewhere_is_not(tmp_path: Path) -> None:
    declared = "<!ATTLIST e:p xml:lang CDATA 'fr-CA'>"
    text = XML.format(declared, "x").replace("rdf:RDF [", 'rdf:RDF SYSTEM "http://e/none.dtd" [')
    (tmp_path / "a.rdf").write_text(text, encoding="utf-8")
    assert read_lines(tmp_path / "a.rdf") == [line('"x"@fr-CA')]


WRONG_XML = {
    '<e:p rdf:parseType="Literal" rdf:resource="http://e/o"/>': 4,
    '\n<e:p rdf:resource="http://e/a b"/>': 5,
    "<e:p><e:q/><e:r/></e:p>": 4,
    "<e:p rdf:ID='1a'>x</e:p>": 4,
    "<e:p>x": 4,
    "<e:p>&x;</e:p>": 4,
}


@pytest.mark.parametrize("element", WRONG_XML)
def test_errors_of_xml_have_line_and_column(tmp_path: Path, element: str) -> None:
    (tmp_path / "a.rdf").write_text(XML.replace("<e:p>{}", "\n\n\n{}").replace("</e:p>", "").format("", element))
    with pytest.raises(InputError) as raised:
        read_lines(tmp_path / "a.rdf")
    place = str(raised.value).removeprefix(f"{tmp_path}/a.rdf:").split(":")
    assert int(place[0]) == WRONG_XML[element], raised.value
    assert int(place[1]) > 0


@pytest.mark.parametrize("extension", ["nt", "nq"])
def test_all_errors_of_lines_are_told_at_once(tmp_path: Path, extension: str) -> None:
    wrong = [
        "words",
        "<a> <b> <c> .",
        '<http://e/s> <http://e/p> "x"@en-GB, .',
        "<http://e/s> <http://e/p> <http://e/a b> .",
    ]
    text = "\n".join(part for one in wrong for part in (line('"x"@en-GB'), one))
    (tmp_path / f"a.{extension}").write_text(text, encoding="utf-8")
    done = parkgraph("build", "--quiet", "--rdf", tmp_path / f"a.{extension}", "--releases", tmp_path, check=False)
    assert done.returncode == 3
    told = [text.removeprefix("parkgraph: ") for text in done.stderr.splitlines()]
    assert [text.partition(f"a.{extension}:")[2].partition(":")[0] for text in told] == ["2", "4", "6", "8"]


TAGS = {
    "a.ttl": "@prefix : <http://e/> . # \"no\"@EN\n:s :p \"x\"@en-GB, 'x'@en-gb, '''\"y\"@zh-Hans-'''@zh-Hans .",
    "a.trig": "{ <http://e/s> <http://e/p> \"x\"@en-GB, \"x\"@en-gb, '''\"y\"@zh-Hans-'''@zh-Hans }",
    "a.nt": f"{line(chr(34) + 'x' + chr(34) + '@en-GB')}\n{line(chr(34) + 'x' + chr(34) + '@en-gb')}\n"
    r'<http://e/s> <http://e/p> "\"y\"@zh-Hans-"@zh-Hans .',
    "a.rdf": XML.replace("<e:p>{}</e:p>", "{}").format(
        "",
        '<e:p xml:lang="en-GB">x</e:p><e:p xml:lang="en-gb">x</e:p><e:p xml:lang="zh-Hans">"y"@zh-Hans-</e:p>',
    ),
    "a.hext": "\n".join(
        json.dumps(["http://e/s", "http://e/p", value, f"{RDF}langString", tag, ""])
        for value, tag in (("x", "en-GB"), ("x", "en-gb"), ('"y"@zh-Hans-', "zh-Hans"))
    ),
}


@pytest.mark.parametrize("name", TAGS)
def test_language_tags_are_published_as_they_are_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TAGS[name], encoding="utf-8")
    expected = [line(value) for value in (r'"\"y\"@zh-Hans-"@zh-Hans', '"x"@en-GB', '"x"@en-gb')]
    assert read_lines(tmp_path / name) == expected


def test_language_tags_of_json_are_those_of_the_text(tmp_path: Path) -> None:
    context = {"p": {"@id": "http://e/p", "@container": "@language"}, "tag": "@language"}
    values = [{"@value": "v", "@language": "pt-BR"}, {"@value": "w", "tag": "de"}, {"@value": "DE"}]
    document = {"@context": context, "@id": "http://e/s", "p": {"en-GB": "x"}, "http://e/p": values}
    (tmp_path / "a.jsonld").write_text(json.dumps(document), encoding="utf-8")
    assert read_lines(tmp_path / "a.jsonld") == [line(v) for v in ('"DE"', '"v"@pt-BR', '"w"@de', '"x"@en-GB')]


def test_tags_across_the_blocks_of_a_file_are_kept(tmp_path: Path) -> None:
    tags = ["en-GB", "zh-Hans-CN"]
    for shift in range(30):
        text = "#" * (BLOCK - 20 - shift) + "\n" + " ".join(f'<http://e/s> <http://e/p> "x"@{tag} .' for tag in tags)
        (tmp_path / "a.ttl").write_text(text[: BLOCK * 2], encoding="utf-8")
        assert read_lines(tmp_path / "a.ttl") == [line(f'"x"@{tag}') for tag in tags]


def test_contexts_come_from_a_folder_or_from_beside_the_document(tmp_path: Path) -> None:
    contexts = tmp_path / "contexts"
    files = {
        "schema.org.jsonld": {"@vocab": "http://schema.org/", "url": {"@type": "@id"}, "@base": "http://none/"},
        "a.example/b/c.json": [{"p": "http://e/p"}, "../d.jsonld"],
        "a.example/d.jsonld": {"@import": "https://a.example/e"},
        "a.example/e": {"q": "http://e/q"},
        "a.example/loop.jsonld": "https://a.example/loop",
    }
    for name, context in files.items():
        (contexts / name).parent.mkdir(parents=True, exist_ok=True)
        (contexts / name).write_text(json.dumps({"@context": context}), encoding="utf-8")
    (tmp_path / "beside.jsonld").write_text('{"@context": {"p": "http://e/p"}}', encoding="utf-8")

    def found(context: object, **values: object) -> list[str]:
        path = tmp_path / "a.jsonld"
        path.write_text(json.dumps({"@context": context, "@id": "http://e/s"} | values), encoding="utf-8")
        return read_lines(path, contexts=contexts)

    for iri in ("https://schema.org/", "http://schema.org", "https://schema.org"):
        assert found(iri, url="o") == ["<http://e/s> <http://schema.org/url> <http://b/o> ."]
    assert found(["https://a.example/b/c", {"r": "http://e/p"}], p=1, q=2, r=3)[:1] == [line(f'"1"^^<{XSD}integer>')]
    assert found("beside.jsonld", p="x") == [line('"x"')]
    assert found("https://www.w3.org/ns/activitystreams", name="x") == [
        '<http://e/s> <https://www.w3.org/ns/activitystreams#name> "x" .'
    ]
    with pytest.raises(InputError, match="refers to itself"):
        found("https://a.example/loop", p=1)
    with pytest.raises(InputError, match=f"https://a.example/none is not at hand.*{contexts}/a.example/none.jsonld"):
        found("https://a.example/none", p=1)


def test_documents_that_share_a_context_are_read_with_it_once(tmp_path: Path) -> None:
    (tmp_path / "c.jsonld").write_text(
        json.dumps({"@context": {"p": "http://e/p"} | dict.fromkeys(map(str, range(1000)), "http://e/q")})
    )
    documents = [{"@context": "c.jsonld", "@id": "http://e/s", "p": f"{n}"} for n in range(9_000)]
    (tmp_path / "a.jsonld").write_text(json.dumps(documents), encoding="utf-8")
    assert read_lines(tmp_path / "a.jsonld") == sorted(line(f'"{n}"') for n in range(9_000))
