"""Reads YAML 1.2 and JSON Lines into plain values that know their place in the file.

Every plain scalar is a string (the failsafe schema, https://yaml.org/spec/1.2.2/#101-failsafe-schema): dates, numbers
and `no` stay as they were typed, and the JSON-LD context of the mapping says of which type they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.files import read_bytes
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


LARGEST = 1 << 30  # bytes of a YAML file, and of a line of JSON Lines
_SHORT = 128 << 10  # characters of a YAML document whose nodes are kept for a while; they take a hundred times as much
YAML_SUFFIXES, LINES_SUFFIXES = (".yaml", ".yml"), (".jsonl",)
_DEPTH = 100  # lists and mappings within each other


def read(path: Path, name: str) -> Iterator[Parsed]:
    """The documents of a file: the one of a YAML file, or each line of JSON Lines.

    name: of the file, for the places in it.
    """
    try:
        data = read_bytes(path, LARGEST)
    except OSError as error:
        yield unreadable(name, error)
    else:
        yield from parse(data, name)


def parse(data: bytes, name: str, line: int = 1) -> Iterator[Parsed]:
    """The documents of a file's bytes, or of some lines of JSON Lines.

    name: of the file, for the places, and its ending says what it is. line: number of the first line.
    """
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        yield unreadable(name, error)
        return
    if name.endswith(LINES_SUFFIXES):
        yield from _json_lines(text, name, line)
    else:
        yield from _yaml(text, name)


def unreadable(name: str, error: OSError | UnicodeDecodeError) -> Parsed:
    """What takes the place of a file that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) else f"it is not UTF-8 ({error.reason} at byte {error.start})"
    return _unreadable(Place(name), f"the file cannot be read: {reason}", "save it as UTF-8 text")


def _unreadable(place: Place, message: str, fix: str) -> Parsed:
    return Parsed(None, (_syntax(place, message, fix),))


def _syntax(place: Place, message: str, fix: str) -> Problem:
    return Problem(place, Severity.VIOLATION, "syntax", message, fix)


def _repeated(key: str, place: Place) -> Problem:
    fix = "put both values in one list, or delete one"
    return Problem(place, Severity.VIOLATION, "key", f"the key '{key}' stands twice", fix)


def _yaml(text: str, name: str) -> Iterator[Parsed]:
    try:
        node = _composed_again(text) if len(text) <= _SHORT else _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        message = " ".join(part for part in (error.context, error.problem) if part)
        yield _unreadable(place, f"not YAML: {message}", "correct the syntax at this place, or quote the value")
    except YAMLError as error:
        yield _unreadable(Place(name), f"not YAML: {error}", "remove the character that YAML does not allow")
    except RecursionError:
        yield _nested(Place(name))
    else:
        if node is not None:
            reader = _YamlReader(name, len(text))
            try:
                yield Parsed(reader.value(node), tuple(reader.problems))
            except _BoundError as error:
                yield Parsed(None, (error.problem,))


def _composed(text: str) -> Node | None:
    """The nodes of a YAML document, which nothing changes."""
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


_composed_again = lru_cache(32)(_composed)  # a document is read for what it says, to be mapped, and for its passages


class _BoundError(Exception):
    """A document is larger than is read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _nested(place: Place) -> Parsed:
    return _unreadable(place, f"more than {_DEPTH} lists and mappings stand within each other", "nest them less")


class _YamlReader:
    """Turns the nodes of a YAML document into values, and collects its problems.

    length: characters of the document. Only aliases can give it more values than characters, or nest it without end.
    """

    def __init__(self, name: str, length: int) -> None:
        self._name = name
        self._left = length + 1
        self._depth = 0
        self.problems: list[Problem] = []

    def value(self, node: Node) -> Value:
        place = Place(self._name, node.start_mark.line + 1, node.start_mark.column + 1)
        self._left -= 1
        if self._left < 0:
            message, fix = "its aliases stand for more than the file is long", "write less of it as aliases"
            raise _BoundError(_syntax(place, message, fix))
        if isinstance(node, ScalarNode):
            return _text(node.value, place, self.problems)
        if self._depth == _DEPTH:
            raise _BoundError(*_nested(place).problems)
        self._depth += 1
        value = self._collection(node, place)
        self._depth -= 1
        return value

    def _collection(self, node: Node, place: Place) -> Value:
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


def _json_lines(text: str, name: str, first: int) -> Iterator[Parsed]:
    reader = _JsonReader()
    for number, line in enumerate(text.split("\n"), first):
        if not line.strip():
            continue
        try:
            value, problems = reader.read(line, Place(name, number))
        except RecursionError:
            yield _nested(Place(name, number))
        except _NoNumberError as error:
            yield _unreadable(Place(name, number), f"not JSON: {error} is no number", "write a number, or leave it out")
        except json.JSONDecodeError as error:
            place = Place(name, number, error.colno)
            yield _unreadable(place, f"not JSON: {error.msg}", "each line is one whole JSON object")
        else:
            yield Parsed(value, problems)


class _NoNumberError(Exception):
    """NaN or Infinity, which JSON does not have."""


def _no_number(name: str) -> None:
    raise _NoNumberError(name)


def _text(value: str, place: Place, problems: list[Problem]) -> Text:
    """The scalar; half a surrogate pair in it, which RDF does not have, is a problem and is left out."""
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        problems.append(_syntax(place, "the text has half a surrogate pair", "write the whole character"))
        value = value.encode(errors="ignore").decode()
    return Text(value, place)


class _JsonReader:
    """Reads lines of JSON into values, all at the place of their line, and collects its problems."""

    def __init__(self) -> None:
        self._place = Place("")
        self._problems: list[Problem] = []
        self._is_plain = True  # whether no text of the line has half a surrogate pair, which only an escape can give
        self._decoder = json.JSONDecoder(
            parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=self._map
        )

    def read(self, line: str, place: Place) -> tuple[Value, tuple[Problem, ...]]:
        """The value of a line, and its problems."""
        self._place, self._problems = place, []
        self._is_plain = r"\ud" not in line and r"\uD" not in line
        value = self._value(self._decoder.decode(line))
        return value, tuple(self._problems)

    def _map(self, pairs: list[tuple[str, Any]]) -> Map:
        """A JSON object, whose values have been read already."""
        result, place, is_plain = Map(self._place), self._place, self._is_plain
        for key, value in pairs:
            if key in result:
                self._problems.append(_repeated(key, place))
            result[key] = Text(value, place) if is_plain and type(value) is str else self._value(value)
        result.key_places = dict.fromkeys(result, place)
        return result

    def _value(self, data: Any) -> Value:
        if isinstance(data, Map):
            return data
        if isinstance(data, str):
            return _text(data, self._place, self._problems)
        if isinstance(data, list):
            items = Items(self._place)
            items.extend(map(self._value, data))
            return items
        return Text({True: "true", False: "false", None: ""}[data], self._place)
