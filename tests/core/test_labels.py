"""Labels: which of several a reader is shown, and what an IRI offers where there is none."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from core.labels import Name, by_language, choose, choose_text, literals, local_name
from core.namespaces import RDFS, SKOS

TEXTS = {"": "plain", "de-at": "Jänner", "en": "January", "zh": "一月"}


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("http://example.org/onto#Lamp", "Lamp"),
        ("http://example.org/onto#a/b", "b"),
        ("http://example.org/lamp/one/", "one"),
        ("http://example.org/a:b", "a:b"),
        ("http://example.org/", "example.org"),
        ("urn:isbn:123", "123"),
        ("urn:isbn:", "isbn"),
        ("name", "name"),
        ("#", "#"),
        ("", ""),
    ],
)
def test_local_names(iri: str, name: str) -> None:
    assert local_name(iri) == name


@pytest.mark.parametrize(
    ("languages", "tags", "tag"),
    [
        (["de"], ["", "de-at", "en", "zh"], "de-at"),
        (["DE-ch"], ["", "de-at", "en", "zh"], "de-at"),
        (["fr", "zh", "de"], ["", "de-at", "en", "zh"], "zh"),
        (["en", "de"], ["", "de-at", "en"], "en"),
        (["fr"], ["", "de-at", "en", "zh"], "en"),
        (["fr"], ["", "de-at", "zh"], ""),
        (["fr"], ["zh", "de-at"], "de-at"),
    ],
)
def test_the_text_for_a_reader(languages: list[str], tags: list[str], tag: str) -> None:
    texts = {tag: TEXTS[tag] for tag in tags}
    assert choose_text(texts, languages) == choose(literals(texts), languages) == Name(TEXTS[tag], tag)


def test_of_no_text_none_is_chosen() -> None:
    assert choose([], ["en"]) is None


def test_of_several_in_one_language_the_first_by_its_letters() -> None:
    assert choose([ox.Literal("b", language="en"), ox.Literal("a", language="en")], []) == Name("a", "en")


def test_labels_by_language() -> None:
    store, lamp = ox.Store(), ox.NamedNode("http://example.org/lamp")
    for property_, text, language in (
        (SKOS + "prefLabel", "Lampe", "de"),
        (RDFS + "label", "lamp", "en"),
        (RDFS + "label", "lantern", "en"),
        (SKOS + "prefLabel", "a lamp", "en"),
        (SKOS + "altLabel", "light", "fr"),
    ):
        store.add(ox.Quad(lamp, ox.NamedNode(property_), ox.Literal(text, language=language)))
    store.add(ox.Quad(lamp, ox.NamedNode(RDFS + "label"), ox.NamedNode("http://example.org/no-text")))
    assert by_language(store, lamp.value) == {"de": "Lampe", "en": "lamp"}
    assert by_language(store, "http://example.org/none") == {}
