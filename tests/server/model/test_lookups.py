"""What pages tell of other resources, however much is said of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.namespaces import RDF_TYPE, RDFS
from tests.server.conftest import html_of, publishing

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://harbour.example/"
LABEL, TERMS = RDFS + "label", BASE + "terms#"
FACTS = {
    "few": ['"short"'],
    "many": [f'"{number}"' for number in range(400)],  # more lines than are remembered
    "long": [f'"{"x" * 200_000}"'],  # one line that is longer than what is read at once
    "both": ['"' + "y" * 40_000 + '"', *(f'"{number}"' for number in range(400))],
}


@pytest.mark.parametrize("first", ["aaa", "zzz"])  # properties before, and behind, that of the name
def test_names_of_resources_of_any_size(tmp_path: Path, first: str) -> None:
    lines = [f'<{BASE}id/quay> <{LABEL}> "Quay"@en .\n']
    for name, values in FACTS.items():
        ship = f"<{BASE}id/ship/{name}>"
        lines += [f"{ship} <http://{first}.example/said> {value} .\n" for value in values]
        lines += [f'{ship} <{LABEL}> "The {name} one"@en .\n', f'{ship} <{LABEL}> "Das {name}"@de .\n']
        lines += [f"{ship} <{RDF_TYPE}> <{TERMS}Ship> .\n", f"{ship} <{TERMS}at> <{BASE}id/quay> .\n"]
    data = tmp_path / "harbour.nt"
    data.write_text("".join(lines), encoding="utf-8")
    with publishing(data, tmp_path / "releases", BASE) as client:
        html = html_of(client, "/doc/quay")
        for name in FACTS:
            assert f">The {name} one<" in html
        german = html_of(client, "/doc/quay?lang=de")
        assert all(f">Das {name}<" in german for name in FACTS)
