"""Reads `data/dataset.yaml`: title, description, licence and the like of the dataset, see docs/record-format.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.problems import Place, Problem, Severity, nearest
from core.uri_template import UriTemplateError
from mapping.source import Items, Map, Text, Value, read
from release.corrections import VARIABLES, corrections_template

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS, _WORDS = ("title", "description", "publisher", "rights"), ("keywords",)
_LISTS = ("examples", "themes", "creators")
_SINGLE = ("license", "contact", "version", "date", "homepage", "corrections")
_KEYS = (*_TEXTS, *_WORDS, *_LISTS, *_SINGLE)
_FORMS = {_TEXTS: "{en: …}", _WORDS: "{en: […]}", _LISTS: "[…]", _SINGLE: "…"}


def read_dataset(path: Path, name: str, ids: str) -> tuple[dict[str, Any], list[Problem]]:
    """The keys of the file as arguments of release.manifest.Dataset, and the problems of the file.

    name: of the file, for the places in it. ids: IRI that the examples, which are ids, are relative to. There is
    always a title.
    """
    dataset: dict[str, Any] = {"title": {"en": "Untitled dataset"}}
    problems: list[Problem] = []
    for parsed in read(path, name) if path.exists() else ():
        problems += parsed.problems
        if isinstance(parsed.value, Map):
            for key, entry in parsed.value.items():
                read_entry = _entry(key, entry, parsed.value.key_places[key], ids)
                if isinstance(read_entry, Problem):
                    problems.append(read_entry)
                else:
                    dataset[key] = read_entry
        elif parsed.value is not None:
            problems.append(_problem(parsed.value.place, "this is not a mapping", "write 'title: {en: …}' and so on"))
    return dataset, problems


def _entry(key: str, entry: Value, place: Place, ids: str) -> Any:
    """The value of a key as plain data, or the problem with it."""
    if key not in _KEYS:
        return _problem(
            place, f"a dataset has no key '{key}'", nearest(key, _KEYS) or f"the keys are {', '.join(_KEYS)}"
        )
    plain = _plain(key, entry, ids)
    if plain is None:
        form = next(form for keys, form in _FORMS.items() if key in keys)
        return _problem(entry.place, f"'{key}' has another form", f"write '{key}: {form}'")
    return _corrections_problem(plain, entry.place) or plain if key == "corrections" else plain


def _corrections_problem(template: str, place: Place) -> Problem | None:
    try:
        corrections_template(template)
    except UriTemplateError as error:
        variables = ", ".join(f"{{{name}}}" for name in VARIABLES)
        fix = f"write an address of mail or of a page with any of {variables}"
        return _problem(place, f"'corrections' is no URI template: {error}", fix)
    return None


def _plain(key: str, value: Value, ids: str) -> Any:
    if key in _TEXTS and isinstance(value, Map) and all(isinstance(text, Text) for text in value.values()):
        return {str(language): str(text) for language, text in value.items()}
    if key in _WORDS and isinstance(value, Map) and all(_is_words(words) for words in value.values()):
        return {str(language): [str(word) for word in words] for language, words in value.items()}
    if key in _LISTS and _is_words(value):
        return [f"{ids}{item}" if key == "examples" else str(item) for item in value]
    if key in _SINGLE and isinstance(value, Text):
        return str(value)
    return None


def _is_words(value: Value) -> bool:
    return isinstance(value, Items) and all(isinstance(item, Text) for item in value)


def _problem(place: Place, message: str, fix: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "dataset", message, fix)
