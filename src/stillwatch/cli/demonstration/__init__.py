"""The whole system shown on one machine: two providers, a hub and a proxy with the gateway; all data is synthetic."""
