"""Signals: one file per signal, each a pure function from measures to bits of evidence."""
