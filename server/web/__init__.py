"""What every route shares: negotiation, conditions, problems, pages and their languages."""
