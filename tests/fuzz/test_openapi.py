"""Requests made from the OpenAPI document: answered as it says, and never by a fault of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

if TYPE_CHECKING:
    from collections import Counter

    from flask.testing import FlaskClient

STATED = {503, 504, 507}  # from limits; every other status of 500 and more is a fault


@pytest.fixture(scope="session")
def cases(client: FlaskClient) -> st.SearchStrategy[schemathesis.Case[Any]]:
    """Requests to every operation, by its schema and against it."""
    load_all_checks()
    document = schemathesis.openapi.from_wsgi("/openapi.json", client.application)
    operations = [found.ok() for found in document.get_all_operations()]  # type: ignore[union-attr] # an error raises
    assert len(operations) > 10
    return st.one_of(
        *(
            operation.as_strategy(generation_mode=mode)
            for operation in operations
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )
    )


@settings(max_examples=3 * settings().max_examples)
@given(data=st.data())
def test_answers_are_as_documented(
    cases: st.SearchStrategy[schemathesis.Case[Any]], statuses: Counter[int], data: st.DataObject
) -> None:
    case = data.draw(cases)
    response = case.call(headers={"Accept-Encoding": "identity"})
    statuses[response.status_code] += 1
    assert response.status_code < 500 or response.status_code in STATED, response.text
    case.validate_response(
        response,
        checks=[
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
        ],
    )
