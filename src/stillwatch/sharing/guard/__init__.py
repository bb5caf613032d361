"""The guard at the border: what may leave a provider, field by field, and why; everything not allowed by name stays."""
