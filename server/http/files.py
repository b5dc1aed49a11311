"""Bodies of responses from temporary files, which count in the share of their client until they are closed."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import IO, TYPE_CHECKING

from flask import Response, current_app
from werkzeug.wsgi import FileWrapper

from server.http.context import client, request_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server.shares import ClientQuota

_PIECE = 1 << 16  # bytes that are sent at once


def temporary_body(file: IO[bytes], size: int) -> FileWrapper:
    """A body that sends the file, which has so many bytes, and closes it with the response at the latest.

    Raises ClientQuotaError or ServerBusyError where the files under way are too large in sum, and closes it.
    """
    return _body(file, size, current_app.extensions["result_files"], client(), request_context().on_close)


def written_response(body: bytes | int, size: int, fields: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    """What was written: bytes, or the descriptor of a temporary file of that size, which is sent piece by piece."""
    quota: ClientQuota = current_app.extensions["result_files"]
    pieces = pieces_of(body, size, quota, client(), request_context().on_close)
    response = Response(pieces, status, direct_passthrough=isinstance(body, int))
    del response.headers["Content-Type"]
    response.headers.update(fields)
    if status == HTTPStatus.OK:
        response.content_length = size
    return response


def pieces_of(
    body: bytes | int, size: int, quota: ClientQuota, client: str, on_close: list[Callable[[], None]]
) -> Iterable[bytes]:
    """The body of a response; raises as `temporary_body` does."""
    if isinstance(body, bytes):
        return [body]
    return _body(os.fdopen(body, "rb"), size, quota, client, on_close)


def _body(
    file: IO[bytes], size: int, quota: ClientQuota, client: str, on_close: list[Callable[[], None]]
) -> FileWrapper:
    try:
        quota.acquire(client, size)
    except Exception:
        file.close()
        raise
    body = _TemporaryBody(file, lambda: quota.release(client, size))
    on_close.append(body.close)
    return body


class _TemporaryBody(FileWrapper):
    """Calls a function when it is closed for the first time."""

    def __init__(self, file: IO[bytes], on_close: Callable[[], None]) -> None:
        super().__init__(file, _PIECE)
        self._on_close = [on_close]

    def close(self) -> None:
        super().close()
        while self._on_close:
            self._on_close.pop()()
