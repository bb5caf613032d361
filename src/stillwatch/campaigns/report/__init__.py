"""The report: one self-contained page about a scan, its charts as pure functions from values to SVG."""
