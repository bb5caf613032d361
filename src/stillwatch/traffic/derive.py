"""From requests to derived rows: the one pass over texts. Keys, sketches and numbers go on; no text does.

``derive`` is a function from Arrow batch to Arrow batch, so every engine can run it where the rows are. Row *i* of the
output is row *i* of the input.

>>> batch = pa.RecordBatch.from_pylist([{"request_id": "r", "ts": 0, "account_id": "a", "model": "m", "prompt": "Hi"}])
>>> derive(batch).column("text_bytes").to_pylist()
[2]
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import Hashes
from stillwatch.traffic.fingerprint import TOPIC_SIZE, sketches
from stillwatch.traffic.keys import address_prefix, combine, keys
from stillwatch.traffic.schema import REQUESTS

READ = (
    "request_id",
    "ts",
    "account_id",
    "model",
    "org_id",
    "ip",
    "user_agent",
    "client_fingerprint",
    "operation",
    "conversation_id",
    "n_messages",
    "system_prompt",
    "prompt",
    "tools",
    "temperature",
    "top_p",
    "n",
    "max_output_tokens",
    "top_logprobs",
    "reasoning_requested",
    "reasoning_blocks",
    "stream",
    "input_tokens",
    "output_tokens",
    "status",
)
"""The columns of ``requests`` that are read; the rest is never touched."""
RECURRENT = ("account_id", "model", "org_id", "ip", "user_agent", "client_fingerprint", "operation", "system_prompt")
"""Columns of texts that recur: ``derive`` takes them as dictionaries, too, and then works on each text once."""

_CARRIED = ("n_messages", "tools", "n", "max_output_tokens", "top_logprobs", "input_tokens", "output_tokens", "status")
_SAMPLING = ("temperature", "top_p", "max_output_tokens", "stream")


def derive(batch: pa.RecordBatch) -> pa.RecordBatch:
    """One batch of canonical requests (READ columns; absent ones count as null) to the derived rows that measures use."""
    given = {name: _column(batch, name) for name in READ}
    system_samples, system = _per_distinct(given["system_prompt"])
    prompt_samples, prompt, topics = sketches(given["prompt"])
    columns = {
        "request": keys(given["request_id"]),
        "account": keys(given["account_id"]),
        "account_id": given["account_id"].cast(pa.string()),
        "org_id": given["org_id"].cast(pa.string()),
        "ts": given["ts"],
        "hour": pc.cast(pc.divide(pc.cast(given["ts"], pa.int64()), 3_600_000_000), pa.int32()),
        "model": keys(given["model"]),
        "ip": keys(given["ip"]),
        "prefix": keys(address_prefix(given["ip"])),
        "user_agent": keys(given["user_agent"]),
        "client_fingerprint": keys(given["client_fingerprint"]),
        "operation": keys(given["operation"]),
        "conversation": keys(given["conversation_id"]),
        "system": system,
        "text": combine(system, prompt),
        "text_bytes": pc.cast(pc.fill_null(pc.binary_length(given["prompt"]), 0), pa.int32()),
        "sampling": _sampling(given),
        "temperature": given["temperature"],
        "reasoning": given["reasoning_requested"],
        "reasoning_blocks": _block_keys(given["reasoning_blocks"]),
        "system_samples": system_samples,
        "prompt_samples": prompt_samples,
        "topic": pa.FixedSizeBinaryArray.from_buffers(pa.binary(TOPIC_SIZE), batch.num_rows, [None, pa.py_buffer(topics)]),
    }
    columns |= {name: given[name] for name in _CARRIED}
    return pa.RecordBatch.from_pydict(columns)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    field = REQUESTS.field(name)
    where = batch.schema.get_field_index(name)
    if where < 0:
        return pa.nulls(batch.num_rows, field.type)
    column = batch.column(where)
    if pa.types.is_dictionary(column.type) and column.type.value_type == field.type:
        return column
    return column if column.type == field.type else column.cast(field.type)


def _per_distinct(texts: pa.Array) -> tuple[pa.Array, Hashes]:
    """Sketches of a column in which few texts recur often: each distinct text is worked on once.

    Only the first row of a batch that has a text carries its samples; the others have null.
    """
    coded = texts.dictionary_encode()
    known = coded.dictionary.cast(pa.string())
    samples, whole, _ = sketches(pa.concat_arrays([known, pa.array([""])]))
    codes = pc.fill_null(coded.indices, len(known)).to_numpy()
    distinct, first = np.unique(codes, return_index=True)
    carrier = np.full(len(codes), -1, np.int64)
    carrier[first] = distinct
    return pc.take(samples, pa.array(carrier, mask=carrier < 0)), whole[codes]


def _sampling(given: dict[str, pa.Array]) -> Hashes:
    """One key for how answers are sampled, as the client library or its user set it."""
    key = np.zeros(len(given["ts"]), np.uint64)
    for name in _SAMPLING:
        key = combine(key, keys(given[name]))
    return key


def _block_keys(blocks: pa.Array) -> pa.Array:
    """The keys of reasoning blocks sent in, per row; null where there are none."""
    if blocks.null_count == len(blocks):
        return pa.nulls(len(blocks), pa.large_list(pa.uint64()))
    hashed = pa.array(keys(blocks.flatten()))
    lengths = pc.fill_null(pc.list_value_length(blocks), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return pa.LargeListArray.from_arrays(pa.array(offsets), hashed)
