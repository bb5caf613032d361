"""STIX 2.1: what a provider discloses of a campaign as standard objects, and what others disclosed, read with suspicion."""
