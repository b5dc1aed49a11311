"""Features and their collections in GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from server.model.serialization import UnwritableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.model.positions import Place


def feature(iri: str | None, place: Place | None, properties: Mapping[str, Any]) -> dict[str, Any]:
    """A Feature; without a place its geometry is null (RFC 7946, 3.2). Positions have the longitude first (3.1.1)."""
    geometry = None
    if place:
        latitude, longitude = (float(degrees.value) for degrees in place)
        geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    identifier = {"id": iri} if iri else {}
    return {"type": "Feature", **identifier, "geometry": geometry, "properties": properties}


def feature_collection(features: Iterable[Mapping[str, Any]], members: Mapping[str, str]) -> Iterator[str]:
    """A FeatureCollection in pieces, a feature on each line. members: what it says of itself (RFC 7946, 6.1)."""
    yield _text({"type": "FeatureCollection", **members})[:-1] + ', "features": ['
    separator = "\n"
    for one in features:
        yield separator + _text(one)
        separator = ",\n"
    yield "\n]}\n"


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def without_places() -> UnwritableError:
    """Why there is no GeoJSON of what is nowhere."""
    return UnwritableError("GeoJSON shows where things are, and nothing in this answer has coordinates")
