"""Signatures on shared objects: canonical JSON, keys, the ring of known keys, signing and verification."""
