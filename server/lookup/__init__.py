"""Reads the index of a release: names, members and facets."""
