"""The input tables of the data contract, as Arrow schemas: ``requests``, ``accounts``, ``events``.

Rules: only the REQUIRED columns must be there; every other one may be absent or null. Times are UTC, to the
microsecond. Columns that are not listed are ignored. There is no country, nationality or language column, on purpose.

>>> REQUESTS.field("ts").type
TimestampType(timestamp[us, tz=UTC])
"""

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")

REQUESTS = pa.schema(
    [
        ("request_id", pa.string()),
        ("ts", TIMESTAMP),
        ("account_id", pa.string()),
        ("model", pa.string()),
        ("org_id", pa.string()),
        ("end_user_id", pa.string()),
        ("ip", pa.string()),
        ("asn", pa.int64()),
        ("user_agent", pa.string()),
        ("client_fingerprint", pa.string()),
        ("access_path", pa.string()),
        ("operation", pa.string()),
        ("conversation_id", pa.string()),
        ("n_messages", pa.int64()),
        ("system_prompt", pa.string()),
        ("prompt", pa.string()),
        ("completion", pa.string()),
        ("tools", pa.int64()),
        ("temperature", pa.float64()),
        ("top_p", pa.float64()),
        ("n", pa.int64()),
        ("max_output_tokens", pa.int64()),
        ("top_logprobs", pa.int64()),
        ("reasoning_requested", pa.bool_()),
        ("reasoning_blocks", pa.list_(pa.string())),
        ("stream", pa.bool_()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("cached_tokens", pa.int64()),
        ("status", pa.int64()),
        ("latency_ms", pa.float64()),
    ]
)
"""One row per API request (contracts, section 1)."""

REQUIRED = ("request_id", "ts", "account_id", "model")
"""The columns of REQUESTS that every row must carry."""

ACCOUNTS = pa.schema(
    [
        ("account_id", pa.string()),
        ("org_id", pa.string()),
        ("created_at", TIMESTAMP),
        ("plan", pa.string()),
        ("payment_fingerprint", pa.string()),
        ("email_domain", pa.string()),
        ("email_pattern", pa.string()),
        ("phone_prefix", pa.string()),
        ("device_id", pa.string()),
        ("verification", pa.string()),
        ("referrer", pa.string()),
        ("authorisation", pa.string()),
        ("state", pa.string()),
        ("state_ts", TIMESTAMP),
    ]
)
"""One row per account (contracts, section 2); only ``account_id`` must be there."""

EVENTS = pa.schema([("ts", TIMESTAMP), ("kind", pa.string()), ("subject", pa.string())])
"""Events that explain or frame traffic: ``model_release``, ``ban_wave``, ``price_change``, …"""
