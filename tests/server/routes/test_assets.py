"""The bundles of the pages: found by plain names, kept for ever by caches, and asked for where they are missing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from core.errors import ParkGraphError
from server.routes import assets

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

TYPES = {"js": "text/javascript", "css": "text/css", "txt": "text/plain"}


def test_each_bundle_has_its_type_and_never_changes(client: FlaskClient) -> None:
    names = json.loads((assets.BUILT / "manifest.json").read_text(encoding="utf-8"))
    assert {"pages.js", "pages.css", "editor.js", "editor.css"} <= names.keys()
    assert "d3-geo" in (assets.BUILT / names["licences.txt"]).read_text(encoding="utf-8")
    for plain, hashed in names.items():
        stem, _, extension = plain.rpartition(".")
        assert re.fullmatch(rf"{stem}-[0-9A-Z]{{8}}\.{extension}", hashed)
        response = client.get(f"/static/built/{hashed}")
        assert (response.status_code, response.mimetype) == (200, TYPES[extension])
        assert response.data == (assets.BUILT / hashed).read_bytes()
        assert {"public", "immutable", "max-age=31536000"} == set(response.headers["Cache-Control"].split(", "))
        again = client.get(f"/static/built/{hashed}", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("name", ["icon.svg", "share.png"])
def test_images(client: FlaskClient, name: str) -> None:
    response = client.get(f"/static/{name}", headers={"Range": "bytes=0-1,3-4"})
    assert (response.status_code, response.data) == (200, (assets.STATIC / name).read_bytes())
    modified = response.headers["Last-Modified"]
    assert client.get(f"/static/{name}", headers={"If-Modified-Since": modified}).status_code == 304
    later = {"If-Modified-Since": "Sun, 06 Nov 2094 08:49:37 GMT"}
    assert client.get(f"/static/{name}", headers=later).status_code == 200


def test_pages_load_the_bundles_by_their_hashed_names(client: FlaskClient) -> None:
    names = json.loads((assets.BUILT / "manifest.json").read_text(encoding="utf-8"))
    text = client.get("/").text
    for plain in ("pages.js", "pages.css"):
        assert f'"/static/built/{names[plain]}"' in text


@pytest.mark.parametrize("name", ["manifest.json", "none.js"])
def test_nothing_else_is_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/built/{name}").status_code == 404


def test_without_a_build_the_server_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ParkGraphError, match="make setup"):
        assets.install(Flask(__name__), tmp_path)
