"""HTML pages: what templates are given."""
