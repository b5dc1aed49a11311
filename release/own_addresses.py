"""Addresses below the base IRI at which the server has pages of its own, and data that use them all the same.

What the data say of such an IRI is at `/doc?iri=…`; at the address itself is the page of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ntriples import decode_iri, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

# Whole paths below the base, and beginnings of paths; at `ontology` only a release with a vocabulary has pages.
PAGES = (
    *(
        "",
        ".well-known/void",
        "SHA256SUMS",
        "SHA256SUMS.sig",
        "catalog",
        "changes",
        "completion",
        "doc",
        "health",
        "history",
    ),
    *(
        "history",
        "linkset",
        "list",
        "llms.txt",
        "manifest.json",
        "mcp",
        "metrics",
        "names",
        "network",
        "ontology",
        "openapi.json",
        "opensearch.xml",
        "queries",
        "query",
    ),
    *("ready", "reconcile", "reconcile/preview", "reconcile/properties", "releases", "robots.txt", "schema-card"),
    *("search", "sitemap.xml", "sparql", "store", "timemap", "tree", "validate"),
)
BEGINNINGS = (
    "catalog.",
    "doc.",
    "doc/",
    "dumps/",
    "history.",
    "ontology/",
    "query/",
    "reconcile/suggest/",
    "release/",
    "releases.",
    "sitemap-",
    "static/",
)


def used(release: Release) -> Iterator[str]:
    """For each such address, the first IRI that the data describe there."""
    lines, base = release.open_quads(), release.base
    beginnings = [f"{path}{end}" for path in PAGES for end in (">", "#", "?")] + list(BEGINNINGS)
    for beginning in sorted(beginnings):
        if beginning.startswith("ontology") and release.manifest.ontology is None:
            continue
        line = next(lines.beginning(f"<{base}{beginning}".encode()), None)
        if line is not None:
            yield decode_iri(split(line)[0])
    lines.close()
