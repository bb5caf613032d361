"""Clients and networks of a campaign: what its accounts alone have counts, what everybody has does not."""

import pyarrow as pa

from stillwatch.sharing.release.traces import Traces
from stillwatch.sharing.stix.extensions import ClientFingerprint, Network

CAMPAIGN = [f"c{i}" for i in range(6)]
OTHERS = [f"o{i}" for i in range(30)]


def batch(rows: list[tuple[str, str | None, str | None]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"account_id": a, "client_fingerprint": c, "ip": ip} for a, c, ip in rows])


def test_only_what_the_campaign_alone_has_is_told() -> None:
    traces = Traces(CAMPAIGN)
    traces.add(batch([(account, "t13d_campaign", f"198.51.100.{i}") for i, account in enumerate(CAMPAIGN)]))
    traces.add(batch([(account, "t13d_common", "203.0.113.1") for account in CAMPAIGN + OTHERS]))
    traces.add(batch([(account, "no fingerprint at all!", "10.0.0.1") for account in CAMPAIGN]))
    traces.add(batch([(account, "t13d_pair", None) for account in CAMPAIGN[:2]] + [("c0", None, "nonsense")]))
    assert traces.clients() == [ClientFingerprint(client_fingerprint="t13d_campaign", accounts=6)]
    assert traces.networks() == [Network(prefix="198.51.100.0/24", accounts=6)]


def test_columns_may_be_absent() -> None:
    traces = Traces(CAMPAIGN)
    traces.add(pa.RecordBatch.from_pylist([{"account_id": "c0"}]))
    assert (traces.clients(), traces.networks()) == ([], [])
