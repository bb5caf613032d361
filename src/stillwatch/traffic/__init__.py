"""Traffic: the input tables, one reader per log format, scaffold fingerprints, the engine, and simulated traffic."""
