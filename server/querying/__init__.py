"""Has queries answered: in processes of its own, or by another endpoint, within limits."""
