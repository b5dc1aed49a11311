"""HTTP semantics that routes share: negotiation, conditional requests, problems, languages."""
