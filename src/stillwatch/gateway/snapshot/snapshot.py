"""A snapshot: policy and evidence at one time, immutable, with everything that a request may meet found in a few look-ups.

Evidence and the accounts' standing are numbered through: numbers below ``len(evidence)`` are evidence, those after them rows of
``accounts``, those after them entries of the registers. ``samples`` leads from a sample to scaffolds, ``prefixes`` from an address
to evidence; its numbers from ``len(evidence)`` on mean shared egress.

``snapshot_build.build`` makes one, ``shelf`` keeps and swaps them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from stillwatch.gateway.evidence import KINDS, Evidence
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.policy import Policy
from stillwatch.gateway.policy_file import read_policy
from stillwatch.gateway.snapshot.addresses import PrefixTable, number, prefixes_from
from stillwatch.gateway.snapshot.hash_table import HashTable, key_of, table_from
from stillwatch.traffic.buffers import Hashes

SCHEMA = "stillwatch.snapshot/1"
DISPUTED, SHARED, RECEIVED = 1, 2, 4
AUTHORISED, EVALUATOR = 1, 2
EVIDENCE = np.dtype([("until", "<u4"), ("member", "<u4"), ("kind", "u1"), ("confidence", "u1"), ("flags", "u1"), ("spare", "u1")])
ACCOUNT = np.dtype([("org", "<u8"), ("plan", "<u2"), ("spare", "<u2")])
STANDING = np.dtype([("until", "<u4"), ("name", "<u4"), ("kind", "<u4")])


class About(msgspec.Struct, frozen=True):
    """What a snapshot says of itself; ``created`` in seconds since 1970; ``names`` are members, plans, contracts and evaluators."""

    number: int
    created: int
    policy: str
    names: list[str]
    sources: dict[str, int] = {}
    schema: str = SCHEMA


class Standing(msgspec.Struct, frozen=True):
    """An entry of the registers that covers an account: a contract, or a registered evaluator; ``until``: 0 for no end."""

    evaluator: bool
    name: str
    until: int = 0


class Met(msgspec.Struct, frozen=True):
    """What a request meets in a snapshot, expired or not."""

    evidence: Sequence[Evidence] = ()
    standing: Sequence[Standing] = ()
    plan: str | None = None
    shared_egress: bool = False


NOBODY = Met()


@dataclass(frozen=True)
class Snapshot:
    """See the module. ``texts`` holds id and statement of each evidence, cut at ``ends``; ``scaffolds`` numbers the evidence of
    each scaffold, ``sizes`` counts its samples."""

    about: About
    policy: Policy
    evidence: npt.NDArray[Any]
    ends: npt.NDArray[np.uint32]
    texts: npt.NDArray[np.uint8]
    accounts: npt.NDArray[Any]
    standings: npt.NDArray[Any]
    known: HashTable
    prefixes: PrefixTable
    samples: HashTable
    scaffolds: npt.NDArray[np.uint32]
    sizes: npt.NDArray[np.uint32]

    @property
    def number(self) -> int:
        """Its number; later ones are greater."""
        return self.about.number

    @cached_property
    def stale_at(self) -> float:
        """Seconds since 1970 from which on it is stale."""
        return self.about.created + self.policy.snapshot_hours * 3600

    def meets(self, facts: Facts) -> Met:
        """All that speaks of a request, its account and where it comes from."""
        numbers = self.known.find(_keys(facts))
        covering = self.prefixes.covering(number(facts.ip)) if facts.ip else []
        scaffolds = self._carried(facts.samples) if len(facts.samples) else []
        if not (numbers or covering or scaffolds):
            return NOBODY
        return self._met(facts, numbers, covering, scaffolds)

    def _met(self, facts: Facts, numbers: list[int], covering: list[int], scaffolds: list[int]) -> Met:
        several = len(self.evidence)
        rows = [n - several for n in numbers if n >= several]
        account = next((self.accounts[row] for row in rows if row < len(self.accounts)), None)
        standing = [self._standing(row - len(self.accounts)) for row in rows if row >= len(self.accounts)]
        if account is not None and account["org"] and not facts.org_id:
            under = self.known.find(np.array([account["org"]], np.uint64))
            standing += [self._standing(n - several - len(self.accounts)) for n in under if n >= several + len(self.accounts)]
        against = [n for n in (*numbers, *covering) if n < several] + scaffolds
        return Met(
            evidence=[self.evidence_at(n) for n in against],
            standing=standing,
            plan=self.about.names[account["plan"]] or None if account is not None else None,
            shared_egress=any(n >= several for n in covering),
        )

    def _carried(self, samples: Hashes) -> list[int]:
        """The evidence of the scaffolds that carry enough of their samples here."""
        found = self.samples.find(samples)
        if not found:
            return []
        least = self.policy.scaffold_overlap
        return [int(self.scaffolds[n]) for n, count in Counter(found).items() if count >= least * int(self.sizes[n])]

    def evidence_at(self, place: int) -> Evidence:
        """The evidence of this number."""
        until, member, kind, confidence, flags, _ = self.evidence[place].item()
        name, _, statement = bytes(self.texts[self.ends[place] : self.ends[place + 1]]).decode().partition("\n")
        origin, disputed, shared = "received" if flags & RECEIVED else "own", bool(flags & DISPUTED), bool(flags & SHARED)
        return Evidence(KINDS[kind], origin, confidence, name, self.about.names[member], until, disputed, shared, statement)

    def evidence_named(self, name: str) -> Evidence | None:
        """One piece of evidence with this id, or None; it looks through all of them."""
        texts, wanted, at = self.texts.tobytes(), name.encode() + b"\n", 0
        while (at := texts.find(wanted, at)) >= 0:
            place = int(np.searchsorted(self.ends, at, side="right")) - 1
            if self.ends[place] == at:
                return self.evidence_at(place)
            at += 1
        return None

    def _standing(self, place: int) -> Standing:
        until, name, kind = self.standings[place].item()
        return Standing(kind == EVALUATOR, self.about.names[name], until)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays by name, as ``snapshot_from`` takes them."""
        own = {name: getattr(self, name) for name in _OWN}
        return own | self.known.arrays("known") | self.prefixes.arrays("prefixes") | self.samples.arrays("samples")


_OWN = ("evidence", "ends", "texts", "accounts", "standings", "scaffolds", "sizes")
_DTYPES = {"evidence": EVIDENCE, "accounts": ACCOUNT, "standings": STANDING}


def _keys(facts: Facts) -> Hashes:
    keys = [key_of("account", facts.account_id)]
    if facts.org_id:
        keys.append(key_of("org", facts.org_id))
    if facts.client_fingerprint:
        keys.append(key_of("client_fingerprint", facts.client_fingerprint))
    keys += [key_of("token", token) for token in facts.tokens]
    return np.array(keys, np.uint64)


def snapshot_from(about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Snapshot:
    """The snapshot that ``about`` and ``arrays`` (see ``snapshot_file.read``) describe.

    Raises msgspec.ValidationError, KeyError or a policy's error if they describe none.
    """
    said = msgspec.convert(about, About)
    if said.schema != SCHEMA:
        raise KeyError(said.schema)
    own: dict[str, Any] = {name: arrays[name].view(_DTYPES[name]) if name in _DTYPES else arrays[name] for name in _OWN}
    return Snapshot(
        about=said,
        policy=read_policy(said.policy, f"policy of snapshot {said.number}"),
        known=table_from(arrays, "known"),
        prefixes=prefixes_from(arrays, "prefixes"),
        samples=table_from(arrays, "samples"),
        **own,
    )
