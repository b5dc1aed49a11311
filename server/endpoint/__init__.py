"""The routes that take queries: the SPARQL protocols, saved queries, the editor."""
