"""Was this model distilled from ours, and by whom: tests whose chance is our own, and reports that say what they do not show."""
