"""Bodies of responses from temporary files, which count in the share of their client until they are closed."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from flask import Response, current_app
from werkzeug.wsgi import FileWrapper

from server.http.context import client, request_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.shares import ClientQuota

_PIECE = 1 << 16  # bytes that are sent at once


def temporary_body(file: IO[bytes], size: int) -> FileWrapper:
    """A body that sends the file, which has so many bytes; it is closed with the response, at the latest.

    Raises ClientQuotaError or ServerBusyError where the files under way are too large in sum, and closes it.
    """
    quota: ClientQuota = current_app.extensions["result_files"]
    who = client()
    try:
        quota.acquire(who, size)
    except Exception:
        file.close()
        raise
    body = _TemporaryBody(file, lambda: quota.release(who, size))
    request_context().on_close.append(body.close)
    return body


def written_response(body: bytes | int, size: int, content_type: str) -> Response:
    """What was written: bytes, or the descriptor of a temporary file of that size, which is sent piece by piece."""
    if isinstance(body, bytes):
        return Response(body, content_type=content_type)
    pieces = temporary_body(os.fdopen(body, "rb"), size)
    response = Response(pieces, content_type=content_type, direct_passthrough=True)
    response.content_length = size
    return response


class _TemporaryBody(FileWrapper):
    """Calls a function when it is closed for the first time."""

    def __init__(self, file: IO[bytes], on_close: Callable[[], None]) -> None:
        super().__init__(file, _PIECE)
        self._on_close = [on_close]

    def close(self) -> None:
        super().close()
        while self._on_close:
            self._on_close.pop()()
