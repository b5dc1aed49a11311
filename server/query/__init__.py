"""SPARQL queries within limits: processes, the engine and another endpoint."""
