"""Ways in: the front page, search, lists, pictures."""
