"""Sources of a release: a folder, or a URL, from which files are downloaded as they are needed."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import weakref
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from core.errors import InputError, QueryError, ReleaseError
from core.files import file_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.manifest import Manifest
    from release.reader import Release

_LARGEST_ANSWER = 256 << 20  # bytes
_SECONDS = 60.0  # without a byte
_TOO_MANY = 400  # the first status that is a refusal


class Source(Protocol):
    """A release that files are read of, and that is asked."""

    manifest: Manifest

    def file(self, path: str) -> Path:
        """A file of the manifest, whose digest is right; ReleaseError if it is not, InputError if it does not come."""

    def query(self, query: str) -> Any:
        """The answer of the engine to a query; a QueryError if there is none."""

    def saved(self, name: str, values: Mapping[str, str]) -> Any:
        """The answer of the engine to a saved query; a QueryError if there is none."""

    def saved_names(self) -> list[str]: ...


class FolderSource:
    """A release in a folder, or the current one of a folder of releases; queries are answered in this process."""

    def __init__(self, folder: Path) -> None:
        """ReleaseError if there is none."""
        from release.reader import open_release

        self._release: Release = open_release(folder)
        self.manifest = self._release.manifest

    def file(self, path: str) -> Path:
        return _verified(self._release.path / path, path, self.manifest)

    def query(self, query: str) -> Any:
        from core.evaluation import explain
        from server.query.local import query_release

        try:
            return query_release(self._release, query)
        except RuntimeError as error:
            raise QueryError(explain(error)) from error

    def saved(self, name: str, values: Mapping[str, str]) -> Any:
        from core import saved_queries

        queries = self._release.queries()
        if name not in queries:
            raise _unknown(name, list(queries))
        query = queries[name]
        if unknown := values.keys() - {parameter.name for parameter in query.parameters}:
            raise QueryError(f"the saved query '{name}' has no parameter '{min(unknown)}'")
        terms = saved_queries.values(query, values, self.manifest.base, self.manifest.prefixes)
        return self.query(saved_queries.bind(query.text, terms))

    def saved_names(self) -> list[str]:
        return list(self._release.queries())


class UrlSource:
    """A release at a URL, of a service or its own; queries are answered there.

    Its manifest is read when it is opened: what is downloaded later is compared with it, and belongs to this release
    whatever becomes the current one meanwhile.
    """

    def __init__(self, url: str, cache: Path | None, largest: int) -> None:
        """cache: folder where downloads stay; else they are in a temporary one, for as long as this object lives.

        largest: bytes of a file that is downloaded. InputError if there is no answer, ReleaseError if it is none.
        """
        from release.reader import RELEASE
        from release.remote import Remote
        from release.verify import identity

        self._remote = Remote(url)
        self.manifest = self._remote.manifest
        for finding in identity(self.manifest):
            raise ReleaseError(f"{self._remote.url}: {finding}")
        own = f"{RELEASE}{self.manifest.id}/"
        if not self._remote.url.endswith(own):
            self._remote.url += own
        self._largest = largest
        if cache is None:
            self._folder = Path(tempfile.mkdtemp(prefix="parkgraph-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        else:
            self._folder = cache / self.manifest.id

    def file(self, path: str) -> Path:
        if path not in self.manifest.files or ".." in PurePosixPath(path).parts:
            raise ReleaseError(f"{self._remote.url} has no file {path}")
        target = self._folder / path
        if target.exists():
            return _verified(target, path, self.manifest)
        size = self.manifest.files[path].size
        if size > self._largest:
            raise InputError(f"{path} has {size} bytes, and at most {self._largest} are downloaded: open with largest=")
        target.parent.mkdir(parents=True, exist_ok=True)
        self._remote.save(path, target)
        return target

    def query(self, query: str) -> Any:
        from core.sparql_responses import accept_header, answer_kind, parse_answer, query_form

        body, content_type = self._ask(
            "sparql", accept_header(answer_kind(query)), {"query": self._with_prefixes(query)}
        )
        return parse_answer(io.BytesIO(body), content_type, query_form(query))

    def _with_prefixes(self, query: str) -> str:
        """The query with the prefixes of the release that it has, in front of its first line, and with the base."""
        known = ((name, iri) for name, iri in self.manifest.prefixes.items() if f"{name}:" in query)
        return f"BASE <{self.manifest.base}> {''.join(f'PREFIX {name}: <{iri}> ' for name, iri in known)}{query}"

    def saved(self, name: str, values: Mapping[str, str]) -> Any:
        import pyoxigraph as ox

        from core.formats import N_TRIPLES, RESULTS_JSON

        address = f"query/{quote(name, safe='')}?{urlencode(values)}"
        body, content_type = self._ask(address, f"{RESULTS_JSON.media_type}, {N_TRIPLES.media_type}")
        if content_type.startswith(RESULTS_JSON.media_type):
            return ox.parse_query_results(body, format=RESULTS_JSON.results)
        return [quad.triple for quad in ox.parse(body, N_TRIPLES.rdf)]

    def saved_names(self) -> list[str]:
        body, _ = self._ask("queries", "application/json")
        return [query["name"] for query in json.loads(body)]

    def _ask(self, path: str, accept: str, form: dict[str, str] | None = None) -> tuple[bytes, str]:
        """The body of an answer and its media type; QueryError with the reason of a refusal."""
        import urllib3

        pool = urllib3.PoolManager(timeout=urllib3.Timeout(_SECONDS), retries=urllib3.Retry(3, read=0, redirect=5))
        where = self._remote.url + path
        headers = {"Accept": accept, **({"Content-Type": "application/x-www-form-urlencoded"} if form else {})}
        body = urlencode(form) if form else None
        try:
            response = pool.request("POST" if form else "GET", where, body=body, headers=headers, preload_content=False)
            data: bytes = response.read(_LARGEST_ANSWER + 1)
        except urllib3.exceptions.HTTPError as error:
            raise InputError(f"{where} cannot be asked: {error}") from error
        if response.status >= _TOO_MANY:
            raise QueryError(f"{where} answers {response.status}: {_detail(data)}")
        if len(data) > _LARGEST_ANSWER:
            raise QueryError(f"the answer of {where} is larger than {_LARGEST_ANSWER} bytes")
        return data, response.headers.get("Content-Type", "")


def _verified(path: Path, name: str, manifest: Manifest) -> Path:
    """The path; ReleaseError if the file is not the one of the manifest."""
    try:
        digest = file_digest(path)
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}") from error
    if name not in manifest.files or digest != manifest.files[name].sha256:
        raise ReleaseError(f"{path} is not as it was written")
    return path


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def _unknown(name: str, known: list[str]) -> QueryError:
    from core.problems import nearest

    fix = nearest(name, known) or f"there are {', '.join(known)}"
    return QueryError(f"there is no saved query '{name}'; {fix}")
