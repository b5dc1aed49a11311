"""`/completion`: what may follow in a query, by the counts of the build, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.server.conftest import BASE, TERMS

if TYPE_CHECKING:
    from typing import Any

    from flask.testing import FlaskClient


def completion(client: FlaskClient, language: str = "en", **asked: str | list[str]) -> dict[str, list[dict[str, Any]]]:
    parameters = {name.rstrip("_"): value for name, value in asked.items()}
    response = client.get(f"/completion?{urlencode(parameters, doseq=True)}", headers={"Accept-Language": language})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["ETag"]
    found: dict[str, list[dict[str, Any]]] = response.get_json()
    return found


def iris(uses: list[dict[str, Any]]) -> list[str]:
    return [use["iri"].removeprefix(TERMS) for use in uses]


def test_properties_of_a_class_the_most_used_first(client: FlaskClient) -> None:
    found = completion(client, class_=TERMS + "Mast")
    assert {"reach", "built", "doubt"} <= set(iris(found["properties"]))
    assert "height" not in iris(found["properties"])
    counts = [use["uses"] for use in found["properties"]]
    assert counts == sorted(counts, reverse=True)
    assert "minds" in iris(found["incoming"])


def test_the_class_of_a_resource_counts_as_well(client: FlaskClient) -> None:
    assert completion(client, resource=f"{BASE}id/mast/2") == completion(client, class_=TERMS + "Mast")


def test_members_of_any_of_several_classes(client: FlaskClient) -> None:
    found = iris(completion(client, class_=[TERMS + "Mast", TERMS + "Lighthouse"])["properties"])
    assert {"reach", "height"} <= set(found)
    assert len(found) == len(set(found))


def test_values_of_a_property_with_their_classes_and_its_subjects(client: FlaskClient) -> None:
    found = completion(client, property=TERMS + "contradicts", class_=TERMS + "Mast", language="de")
    assert next((use["iri"], use["name"], use["language"]) for use in found["values"]) == (
        f"{BASE}id/mast/1",
        "Erster Mast",
        "de",
    )
    assert iris(found["classes"]) == ["Mast"]
    assert iris(found["subjects"]) == ["Mast"]
    assert completion(client, property=TERMS + "contradicts", class_=TERMS + "Keeper")["values"] == []
    assert iris(completion(client, property=TERMS + "minds")["classes"]) == ["Mast"]


def test_nothing_is_known_of_what_the_data_do_not_have(client: FlaskClient) -> None:
    assert completion(client, class_="urn:none") == {"properties": [], "incoming": []}
    assert completion(client, property="urn:none") == {"values": [], "classes": [], "subjects": []}
    assert completion(client) == {"properties": [], "incoming": []}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("class=no+iri", "'class' has to be an absolute IRI."),
        ("property=x", "'property' has to be an absolute IRI."),
        ("resource=", "'resource' has to be an absolute IRI."),
        ("&".join(f"class=urn:x:{number}" for number in range(21)), "at most 20 times"),
    ],
)
def test_what_is_no_iri_or_too_many_is_refused(client: FlaskClient, asked: str, said: str) -> None:
    refused = client.get(f"/completion?{asked}")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert said in refused.get_json()["detail"]
