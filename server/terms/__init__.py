"""The vocabulary of a release as pages."""
