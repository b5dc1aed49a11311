"""What a release offers to be taken home, and what releases there are."""
