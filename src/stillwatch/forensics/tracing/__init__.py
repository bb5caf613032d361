"""Traitor tracing: which campaign's, which cluster's, which account's harvest was it trained on."""
