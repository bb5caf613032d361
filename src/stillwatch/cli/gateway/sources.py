"""Everything that a snapshot is made of, gathered from files."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from stillwatch.cli.gateway.feed import received_indicators
from stillwatch.cli.gateway.released import marked_shared, released_ids
from stillwatch.errors import UsageError
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.policy_file import default_policy_text, load_policy
from stillwatch.gateway.snapshot.indicator_file import load_indicators
from stillwatch.gateway.snapshot.registers import load_registers
from stillwatch.gateway.snapshot.scan_results import scan_indicators
from stillwatch.gateway.snapshot.snapshot_build import AccountRow, Sources
from stillwatch.gateway.snapshot.warning_list import load_warning_list
from stillwatch.sharing.feed.effect import standings
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.traffic.accounts import load_accounts


def gathered(
    *,
    scan: Path | None,
    feed: Path | None,
    epoch: str | None,
    indicators: Sequence[Path],
    accounts: Path | None,
    tokens: Path | None,
    registers: Path | None,
    shared_egress: Sequence[Path],
    released: Path,
    now: datetime,
) -> Sources:
    """The sources of a snapshot. Raises an error with place and cure for what cannot be read."""
    scanned = list(marked_shared(scan_indicators(scan), released_ids(released))) if scan else []
    received = _received(feed, epoch, now) if feed else []
    further = [indicator for path in indicators for indicator in load_indicators(path)]
    rows = list(_accounts(accounts)) if accounts else []
    entries = load_registers(registers) if registers else []
    egress = [prefix for path in shared_egress for prefix in load_warning_list(path)]
    counts = {
        "from_scan": len(scanned),
        "from_feed": len(received),
        "further_indicators": len(further),
        "accounts": len(rows),
        "register_entries": len(entries),
        "shared_egress": len(egress),
    }
    return Sources([*scanned, *received, *further], rows, entries, egress, _tokens(tokens) if tokens else {}, counts)


def policy_text(policy: Path | None, folder: Path) -> str:
    """The policy's text: of the named file, of ``policy.toml`` in the folder, or the one that ships with this version."""
    path = policy or folder / "policy.toml"
    return load_policy(path)[1] if policy or path.exists() else default_policy_text()


def _received(feed: Path, epoch: str | None, now: datetime) -> list[Indicator]:
    with FeedStore.existing(feed) as store:
        return list(received_indicators(standings(store.facts(), store.opinions(), now), epoch))


def _accounts(path: Path) -> Iterator[AccountRow]:
    columns = ["account_id", "org_id", "plan", "authorisation"]
    for batch in load_accounts(path).select(columns).to_batches(max_chunksize=65_536):
        for row in batch.to_pylist():
            yield AccountRow(**row)


class _Holder(msgspec.Struct, forbid_unknown_fields=True):
    account_id: str
    token: str


def _tokens(path: Path) -> dict[str, list[str]]:
    """By account its tokens, from JSON Lines."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    decode = msgspec.json.Decoder(_Holder).decode
    try:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    holder = decode(line)
                except msgspec.MsgspecError as error:
                    raise UsageError(str(error), place=f"{path}:{number}", cure="each line: account_id and token") from error
                found[holder.account_id].append(holder.token)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", place=str(path), cure="name a file of JSON Lines") from error
    return dict(found)
