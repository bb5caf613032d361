"""A watermark that survives training: keyed choices of tokens, how to mark with them and how to find them in text and weights."""
