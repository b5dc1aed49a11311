"""Releases from Python: opened from a folder or a URL, as an rdflib Dataset, as frames, or asked in SPARQL.

    import parkgraph

    release = parkgraph.open("https://data.example.org/")
    print(release.title, release.id, release.licence)
    parks = release.frame("Park", library="polars", names="en")

docs/python.md explains each call. Importing this module loads nothing but the standard library; what a call needs is
loaded by the call.
"""

from parkgraph.answers import Answer
from parkgraph.releases import Release, open  # noqa: A004 - as gzip.open

__all__ = ["Answer", "Release", "open"]
