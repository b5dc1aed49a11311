"""The dumps of a release: the same content gives the same bytes; docs/dumps.md has the list."""
