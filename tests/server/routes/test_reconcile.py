"""The reconciliation service as OpenRefine asks it, and by the rules of the API 0.2."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jsonschema
import pyoxigraph as ox
import pytest

from core.namespaces import RDFS
from release.writer import build
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

DATA = f"""
@prefix li: <{TERMS}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix id: <{BASE}id/> . @prefix dcterms: <http://purl.org/dc/terms/> .
<{BASE}id/pier/great> a li:Pier ; rdfs:label "Great Pier"@en , "Großer Anleger"@de ; skos:altLabel "Old Pier" ;
  dcterms:description "The longest one."@en ; li:built "1901-05-31"^^xsd:date ; li:length 12.5 ; li:posts 40 ;
  li:open true ; li:at <{BASE}id/town/alm> .
<{BASE}id/pier/twin-a> a li:Pier ; rdfs:label "Twin Pier" ; li:at <{BASE}id/town/alm> ; li:built "1902"^^xsd:gYear .
<{BASE}id/pier/twin-b> a li:Pier ; rdfs:label "Twin Pier" ; li:at <{BASE}id/town/bek> .
<{BASE}id/pier/north> a li:Pier ; rdfs:label "North Pier" ; owl:differentFrom <{BASE}id/pier/northern> .
<{BASE}id/pier/northern> a li:Pier ; rdfs:label "Northern Landing" .
<{BASE}id/pier/gone> a li:Pier ; rdfs:label "Gone Pier" ; owl:deprecated true .
<{BASE}id/pier/harbor> a li:Pier ; rdfs:label "Harbor Pier" .
<{BASE}id/pier/harbour> a li:Pier ; rdfs:label "Harbour Pier" .
<{BASE}id/town/alm> a li:Town ; rdfs:label "Alm" . <{BASE}id/town/bek> a li:Town ; rdfs:label "Bek" .
<{BASE}id/ship/alm> a li:Ship ; rdfs:label "Alm" .
"""
PIER, TOWN, GREAT = TERMS + "Pier", TERMS + "Town", f"{BASE}id/pier/great"
# Schemas after the tables of the report, written anew.
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
NAMED = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT, "description": TEXT}}
PATH = {
    "type": "object",
    "required": ["service_url", "service_path"],
    "properties": {"service_path": {"pattern": "^/"}},
}
TEMPLATE = {"type": "string", "pattern": r"\{\{id\}\}"}
SETTING = {
    "type": "object",
    "required": ["name", "label", "type"],
    "properties": {"type": {"enum": ["number", "text", "checkbox", "select"]}},
}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace", "view", "preview", "suggest", "extend"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "defaultTypes": {"type": "array", "items": NAMED, "uniqueItems": True},
        "view": {"required": ["url"], "properties": {"url": TEMPLATE}},
        "preview": {
            "required": ["url", "width", "height"],
            "properties": {"url": TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}},
        },
        "suggest": {"additionalProperties": PATH, "required": ["entity", "type", "property"]},
        "extend": {
            "properties": {"propose_properties": PATH, "property_settings": {"type": "array", "items": SETTING}}
        },
        "batchSize": {"type": "integer"},
    },
}
FEATURE = {"required": ["id", "value"], "properties": {"id": TEXT, "value": {"type": ["number", "boolean"]}}}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "score", "match", "type", "features"],
    "additionalProperties": False,
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "score": {"type": "number"},
        "match": {"type": "boolean"},
        "type": {"type": "array", "items": NAMED},
        "features": {"type": "array", "items": FEATURE},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "required": ["result"],
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
    },
}
SUGGESTIONS = {"type": "object", "required": ["result"], "properties": {"result": {"type": "array", "items": NAMED}}}
CELL = {
    "type": "object",
    "oneOf": [
        {"required": ["id", "name"]},
        *({"required": [kind], "properties": {kind: {"type": type_}}, "maxProperties": 1} for kind, type_ in (
            ("str", "string"), ("int", "integer"), ("float", "number"), ("date", "string")
        )),
    ],
}  # fmt: skip
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": NAMED},
        "rows": {"additionalProperties": {"additionalProperties": {"type": "array", "items": CELL}}},
    },
}


@pytest.fixture(scope="module")
def piers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    quads = list(ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE))
    release = build(source(*quads), tmp_path_factory.mktemp("piers"), silent)
    with in_process(release.path.parent) as client:
        yield client


def answered(response: Any, schema: dict[str, Any]) -> Any:
    assert response.status_code == 200, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    made = json.loads(response.data)
    jsonschema.validate(made, schema)
    return made


def reconcile(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    """The candidates for one query, asked as OpenRefine asks: a batch in a form."""
    response = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    found: list[dict[str, Any]] = answered(response, RESULTS)["q0"]["result"]
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    for one in found:
        assert len({feature["id"] for feature in one["features"]}) == len(one["features"])
    return found


def matched(client: FlaskClient, **query: Any) -> list[str]:
    return [one["id"] for one in reconcile(client, **query) if one["match"]]


def extend(client: FlaskClient, ids: list[str], *properties: dict[str, Any]) -> Any:
    asked = json.dumps({"ids": ids, "properties": list(properties)})
    return answered(client.post("/reconcile", data={"extend": asked}), EXTENSION)


def test_the_manifest(piers: FlaskClient) -> None:
    own = {"Host": "lights.example"}
    manifest = answered(piers.get("/reconcile", headers=own), MANIFEST)
    assert manifest["identifierSpace"] == BASE
    assert TERMS + "Lighthouse" in {type_["id"] for type_ in manifest["defaultTypes"]}
    assert manifest["view"]["url"] == f"{BASE}doc?iri={{{{id}}}}"
    assert piers.get(f"/doc?iri={quote(GREAT, safe='')}").status_code == 200
    identity = piers.get("/health").text.strip()
    kept = answered(piers.get(f"/release/{identity}/reconcile", headers=own), MANIFEST)
    assert kept["suggest"]["entity"]["service_url"] == f"{BASE}release/{identity}/reconcile"
    elsewhere = answered(piers.get("/reconcile", headers={"Host": "mirror.example:81"}), MANIFEST)
    assert elsewhere["suggest"]["entity"]["service_url"] == "http://mirror.example:81/reconcile"
    assert kept["preview"]["url"].startswith(f"{BASE}release/{identity}/reconcile/preview?id=")


def test_as_openrefine_asks(piers: FlaskClient) -> None:
    """Types are guessed from a sample, a column is reconciled, then values are fetched."""
    sample = {f"q{number}": {"query": name, "limit": 3} for number, name in enumerate(["Great Pier", "north pier"])}
    response = piers.post("/reconcile", data={"queries": json.dumps(sample)})
    guessed = answered(response, RESULTS)
    assert guessed.keys() == sample.keys()
    assert guessed["q0"]["result"][0]["type"] == [{"id": PIER, "name": "li:Pier"}]
    town = {"pid": TERMS + "at", "v": "Alm"}
    query = {"query": "GREAT  pier", "type": PIER, "type_strict": "should", "properties": [town], "limit": 5}
    (best, *_) = reconcile(piers, **query)
    assert (best["id"], best["match"], best["score"]) == (GREAT, True, 100)
    assert {one["id"]: one["value"] for one in best["features"]} == {
        "name_similarity": 100, "type": True, f"property {TERMS}at": 100, "told_apart": False
    }  # fmt: skip
    assert best["description"] == "The longest one."
    proposed = piers.get("/reconcile/properties", query_string={"type": PIER, "limit": "3"}).get_json(force=True)
    assert proposed["type"] == PIER
    assert len(proposed["properties"]) == 3
    made = extend(piers, [GREAT, f"{BASE}id/no/thing"], {"id": TERMS + "at"}, {"id": TERMS + "built"})
    assert made["rows"][GREAT] == {
        TERMS + "at": [{"id": f"{BASE}id/town/alm", "name": "Alm"}],
        TERMS + "built": [{"date": "1901-05-31T00:00:00Z"}],
    }
    assert made["rows"][f"{BASE}id/no/thing"] == {TERMS + "at": [], TERMS + "built": []}
    assert made["meta"][0]["type"] == {"id": TOWN, "name": "li:Town"}


@pytest.mark.parametrize("name", ["Great Pier", "great-pier", "Großer Anleger", "grosser anleger", "OLD PIER"])
def test_any_name_in_any_spelling_matches(piers: FlaskClient, name: str) -> None:
    assert matched(piers, query=name) == [GREAT]


def test_what_is_not_matched_by_itself(piers: FlaskClient) -> None:
    assert matched(piers, query="Twin Pier") == []  # two of one name
    assert matched(piers, query="Harbor Pier") == []  # another name is nearly the same
    assert matched(piers, query="North Pier") == []  # the data tell it from something else
    assert matched(piers, query="Northern Landing") == []
    assert matched(piers, query="Alm") == []  # a town and a ship
    assert matched(piers, query="Great Peer") == []
    assert reconcile(piers, query="Great Peer")[0]["id"] == GREAT
    (north, *_) = reconcile(piers, query="North Pier")
    assert {"id": "told_apart", "value": True} in north["features"]
    assert matched(piers, query="Great Pier", properties=[{"pid": TERMS + "at", "v": "Bek"}]) == []
    assert not any(one["id"].endswith("gone") for one in reconcile(piers, query="Gone Pier"))


def test_types_and_properties_narrow_it_down(piers: FlaskClient) -> None:
    assert matched(piers, query="Alm", type=TOWN) == [f"{BASE}id/town/alm"]
    assert matched(piers, query="Alm", type=[{"id": TOWN}]) == [f"{BASE}id/town/alm"]
    assert len(reconcile(piers, query="Alm", type=[TOWN, TERMS + "Ship"])) == 2
    assert reconcile(piers, query="Alm", type=[TOWN, TERMS + "Ship"], type_strict="all") == []
    assert reconcile(piers, query="Alm", type=TERMS + "NoType") == []
    meant: list[Any] = ["Bek", f"{BASE}id/town/bek", {"id": f"{BASE}id/town/bek", "name": "?"}, ["x", "Bek"]]
    for value in meant:
        found = reconcile(piers, query="Twin Pier", properties=[{"pid": TERMS + "at", "v": value}])
        assert found[0]["id"].endswith("twin-b"), value
        assert found[0]["score"] > found[1]["score"]
    exact: list[tuple[str, Any]] = [
        ("length", 12.5),
        ("length", "12.50"),
        ("posts", 40),
        ("open", True),
        ("built", "1901-05-31"),
    ]
    for pid, value in exact:
        (best, *_) = reconcile(piers, query="Great Pier", properties=[{"pid": TERMS + pid, "v": value}])
        assert best["match"], (pid, value)
    by_path = f"<{TERMS}at>/<{RDFS}label>"
    assert matched(piers, query="Great Pier", properties=[{"pid": by_path, "v": "Alm"}]) == [GREAT]


def test_without_a_name(piers: FlaskClient) -> None:
    found = reconcile(piers, properties=[{"pid": TERMS + "at", "v": "Alm"}], type=PIER)
    assert {one["id"].rpartition("/")[2] for one in found} == {"great", "twin-a"}
    assert not any(one["match"] for one in found)
    assert len(reconcile(piers, properties=[{"pid": TERMS + "posts", "v": 40}])) == 1


def test_an_identifier_is_its_entity(piers: FlaskClient) -> None:
    (only,) = reconcile(piers, query=GREAT)
    assert (only["id"], only["match"], only["score"]) == (GREAT, True, 100)


def test_suggestions(piers: FlaskClient) -> None:
    found = answered(piers.get("/reconcile/suggest/entity?prefix=gre"), SUGGESTIONS)["result"]
    assert found[0]["id"] == GREAT
    assert found[0]["notable"] == [{"id": PIER, "name": "li:Pier"}]
    assert (
        answered(piers.get(f"/reconcile/suggest/entity?prefix={quote(GREAT)}"), SUGGESTIONS)["result"][0]["id"] == GREAT
    )
    ships = piers.get("/reconcile/suggest/entity", query_string={"prefix": "alm", "type": TERMS + "Ship"})
    assert [one["id"] for one in answered(ships, SUGGESTIONS)["result"]] == [f"{BASE}id/ship/alm"]
    whole = answered(piers.get("/reconcile/suggest/entity?prefix=pier"), SUGGESTIONS)["result"]
    rest = answered(piers.get("/reconcile/suggest/entity?prefix=pier&cursor=2"), SUGGESTIONS)["result"]
    assert rest == whole[2:]
    for kind in ("type", "property"):
        first = answered(piers.get(f"/reconcile/suggest/{kind}"), SUGGESTIONS)["result"]
        assert first
        again = answered(piers.get(f"/reconcile/suggest/{kind}", query_string={"prefix": first[0]["id"]}), SUGGESTIONS)
        assert again["result"][:1] == first[:1]
    lighthouses = answered(piers.get("/reconcile/suggest/type?prefix=light"), SUGGESTIONS)["result"]
    assert TERMS + "Lighthouse" in [one["id"] for one in lighthouses]


def test_a_preview_may_stand_in_a_frame(piers: FlaskClient) -> None:
    response = piers.get("/reconcile/preview", query_string={"id": GREAT, "lang": "de"})
    assert response.status_code == 200
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert "Großer Anleger" in response.text
    assert f'href="http://localhost/doc?iri={quote(GREAT, safe="")}"' in response.text
    assert "<script" not in response.text
    lighthouse = piers.get("/reconcile/suggest/entity", query_string={"prefix": "a", "type": TERMS + "Lighthouse"})
    for one in answered(lighthouse, SUGGESTIONS)["result"]:
        assert piers.get("/reconcile/preview", query_string={"id": one["id"]}).status_code == 200
    assert piers.get("/reconcile/preview?id=http://x.example/").status_code == 404
    assert "frame-ancestors 'none'" in piers.get("/doc/pier/great.html").headers["Content-Security-Policy"]


def test_values_with_settings(piers: FlaskClient) -> None:
    at, posts = TERMS + "at", TERMS + "posts"
    inverse = f"^<{at}>"
    asked: list[dict[str, Any]] = [{"id": inverse, "settings": {"limit": "1"}}, {"id": f"{inverse}/<{RDFS}label>"}]
    made = extend(piers, [f"{BASE}id/town/alm"], *asked)["rows"][f"{BASE}id/town/alm"]
    assert len(made[inverse]) == 1
    assert {"str": "Great Pier"} in made[f"{inverse}/<{RDFS}label>"]
    count = extend(piers, [f"{BASE}id/town/alm"], {"id": inverse, "settings": {"content": "count"}})
    assert count["rows"][f"{BASE}id/town/alm"][inverse] == [{"int": 2}]
    by_iri = extend(piers, [GREAT], {"id": at, "settings": {"content": "iri"}}, {"id": posts}, {"id": TERMS + "length"})
    assert by_iri["rows"][GREAT] == {
        at: [{"str": f"{BASE}id/town/alm"}],
        posts: [{"int": 40}],
        TERMS + "length": [{"float": 12.5}],
    }
    named = extend(piers, [GREAT], {"id": "rdfs:label"})
    assert named["rows"][GREAT]["rdfs:label"] == [{"str": "Great Pier"}]


def test_by_get_and_by_jsonp(piers: FlaskClient) -> None:
    queries = json.dumps({"q0": {"query": "Great Pier"}})
    plain = piers.get("/reconcile", query_string={"queries": queries})
    assert answered(plain, RESULTS)["q0"]["result"][0]["id"] == GREAT
    assert plain.headers["ETag"]
    called = piers.get("/reconcile", query_string={"queries": queries, "callback": "jQuery1_2.f"})
    assert called.text.startswith("/**/jQuery1_2.f({")
    for name in ("", "1a", "a(b)", "alert(1)//", "a..b", "a" * 2000, "é"):
        assert piers.get("/reconcile", query_string={"callback": name}).status_code == 400, name


@pytest.mark.parametrize("path", ["/reconcile", "/reconcile/suggest/entity", "/reconcile/properties"])
def test_jsonp_is_of_a_documented_media_type(piers: FlaskClient, path: str) -> None:
    called = piers.get(path, query_string={"callback": "f"})
    assert called.mimetype == "text/javascript"  # RFC 9239
    documented = piers.get("/openapi.json").get_json()["paths"][path.replace("/entity", "/{kind}")]["get"]
    assert called.mimetype in documented["responses"]["200"]["content"]


BAD = [
    *((text, 400) for text in ("", "[", "[]", "3", '{"q0": 1}', '{"q0": {}}', "[" * 100_000, "1" * 5_000)),
    *(('{"q0": {' + query + "}}", 400) for query in (
        '"query": ""', '"query": 3', '"query": "a", "limit": 0', '"query": "a", "limit": "x"', '"query": "a\\u0000"',
        '"query": "a", "limit": NaN', '"query": "a", "type": 3', '"query": "a", "type_strict": "maybe"',
        '"query": "a", "properties": {"a": 1}', '"query": "a", "properties": [{"pid": "p"}]',
        '"query": "a", "properties": [{"v": "p"}]', '"query": "a", "properties": [{"pid": "p", "v": {"id": 3}}]',
    )),
    *((text, 400) for text in ('{"q0":' * 50_000, "a" * 300_000)),
    *((text, 413) for text in (
        json.dumps({"q0": {"query": "a", "type": "t" * 10_001}}),
        "a" * 1_100_000,
        json.dumps({f"q{n}": {"query": "a"} for n in range(21)}),
        json.dumps({"q0": {"query": "a", "type": ["t"] * 21}}),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("queries", "status"), BAD, ids=range(len(BAD)))
def test_wrong_queries_get_a_problem_that_names_the_place(piers: FlaskClient, queries: str, status: int) -> None:
    response = piers.post("/reconcile", data={"queries": queries})
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    assert len(response.get_json()["detail"]) < 300


def test_long_and_strange_names_have_no_candidates(piers: FlaskClient) -> None:
    for name in ("a" * 10_000, "pier " * 2_000, "\ud800", "'\"*:^(", "城" * 5_000, "http://[", "NEAR(a b)"):
        response = piers.post("/reconcile", data={"queries": json.dumps({"q0": {"query": name, "limit": 10**9}})})
        assert not any(one["match"] for one in answered(response, RESULTS)["q0"]["result"]), name


def test_a_long_cell_leaves_the_other_queries_alone(piers: FlaskClient) -> None:
    """Clients send the cells of a column as they are; OpenRefine takes a refusal for one of the whole batch."""
    batch = {
        "q0": {"query": "Great Pier"},
        "q1": {"query": "Great Pier " * 30_000},
        "q2": {"query": "Great Pier", "properties": [{"pid": TERMS + "at", "v": ["Alm " * 30_000, "Alm"]}]},
    }
    found = answered(piers.post("/reconcile", data={"queries": json.dumps(batch)}), RESULTS)
    assert found["q0"]["result"][0]["match"]
    assert found["q2"]["result"][0]["match"]
    assert not any(one["match"] for one in found["q1"]["result"])


@pytest.mark.parametrize(
    "asked",
    [
        {"queries": {"q0": {"query": "Pier", "properties": [{"pid": TERMS + "at", "v": ["Alm"] * 20}] * 20}}},
        {"queries": {"q0": {"properties": [{"pid": TERMS + "at", "v": ["Alm"] * 20}] * 20}}},
        {"queries": {"q0": {"query": "Pier", "type": [PIER] * 20}}},
        {"extend": {"ids": [GREAT], "properties": [{"id": TERMS + "at"}] * 20}},
    ],
)
def test_one_query_alone_meets_the_limit(
    piers: FlaskClient, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    """On a clock that goes on by a second whenever somebody looks at it."""
    clock = itertools.count()
    monkeypatch.setattr("server.routes.reconcile.time.monotonic", lambda: next(clock))
    response = piers.post("/reconcile", data={name: json.dumps(value) for name, value in asked.items()})
    assert response.status_code == 503, response.text
    assert "seconds together" in response.get_json()["detail"]
    assert response.headers["Retry-After"]


def test_other_wrong_requests(piers: FlaskClient) -> None:
    assert piers.post("/reconcile", data={"other": "x"}).status_code == 400
    assert piers.post("/reconcile", json={"queries": {}}).status_code == 415
    assert piers.put("/reconcile").status_code == 405
    assert piers.post("/reconcile/suggest/entity").status_code == 405
    assert piers.get("/reconcile/suggest/else").status_code == 404
    assert piers.get("/reconcile/suggest/entity", query_string={"prefix": "a" * 301}).status_code == 400
    for name, value in (("cursor", "-1"), ("cursor", "1001"), ("cursor", "x")):
        assert piers.get(f"/reconcile/suggest/entity?prefix=a&{name}={value}").status_code == 400
    for asked in (
        "{}", '{"ids": [], "properties": 3}', '{"ids": [3], "properties": []}', '{"ids": [], "properties": [{}]}',
        '{"ids": [], "properties": [{"id": "no property"}]}', '{"ids": [], "properties": [{"id": "<a"}]}',
        '{"ids": [], "properties": [{"id": "p:q", "settings": {"content": "x"}}]}',
        '{"ids": [], "properties": [{"id": "p:q", "settings": {"limit": -1}}]}',
    ):  # fmt: skip
        assert piers.post("/reconcile", data={"extend": asked}).status_code == 400, asked
    many = json.dumps({"ids": ["http://x.example/"] * 1_001, "properties": []})
    assert piers.post("/reconcile", data={"extend": many}).status_code == 413
