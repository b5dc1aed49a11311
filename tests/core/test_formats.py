"""The table of formats agrees with the engine, and no two formats are called the same."""

from __future__ import annotations

from core.formats import FORMATS_KNOWN, JSON_LD, RDF_FORMATS, RESULT_FORMATS, by_extension


def test_the_engine_says_the_same() -> None:
    formats = (*RDF_FORMATS, *RESULT_FORMATS)
    for format_ in formats:
        engine = format_.engine
        assert engine is not None
        assert engine.media_type.partition(";")[0] == format_.media_type
        if format_ is not JSON_LD:  # the engine has another IRI for it than the registry of the W3C
            assert engine.iri == format_.iri
        if engine.file_extension != "json":  # two formats of the engine share it
            assert engine.file_extension == format_.extension


def test_names_are_unique() -> None:
    for names in (
        [f.extension for f in FORMATS_KNOWN],
        [f.name for f in FORMATS_KNOWN],
        [f.media_type for f in FORMATS_KNOWN],
    ):
        assert len(set(names)) == len(names)


def test_found_by_extension() -> None:
    assert all(by_extension(f.extension) is f for f in FORMATS_KNOWN)
    assert by_extension("exe") is None
