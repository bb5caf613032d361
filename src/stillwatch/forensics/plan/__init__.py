"""The plan: everything that could be chosen to suit the result is chosen, and frozen, before the suspect is looked at."""
