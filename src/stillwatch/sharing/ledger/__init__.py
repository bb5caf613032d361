"""The ledger: an append-only Merkle log of what left, what was refused, who read and who decided."""
