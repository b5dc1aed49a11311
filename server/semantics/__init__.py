"""HTTP semantics (RFC 9110) and the SPARQL Protocol as functions of a WSGI environ, for web and query processes."""
