"""Stands before the application: answers from the cache what it can, and sends texts compressed.

The application makes each representation of a release once; whoever asks for it again gets it without the framework.
What may be kept the answer itself says: status 200, an ETag, no `no-store` (RFC 9111, 3).
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from werkzeug.datastructures import Headers
from werkzeug.http import parse_date, parse_etags, parse_set_header
from werkzeug.wsgi import FileWrapper

from server.http import coding
from server.http.context import RELEASE_KEY
from server.http.nginx import Nginx
from server.query import cache
from server.query.disk_cache import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.releases import CurrentRelease, OpenRelease
    from server.settings import Settings

_NEGOTIATED = ("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING")
# Ranges, and conditions that only few clients set.
_OF_THE_APPLICATION = frozenset({"HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"})
_IN_KEY = frozenset({"accept", "accept-language", "accept-encoding"})  # what an answer that is kept may vary by
_NOT_IN_304 = frozenset({"content-encoding", "content-length", "content-type"})
_SAFE = frozenset({"GET", "HEAD"})
_FIELDS_SIZE = 2000  # bytes that the head of an answer and its key take, about
_PIECE = 1 << 16  # bytes


@dataclass(slots=True)
class _Reply:
    """A response: what the application says, and its body, in memory or as a file that is closed in the end."""

    status: str = ""
    headers: Headers = field(default_factory=Headers)
    body: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        self.status, self.headers = status, Headers(headers)

    @property
    def is_whole(self) -> bool:
        """Whether the body is in memory."""
        return isinstance(self.body, list)

    @property
    def size(self) -> int:
        return sum(map(len, self.body)) if self.is_whole else self.headers.get("Content-Length", 0, int)

    def close(self) -> None:
        close = getattr(self.body, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it is sent again and again."""

    status: str
    headers: list[tuple[str, str]]
    body: list[bytes]
    tag: str

    @property
    def code(self) -> int:
        return int(self.status[:3])


class _Place(NamedTuple):
    """Where a reply is kept: of which release, as what in memory, under which name on the disk."""

    release: str
    address: Hashable
    name: str


class CacheMiddleware:
    """The outermost layer of the application."""

    def __init__(self, application: WSGIApplication, current: CurrentRelease, settings: Settings) -> None:
        self._application, self._current = application, current
        self._cache = current.cache
        self._nginx = Nginx(settings.releases, settings.nginx_files)
        self._kind = f"response {settings.nginx_files} {settings.endpoint}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.keys().isdisjoint(_OF_THE_APPLICATION):
            return self._application(environ, start_response)
        if environ["REQUEST_METHOD"] not in _SAFE:
            return self._pass(environ, start_response)
        kept = self.recall(environ)
        if kept is None:
            release = self._current.current()
            choice = coding.choose(environ.get("HTTP_ACCEPT_ENCODING"))
            place = _Place(release.folder.id, _address(environ, release), _name(self._kind, environ, release, choice))
            found = self._find(place)
            if found is None:
                return self._make(environ, start_response, choice, place)
            kept = _as_asked(found, environ)
        start_response(kept.status, kept.headers)
        return kept.body

    def recall(self, environ: WSGIEnvironment) -> Kept | None:
        """What the memory has for a request, or 304 where the client has it."""
        if environ["REQUEST_METHOD"] not in _SAFE or not environ.keys().isdisjoint(_OF_THE_APPLICATION):
            return None
        kept: Kept | None = self._cache.memory.get(_address(environ, self._current.current()))
        return kept and _as_asked(kept, environ)

    def _pass(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """What is not safe, or asks about more than one representation, is not kept."""
        choice = coding.choose(environ.get("HTTP_ACCEPT_ENCODING"))
        reply = self._ask(environ)
        _code(reply, choice)
        start_response(reply.status, reply.headers.to_wsgi_list())
        return reply.body

    def _make(
        self, environ: WSGIEnvironment, start_response: StartResponse, choice: coding.Choice, place: _Place
    ) -> Iterable[bytes]:
        """Have the application make it; the answer to HEAD is the one to GET without its body."""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        environ["REQUEST_METHOD"] = "GET"
        wanted = environ.get("HTTP_IF_NONE_MATCH", "")
        if choice.coding:  # the application knows its own tags
            environ["HTTP_IF_NONE_MATCH"] = wanted.replace(f'-{choice.coding}"', '"')
        began = time.monotonic()
        reply = self._ask(environ)
        took = time.monotonic() - began
        if reply.status.startswith("304"):
            _tell_tag(reply, choice, wanted)
            self._nginx.keep(reply.headers)
        elif reply.status.startswith("200") and self._nginx.hand_over(reply.headers, environ):
            reply.body = _without(reply.body)
        else:
            _code(reply, choice)
            if environ.get(RELEASE_KEY) == place.release and _may_be_kept(reply):
                self._nginx.keep(reply.headers)
                self._keep(reply, place, on_disk=took > cache.WORTH and cache.KEPT_KEY not in environ)
        start_response(reply.status, reply.headers.to_wsgi_list())
        return _without(reply.body) if is_head else reply.body

    def _ask(self, environ: WSGIEnvironment) -> _Reply:
        reply = _Reply()
        reply.body = self._application(environ, cast("StartResponse", reply.start))
        if not reply.is_whole and 0 < reply.size <= IN_MEMORY and "Repr-Digest" not in reply.headers:
            try:
                whole = list(reply.body)
            finally:
                reply.close()
            reply.body = whole
        return reply

    def _keep(self, reply: _Reply, place: _Place, *, on_disk: bool) -> None:
        if not reply.is_whole:
            return
        kept = _kept(reply.status, list(reply.headers.items()), b"".join(reply.body))
        self._cache.memory.put(place.address, kept, reply.size + _FIELDS_SIZE)
        if on_disk:
            about = {"status": kept.status, "headers": kept.headers}
            self._cache.keep(place.name, about, kept.body, reply.size)

    def _find(self, place: _Place) -> Kept | None:
        """What another process, or this server before it was started anew, has kept on the disk."""
        found = self._cache.find(place.name)
        if found is None or isinstance(found.body, int):
            return None
        kept = _kept(found.about["status"], [(name, value) for name, value in found.about["headers"]], found.body)
        self._cache.memory.put(place.address, kept, found.size + _FIELDS_SIZE)
        return kept


def _address(environ: WSGIEnvironment, release: OpenRelease) -> Hashable:
    """All that an answer depends on, as it came: quick to make and to compare."""
    get = environ.get
    return (
        release.folder.id,
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        get("HTTP_ACCEPT"),
        get("HTTP_ACCEPT_LANGUAGE"),
        get("HTTP_ACCEPT_ENCODING"),
        get("HTTP_HOST"),
        environ["wsgi.url_scheme"],
    )


def _name(kind: str, environ: WSGIEnvironment, release: OpenRelease, choice: coding.Choice) -> str:
    """The same, without differences that make none, for the disk."""
    accept, language = ("".join(environ.get(name, "").lower().split()) for name in _NEGOTIATED[:2])
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    host = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
    return cache.key(release.manifest, kind, host, path, environ["QUERY_STRING"], accept, language, choice)


def _kept(status: str, headers: list[tuple[str, str]], body: bytes) -> Kept:
    """Fields of one name become one (RFC 9110, 5.3): there are many links, and each field costs time."""
    fields: dict[str, str] = {}
    for name, value in headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    fields["Server-Timing"] = "cache"
    return Kept(status, list(fields.items()), [body], Headers(headers)["ETag"])


def _may_be_kept(reply: _Reply) -> bool:
    if not reply.status.startswith("200"):
        return False
    fields = {name.lower(): value.lower() for name, value in reply.headers}
    control = fields.get("cache-control", "")
    return (
        "etag" in fields
        and "repr-digest" not in fields  # a file of the release itself
        and "set-cookie" not in fields
        and "no-store" not in control
        and "private" not in control
        and _names(fields.get("vary", "")) <= _IN_KEY
    )


def _names(field: str) -> set[str]:
    return {name.strip() for name in field.split(",") if name}


def _as_asked(kept: Kept, environ: WSGIEnvironment) -> Kept:
    """The reply, or what a condition or HEAD leaves of it."""
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
        kept = _if_changed(kept, environ)
    return kept if environ["REQUEST_METHOD"] == "GET" else replace(kept, body=[b""])


def _if_changed(kept: Kept, environ: WSGIEnvironment) -> Kept:
    """The reply, or 304 where the client has it already (RFC 9110, 13.2.2)."""
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    if wanted is not None:
        is_fresh = wanted == kept.tag or parse_etags(wanted).contains_weak(kept.tag.strip('"'))
    else:
        modified = parse_date(Headers(kept.headers).get("Last-Modified"))
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        is_fresh = modified is not None and since is not None and modified <= since
    if not is_fresh:
        return kept
    headers = [(name, value) for name, value in kept.headers if name.lower() not in _NOT_IN_304]
    return Kept("304 NOT MODIFIED", headers, [b""], kept.tag)


def _code(reply: _Reply, choice: coding.Choice) -> None:
    """Compress the body, where that is worth it and what the client prefers."""
    headers = reply.headers
    if (
        not coding.is_text(headers.get("Content-Type", ""))
        or reply.status[:3] in {"204", "206"}
        or "Repr-Digest" in headers
        or "Content-Encoding" in headers
        or not (reply.size >= coding.SMALLEST or choice.is_needed)
    ):
        return
    _vary(headers)
    if choice.coding is None:
        return
    if reply.is_whole:
        reply.body = [b"".join(coding.encode(choice.coding, reply.body))]
        size = reply.size
    else:
        file, size = _coded_file(reply, choice.coding)
        reply.body = FileWrapper(file, _PIECE)
    headers["Content-Encoding"] = choice.coding
    headers["Content-Length"] = str(size)
    headers.remove("Accept-Ranges")
    if "ETag" in headers:  # another representation, another tag (RFC 9110, 8.8.3.3)
        headers["ETag"] = f'{headers["ETag"].removesuffix(chr(34))}-{choice.coding}"'


def _coded_file(reply: _Reply, name: str) -> tuple[IO[bytes], int]:
    """The body in a coding as a file that stands at its beginning, and its size."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        for piece in coding.encode(name, reply.body):
            file.write(piece)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    finally:
        reply.close()
    return file, size


def _tell_tag(reply: _Reply, choice: coding.Choice, wanted: str) -> None:
    """Make the tag of a 304 the one that the client has asked about."""
    _vary(reply.headers)
    tag = reply.headers.get("ETag", "")
    coded = f'{tag.removesuffix(chr(34))}-{choice.coding}"'
    if choice.coding and coded in wanted:
        reply.headers["ETag"] = coded


def _vary(headers: Headers) -> None:
    vary = parse_set_header(headers.get("Vary"))
    vary.add("Accept-Encoding")
    headers["Vary"] = vary.to_header()


def _without(body: Iterable[bytes]) -> list[bytes]:
    """No body: it is closed unread."""
    close = getattr(body, "close", None)
    if close is not None:
        close()
    return []
