"""Citations: each form is read back by a reader of its own, whatever signs titles and names have."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from bibtexparser.entrypoint import parse_string

from core.formats import BIBTEX, CITATIONS, CSL_JSON, REFERENCE, RIS
from server.semantics.citation import Citation

VERSION = "0123456789abcdef"
ROOT = "https://data.example/release/0123456789abcdef"
ADDRESS = f"{ROOT}/doc/tower/roter-sand?a=1&b=%7B_~%23"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
PLAIN = Citation("Roter Sand", ADDRESS, "Lights", "0123456789abcdef", date(2026, 11, 9), "Coast Guard", LICENCE)
RELEASE = PLAIN._replace(title="Lights", container=None, address=ROOT)
RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  - (.*)")
COMMANDS = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^"}
TEX = re.compile(rf"\\text({'|'.join(COMMANDS)})\{{\}}|\\([#$%&_])")
# Titles, and what of them is left where it is not all.
TITLES = [
    ("Roter Sand", None),
    ("成都高新技术产业开发区", None),
    ("حديقة العلوم \u202bو\u202c التقنية", None),
    ("Größe, Ærø & Łódź — “50 %” of #1_2 for $3", None),
    ("{", None),
    ("}", None),
    ("a } b { c", None),
    ("\\", None),
    ("\\end{document} \\input{/etc/passwd}", None),
    ("~^ x^2 ~y", None),
    ("@misc{x, title = {y}}", None),
    ("\"quoted\" and 'quoted'", None),
    ("Müller and Sons, Inc. and others", None),
    ("ends with a backslash \\", None),
    ("<script>alert(1)</script>", None),
    ("a\nTY  - BOOK\r\nER  - \n", "a TY - BOOK ER -"),
    ("a\u2028b\x00c\x1bd\te", "a b c d e"),
    ("  spaces   around ", "spaces around"),
    ("x" * 10_000, "x" * 999 + "…"),
    ("👨‍👩‍👧 e\u0301", None),
]


def bibtex(text: str) -> dict[str, str]:
    """The fields of the one entry, with the commands of TeX read, and its key."""
    library = parse_string(text)
    assert not library.failed_blocks
    assert len(library.blocks) == 1
    (entry,) = library.entries
    assert entry.entry_type == "misc"
    fields = {field.key: str(field.value) for field in entry.fields}
    assert len(fields) == len(entry.fields)
    url = fields.pop("url")  # which styles take to the letter
    return {"key": entry.key, "url": url} | {name: from_tex(value) for name, value in fields.items()}


def from_tex(value: str) -> str:
    """The text that TeX sets; every sign that is more than itself to TeX has to be escaped."""
    text = value[1:-1] if value.startswith("{") and value.endswith("}") else value
    assert not re.search(r"[{}#$%&_~^\\]", TEX.sub("", text)), text
    return TEX.sub(lambda match: COMMANDS[match[1]] if match[1] else match[2], text)


def ris(text: str) -> dict[str, str]:
    """The values of the one record by their tags: every line is a tag and a value, and ends as the form has it."""
    lines = text.split("\r\n")
    assert lines.pop() == ""
    found = [match for line in lines if (match := RIS_LINE.fullmatch(line))]
    assert len(found) == len(lines), text
    pairs = [(match[1], match[2]) for match in found]
    assert (pairs[0][0], pairs[-1]) == ("TY", ("ER", ""))
    assert [tag for tag, _ in pairs].count("ER") == [tag for tag, _ in pairs].count("TY") == 1
    return dict(pairs)


@pytest.mark.parametrize(("title", "left"), TITLES, ids=range(len(TITLES)))
def test_every_form_keeps_the_title(title: str, left: str | None) -> None:
    wanted = title if left is None else left
    citation = PLAIN._replace(title=title, container=title, publisher=title)
    entry = bibtex(citation.text(BIBTEX))
    assert [entry[name] for name in ("title", "author", "publisher", "howpublished")] == [wanted] * 4
    record = ris(citation.text(RIS))
    assert [record[tag] for tag in ("TI", "AU", "PB", "T2")] == [wanted] * 4
    (item,) = json.loads(citation.text(CSL_JSON))
    assert [item["title"], item["container-title"], item["publisher"]] == [wanted] * 3
    assert item["author"] == [{"literal": wanted}]
    reference = citation.text(REFERENCE)
    assert reference.count("\n") == 1
    assert wanted in reference


def test_bibtex_is_exact() -> None:
    assert PLAIN._replace(title="50 % of {A_1}").text(BIBTEX) == (
        "@misc{roter-sand-ef663955,\n"
        "  author = {{Coast Guard}},\n"
        r"  title = {{50 \% of \textbraceleft{}A\_1\textbraceright{}}},"
        "\n"
        "  year = {2026},\n"
        "  month = nov,\n"
        "  day = {9},\n"
        "  howpublished = {{Lights}},\n"
        "  publisher = {{Coast Guard}},\n"
        "  version = {0123456789abcdef},\n"
        f"  url = {{{ADDRESS}}},\n"
        f"  note = {{Licence: {LICENCE}}}\n"
        "}\n"
    )


def test_ris_and_csl_json_have_address_date_and_version() -> None:
    record = ris(PLAIN.text(RIS))
    assert record == {
        "TY": "DATA",
        "AU": "Coast Guard",
        "TI": "Roter Sand",
        "T2": "Lights",
        "PY": "2026",
        "DA": "2026/11/09/",
        "PB": "Coast Guard",
        "ET": "0123456789abcdef",
        "UR": ADDRESS,
        "N1": f"Licence: {LICENCE}",
        "ER": "",
    }
    (item,) = json.loads(PLAIN.text(CSL_JSON))
    assert (item["type"], item["URL"], item["version"]) == ("dataset", ADDRESS, "0123456789abcdef")
    assert item["issued"] == {"date-parts": [[2026, 11, 9]]}
    assert LICENCE in item["note"]


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        (
            PLAIN,
            f"Coast Guard (2026): Roter Sand. Lights, version {VERSION}, 2026-11-09. {ADDRESS} Licence: {LICENCE}",
        ),
        (
            RELEASE._replace(licence=None),
            f"Coast Guard (2026): Lights. Version 0123456789abcdef, 2026-11-09. {ROOT}",
        ),
        (
            RELEASE._replace(publisher=None, licence=None),
            f"Lights (2026). Version 0123456789abcdef, 2026-11-09. {ROOT}",
        ),
        (
            RELEASE._replace(title="Who guards what?", licence=None),
            f"Coast Guard (2026): Who guards what? Version 0123456789abcdef, 2026-11-09. {ROOT}",
        ),
    ],
)
def test_the_reference(citation: Citation, expected: str) -> None:
    assert citation.text(REFERENCE) == expected + "\n"


def test_what_is_not_known_is_left_out() -> None:
    bare = RELEASE._replace(publisher=None, licence=None)
    assert not {"author", "publisher", "howpublished", "note"} & bibtex(bare.text(BIBTEX)).keys()
    assert not {"AU", "PB", "T2", "N1"} & ris(bare.text(RIS)).keys()
    (item,) = json.loads(bare.text(CSL_JSON))
    assert not {"author", "publisher", "container-title", "note"} & item.keys()


def test_keys_tell_addresses_apart_and_are_ascii() -> None:
    addresses = [
        ADDRESS,
        f"{ADDRESS}2",
        "https://data.example/release/1/doc/tower/%E6%88%90%E9%83%BD",
        "https://data.example/release/1/doc?iri=urn:x",
        "https://data.example/",
        f"https://data.example/{'long-' * 100}",
    ]
    keys = [bibtex(PLAIN._replace(address=address).text(BIBTEX))["key"] for address in addresses]
    assert len({*keys}) == len(addresses)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", key) for key in keys), keys


def test_there_are_four_forms() -> None:
    assert [form.extension for form in CITATIONS] == ["txt", "bib", "ris", "csl"]
