"""Stands before the application: what is kept, coded or sent without it."""
