"""Serves one release folder over HTTP, read-only; knows RDF, SPARQL and HTTP, and no word of any domain."""
