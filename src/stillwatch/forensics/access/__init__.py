"""Access to models: the one place from which models are called, whether by text, by log-probabilities or by their weights."""
