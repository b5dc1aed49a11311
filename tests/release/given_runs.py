"""Runs that a source gives as they are (release/source.py)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from core.runs import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from release.memo import Memo


def given(runs: Iterable[bytes]) -> Callable[[Memo], list[bytes]]:
    """A function that puts these runs into a memo and gives their keys."""

    def keys(memo: Memo) -> list[bytes]:
        found = []
        for text in runs:
            found.append(b"run " + hashlib.sha256(text).digest())
            memo.put(found[-1], pack(text))
        return found

    return keys
