"""What a gateway writes down: decisions, pardons, corrections, entries of the ledger."""
