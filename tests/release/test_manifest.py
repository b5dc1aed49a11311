"""The manifest of a release, and the id that comes from it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.progress import Progress
from core.uri_template import UriTemplateError
from release.manifest import Dataset, Manifest
from release.source import Source
from release.writer import build

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = "mailto:editors@lights.example?subject={value}"


def test_where_to_report_mistakes_is_part_of_the_identity_only_where_it_is_said(tmp_path: Path) -> None:
    """A release without it has the id and the manifest that it had before there was such a field."""
    line = b"<http://lights.example/id/a> <http://lights.example/b> <http://lights.example/id/c> .\n"
    manifest = build(Source([line], "http://lights.example/", Dataset({"en": "Lights"})), tmp_path, Progress()).manifest
    assert manifest.identity() == manifest.id
    assert "corrections" not in json.loads(manifest.to_json())["dataset"]
    with_it = replace(manifest, dataset=replace(manifest.dataset, corrections=TEMPLATE))
    assert with_it.identity() != manifest.id
    assert Manifest.from_json(with_it.to_json()) == with_it
    assert Manifest.from_json(manifest.to_json()) == manifest


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("javascript:alert({value})", "it does not begin with one of mailto:, https://, http://"),
        ("{+page}", "it does not begin with one of mailto:, https://, http://"),
        ("https://lights.example/{thing}", "there is no variable 'thing'"),
    ],
)
def test_a_template_leads_to_mail_or_a_page(template: str, reason: str) -> None:
    with pytest.raises(UriTemplateError, match=reason):
        Dataset({"en": "Lights"}, corrections=template)
