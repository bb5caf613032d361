"""Campaigns: links between accounts, clusters, significance, techniques, rival explanations, the report."""
