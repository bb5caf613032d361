"""Where requests come from: ASGI, LiteLLM, external authorisation; from what comes in to facts."""
