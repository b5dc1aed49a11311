"""Reads YAML 1.2 and JSON Lines into plain values that remember where they stand.

Every plain scalar is a string, whatever it looks like (the failsafe schema, https://yaml.org/spec/1.2.2/#101-failsafe-schema):
dates, numbers and `no` stay what was typed, and the mapping's context says what they mean.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mapping.problems import Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Text(str):
    """A scalar and its place."""

    __slots__ = ("place",)
    place: Place

    def __new__(cls, value: str, place: Place) -> Self:
        text = super().__new__(cls, value)
        text.place = place
        return text


class Items(list["Value"]):
    """A sequence and its place."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class Map(dict[str, "Value"]):
    """A mapping, its place, and those of its keys."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.key_places: dict[str, Place] = {}

    def put(self, key: str, value: Value, place: Place) -> None:
        self[key] = value
        self.key_places[key] = place


Value: TypeAlias = Text | Items | Map


def read(path: Path, name: str, problems: list[Problem]) -> Iterator[Value]:
    """The documents of one file: the YAML document, or each line of JSON Lines; what cannot be read is a problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) else f"it is not UTF-8 ({error.reason} at byte {error.start})"
        )
        problems.append(_problem(Place(name), f"the file cannot be read: {reason}", "save it as UTF-8 text"))
        return
    if path.suffix == ".jsonl":
        yield from _json_lines(text, name, problems)
    else:
        yield from _yaml(text, name, problems)


def _problem(place: Place, message: str, mend: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "syntax", message, mend)


def _repeated(key: str, place: Place) -> Problem:
    mend = "put both values in one list, or delete one"
    return Problem(place, Severity.VIOLATION, "key", f"the key '{key}' stands twice", mend)


def _yaml(text: str, name: str, problems: list[Problem]) -> Iterator[Value]:
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        message = " ".join(part for part in (error.context, error.problem) if part)
        problems.append(_problem(place, f"not YAML: {message}", "correct the syntax at this place, or quote the value"))
        return
    except YAMLError as error:
        problems.append(_problem(Place(name), f"not YAML: {error}", "remove the character that YAML does not allow"))
        return
    if node is not None:
        yield _value(node, name, problems)


def _value(node: Node, name: str, problems: list[Problem]) -> Value:
    place = Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, ScalarNode):
        return Text(node.value, place)
    if isinstance(node, SequenceNode):
        items = Items(place)
        items.extend(_value(child, name, problems) for child in node.value)
        return items
    assert isinstance(node, MappingNode)  # noqa: S101 - YAML has no fourth kind of node
    result = Map(place)
    for key_node, value_node in node.value:
        key = _value(key_node, name, problems)
        if not isinstance(key, Text):
            problems.append(_problem(key.place, "a key is a list or a mapping", "write the key as plain text"))
        elif key in result:
            problems.append(_repeated(key, key.place))
        else:
            result.put(key, _value(value_node, name, problems), key.place)
    return result


def _json_lines(text: str, name: str, problems: list[Problem]) -> Iterator[Value]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line, parse_int=str, parse_float=str, object_pairs_hook=_Pairs)
        except json.JSONDecodeError as error:
            place = Place(name, number, error.colno)
            problems.append(_problem(place, f"not JSON: {error.msg}", "each line is one whole JSON object"))
            continue
        yield _from_json(data, Place(name, number), problems)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it stands, so that a repeated key is seen."""


def _from_json(data: Any, place: Place, problems: list[Problem]) -> Value:
    if isinstance(data, _Pairs):
        result = Map(place)
        for key, value in data:
            if key in result:
                problems.append(_repeated(key, place))
            result.put(key, _from_json(value, place, problems), place)
        return result
    if isinstance(data, list):
        items = Items(place)
        items.extend(_from_json(value, place, problems) for value in data)
        return items
    if isinstance(data, bool) or data is None:
        return Text({True: "true", False: "false", None: ""}[data], place)
    return Text(str(data), place)
