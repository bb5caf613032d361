"""What a gateway remembers of accounts: bounded, over restarts, over processes."""
