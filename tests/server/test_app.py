"""The application: its addresses are documented, and a request is easy to follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from flask import request

from server.http.context import KEY
from server.http.headers import COMMON, complete
from server.routes.resources import document_instead
from tests.conftest import ROOT

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytestmark = pytest.mark.quick


def test_every_address_is_documented(client: FlaskClient) -> None:
    rules = {re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule) for rule in client.application.url_map.iter_rules()}
    document = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(/[^`]*)` \|", document, re.MULTILINE)) == rules


@pytest.mark.parametrize(
    "address", ["/", "/doc/tower/roter-sand", "/id/tower/roter-sand", "/sparql?query=ASK{}", "/none"]
)
def test_every_answer_has_the_common_fields(client: FlaskClient, address: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        response = client.open(address, method=method)
        assert COMMON.items() <= dict(response.headers).items(), (method, response.status)


def test_one_function_completes_the_heads_of_answers(client: FlaskClient) -> None:
    """The other one puts a redirect in place of a 404, before."""
    assert client.application.after_request_funcs == {None: [complete, document_instead]}


def test_the_environ_has_one_key_of_ours(client: FlaskClient) -> None:
    with client.application.test_client() as one:
        one.get("/sparql?query=ASK{}", headers={"Accept": "text/html", "Accept-Language": "de"})
        assert [key for key in request.environ if key.startswith("parkgraph")] == [KEY]
