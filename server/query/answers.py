"""Answers to queries, and the cache of them by release, query, dataset and format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.formats import by_extension
from server.query import cache
from server.query.engine import Request, to_json
from server.query.guard import is_deterministic

if TYPE_CHECKING:
    from core.formats import Format
    from release.manifest import Manifest
    from server.query.engine import GraphRequest


_OVERHEAD = 500  # bytes that an entry takes beside its body, about


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query: its format, its size in bytes, and it itself, or the descriptor of its file.

    form: `results`, `boolean` or `graph`. truncated: whether a page has but the beginning of it. waited, ran: seconds.
    lasting: whether the same request always has this answer. kept: whether it comes from the cache.
    """

    format: Format
    size: int
    body: bytes | int
    form: str
    truncated: bool
    waited: float = 0.0
    ran: float = 0.0
    lasting: bool = True
    kept: bool = False


class Answers:
    """The answers of one release that are kept; only what is whole and always the same is."""

    def __init__(self, of: cache.Cache, manifest: Manifest) -> None:
        self._cache, self._manifest = of, manifest

    def key(self, request: Request | GraphRequest) -> str | None:
        """The name of the answer in the cache; None where each run may give another."""
        if isinstance(request, Request) and not is_deterministic(request.query):
            return None
        return cache.key(self._manifest, to_json(request).decode())

    def find(self, key: str) -> Answer | None:
        kept = self._cache.memory.get(key)
        if isinstance(kept, Answer):
            return kept
        found = self._cache.find(key)
        if found is None:
            return None
        format_ = by_extension(found.about["format"])
        if format_ is None:
            return None
        answer = Answer(format_, found.size, found.body, found.about["form"], found.about["truncated"], kept=True)
        self._remember(key, answer)
        return answer

    def keep(self, key: str, answer: Answer) -> None:
        self._remember(key, replace(answer, waited=0.0, ran=0.0, kept=True))
        if answer.ran > cache.WORTH:
            about = {"format": answer.format.extension, "form": answer.form, "truncated": answer.truncated}
            self._cache.keep(key, about, cache.pieces(answer.body), answer.size)

    def _remember(self, key: str, answer: Answer) -> None:
        if isinstance(answer.body, bytes):
            self._cache.memory.put(key, answer, answer.size + _OVERHEAD)
