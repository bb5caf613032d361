"""Replays: a policy over past traffic beside the one in force, worked out in the background; nobody is acted upon."""
