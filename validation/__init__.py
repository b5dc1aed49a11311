"""Validates what clients send, records of a project or RDF, in processes of its own; the server knows it by name."""
