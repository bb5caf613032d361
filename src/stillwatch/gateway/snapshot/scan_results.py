"""What the last scan found, as indicators: members of campaigns, their scaffolds, and accounts that harvest alone.

Confidence is 100 (1 - q), rounded down: the scan's false discovery rate at which the finding still stands (contracts, section 3).
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.gateway.evidence import Indicator

WORTH_KEEPING = 0.1
"""An account without a campaign is kept from this q-value down."""
_SCHEMA = "stillwatch.campaigns/1"
_CURE = "name the folder that `stillwatch scan` wrote"


class _Scaffold(msgspec.Struct, frozen=True):
    fingerprint: str


class _Campaign(msgspec.Struct, frozen=True):
    id: str
    accounts: list[str]
    q_value: float
    requests: int = 0
    coordination_bits: float = 0.0
    harvest_bits: float = 0.0
    severity: str = ""
    scaffolds: list[_Scaffold] = []


class _Campaigns(msgspec.Struct, frozen=True):
    campaigns: list[_Campaign]
    schema: str


def scan_indicators(folder: Path) -> list[Indicator]:
    """All indicators in a scan's result folder. Raises NoReadableInput if there is none."""
    found = _campaigns(folder / "campaigns.json")
    members = {account for campaign in found for account in campaign.accounts}
    return [
        *(indicator for campaign in found for indicator in _of_campaign(campaign)),
        *_alone(folder / "accounts.parquet", members),
    ]


def confidence(q_value: float) -> int:
    """A q-value as confidence, 0 to 100."""
    return max(0, min(100, int(100 * (1 - q_value) + 1e-9)))


def _campaigns(path: Path) -> list[_Campaign]:
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Campaigns)
    except OSError as error:
        raise NoReadableInput(f"cannot be read ({error.strerror})", place=str(path), cure=_CURE) from error
    except msgspec.MsgspecError as error:
        raise NoReadableInput(f"is no result of a scan: {error}", place=str(path), cure=_CURE) from error
    if document.schema != _SCHEMA:
        raise NoReadableInput(f"is of another version: {document.schema}", place=str(path), cure="scan again with this version")
    return document.campaigns


def _of_campaign(campaign: _Campaign) -> Iterator[Indicator]:
    sure = confidence(campaign.q_value)
    statement = (
        f"campaign of {len(campaign.accounts)} accounts and {campaign.requests} requests, "
        f"severity {campaign.severity or 'not given'}, coordination {campaign.coordination_bits:.1f} "
        f"and harvest {campaign.harvest_bits:.1f} bits, q {campaign.q_value:.3g}"
    )
    for account in campaign.accounts:
        yield Indicator(kind="campaign", value=account, confidence=sure, id=campaign.id, statement=statement)
    for scaffold in campaign.scaffolds:
        yield Indicator(
            kind="scaffold",
            value=scaffold.fingerprint,
            confidence=sure,
            id=f"{campaign.id} {scaffold.fingerprint.partition('.')[0]}",
            statement=f"scaffold of the {statement}",
        )


def _alone(path: Path, members: set[str]) -> Iterator[Indicator]:
    """Accounts outside every campaign whose own traffic stands out."""
    if not path.exists():
        return
    import pyarrow as pa  # only a build reads Parquet; a running gateway starts without it
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=["account_id", "q_value", "harvest_bits"])
    except (OSError, pa.ArrowInvalid) as error:
        raise NoReadableInput(f"is no table of accounts: {error}", place=str(path), cure=_CURE) from error
    for row in table.to_pylist():
        q_value = row["q_value"]
        if q_value is not None and q_value <= WORTH_KEEPING and row["account_id"] not in members:
            yield Indicator(
                kind="harvest",
                value=row["account_id"],
                confidence=confidence(q_value),
                id=f"harvest:{row['account_id']}",
                statement=f"harvests alone: {row['harvest_bits']:.1f} bits, q {q_value:.3g}",
            )
