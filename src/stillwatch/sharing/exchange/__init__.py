"""The exchange with a hub, or any other TAXII 2.1 server: fetch, send, watch, and have tokens evaluated."""
