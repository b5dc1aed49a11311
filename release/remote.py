"""Verifies a release over HTTP: downloads each file and keeps none, so memory stays small.

No more is read of a file than its size in the manifest, and no longer than a slow line takes.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection

from core.errors import InputError, ReleaseError
from release import sums
from release.dumps.index import FOLDER as DUMPS
from release.manifest import FILE_NAME, LARGEST, Manifest
from release.reader import NQUADS
from release.verify import identity, listed, signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BLOCK = 1 << 18  # bytes that are read, or unpacked, at once
_SECONDS = 60  # without a byte, and for the head of an answer
_SLOWEST = 8 << 10  # bytes a second, on average
_REDIRECTS = 5


_END: ContextVar[float] = ContextVar("end")  # until when an answer may come, in monotonic seconds


class _Socket(socket.socket):
    """A socket that is read until the end that the context has, even if single bytes keep coming."""

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(max(min(_END.get() - time.monotonic(), _SECONDS), 0.001))  # 0 would mean not to wait at all
        return super().recv_into(*arguments)


class _SecureSocket(_Socket, ssl.SSLSocket): ...


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _Socket(fileno=super()._new_conn().detach())


class _ConnectionPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class Remote:
    """A release at a URL: the current one of a server, or the one at a release's own URL."""

    def __init__(self, url: str) -> None:
        """Read the manifest; InputError if the server cannot be reached, ReleaseError if it offers no release."""
        context = ssl.create_default_context()
        context.sslsocket_class = _SecureSocket
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(_SECONDS), retries=urllib3.Retry(3, read=0), ssl_context=context
        )
        self._pool.pool_classes_by_scheme = {**self._pool.pool_classes_by_scheme, "http": _ConnectionPool}
        self.url = url if url.endswith("/") else f"{url}/"
        text, where = self._small(FILE_NAME)
        if text is None:
            raise ReleaseError(f"{self.url} offers no release")
        self.url = where.removesuffix(FILE_NAME)
        self.manifest_digest = hashlib.sha256(text).hexdigest()
        self.manifest = Manifest.from_json(text.decode(errors="replace"))

    def verify(self, key: Path | None, progress: Callable[[str], None]) -> Iterator[str]:
        """A sentence for each download that differs from the manifest; see `release.verify.verify`."""
        small = {}
        for path in (f"{place}{name}" for place in ("", f"{DUMPS}/") for name in (sums.NAME, sums.SIGNATURE)):
            data, _ = self._small(path)
            if data is not None:
                small[path] = data
        if sums.NAME not in small:
            yield f"{sums.NAME}: the file is missing"
        else:
            yield from listed(small[sums.NAME], self.manifest, self.manifest_digest)
        yield from signatures(small, key)
        yield from identity(self.manifest)
        content = hashlib.sha256()
        for path in sorted(path for path in self.manifest.files if path.startswith(f"{DUMPS}/")):
            progress(path)
            yield from self._check(path, content)
        if content.hexdigest() != self.manifest.content:
            yield f"{DUMPS}: SHA-256 of all quads is {content.hexdigest()}, the manifest says {self.manifest.content}"

    def save(self, path: str, target: Path) -> None:
        """Download a file of the manifest to target, whole or not at all.

        ReleaseError if it is not as the manifest says, InputError if it does not come.
        """
        digest, written, draft = hashlib.sha256(), self.manifest.files[path], target.with_name(f"{target.name}.part")
        try:
            with self._get(path) as answer, draft.open("wb") as file:
                if answer.status != 200:  # noqa: PLR2004
                    raise InputError(f"{self.url}{path} cannot be fetched: the server answers {answer.status}")
                for block in self._blocks(answer, written.size):
                    digest.update(block)
                    if file.tell() + len(block) > written.size:
                        break
                    file.write(block)
            if digest.hexdigest() != written.sha256:
                raise ReleaseError(f"{self.url}{path} is not as the manifest says")
            draft.replace(target)
        except urllib3.exceptions.HTTPError as error:
            raise InputError(f"{self.url}{path} cannot be fetched: {error}") from error
        finally:
            draft.unlink(missing_ok=True)

    def _check(self, path: str, content: hashlib._Hash) -> Iterator[str]:
        """Compare one download with the manifest; the text of a quads dump is added to the digest `content`."""
        digest, written, size = hashlib.sha256(), self.manifest.files[path], 0
        unpack = _gunzip(content) if path == NQUADS else None
        error_text = None
        try:
            with self._get(path) as answer:
                if answer.status != 200:  # noqa: PLR2004
                    yield f"{path}: the server answers {answer.status} {answer.reason}"
                    return
                for block in self._blocks(answer, written.size):
                    digest.update(block)
                    size += len(block)
                    if size > written.size:
                        yield f"{path}: it is longer than {written.size} bytes, which the manifest says"
                        return
                    if unpack is not None and error_text is None:
                        error_text = unpack(block)
        except urllib3.exceptions.HTTPError as error:
            yield f"{path}: the download ends early, after {size} of {written.size} bytes: {error}"
            return
        if digest.hexdigest() != written.sha256:
            yield f"{path}: SHA-256 is {digest.hexdigest()}, the manifest says {written.sha256}"
        elif error_text:
            yield f"{path}: {error_text}"

    def _small(self, path: str) -> tuple[bytes | None, str]:
        """The bytes of a file (None if the server has none), and its URL after redirects."""
        with self._get(path) as answer:
            where = answer.url or ""
            if answer.status != 200:  # noqa: PLR2004
                return None, where
            data = bytearray()
            try:
                for block in self._blocks(answer, LARGEST):
                    data += block
                    if len(data) > LARGEST:
                        raise ReleaseError(f"{where} is longer than {LARGEST} bytes")
            except urllib3.exceptions.HTTPError as error:
                raise InputError(f"{where} cannot be fetched: {error}") from error
        return bytes(data), where

    @contextmanager
    def _get(self, path: str) -> Iterator[urllib3.BaseHTTPResponse]:
        """The answer for a file, after redirects within the server; InputError if there is none."""
        where = self.url + quote(path)
        for _ in range(_REDIRECTS + 1):
            answer = self._request(where)
            try:
                target = answer.get_redirect_location()
                if not target:
                    answer.url = where
                    yield answer
                    return
            finally:
                answer.close()
            target = urljoin(where, target)
            if not _within(where, target):
                raise InputError(f"{where} leads to another server: verify {target.removesuffix(FILE_NAME)} itself")
            where = target
        raise InputError(f"{where} cannot be fetched: more than {_REDIRECTS} redirects")

    def _request(self, where: str) -> urllib3.BaseHTTPResponse:
        _END.set(time.monotonic() + _SECONDS)
        try:
            return self._pool.request(
                "GET", where, headers={"Accept-Encoding": "identity"}, preload_content=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise InputError(f"{where} cannot be fetched: {error}") from error

    def _blocks(self, answer: urllib3.BaseHTTPResponse, size: int) -> Iterator[bytes]:
        """The body as it comes; HTTPError if it comes too slowly for its size."""
        end = time.monotonic() + _SECONDS + size / _SLOWEST
        _END.set(end)
        while block := answer.read1(_BLOCK, decode_content=False):
            yield block
            if time.monotonic() > end:
                raise urllib3.exceptions.HTTPError(f"it comes at less than {_SLOWEST} bytes a second")


def _within(where: str, target: str) -> bool:
    """Whether a redirect stays on the server: the same origin, or from HTTP to HTTPS of the same host."""
    old, new = urlsplit(where), urlsplit(target)
    same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
    return same or ((old.scheme, new.scheme) == ("http", "https") and old.netloc == new.netloc == old.hostname)


def _gunzip(content: hashlib._Hash) -> Callable[[bytes], str | None]:
    """A function that unpacks blocks of gzip into a digest, in bounded memory; it returns an error message or None."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def unpack(block: bytes) -> str | None:
        try:
            while block:
                content.update(unpacker.decompress(block, _BLOCK))
                block = unpacker.unconsumed_tail
        except zlib.error as error:
            return f"it does not unpack: {error}"
        return None

    return unpack
