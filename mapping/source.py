"""Reads YAML 1.2 and JSON Lines into plain values that know their place in the file.

Every plain scalar is a string (the failsafe schema, https://yaml.org/spec/1.2.2/#101-failsafe-schema): dates, numbers
and `no` stay as they were typed, and the JSON-LD context of the mapping says of which type they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.problems import Place, Problem, Severity

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


@dataclass(frozen=True)
class Parsed:
    """One document of a file: its value, None if it could not be read, and its problems."""

    value: Value | None
    problems: tuple[Problem, ...] = ()


def read(path: Path, name: str) -> Iterator[Parsed]:
    """The documents of a file: the one of a YAML file, or each line of JSON Lines.

    name: of the file, for the places in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) else f"it is not UTF-8 ({error.reason} at byte {error.start})"
        )
        yield _unreadable(Place(name), f"the file cannot be read: {reason}", "save it as UTF-8 text")
        return
    if path.suffix == ".jsonl":
        yield from _json_lines(text, name)
    else:
        yield from _yaml(text, name)


def _unreadable(place: Place, message: str, fix: str) -> Parsed:
    return Parsed(None, (_syntax(place, message, fix),))


def _syntax(place: Place, message: str, fix: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "syntax", message, fix)


def _repeated(key: str, place: Place) -> Problem:
    fix = "put both values in one list, or delete one"
    return Problem(place, Severity.VIOLATION, "key", f"the key '{key}' stands twice", fix)


def _yaml(text: str, name: str) -> Iterator[Parsed]:
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        message = " ".join(part for part in (error.context, error.problem) if part)
        yield _unreadable(place, f"not YAML: {message}", "correct the syntax at this place, or quote the value")
    except YAMLError as error:
        yield _unreadable(Place(name), f"not YAML: {error}", "remove the character that YAML does not allow")
    else:
        if node is not None:
            reader = _YamlReader(name)
            yield Parsed(reader.value(node), tuple(reader.problems))


class _YamlReader:
    """Turns the nodes of a YAML document into values, and collects its problems."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.problems: list[Problem] = []

    def value(self, node: Node) -> Value:
        place = Place(self._name, node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, ScalarNode):
            return Text(node.value, place)
        if isinstance(node, SequenceNode):
            items = Items(place)
            items.extend(self.value(child) for child in node.value)
            return items
        assert isinstance(node, MappingNode)  # noqa: S101 - YAML has no fourth kind of node
        result = Map(place)
        for key_node, value_node in node.value:
            key = self.value(key_node)
            if not isinstance(key, Text):
                fix = "write the key as plain text"
                self.problems.append(_syntax(key.place, "a key is a list or a mapping", fix))
            elif key in result:
                self.problems.append(_repeated(key, key.place))
            else:
                result.put(key, self.value(value_node), key.place)
        return result


def _json_lines(text: str, name: str) -> Iterator[Parsed]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line, parse_int=str, parse_float=str, object_pairs_hook=_Pairs)
        except json.JSONDecodeError as error:
            place = Place(name, number, error.colno)
            yield _unreadable(place, f"not JSON: {error.msg}", "each line is one whole JSON object")
            continue
        reader = _JsonReader(Place(name, number))
        yield Parsed(reader.value(data), tuple(reader.problems))


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, so that a repeated key is noticed."""


class _JsonReader:
    """Turns the parsed JSON of one line into values, all at the place of the line, and collects its problems."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.problems: list[Problem] = []

    def value(self, data: Any) -> Value:
        if isinstance(data, _Pairs):
            result = Map(self._place)
            for key, value in data:
                if key in result:
                    self.problems.append(_repeated(key, self._place))
                result.put(key, self.value(value), self._place)
            return result
        if isinstance(data, list):
            items = Items(self._place)
            items.extend(self.value(value) for value in data)
            return items
        if isinstance(data, bool) or data is None:
            return Text({True: "true", False: "false", None: ""}[data], self._place)
        return Text(str(data), self._place)
