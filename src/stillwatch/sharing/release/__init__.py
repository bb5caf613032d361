"""Releases: what a member lets across the border: prepared, examined, approved by people, signed, recorded, written."""
