"""The console: the analysts' pages over a scan, its cases and what is shared, served by the provider for its own people."""
