"""Licences as the list of SPDX names them (https://spdx.org/licenses/), which tools compare with."""

from __future__ import annotations

import re

_LICENCES = "http://spdx.org/licenses/"
# The addresses of licences in their various forms, without scheme and final slash → ids; the first group is the kind,
# the second the version.
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/(by(?:-nc)?(?:-nd|-sa)?|zero)/(\d\.\d)"
    r"(?:/(?:legalcode|deed)(?:\.\w+)?)?"
)
_OTHERS = {
    "www.apache.org/licenses/license-2.0": "Apache-2.0",
    "opensource.org/licenses/mit": "MIT",
    "opensource.org/license/mit": "MIT",
    "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
    "www.gnu.org/licenses/gpl-3.0.html": "GPL-3.0-only",
    "www.nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "www.etalab.gouv.fr/licence-ouverte-open-licence": "etalab-2.0",
    "www.govdata.de/dl-de/by-2-0": "DL-DE-BY-2.0",
    "www.govdata.de/dl-de/zero-2-0": "DL-DE-ZERO-2.0",
}


def spdx_licence(iri: str) -> str | None:
    """The IRI of a licence in the list of SPDX; None where it is not known there by that address."""
    text = iri.partition("://")[2].rstrip("/").lower()
    if match := _CREATIVE_COMMONS.fullmatch(text.removeprefix("www.")):
        kind, version = match.groups()
        return f"{_LICENCES}{'CC0' if kind == 'zero' else f'CC-{kind.upper()}'}-{version}"
    return _LICENCES + _OTHERS[text] if text in _OTHERS else None
