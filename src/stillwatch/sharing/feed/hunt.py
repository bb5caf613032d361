"""The hunt: one's own past traffic looked through for what others disclosed, batch by batch, with the fingerprints of the scan.

Rules: texts are sketched where they are and left there. A scaffold is found at an account that shows enough of its samples over
all its requests (``stix/scaffold.py``); how many requests carry it is the count of its most frequent sample. Clients and networks
are found where they stand; tokens by making the tokens of one's own identifiers under the same key. A find is a reason to look,
not proof.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sharing.feed.find import Find, Trace, Traces, find_over, gathered
from stillwatch.sharing.feed.identifiers import canonical_only
from stillwatch.sharing.feed.met import met
from stillwatch.sharing.feed.quarry import Network, Quarry
from stillwatch.sharing.stix.scaffold import is_near
from stillwatch.sharing.tokens.tokeniser import Tokeniser, tokens
from stillwatch.traffic.schema import REQUESTS

COLUMNS = ("account_id", "ts", "prompt", "system_prompt", "client_fingerprint", "ip")
"""The columns of requests that a hunt reads; all but the first two may be absent."""

_COLUMN_OF = {"client-fingerprint": "client_fingerprint", "ip-address": "ip", "account-name": "account_id"}
"""The column in which an identifier of this kind stands."""

_NOTHING: Mapping[str, Mapping[str, str]] = {}

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass
class Hunt:
    """A hunt in progress: batches go in with ``look``, finds come out.

    ``values`` holds, by kind of identifier, what of the wanted clients, networks and kinds of tokens was met at which account.
    """

    quarry: Quarry
    samples: Traces = field(default_factory=lambda: defaultdict(Trace))
    values: dict[str, Traces] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Trace)))

    def __post_init__(self) -> None:
        every = sorted({sample for samples in self.quarry.scaffolds.values() for sample in samples})
        self._wanted = np.array(every, np.uint64)
        self._kinds = frozenset(token.kind for token in self.quarry.tokens)

    def look(self, batch: pa.RecordBatch) -> None:
        """Look through a batch of requests (COLUMNS)."""
        given = {name: _column(batch, name) for name in COLUMNS}
        if len(self._wanted):
            rows, samples = met(given["prompt"], given["system_prompt"], self._wanted)
            _count(self.samples, given, rows, pa.array(samples))
        for kind, wanted in (("client-fingerprint", self._client), ("ip-address", self._address), ("account-name", self._account)):
            column = given[_COLUMN_OF[kind]]
            rows = np.flatnonzero(wanted(column))
            if len(rows):
                _count(self.values[kind], given, rows, column.take(pa.array(rows)))

    def finds(self) -> list[Find]:
        """What was found of scaffolds, clients and networks in the batches so far, by kind and target."""
        clients, addresses = self.values["client-fingerprint"].items(), self.values["ip-address"].items()
        with_client = ((account, trace, self.quarry.clients.get(str(value), ())) for (account, value), trace in clients)
        in_network = ((account, trace, _holding(str(value), self.quarry.networks)) for (account, value), trace in addresses)
        return [
            *self._scaffolds(),
            *gathered("client-fingerprint", with_client, add=True),
            *gathered("network", in_network, add=True),
        ]

    def token_finds(self, tokeniser: Tokeniser, attributes: Mapping[str, Mapping[str, str]] = _NOTHING) -> list[Find]:
        """What was found of tokens: those of one's own identifiers are made with ``tokeniser``.

        ``attributes`` holds, by kind (``payment-fingerprint``, ``device-id``, ``email``), the identifier of each account that has
        one. Raises what the tokeniser raises.
        """
        own: dict[str, Traces] = {kind: traces for kind, traces in self.values.items() if kind in self._kinds}
        for kind in self._kinds & attributes.keys():
            own[kind] = {
                (account, attributes[kind][account]): trace
                for (account, _), trace in self.values["account-name"].items()
                if account in attributes[kind]
            }
        entries = (entry for kind, traces in own.items() for entry in self._with_tokens(kind, traces, tokeniser))
        return list(gathered("token", entries, add=False))

    def _with_tokens(self, kind: str, traces: Traces, tokeniser: Tokeniser) -> Iterator[tuple[str, Trace, Iterable[str]]]:
        pairs = canonical_only((kind, value) for value in sorted({str(value) for _, value in traces}))
        made = {value: token for (_, value), token in zip(pairs, tokens(tokeniser, pairs), strict=True)}
        for (account, value), trace in traces.items():
            if token := made.get(str(value)):
                yield account, trace, self.quarry.tokens.get(token, ())

    def _client(self, column: pa.Array) -> Flags:
        if "client-fingerprint" in self._kinds:
            return _present(column)
        flags: Flags = pc.is_in(column, pa.array(sorted(self.quarry.clients), pa.string())).to_numpy(zero_copy_only=False)
        return flags

    def _address(self, column: pa.Array) -> Flags:
        if "ip-address" in self._kinds:
            return _present(column)
        if not self.quarry.networks:
            return np.zeros(len(column), bool)
        coded = pc.fill_null(column, "").dictionary_encode()
        inside = np.array([bool(_holding(text, self.quarry.networks)) for text in coded.dictionary.to_pylist()], bool)
        rows: Flags = inside[coded.indices.to_numpy()]
        return rows

    def _account(self, column: pa.Array) -> Flags:
        of_accounts = self._kinds - {"client-fingerprint", "ip-address"}
        return _present(column) if of_accounts else np.zeros(len(column), bool)

    def _scaffolds(self) -> Iterator[Find]:
        at: dict[int, dict[str, Trace]] = defaultdict(dict)
        for (account, sample), trace in self.samples.items():
            at[int(sample)][account] = trace
        for target, samples in self.quarry.scaffolds.items():
            found: dict[str, list[Trace]] = defaultdict(list)
            for sample in samples:
                for account, trace in at.get(sample, {}).items():
                    found[account].append(trace)
            near = {account: traces for account, traces in found.items() if is_near(len(traces), len(samples))}
            if near:
                yield find_over(target, "scaffold", max(map(len, near.values())) / len(samples), near)


def _count(traces: Traces, given: Mapping[str, pa.Array], rows: Ints, values: pa.Array) -> None:
    """Count requests by account and value; ``values`` are those at ``rows``."""
    taken = pa.array(rows)
    times = pc.cast(given["ts"].take(taken), pa.int64())
    table = pa.table({"account": given["account_id"].take(taken), "value": values, "ts": times})
    grouped = table.group_by(["account", "value"]).aggregate([("ts", "count"), ("ts", "min"), ("ts", "max")])
    for entry in grouped.to_pylist():
        traces[entry["account"], entry["value"]].add(entry["ts_count"], entry["ts_min"], entry["ts_max"])


def _holding(text: str, networks: Mapping[Network, Iterable[str]]) -> set[str]:
    """The targets of all networks that hold an address; none if the text is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return set()
    return {target for network, targets in networks.items() if address in network for target in targets}


def _present(column: pa.Array) -> Flags:
    flags: Flags = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return flags


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = REQUESTS.field(name).type
    where = batch.schema.get_field_index(name)
    return pa.nulls(batch.num_rows, kind) if where < 0 else batch.column(where).cast(kind)
