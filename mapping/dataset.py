"""`data/dataset.yaml`: what the publisher says of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapping.problems import Place, Problem, Severity, nearest
from mapping.source import Items, Map, Text, Value, read

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS, _WORDS = ("title", "description", "publisher"), ("keywords",)
_LISTS, _SINGLE = ("examples", "themes"), ("license", "contact")
_KEYS = (*_TEXTS, *_WORDS, *_LISTS, *_SINGLE)
_FORMS = {_TEXTS: "{en: …}", _WORDS: "{en: […]}", _LISTS: "[…]", _SINGLE: "…"}


def read_dataset(path: Path, name: str, ids: str, problems: list[Problem]) -> dict[str, Any]:
    """Title, description, publisher (language → text), keywords (language → words), license and contact (IRIs),
    examples (ids made IRIs) and themes (IRIs).

    The title is always there.
    """
    values = list(read(path, name, problems)) if path.exists() else []
    dataset: dict[str, Any] = {"title": {"en": "Untitled dataset"}}
    for value in values:
        if not isinstance(value, Map):
            problems.append(_problem(value.place, "this is not a mapping", "write 'title: {en: …}' and so on"))
            continue
        for key, entry in value.items():
            if key not in _KEYS:
                mend = nearest(key, _KEYS) or f"the keys are {', '.join(_KEYS)}"
                problems.append(_problem(value.key_places[key], f"a dataset has no key '{key}'", mend))
                continue
            plain = _plain(key, entry, ids)
            if plain is None:
                form = next(form for keys, form in _FORMS.items() if key in keys)
                problems.append(_problem(entry.place, f"'{key}' has another form", f"write '{key}: {form}'"))
            else:
                dataset[key] = plain
    return dataset


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


def _problem(place: Place, message: str, mend: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "dataset", message, mend)
