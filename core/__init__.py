"""Formats, namespaces, the SPARQL lexer and other code that all packages use; imports none of them."""

__version__ = "0.1.0"
