"""Every shared expression compiles to the SQL of the warehouses that docs/spark.md names. None is run there."""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir
import pytest

from stillwatch.traffic import admission, measures
from stillwatch.traffic.derive import READ
from stillwatch.traffic.engines.spark.bits import ibis_schema
from stillwatch.traffic.engines.spark.kernel import derived_schema
from stillwatch.traffic.engines.spark.stored import PLACED

DIALECTS = ("bigquery", "snowflake", "clickhouse", "trino", "databricks", "duckdb")


def expressions() -> dict[str, ir.Table]:
    """The measures and the rules of admission, over tables that are only names."""
    rows = ibis.table(ibis_schema(derived_schema()), name="derived")
    stored = ibis.table(ibis_schema(PLACED), name="stored")
    accounts = ibis.table({"account": "uint64"}, name="chosen_accounts")
    chosen = ibis.table({"label": "int64", "sample": "uint64"}, name="chosen_samples")
    shared = ibis.table({"sample": "uint64"}, name="shared")
    used = ibis.table({"sample": "uint64", "account": "uint64", "requests": "int64"}, name="uses")
    texts = ibis.table({"label": "int64", "text": "uint64"}, name="chosen_texts")
    hits, found = measures.prompt_hits(rows), measures.system_hits(rows)
    systems = ibis.table(found.schema(), name="system_hits")
    ends = datetime(2015, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    repeated = admission.repeated_ids(stored)
    return {
        "account_measures": measures.account_measures(rows),
        "values": measures.values(rows, "ip"),
        "shared_samples": measures.shared_samples(used),
        "uses": measures.uses(hits),
        "sample_totals": measures.sample_totals(hits, shared),
        "system_hits": found,
        "system_uses": measures.system_uses(systems),
        "system_totals": measures.system_totals(systems),
        "carrying": measures.carrying(rows, hits, chosen),
        "carried_texts": measures.carried_texts(rows, hits, chosen, accounts),
        "carried_manner": measures.carried_manner(rows, texts, accounts),
        "work": measures.work(rows, accounts, 120),
        "replayed_blocks": measures.replayed_blocks(rows),
        "asked_for": measures.asked_for(rows, 490_000),
        "hourly": measures.hourly(rows, accounts),
        "counts": admission.counts(stored, *ends),
        "refused": admission.refused(stored, *ends),
        "admitted": admission.admitted(stored, *ends),
        "without_repeats": admission.without_repeats(stored, repeated),
        "further_copies": admission.further_copies(stored, repeated),
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_expression_compiles(dialect: str) -> None:
    for name, expression in expressions().items():
        assert "SELECT" in ibis.to_sql(expression, dialect=dialect), name


def test_no_key_stands_in_an_expression_as_a_number() -> None:
    """A key is unsigned here and signed there; 0 is the same in both."""
    for expression in expressions().values():
        numbers = [int(part) for part in str(ibis.to_sql(expression, dialect="duckdb")).split() if part.isdigit()]
        assert all(number < 2**63 for number in numbers)


def test_what_is_placed_is_what_is_read() -> None:
    assert set(PLACED.names) == {*READ, "source", "line"}
