"""What of the Spark engine needs no Spark: how keys are held, how failures are told, which version may run."""

import pickle
from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch import __version__
from stillwatch.traffic.derive import READ, derive
from stillwatch.traffic.engines.spark import bits
from stillwatch.traffic.engines.spark.failure import failed, failures
from stillwatch.traffic.engines.spark.kernel import derived_in_worker, derived_schema
from stillwatch.traffic.schema import REQUESTS

keys = st.integers(0, 2**64 - 1)


@settings(max_examples=50)
@given(st.lists(keys), st.lists(st.none() | st.lists(keys, max_size=3)))
def test_keys_come_back_as_they_went(single: list[int], lists: list[list[int] | None]) -> None:
    table = pa.table({"key": pa.array(single, pa.uint64())})
    assert bits.unsigned(bits.signed(table), ibis.Schema.from_pyarrow(table.schema)).equals(table)
    held = bits.held(pa.array(lists, pa.large_list(pa.uint64())))
    assert held.type == pa.list_(pa.int64())
    assert [row and [number % 2**64 for number in row] for row in held.to_pylist()] == lists


def test_the_kernel_in_a_worker_derives_what_derive_does() -> None:
    row = {
        "request_id": "r",
        "ts": datetime(2026, 10, 1, tzinfo=UTC),
        "account_id": "a",
        "model": "m",
        "prompt": "A synthetic question",
    }
    batch = pa.RecordBatch.from_pylist([{name: row.get(name) for name in READ}], REQUESTS)
    (out,) = derived_in_worker(__version__)(iter([batch, batch.slice(0, 0)]))
    assert out.num_rows == 1
    assert out.column("text").to_pylist()[0] % 2**64 == derive(batch).column("text").to_pylist()[0]
    assert out.schema.names == derived_schema().names


def test_a_worker_of_another_version_stops() -> None:
    with pytest.raises(RuntimeError, match="another version of stillwatch"):
        list(derived_in_worker("0.0.0")(iter([])))


@pytest.mark.parametrize(
    ("said", "what", "place"),
    [
        ("ModuleNotFoundError: No module named 'stillwatch'", "the Python of the workers has no stillwatch", "Spark"),
        (
            "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file file:///logs/b.parquet. SQLSTATE: KD001",
            "cannot be read",
            "file:///logs/b.parquet",
        ),
        ("java.io.IOException: No space left on device", "a disk of the cluster is full", "Spark"),
        ("ExecutorLostFailure (executor 1 exited caused by one of the running tasks)", "workers were lost", "Spark"),
        ("java.lang.OutOfMemoryError: Java heap space", "out of memory", "Spark"),
        ("\nsomething new\nat line 2", "something new", "Spark"),
    ],
)
def test_what_spark_says_becomes_cause_and_cure(said: str, what: str, place: str) -> None:
    error = failed(RuntimeError(said))
    assert what in error.what
    assert error.place == place
    assert "no result was written" in error.cure


def test_an_error_that_is_not_sparks_stays_what_it_is() -> None:
    with pytest.raises(pickle.PickleError), failures():
        raise pickle.PickleError("a bug of ours")
