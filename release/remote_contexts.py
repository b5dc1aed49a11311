"""JSON-LD contexts that a document refers to, from files: `RemoteContexts`. Nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from pyld.documentloader.frozen import BUNDLED_CONTEXTS

from core.errors import InputError
from core.files import LARGEST_PART, read_bytes

_ENDINGS = ("", ".jsonld", ".json")
_MOST = 10_000  # references in one document


class RemoteContexts:
    """Contexts by their IRI: from the user's folder, then from those of the W3C that pyld ships.

    In the folder, the context https://example.org/a/b is the file example.org/a/b, or that with .jsonld or .json behind
    it. A relative reference is a file beside the document.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._loaded: dict[str | Path, Any] = {}
        self._references = 0

    def inline(self, document: Any, path: Path) -> Any:
        """The document with each context in place of the reference to it. path: where the document stands.

        InputError names a context that is not there, and what to do.
        """
        self._references = 0
        if isinstance(document, list) and document and all(isinstance(node, dict) for node in document):
            context = document[0].get("@context")
            if context is not None and all(node.get("@context") == context for node in document):
                nodes = [{key: value for key, value in node.items() if key != "@context"} for node in document]
                document = {"@context": context, "@graph": nodes}  # so that it is written once
        return self._inlined(document, path, ())

    def _inlined(self, value: Any, origin: str | Path, parents: tuple[str | Path, ...]) -> Any:
        """origin: IRI or path that references within the value are relative to; parents: contexts that it is within."""
        if isinstance(value, list):
            return [self._inlined(item, origin, parents) for item in value]
        if not isinstance(value, dict) or value.get("@type") == "@json":
            return value
        value = {
            key: self._context(item, origin, parents) if key == "@context" else self._inlined(item, origin, parents)
            for key, item in value.items()
        }
        imported = value.get("@import")
        if isinstance(imported, str):
            del value["@import"]
            value = self._load(imported, origin, parents) | value
        return value

    def _context(self, value: Any, origin: str | Path, parents: tuple[str | Path, ...]) -> Any:
        if isinstance(value, str):
            return self._load(value, origin, parents)
        if isinstance(value, list):
            parts = [self._context(item, origin, parents) for item in value]
            return [context for part in parts for context in (part if isinstance(part, list) else [part])]
        return self._inlined(value, origin, parents)

    def _load(self, reference: str, origin: str | Path, parents: tuple[str | Path, ...]) -> Any:
        place = _resolved(reference, origin)
        self._references += 1
        if place in parents:
            raise InputError(f"the context {place} refers to itself")
        if self._references > _MOST:
            raise InputError(f"it refers to contexts more than {_MOST} times: write them once, at the top")
        if place not in self._loaded:
            self._loaded[place] = self._read(place)
        return self._context(self._loaded[place], place, (*parents, place))

    def _read(self, place: str | Path) -> Any:
        path = place if isinstance(place, Path) else self._find(place)
        try:
            document = json.loads(read_bytes(path, LARGEST_PART))
        except OSError as error:
            raise InputError(f"the context {place} cannot be read: {path}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"the context {place} is no JSON: {path}: {error}") from error
        if not isinstance(document, dict) or "@context" not in document:
            raise InputError(f"the context {place} is no context: {path} has no @context")
        return _without_base(document["@context"])

    def _find(self, iri: str) -> Path:
        name = _file_name(iri)
        if self._folder and name:
            for ending in _ENDINGS:
                path = self._folder / f"{name}{ending}"
                if path.is_file():
                    return path
        if iri in BUNDLED_CONTEXTS:
            return BUNDLED_CONTEXTS[iri]
        advice = "write it into the document"
        if name and self._folder:
            advice += f", or save it as {self._folder}/{name}.jsonld"
        elif name:
            advice += f", or save it as {name}.jsonld in a folder that --contexts names"
        raise InputError(f"the context {iri} is not at hand, and is not downloaded: {advice}")


def _resolved(reference: str, origin: str | Path) -> str | Path:
    """The IRI of a reference, or the path of a file beside the document or context that it stands in."""
    if urlsplit(reference).scheme or reference.startswith("//"):
        return reference
    if isinstance(origin, str):
        return urljoin(origin, reference)
    path = Path(unquote(reference))
    if path.is_absolute() or ".." in path.parts:
        raise InputError(f"the context {reference} is outside the folder of the document: give its full address")
    return origin.parent / path


def _file_name(iri: str) -> str:
    """Path of a context in a folder of contexts; empty for an IRI that has none."""
    parts = urlsplit(iri)
    names = [parts.netloc, *filter(None, parts.path.split("/"))]
    if parts.scheme not in {"http", "https"} or not parts.netloc or {".", ".."} & set(names) or "\0" in iri:
        return ""
    return "/".join(names)


def _without_base(context: Any) -> Any:
    """A context without @base, which has no effect in one that was referred to (JSON-LD 1.1 API, 4.1.2, 5.7)."""
    if isinstance(context, list):
        return [_without_base(part) for part in context]
    if isinstance(context, dict):
        return {key: value for key, value in context.items() if key != "@base"}
    return context
