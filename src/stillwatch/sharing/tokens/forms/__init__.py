"""The normal form of each kind of identifier, one kind a file: pure functions from text to text."""
