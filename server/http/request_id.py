"""The id of a request: in the log, in problem details and, where there is a log of requests, in every answer.

With proxies in front it is the one that they send, so that it can be found in their logs too. WSGI gives a field
`X_Request_ID` the same name as `X-Request-ID`, so a client may choose the id of its own request if a proxy lets such
names pass: it helps to find a request, and proves nothing.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FIELD = "X-Request-ID"
_KEY = "parkgraph.request_id"
_SENT = "HTTP_X_REQUEST_ID"
_VALID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def request_id(environ: WSGIEnvironment) -> str:
    """The id of the request, which is made when it is first asked for."""
    known: str | None = environ.get(_KEY)
    if known is None:
        known = environ[_KEY] = os.urandom(16).hex()
    return known


def take_sent_id(environ: WSGIEnvironment) -> None:
    """Use the id that a trusted proxy has sent: up to 64 letters, digits, dots, dashes and underscores."""
    sent = environ.get(_SENT)
    if sent and _VALID.fullmatch(sent):
        environ[_KEY] = sent
