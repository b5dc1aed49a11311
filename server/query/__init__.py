"""SPARQL queries within limits: processes, queues, quotas, the engine and another endpoint."""
