"""Build a snapshot from indicators, accounts, registers, warning lists and a policy. Pure: the same input, the same bytes.

>>> from stillwatch.gateway.facts import Facts
>>> sources = Sources(indicators=[Indicator(kind="account", value="acct-1", confidence=99, id="own-1 (synthetic)")])
>>> snapshot = build(sources, 'schema = "stillwatch.policy/1"', number=1, created=0)
>>> [evidence.id for evidence in snapshot.meets(Facts(account_id="acct-1")).evidence]
['own-1 (synthetic)']
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.gateway.evidence import BY_ACCOUNT, BY_ADDRESS, KINDS, Indicator
from stillwatch.gateway.policy_file import read_policy
from stillwatch.gateway.snapshot.addresses import build_prefixes
from stillwatch.gateway.snapshot.hash_table import build_table, key_of
from stillwatch.gateway.snapshot.indicator_file import samples_of
from stillwatch.gateway.snapshot.registers import Entry
from stillwatch.gateway.snapshot.snapshot import (
    ACCOUNT,
    AUTHORISED,
    DISPUTED,
    EVALUATOR,
    EVIDENCE,
    RECEIVED,
    SHARED,
    STANDING,
    About,
    Snapshot,
)


@dataclass(frozen=True)
class AccountRow:
    """What is known of an account beside its traffic (contracts, section 2), as far as a decision needs it."""

    account_id: str
    org_id: str | None = None
    plan: str | None = None
    authorisation: str | None = None


@dataclass(frozen=True)
class Sources:
    """What a snapshot is made of. ``tokens``: per account the tokens of its identifiers, where somebody matched them; ``counts``:
    what is written into the snapshot about where it all came from."""

    indicators: Iterable[Indicator] = ()
    accounts: Iterable[AccountRow] = ()
    registers: Sequence[Entry] = ()
    shared_egress: Sequence[str] = ()
    tokens: Mapping[str, Sequence[str]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


class _Names:
    """Texts by number; 0 is the empty text."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


@dataclass
class _Evidence:
    """Evidence as it gathers: each distinct one once, with what leads to it."""

    names: _Names
    rows: dict[tuple[Any, ...], int] = field(default_factory=dict)
    keys: list[int] = field(default_factory=list)
    key_numbers: list[int] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    prefix_numbers: list[int] = field(default_factory=list)
    scaffolds: dict[tuple[int, str], None] = field(default_factory=dict)

    def add(self, indicator: Indicator, tokens: Mapping[str, Sequence[str]]) -> None:
        """Take in one indicator; a revoked one is left out."""
        if indicator.revoked:
            return
        number = self._number(indicator)
        if indicator.kind in BY_ADDRESS:
            self.prefixes.append(indicator.value)
            self.prefix_numbers.append(number)
        elif indicator.kind == "scaffold":
            self.scaffolds[number, indicator.value] = None
        else:
            kind = "account" if indicator.kind in BY_ACCOUNT else indicator.kind
            self._key(key_of(kind, indicator.value), number)
            for account in tokens.get(indicator.value, ()) if kind == "token" else ():
                self._key(key_of("account", account), number)

    def _key(self, key: int, number: int) -> None:
        self.keys.append(key)
        self.key_numbers.append(number)

    def _number(self, indicator: Indicator) -> int:
        flags = DISPUTED * indicator.disputed | SHARED * indicator.shared | RECEIVED * (indicator.origin == "received")
        text = f"{indicator.name}\n{indicator.statement}"
        row = (
            indicator.valid_until,
            self.names.number(indicator.member),
            KINDS.index(indicator.kind),
            indicator.confidence,
            flags,
            0,
        )
        return self.rows.setdefault((row, text), len(self.rows))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Rows, ends and texts of all evidence."""
        texts = [text.encode() for _, text in self.rows]
        ends = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)]).astype(np.uint32)
        rows = np.array([row for row, _ in self.rows], EVIDENCE)
        return {"evidence": rows, "ends": ends, "texts": np.frombuffer(b"".join(texts) or b"", np.uint8)}


def build(sources: Sources, policy_text: str, *, number: int, created: int) -> Snapshot:
    """The snapshot numbered ``number``, made at ``created`` (seconds since 1970).

    Raises NotAPolicy for a policy that is none, ValueError for a prefix that is none.
    """
    names = _Names()
    evidence = _Evidence(names)
    holders: dict[str, list[str]] = {}
    for account, tokens in sources.tokens.items():
        for token in tokens:
            holders.setdefault(token, []).append(account)
    for indicator in sources.indicators:
        evidence.add(indicator, holders)
    several = len(evidence.rows)
    accounts, account_keys, contracts = _accounts(sources.accounts, names)
    standings, standing_keys = _standings([*sources.registers, *contracts], names)
    keys = np.array([*evidence.keys, *account_keys, *standing_keys], np.uint64)
    after = several + np.arange(len(account_keys) + len(standing_keys))
    scaffolds = [(number, samples_of(value)) for number, value in evidence.scaffolds]
    sampled = [(sample, place) for place, (_, samples) in enumerate(scaffolds) for sample in samples]
    egress = list(dict.fromkeys(sources.shared_egress))
    return Snapshot(
        about=About(number, created, policy_text, names.all(), dict(sources.counts)),
        policy=read_policy(policy_text),
        **evidence.arrays(),
        accounts=accounts,
        standings=standings,
        known=build_table(keys, np.concatenate([np.array(evidence.key_numbers, np.int64), after])),
        prefixes=build_prefixes(evidence.prefixes + egress, evidence.prefix_numbers + [several] * len(egress)),
        samples=build_table(np.array([s for s, _ in sampled], np.uint64), np.array([place for _, place in sampled], np.int64)),
        scaffolds=np.array([number for number, _ in scaffolds], np.uint32),
        sizes=np.array([len(samples) for _, samples in scaffolds], np.uint32),
    )


def _accounts(rows: Iterable[AccountRow], names: _Names) -> tuple[npt.NDArray[Any], list[int], list[Entry]]:
    """The accounts that have a plan or an organisation, their keys, and the contracts that accounts name."""
    found, keys, contracts = [], [], []
    for row in rows:
        if row.plan or row.org_id:
            found.append((key_of("org", row.org_id) if row.org_id else 0, names.number(row.plan or ""), 0))
            keys.append(key_of("account", row.account_id))
        if row.authorisation:
            contracts.append(Entry("account", row.account_id, row.authorisation, evaluator=False))
    return np.array(found, ACCOUNT), keys, contracts


def _standings(entries: Sequence[Entry], names: _Names) -> tuple[npt.NDArray[Any], list[int]]:
    rows = [(entry.until, names.number(entry.name), EVALUATOR if entry.evaluator else AUTHORISED) for entry in entries]
    return np.array(rows, STANDING), [key_of(entry.kind, entry.subject) for entry in entries]
