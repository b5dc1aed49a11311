"""Documents about resources: what they say, and how pages show it."""
