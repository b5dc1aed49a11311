"""What a release says: its descriptions, labels, shapes, vocabulary and lists; no Flask."""
