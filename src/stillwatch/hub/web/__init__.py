"""The hub on the wire: one ASGI application that authenticates, bounds what it reads, and calls the end points."""
