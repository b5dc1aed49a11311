"""Every regular expression of the packages that read what clients send is linear, also where it does not match.

The patterns are found by search, and their hostile texts are made from the patterns themselves.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from itertools import product
from pathlib import Path
from re import _constants as sre
from re import _parser
from typing import TYPE_CHECKING, Any

import pytest

import core
import release
import server
from tests.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = (core, release, server)
LONGEST = 60_000  # characters: of an address, which is the longest text that a pattern is given
SCREENED = 1_000  # characters of the texts that show which are worth a closer look
SUSPECT = 0.0002  # seconds for these; a linear pattern needs a tenth at most
GROWTH = 6  # times, for four times the length
ALPHABET = 5  # characters of a pattern that texts are made of
METHODS = ("match", "fullmatch", "search", "sub", "finditer", "findall", "split")


def modules() -> Iterator[Any]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    """The patterns that a value is or holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        yield from patterns_in([*value, *value.values()], depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from patterns_in(one, depth - 1)
    elif depth and isinstance(value, type) and value.__module__.partition(".")[0] in {p.__name__ for p in PACKAGES}:
        yield from patterns_in(list(vars(value).values()), depth - 1)


def patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Every pattern by where it stands, with the methods that are called on it."""
    found: dict[str, tuple[re.Pattern[Any], set[str]]] = {}
    trees = {module: tree_of(module) for module in modules()}
    calls = {module: dict(calls_in(tree)) for module, tree in trees.items()}
    by_name: dict[str, set[str]] = {}
    for called in calls.values():
        for name, methods in called.items():
            by_name.setdefault(name, set()).update(methods)
    for module in trees:
        for name, value in vars(module).items():
            # of one that is called by another name, whatever the module calls
            methods = by_name.get(name) or set().union(*calls[module].values()) or set(METHODS[:3])
            for number, pattern in enumerate(patterns_in(value)):
                if module.__name__ == home(module, name, trees):
                    found[f"{module.__name__}.{name}[{number}]"] = pattern, methods
    return found


def tree_of(module: Any) -> ast.Module:
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def home(module: Any, name: str, trees: dict[Any, ast.Module]) -> str:
    """The module that a name of a module comes from."""
    for node in trees[module].body:
        if isinstance(node, ast.ImportFrom) and name in {alias.asname or alias.name for alias in node.names}:
            return str(node.module)
    return str(module.__name__)


def calls_in(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """The names on which methods of patterns are called, or from which these have their value, with the methods."""
    found: dict[str, set[str]] = {}
    origins: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.NamedExpr | ast.comprehension | ast.For):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            value = node.iter if isinstance(node, ast.comprehension | ast.For) else node.value
            for name in names_in(target):
                origins.setdefault(name, set()).update(names_in(value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            for name in names_in(node.func.value):
                for origin in (name, *origins.get(name, ())):
                    found.setdefault(origin, set()).add(node.func.attr)
    yield from found.items()


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


PATTERNS = patterns()


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 50
    assert {name.partition(".")[0] for name in PATTERNS} == {"core", "release", "server"}


def test_every_pattern_stands_in_a_module() -> None:
    """One that is made where it is used would not be found above."""
    hidden = []
    for module in modules():
        for function in ast.walk(tree_of(module)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                for node in ast.walk(function):
                    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                    if called.startswith("re.") and called != "re.escape":
                        hidden.append(f"{module.__name__}: {called}")
    known = [name for name in hidden if not name.startswith("core.lexer:")]  # whose results stand in the module
    assert not known, "\n".join(known)


@pytest.mark.parametrize("name", PATTERNS)
def test_linear(name: str) -> None:
    pattern, methods = PATTERNS[name]
    for method in methods:
        read = reader(pattern, method)
        for make in suspects(pattern, read):
            assert_linear(read, make, LONGEST)


def reader(pattern: re.Pattern[Any], method: str) -> Callable[[str], object]:
    """Applies the pattern as its module does."""
    convert = (lambda text: text.encode("latin-1", "replace")) if isinstance(pattern.pattern, bytes) else str
    empty = convert("")
    if method == "sub":
        return lambda text: pattern.sub(empty, convert(text))
    if method == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(convert(text)))
    call = getattr(pattern, method)
    return lambda text: call(convert(text))


def suspects(pattern: re.Pattern[Any], read: Callable[[str], object]) -> Iterator[Callable[[int], str]]:
    """Makers of the texts on which the pattern seems to take more than a linear one would."""

    def cost(text: str) -> float:
        began = time.thread_time()
        read(text)
        return time.thread_time() - began

    for start, body, end in texts(pattern):

        def make(length: int, start: str = start, body: str = body, end: str = end) -> str:
            return start + body * (length // len(body)) + end

        first = cost(make(SCREENED))
        if first > SUSPECT and cost(make(4 * SCREENED)) > GROWTH * first:
            yield make


def texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginnings that lead into each repetition of the pattern, short texts to repeat, and ends that do not match."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    starts = dict.fromkeys(["", *beginnings(list(parsed))])
    alphabet = list(dict.fromkeys(["a", *characters(list(parsed))]))[:ALPHABET]
    bodies = ["".join(signs) for size in (1, 2, 3) for signs in product(alphabet, repeat=size)]
    ends = ["", "\x00"]
    yield from product(starts, bodies, ends)


def characters(parsed: list[Any]) -> Iterator[str]:
    """One character for each literal and class of a parsed pattern."""
    for operation, value in parsed:
        if operation in {sre.LITERAL, sre.NOT_LITERAL}:
            yield chr(value)
        elif operation is sre.ANY:
            yield "."
        elif operation is sre.IN:
            for kind, what in value:
                if kind is sre.LITERAL:
                    yield chr(what)
                elif kind is sre.RANGE:
                    yield chr(what[0])
                elif kind is sre.CATEGORY:
                    yield {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_WORD: "a", sre.CATEGORY_SPACE: " "}.get(what, "!")
        else:
            for inner in inside(operation, value):
                yield from characters(inner)


def beginnings(parsed: list[Any]) -> Iterator[str]:
    """A text that leads to each repetition in a parsed pattern."""
    start = ""
    for operation, value in parsed:
        for inner in inside(operation, value):
            yield from (start + lead for lead in beginnings(inner))
        if operation in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            yield start
        start += shortest([(operation, value)])


def shortest(parsed: list[Any]) -> str:
    """A short text that a parsed pattern matches, more or less: classes that exclude are taken for an `a`."""
    text = ""
    for operation, value in parsed:
        if operation in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            text += shortest(list(value[2])) * value[0]
        elif operation is sre.BRANCH:
            text += shortest(list(value[1][0]))
        elif operation in {sre.ASSERT, sre.ASSERT_NOT, sre.AT}:
            pass
        elif operation is sre.IN and value[0][0] is sre.NEGATE:
            text += "a"
        elif inner := list(inside(operation, value)):
            text += shortest(inner[0])
        else:
            text += next(characters([(operation, value)]), "")
    return text


def inside(operation: Any, value: Any) -> Iterator[list[Any]]:
    """The parsed patterns within a part of one."""
    if operation in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        yield list(value[2])
    elif operation is sre.BRANCH:
        yield from map(list, value[1])
    elif operation is sre.SUBPATTERN:
        yield list(value[3])
    elif operation is sre.ATOMIC_GROUP:
        yield list(value)
    elif operation in {sre.ASSERT, sre.ASSERT_NOT}:
        yield list(value[1])
