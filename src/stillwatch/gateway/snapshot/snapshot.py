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
from struct import Struct
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from stillwatch.gateway.evidence import KINDS, Evidence
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.policy import Policy
from stillwatch.gateway.policy_file import read_policy
from stillwatch.gateway.snapshot.addresses import PrefixTable, number, prefixes_from
from stillwatch.gateway.snapshot.hash_table import HashTable, key_bytes, table_from
from stillwatch.gateway.snapshot.look_up import Found, Tables, look_up

SCHEMA = "stillwatch.snapshot/1"
DISPUTED, SHARED, RECEIVED = 1, 2, 4
AUTHORISED, EVALUATOR = 1, 2
EVIDENCE = np.dtype([("until", "<u4"), ("member", "<u4"), ("kind", "u1"), ("confidence", "u1"), ("flags", "u1"), ("spare", "u1")])
ACCOUNT = np.dtype([("org", "<u8"), ("plan", "<u2"), ("spare", "<u2")])
_EVIDENCE_ROW, _ACCOUNT_ROW = Struct("<IIBBBB"), Struct("<QHH")
"""One row of these, which numpy reads slower."""
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
        found = look_up(self._tables, _keys(facts), number(facts.ip), facts.samples)
        return NOBODY if found is None else self._met(facts, found)

    @cached_property
    def _tables(self) -> Tables:
        known, prefixes, samples = self.known, self.prefixes.table, self.samples
        return Tables(
            known.slots, known.starts, known.links,
            self.prefixes.lengths, prefixes.slots, prefixes.starts, prefixes.links,
            samples.slots, samples.starts, samples.links,
        )  # fmt: skip

    def _met(self, facts: Facts, found: Found) -> Met:
        accounts = len(self.evidence)
        standings = accounts + len(self.accounts)
        against, standing, org, plan = [], [], 0, 0
        for place in found.known:
            if place < accounts:
                against.append(place)
            elif place < standings:
                org, plan, _ = _ACCOUNT_ROW.unpack_from(self._account_rows, (place - accounts) * _ACCOUNT_ROW.size)
            else:
                standing.append(self._standing(place - standings))
        if org and not facts.org_id and len(self.standings):
            under = self.known.find(np.array([org], np.uint64))
            standing += [self._standing(place - standings) for place in under if place >= standings]
        against += [place for place in found.covering if place < accounts]
        if found.samples:
            against += self._carried(found.samples)
        return Met(
            [self.evidence_at(place) for place in against] if against else (),
            standing,
            self.about.names[plan] or None,
            bool(found.covering) and max(found.covering) >= accounts,
        )

    def _carried(self, scaffolds: Sequence[int]) -> list[int]:
        """The evidence of the scaffolds, named once a sample, that carry enough of their samples here."""
        least = self.policy.scaffold_overlap
        return [int(self.scaffolds[n]) for n, count in Counter(scaffolds).items() if count >= least * int(self.sizes[n])]

    @cached_property
    def _account_rows(self) -> memoryview:
        return self.accounts.view(np.uint8).data

    @cached_property
    def _evidence_rows(self) -> memoryview:
        return self.evidence.view(np.uint8).data

    def evidence_at(self, place: int) -> Evidence:
        """The evidence of this number."""
        until, member, kind, confidence, flags, _ = _EVIDENCE_ROW.unpack_from(self._evidence_rows, place * _EVIDENCE_ROW.size)
        name, _, statement = self.texts[self.ends[place] : self.ends[place + 1]].tobytes().decode().partition("\n")
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


def _keys(facts: Facts) -> bytes:
    keys = key_bytes("account", facts.account_id)
    if facts.org_id:
        keys += key_bytes("org", facts.org_id)
    if facts.client_fingerprint:
        keys += key_bytes("client_fingerprint", facts.client_fingerprint)
    for token in facts.tokens:
        keys += key_bytes("token", token)
    return keys


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
