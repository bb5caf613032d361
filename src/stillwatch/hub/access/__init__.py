"""Who asks, and what they may see: members, keys, roles, groups, audiences."""
