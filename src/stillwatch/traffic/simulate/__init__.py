"""Simulated traffic, seeded and labelled, after the threat model. Every text and identifier in it is synthetic."""
