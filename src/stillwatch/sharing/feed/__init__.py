"""The feed: what members disclosed, as a receiver keeps it: verified, guarded, merged, aged, revoked, and looked for."""
