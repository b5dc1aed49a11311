"""Signs in to another store: by Basic (RFC 7617), or by Digest (RFC 7616) where the store asks for that."""

from __future__ import annotations

import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import URLError

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import urllib3

_UNAUTHORIZED = 401


class Account(NamedTuple):
    """A name and a password that a store knows."""

    user: str
    password: str


class SignIn:
    """Gives the `Authorization` of each request to a store; nothing without an account.

    url: an address of the store. A request without a body finds out there what it asks for, so that no password is sent
    where a digest will do, and no graph for nothing. urllib3's HTTPError if the store cannot be reached.
    """

    def __init__(self, manager: urllib3.PoolManager, url: str, account: Account | None) -> None:
        self._account, self._challenge = account, ""
        self._passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        self._digest = urllib.request.HTTPDigestAuthHandler(self._passwords)
        if account is not None:
            self._passwords.add_password(None, url, *account)
            response = manager.request("HEAD", url)
            if response.status == _UNAUTHORIZED:
                self.read(response.headers)

    def read(self, headers: Mapping[str, str]) -> bool:
        """Take over what the store asks for; whether that is a digest, with a number that was not used before."""
        scheme, _, challenge = headers.get("WWW-Authenticate", "").partition(" ")
        is_new = scheme.lower() == "digest" and challenge != self._challenge
        self._challenge = challenge if scheme.lower() == "digest" else ""
        return is_new

    def headers(self, method: str, url: str) -> dict[str, str]:
        """The header field for a request; InputError if the store asks for what is not known here."""
        if self._account is None:
            return {}
        if not self._challenge:
            return {"Authorization": f"Basic {b64encode(':'.join(self._account).encode()).decode()}"}
        asked = urllib.request.parse_keqv_list(urllib.request.parse_http_list(self._challenge))
        asked |= {"qop": "auth"} if "auth" in asked.get("qop", "").split(",") else {}
        request = urllib.request.Request(url, method=method)  # noqa: S310
        try:
            return {"Authorization": f"Digest {self._digest.get_authorization(request, asked)}"}
        except (URLError, ValueError) as error:  # the library knows no other algorithms, and no letters beyond ASCII
            reason = "sign in there by Basic, or load a file"
            raise InputError(f"{url} asks for a digest that is not known here ({error}): {reason}") from error
