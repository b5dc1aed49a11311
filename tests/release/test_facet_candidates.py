"""Facets that no shape declares: which properties become some, what their values are, and that blocks do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.namespaces import SKOS
from release import blocks, facet_candidates
from release.build import publish_rdf
from release.reader import INDEX
from release.search_index import SearchIndex
from tests.release.test_index_writer import PREFIXES, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = "http://localhost:8000/"
THING = "http://example.org/Thing"
Found = dict[str, dict[str, int]]


def found(folder: Path, turtle: str, class_: str = THING) -> Found:
    """Facet → value → how many members have it, in their order."""
    path = folder / "data.ttl"
    path.write_text(PREFIXES + turtle, encoding="utf-8")
    release = publish_rdf([path], folder / "releases", base=BASE).release
    return in_index(release.path / INDEX, class_)


def in_index(path: Path, class_: str = THING) -> Found:
    index = SearchIndex(path)
    facets = {
        facet.name: {value.value: len(value.members) for value in index.values(facet, 100)}
        for facet in index.facets(class_)
    }
    index.close()
    return facets


def things(count: int, facts: Callable[[int], str]) -> str:
    return "".join(f"ex:t{n:04} a ex:Thing ; {facts(n)} .\n" for n in range(count))


def test_values_that_several_members_have(tmp_path: Path) -> None:
    facets = found(tmp_path, things(40, lambda n: f"ex:colour ex:c{n % 3} ; ex:size {n % 2} ; ex:id {n}"))
    assert facets == {
        "colour": {"http://example.org/c0": 14, "http://example.org/c1": 13, "http://example.org/c2": 13},
        "size": {"0": 20, "1": 20},
    }


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        ("ex:p ex:same", "one value"),
        ("ex:p {n}", "each its own"),
        ("ex:p ex:v{31}", "more than 30"),
        ('ex:p "word {2}"@en', "a text in a language"),
        ('ex:p "' + "long " * 50 + '{2}"', "a long text"),
        ("ex:p [ ex:q {2} ]", "a blank node"),
        ('rdfs:label "name {2}"', "a name"),
        ('skos:altLabel "name {2}"', "another name"),
        ("a ex:Other{2}", "a class"),
    ],
)
def test_what_is_no_facet(tmp_path: Path, fact: str, why: str) -> None:
    def facts(n: int) -> str:
        return fact.replace("{n}", str(n)).replace("{31}", str(n % 31)).replace("{2}", str(n % 2))

    assert found(tmp_path, things(200, facts)) == {}, why


def test_few_members_or_few_of_them_with_a_value(tmp_path: Path) -> None:
    few = "".join(f"ex:f{n} a ex:Few ; ex:p {n % 2} .\n" for n in range(4))
    rare = things(100, lambda n: f"ex:p {n % 2}" if n < 9 else "ex:other ex:same")
    assert found(tmp_path, few + rare) == {}
    assert found(tmp_path, few + rare, "http://example.org/Few") == {}


def test_of_dates_the_years(tmp_path: Path) -> None:
    def facts(n: int) -> str:
        day = f'"{2000 + n % 4}-01-{n % 28 + 1:02}"^^xsd:date'
        return f'ex:day {day} ; ex:at "{1990 + n % 3}-05-05T10:00:{n % 60:02}Z"^^xsd:dateTime'

    facets = found(tmp_path, things(120, facts))
    assert facets == {
        "day": {"2000": 30, "2001": 30, "2002": 30, "2003": 30},
        "at": {"1990": 40, "1991": 40, "1992": 40},
    }


def test_at_most_six_and_those_that_tell_most_first(tmp_path: Path) -> None:
    facets = found(tmp_path, things(240, lambda n: " ; ".join(f"ex:p{k} {n // 7 % k}" for k in range(2, 11))))
    assert list(facets) == ["p10", "p9", "p8", "p7", "p6", "p5"]


def test_properties_that_say_the_same_are_one(tmp_path: Path) -> None:
    assert list(found(tmp_path, things(40, lambda n: f"ex:a ex:v{n % 4} ; ex:b ex:v{n % 4}"))) == ["a"]


def test_names_of_parameters(tmp_path: Path) -> None:
    facts = "ex:class {0} ; <urn:x:colour> {1} ; <urn:y:colour> {2} ; ex:Is-Part_Of {3} ; ex:0007 {4} ; <urn:颜色/> {5}"

    def values(n: int) -> str:
        return facts.format(*(n // k % 3 for k in (1, 2, 3, 5, 7, 11)))

    names = set(found(tmp_path, things(200, values)))
    assert names == {"class2", "colour", "colour2", "isPartOf", "p0007", "value"}


def test_each_class_has_its_own(tmp_path: Path) -> None:
    """One that has too many values in one class may still be a facet of another."""
    turtle = things(90, lambda n: f"ex:p {n % 45}") + "".join(
        f"ex:o{n} a ex:Other ; ex:p {n % 3} .\n" for n in range(20)
    )
    both = "".join(f"ex:x{n} a ex:Thing, ex:Other ; ex:p {n % 3} .\n" for n in range(7))
    assert found(tmp_path, turtle + both) == {}
    assert found(tmp_path, turtle + both, "http://example.org/Other") == {"p": {"0": 10, "1": 9, "2": 8}}


def test_declared_facets_win_wholly(tmp_path: Path) -> None:
    data = things(40, lambda n: f"ex:colour ex:c{n % 3} ; ex:size {n % 2}")
    declared = "exs:Thing sh:targetClass ex:Thing ; ui:facet exs:size . exs:size sh:path ex:size ."
    assert list(in_index(made(tmp_path / "one", data, declared).path / INDEX)) == ["size"]
    none = "exs:Thing sh:targetClass ex:Thing ; ui:facet () ."
    assert in_index(made(tmp_path / "two", data, none).path / INDEX) == {}
    others = "exs:Thing sh:targetClass ex:Thing ; sh:property [ sh:path ex:size ] ."
    assert list(in_index(made(tmp_path / "three", data, others).path / INDEX)) == ["colour", "size"]
    unlisted = "exs:Place sh:targetClass ex:Place ; sh:property [ sh:path ex:size ] ."
    assert in_index(made(tmp_path / "four", data, unlisted).path / INDEX) == {}


def test_blocks_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the class of a subject stands in a later block than what else is said of it."""

    def facts(n: int) -> str:
        notes = " , ".join(f'"note {k}"' for k in range(n % 40))
        return f"ex:colour ex:c{n % 3} ; ex:size {n % 25} ; ex:id {n}" + (f" ; ex:note {notes}" if notes else "")

    (tmp_path / "one").mkdir()
    whole = found(tmp_path / "one", things(300, facts))
    monkeypatch.setattr(blocks, "_SMALLEST", 300)
    monkeypatch.setattr(blocks, "LARGEST", 400)
    (tmp_path / "many").mkdir()
    assert found(tmp_path / "many", things(300, facts)) == whole
    assert list(whole) == ["size", "colour"]


@pytest.mark.parametrize(("most", "count"), [(21, 0), (22, 2)])
def test_too_many_candidates_are_none_however_blocks_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, count: int
) -> None:
    """Five sets of two classes and one of a class, with two properties each."""

    def facts(n: int) -> str:
        other = "" if n % 6 == 5 else f" , ex:Other{n % 6}"
        return f"a ex:Thing{other} ; ex:colour ex:c{n % 4} ; ex:size {n % 5}"

    monkeypatch.setattr(facet_candidates, "MOST_CANDIDATES", most)
    for name, size in (("one", None), ("many", 300)):
        if size:
            monkeypatch.setattr(blocks, "_SMALLEST", size)
            monkeypatch.setattr(blocks, "LARGEST", size + 100)
        (tmp_path / name).mkdir()
        assert len(found(tmp_path / name, things(120, facts))) == count


CONCEPTS = "".join(f"ex:{name} a skos:Concept .\n" for name in "abcdefgh")
# a above c above d, b above d and e, f in a circle with g; h by itself
BROADER = "ex:c skos:broader ex:a . ex:d skos:broader ex:c, ex:b, ex:d . ex:e skos:broader ex:b, ex:elsewhere, [] ."
NARROWER = "ex:a skos:narrower ex:c . ex:c skos:narrower ex:d . ex:b skos:narrower ex:d, ex:e ."
CIRCLE = "ex:f skos:broader ex:g . ex:g skos:broader ex:f ."


@pytest.mark.parametrize("links", [BROADER, NARROWER, BROADER + NARROWER])
def test_concepts_by_their_tops(tmp_path: Path, links: str) -> None:
    facets = found(tmp_path, CONCEPTS + links + CIRCLE, f"{SKOS}Concept")
    assert facets == {"topConcept": {"http://example.org/a": 3, "http://example.org/b": 3}}


def test_one_top_tells_nothing_and_many_too_much(tmp_path: Path) -> None:
    assert found(tmp_path, "ex:a a skos:Concept . ex:b a skos:Concept ; skos:broader ex:a .", f"{SKOS}Concept") == {}
    many = "".join(f"ex:t{n} a skos:Concept . ex:b{n} a skos:Concept ; skos:broader ex:t{n} .\n" for n in range(31))
    assert found(tmp_path, many, f"{SKOS}Concept") == {}
