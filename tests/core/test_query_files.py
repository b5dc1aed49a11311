"""Files of saved queries: what is read from them, and each mistake with its place."""

from __future__ import annotations

import pytest

from core.query_files import BrokenQueryError, read
from core.saved_queries import SavedQuery, Type

BASE = "http://x.example/"
GOOD = """\
# title: Things
# title@zh-Hant: 事物
# description: What there is,
#   one by one.
# param kind: iri = pg:Thing — Of which kind.
# param kind@de: Von welcher Art.
# param least: integer?
# param day: date
# example day: 2016-02-29
# view: timeline
# place: home
# column item: The thing
# column item@de: Das Ding

# a comment
SELECT ?item ?start { ?item a ?kind ; <urn:start> ?start FILTER(?start > ?day && ?least < 2) }
"""
# what is put in place of what, and line, column and beginning of the fault
BROKEN = [
    ("# title: Things", "# titel: Things", 1, 1, "'titel' is not known here"),
    ("# title: Things", "# title Things", 1, 1, "this is no entry"),
    ("# title: Things\n", "", 1, 1, "the query has no title"),
    ("# title: Things", "# title:", 1, 1, "'title' says nothing"),
    ("title@zh-Hant", "title@?", 2, 1, "'?' is no language tag"),
    ("title@zh-Hant", "title x", 2, 1, "'title x' is not written so"),
    ("title@zh-Hant", "title", 2, 1, "'title' stands twice"),
    ("kind: iri =", "kind: uri =", 5, 1, "there is no type 'uri'"),
    ("kind: iri =", "kind: iri(no:Thing) =", 5, 1, "there is no prefix 'no'"),
    ("kind: iri =", "kind: iri(<urn:x>) =", 5, 1, "'<urn:x>' is no IRI of a class"),
    ("kind: iri =", "kind: iri() =", 5, 1, "'kind' is not declared so"),
    ("least: integer?", "least: integer(pg:Thing)?", 7, 1, "values of type integer are no members of a class"),
    ("kind: iri =", "kind: iri? =", 5, 1, "'kind' has a default"),
    ("pg:Thing", "a b", 5, 1, "the value 'a b' of 'kind' is no iri"),
    ("kind@de", "sort@de", 6, 1, "no parameter 'sort' is declared above"),
    ("least: integer?", "least: integer or so", 7, 1, "'least' is not declared so"),
    ("least: integer?", "format: string?", 7, 1, "'format' cannot be the name"),
    ("?least < 2", "1 < 2", 7, 1, "the query has no variable ?least"),
    ("# example day: 2016-02-29\n", "", 8, 1, "'day' has to be given"),
    ("2016-02-29", "2015-02-29", 8, 1, "the value '2015-02-29' of 'day' is no date"),
    ("view: timeline", "view: cake", 10, 1, "there is no view 'cake'"),
    ("view: timeline", "view: map", 10, 1, "the view map needs ?lat, ?long"),
    ("column item:", "column none:", 12, 1, "the query has no column 'none'"),
    ("column item@de", "column item", 13, 1, "'column item' stands twice"),
    ("column item@de", "column", 13, 1, "'column' is not written so"),
    ("place: home", "place: away", 11, 1, "there is no place 'away'"),
    ("place: home", "group: no:Thing", 11, 1, "there is no prefix 'no'"),
    ("place: home", "group: <urn:x>", 11, 1, "'<urn:x>' is no IRI of a class"),
    ("FILTER(", "FILTER(((", 16, 96, "this is no SPARQL: ) is missing here"),
    ("SELECT ?item", "SELECT ?item ?day", 16, 14, "with values for its parameters this is no SPARQL"),
    ("SELECT ?item", "SELECT (1 AS ?least) ?item", 16, 14, "with values for its parameters this is no SPARQL"),
    ("{ ?item", "{ SERVICE <urn:x> { ?a ?b ?c } ?item", 16, 23, "a saved query asks this dataset alone"),
    ("<urn:start>", "<urn:st\\u0061rt>", 16, 46, "an escape stands outside of a text"),
    ("?least < 2", "?least < SUM(MAX(2))", 16, 95, "this is no SPARQL"),
    ("?least < 2", "<urn:f>(?least)", 1, 1, "The custom function <urn:f> is not supported"),
]


def good(text: str = GOOD, name: str = "things") -> SavedQuery:
    return read(name, text.encode(), BASE, {"pg": "urn:pg:"})


def test_what_a_file_says() -> None:
    query = good()
    assert query.titles == {"en": "Things", "zh-Hant": "事物"}
    assert query.descriptions == {"en": "What there is, one by one."}
    assert (query.view, query.place, query.form, query.columns) == ("timeline", "home", "results", ("item", "start"))
    assert query.text.startswith("SELECT")
    assert query.column_titles == {"item": {"en": "The thing", "de": "Das Ding"}}
    kind, least, day = query.parameters
    assert (kind.type, kind.default, kind.required) == (Type.IRI, "pg:Thing", False)
    assert kind.descriptions == {"en": "Of which kind.", "de": "Von welcher Art."}
    assert (least.optional, least.required) == (True, False)
    assert (day.type, day.required, day.example) == (Type.DATE, True, "2016-02-29")


def test_forms_and_line_ends() -> None:
    assert good("# title: t\r\n\r\nASK {}\r\n").form == "boolean"
    assert good("# title: t\nDESCRIBE <urn:x>").form == "graph"
    assert good("# title: t\nSELECT * { ?a ?b ?c }").columns == ("a", "b", "c")


@pytest.mark.parametrize(("old", "new", "line", "column", "message"), BROKEN)
def test_a_mistake_is_told_with_its_place(old: str, new: str, line: int, column: int, message: str) -> None:
    assert old in GOOD
    with pytest.raises(BrokenQueryError) as caught:
        good(GOOD.replace(old, new, 1))
    found = [fault for fault in caught.value.problems if fault.message.startswith(message)]
    assert [(fault.line, fault.column) for fault in found] == [(line, column)], caught.value.problems
    assert found[0].fix


@pytest.mark.parametrize(
    ("written", "iri"),
    [("pg:Thing", "urn:pg:Thing"), ("id/scheme/x", BASE + "id/scheme/x"), ("http://x.example/Y", "http://x.example/Y")],
)
def test_values_may_be_members_of_a_class(written: str, iri: str) -> None:
    kind, least, _ = good(GOOD.replace("kind: iri =", f"kind: iri({written}) =")).parameters
    assert (kind.members_of, kind.default, least.members_of) == (iri, "pg:Thing", None)
    text = GOOD.replace("kind: iri =", f"kind: iri({written})? — ").replace("pg:Thing —", "")
    assert good(text).parameters[0].optional


def test_a_class_that_the_vocabulary_lacks() -> None:
    text = GOOD.replace("kind: iri =", "kind: iri(pg:Thong) =").encode()
    with pytest.raises(BrokenQueryError, match="the vocabulary has no <urn:pg:Thong>"):
        read("things", text, BASE, {"pg": "urn:pg:"}, lambda iri: iri == "urn:pg:Thing")


def test_a_group_is_a_class() -> None:
    text = GOOD.replace("place: home", "group: pg:Thing")
    assert (good(text).group, good().group) == ("urn:pg:Thing", None)
    with pytest.raises(BrokenQueryError, match="11:1: the vocabulary has no <urn:pg:Thing>"):
        read("things", text.encode(), BASE, {"pg": "urn:pg:"}, lambda _: False)


def test_several_mistakes_are_told_at_once() -> None:
    with pytest.raises(BrokenQueryError) as caught:
        read("Two Words", b"# titel: x\n# view: cake\nASK {", BASE, {})
    assert len(caught.value.problems) == 5


def test_a_file_that_is_no_text() -> None:
    with pytest.raises(BrokenQueryError, match=r"x\.rq:2:1: this is not UTF-8"):
        read("x", b"# title: t\nASK {} # \xff", BASE, {})
