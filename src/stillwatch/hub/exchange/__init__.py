"""What reached whom: the feed of changes, deliveries and receipts, the trace of an object, appeals."""
