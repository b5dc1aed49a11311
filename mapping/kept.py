"""Keeps what units give from build to build, by everything that it depends on.

A unit's key covers its bytes, the ontology, context, rules, settings and code. What it depends on of the registry and
of the texts is known when it has been mapped: so the first thing that is kept is what it has looked up, and the second
is the result, by that and what is found there now.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import pyoxigraph as ox

from core.files import LARGEST_PART, read_bytes
from mapping import rule_scope
from mapping.unit_mapping import MappedUnit, Needed, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapping.rule_scope import Scope
    from mapping.unit_mapping import Knowledge
    from mapping.units import Unit

Value = TypeVar("Value")
_KEY = re.compile(rb"unit .{32}", re.DOTALL)
_CODE = ("core", "mapping")  # packages that the result depends on


class Memo(Protocol):
    """Values by keys (release/memo.py)."""

    def __contains__(self, key: bytes) -> bool: ...

    def get(self, key: bytes) -> bytes | None:
        """The value, or None if there is none."""

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value."""

    def commit(self) -> None:
        """Have what was put stay, however this build ends."""


class KeptUnits:
    """The results of units in a memo. used: gets the keys of what was found or added, besides the runs."""

    def __init__(self, memo: Memo, knowledge: Knowledge, used: set[bytes]) -> None:
        self._memo, self._knowledge, self._used = memo, knowledge, used
        self._setting = setting(knowledge)
        self.text = cache(partial(text_digest, knowledge.texts))

    def key(self, unit: Unit) -> bytes:
        """The key of a unit: what it is mapped with, besides what it looks up."""
        digest = hashlib.sha256(self._setting)
        for part in unit.parts:
            line = part.line if len(unit.parts) > 1 else 0  # the only part may have moved
            digest.update(b"%s\x00%d\x00%d\x00%s" % (part.name.encode(), line, len(part.data), part.data))
        digest.update(repr((unit.others, unit.similar, unit.complete)).encode())
        return b"unit " + digest.digest()

    def key_by(self, source: bytes, read: Callable[[], Unit]) -> bytes:
        """The key of a unit, kept by the digest of all that it is read from."""
        source = b"key " + source
        key = self._memo.get(source)
        if key is None or not _KEY.fullmatch(key):
            key = self.key(read())
            self._memo.put(source, key)
        self._used.add(source)
        return key

    def find(self, key: bytes, line: int) -> MappedUnit | None:
        """The result, without its run, which is in the memo; None if it is not kept. line: number of its first line."""
        looked_up = read_value(self._memo, key, Needed.from_bytes)
        if looked_up is None:
            return None
        result_key = self._result_key(key, looked_up)
        mapped = read_value(self._memo, result_key, MappedUnit.from_bytes)
        if mapped is None:
            return None
        if mapped.run_key and mapped.run_key not in self._memo:
            return None
        self._used |= {key, result_key}
        mapped.move(line)
        return mapped

    def add(self, key: bytes, mapped: MappedUnit) -> None:
        """Keep a result; its run is taken out of it and kept by a key of its own."""
        if mapped.run:
            mapped.run_key, mapped.run = keep_run(self._memo, mapped.run), b""
        result_key = self._result_key(key, mapped.needed)
        self._memo.put(key, mapped.needed.to_bytes())
        self._memo.put(result_key, mapped.to_bytes())
        self._memo.commit()
        self._used |= {key, result_key}

    def scope(self, queries: tuple[str, ...], of_records: frozenset[str]) -> Scope | None:
        """What rules follow (mapping/rule_scope.py); it takes half a second to look at them."""
        key = b"scope " + hashlib.sha256(repr((code_digest(), queries, sorted(of_records))).encode()).digest()
        self._used.add(key)
        kept = read_value(self._memo, key, lambda data: (rule_scope.from_bytes(data),))
        if kept is not None:
            return kept[0]
        found = rule_scope.scope(queries, of_records)
        self._memo.put(key, rule_scope.to_bytes(found))
        return found

    def has_said(self, key: bytes) -> bool:
        """Whether it is kept what a unit says that others look up; key: of the unit."""
        return b"said " + key in self._memo

    def said(self, key: bytes) -> Said | None:
        """What a unit says; None if it is not kept."""
        self._used.add(b"said " + key)
        return read_value(self._memo, b"said " + key, Said.from_bytes)

    def add_said(self, key: bytes, said: Said) -> None:
        """Keep what a unit says."""
        self._memo.put(b"said " + key, said.to_bytes())

    def _result_key(self, key: bytes, needed: Needed) -> bytes:
        digest = hashlib.sha256(key)
        digest.update(self._knowledge.known.digest(needed.terms, needed.articles))
        for name in needed.texts:
            digest.update(self.text(name))
        return b"mapped " + digest.digest()


def text_digest(texts: Path | None, name: str) -> bytes:
    """The digest of a text in a folder; empty if there is no folder."""
    if texts is None:
        return b""
    try:
        return hashlib.sha256(read_bytes(texts / name, LARGEST_PART)).digest()
    except (OSError, ValueError):
        return b"none"


def read_value(memo: Memo, key: bytes, from_bytes: Callable[[bytes], Value]) -> Value | None:
    """The value of a key; None if there is none, or it is not what the function reads."""
    try:
        value = memo.get(key)
        return None if value is None else from_bytes(value)
    except (AttributeError, RecursionError, TypeError, ValueError):
        return None


def keep_run(memo: Memo, run: bytes) -> bytes:
    """Keep a run by its digest; the key."""
    key = b"run " + hashlib.sha256(run).digest()
    if key not in memo:
        memo.put(key, run)
    return key


def setting(knowledge: Knowledge) -> bytes:
    """The digest of what all units are mapped with, registry and texts left out."""
    parts = (
        knowledge.base,
        knowledge.context.document,
        sorted(knowledge.concepts),
        sorted((class_, sorted(found)) for class_, found in knowledge.properties.items()),
        knowledge.vocabulary.triples,
        [query for _, query in knowledge.rules.queries],
        knowledge.texts is not None,
        knowledge.quotations,
        ox.__version__,
        code_digest(),
    )
    return hashlib.sha256(repr(parts).encode()).digest()


@cache
def code_digest() -> str:
    """The digest of the code that maps."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(path for folder in _CODE for path in (root / folder).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
