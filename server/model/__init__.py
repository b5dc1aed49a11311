"""What a release says: its descriptions, labels, shapes, vocabulary, catalog and search index; no Flask."""
