"""A scan's result as cases are opened from it: the campaigns with their digests, and the rows of their accounts.

Rules: the digest is of the bytes as they were read. What is no result of a scan is refused with its place; nothing is opened from
half a file. Masked texts of scaffolds are dropped here: a store of cases holds no text of requests.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.campaigns.campaign import SCHEMA, Campaign, Campaigns, Run
from stillwatch.errors import NoReadableInput

_CURE = "name the folder that scan wrote, or the campaigns.json in it"
_BITS = "bits_"
_MOST_COUNTED = 2**62
_MOST_BITS = 1000.0


class Row(msgspec.Struct, frozen=True):
    """A row of ``accounts.parquet`` at its place, from 0."""

    row: int
    account_id: str
    campaign_id: str
    figures: dict[str, Any]
    bits: dict[str, float]


class Scan(msgspec.Struct, frozen=True):
    """A result as read: ``path`` and ``sha256`` of ``campaigns.json``; ``accounts_sha256`` is empty without
    ``accounts.parquet``.
    """

    path: str
    sha256: str
    run: Run
    campaigns: list[Campaign]
    rows: dict[str, list[Row]] = {}
    accounts_sha256: str = ""

    def pointers(self) -> dict[str, str]:
        """Where each campaign stands in the file, as a JSON pointer (RFC 6901), by its id."""
        return {each.id: f"/campaigns/{place}" for place, each in enumerate(self.campaigns)}


def read_scan(path: Path) -> Scan:
    """The result in a folder that scan wrote, or in a ``campaigns.json``; account rows if ``accounts.parquet`` is beside it.

    Raises NoReadableInput for what is no such result, or tells one campaign twice.
    """
    file = path / "campaigns.json" if path.is_dir() else path
    content = _bytes(file)
    result = _decoded(content, file)
    if len({each.id for each in result.campaigns}) < len(result.campaigns):
        raise NoReadableInput("two campaigns have one id", place=str(file), cure=_CURE)
    for place, each in enumerate(result.campaigns):
        if wrong := _implausible(each):
            raise NoReadableInput(f"a figure that no scan writes: {wrong}", place=f"{file}#/campaigns/{place}", cure=_CURE)
    rows, digest = _account_rows(file.parent / "accounts.parquet", result.campaigns)
    bare = [without_text(each) for each in result.campaigns]
    return Scan(str(file.resolve()), hashlib.sha256(content).hexdigest(), result.run, bare, rows, digest)


def without_text(campaign: Campaign) -> Campaign:
    """The campaign without the masked texts of its scaffolds."""
    bare = [msgspec.structs.replace(scaffold, text=None) for scaffold in campaign.scaffolds]
    return msgspec.structs.replace(campaign, scaffolds=bare)


def masked_texts(path: Path, campaign_id: str) -> dict[str, str]:
    """The masked texts that a ``campaigns.json`` has of a campaign's scaffolds, by fingerprint. Raises NoReadableInput."""
    found = [each for each in _decoded(_bytes(path), path).campaigns if each.id == campaign_id]
    return {scaffold.fingerprint: scaffold.text for each in found for scaffold in each.scaffolds if scaffold.text}


def _decoded(content: bytes, file: Path) -> Campaigns:
    try:
        result = msgspec.json.decode(content, type=Campaigns)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoReadableInput(f"no result of a scan ({error})", place=str(file), cure=_CURE) from error
    if result.schema != SCHEMA:
        raise NoReadableInput(f"its schema is {result.schema!r:.60}, not {SCHEMA}", place=str(file), cure=_CURE)
    return result


def _implausible(campaign: Campaign) -> str:
    """The first figure that no scan writes; empty if all could be."""
    counts = {"requests": campaign.requests, "input_tokens": campaign.input_tokens, "output_tokens": campaign.output_tokens}
    counts |= {f"evidence of {each.signal}": min(each.accounts, each.requests) for each in campaign.evidence}
    counts |= {f"scaffold {each.fingerprint}": each.accounts for each in campaign.scaffolds}
    weights = {"coordination_bits": campaign.coordination_bits, "harvest_bits": campaign.harvest_bits, "q_value": campaign.q_value}
    weights |= {f"evidence of {each.signal}": each.bits for each in campaign.evidence}
    weights |= {f"alternative {each.hypothesis}": each.bits for each in campaign.alternatives}
    wrong = [name for name, count in counts.items() if not 0 <= count < _MOST_COUNTED]
    wrong += [name for name, weight in weights.items() if not abs(weight) <= _MOST_BITS]
    return "" if campaign.id and not wrong else f"{wrong[0] if wrong else 'an empty id':.80}"


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(file), cure=_CURE) from error


def _account_rows(file: Path, campaigns: Sequence[Campaign]) -> tuple[dict[str, list[Row]], str]:
    """The rows of accounts that are in a campaign, by campaign, and the file's digest; nothing if there is no such file."""
    if not file.is_file():
        return {}, ""
    content = _bytes(file)
    try:
        table = pq.read_table(pa.BufferReader(content))
        table = table.append_column("row", pa.array(range(len(table)), pa.int64()))
        table = table.filter(
            pc.is_in(table["campaign_id"].cast(pa.string()), pa.array([each.id for each in campaigns], pa.string()))
        )
        rows: dict[str, list[Row]] = {}
        for row in _rows(table):
            rows.setdefault(row.campaign_id, []).append(row)
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise NoReadableInput(f"no table of accounts ({error})", place=str(file), cure="run the scan again") from error
    return rows, hashlib.sha256(content).hexdigest()


def _rows(table: pa.Table) -> Iterator[Row]:
    """Bits apart from figures; what is null is left out."""
    plain = {"row", "account_id", "campaign_id"}
    for record in table.to_pylist():
        told = {name: value for name, value in record.items() if name not in plain and value is not None}
        bits = {name.removeprefix(_BITS).replace("_", " "): v for name, v in told.items() if name.startswith(_BITS)}
        figures = {name: value for name, value in told.items() if not name.startswith(_BITS)}
        yield Row(record["row"], record["account_id"], record["campaign_id"], figures, bits)
