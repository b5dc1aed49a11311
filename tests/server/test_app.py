"""The application: every address that it answers for is documented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytestmark = pytest.mark.quick


def test_every_address_is_documented(client: FlaskClient) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in client.application.url_map.iter_rules()}
    document = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(/[^`]*)` \|", document, re.MULTILINE)) == rules
