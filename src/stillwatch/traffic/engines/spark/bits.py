"""Keys where there are no unsigned numbers: Spark holds the 64 bits of a key as a signed number, Ibis and we know them as unsigned.

Equality is the same either way, and so is 0; order is not, and no measure asks for it. Lists and binary values get the
Arrow types that Spark reads.

>>> signed(pa.table({"account": pa.array([2**64 - 1], pa.uint64())}))["account"].to_pylist()
[-1]
"""

import ibis
import pyarrow as pa
import pyarrow.types as pt

_NAMES = {
    pa.string(): "string",
    pa.bool_(): "boolean",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.uint64(): "bigint",
    pa.float64(): "double",
    pa.binary(): "binary",
    pa.timestamp("us", tz="UTC"): "timestamp",
}


def spark_type(kind: pa.DataType) -> str:
    """How Spark's SQL calls the type in which it holds values of an Arrow type of ours."""
    if pt.is_list(kind) or pt.is_large_list(kind):
        return f"array<{spark_type(kind.value_type)}>"
    return _NAMES[pa.binary() if pt.is_fixed_size_binary(kind) else kind]


def columns(schema: pa.Schema) -> str:
    """The columns of an Arrow schema of ours as Spark's SQL declares them."""
    return ", ".join(f"`{field.name}` {spark_type(field.type)}" for field in schema)


def ibis_schema(schema: pa.Schema) -> ibis.Schema:
    """The same columns as Ibis knows them: keys unsigned."""
    fields = [field.with_type(pa.binary()) if pt.is_fixed_size_binary(field.type) else field for field in schema]
    return ibis.Schema.from_pyarrow(pa.schema(fields))


def signed(table: pa.Table) -> pa.Table:
    """The table as Spark takes it in."""
    return pa.table(
        {
            name: pa.chunked_array([held(chunk) for chunk in table[name].chunks] or [held(_none(table, name))])
            for name in table.column_names
        }
    )


def _none(table: pa.Table, name: str) -> pa.Array:
    return pa.array([], table.schema.field(name).type)


def held(values: pa.Array) -> pa.Array:
    """An array of ours in the type in which Spark holds it, bit by bit."""
    kind = values.type
    if pt.is_uint64(kind):
        return values.view(pa.int64())
    if pt.is_fixed_size_binary(kind):
        return values.cast(pa.binary())
    if pt.is_large_list(kind):
        lists = pa.LargeListArray.from_arrays(values.offsets, held(values.values), mask=values.is_null())
        return lists.cast(pa.list_(lists.type.value_type))
    return values


def unsigned(table: pa.Table, schema: ibis.Schema) -> pa.Table:
    """What Spark hands back, in the types that Ibis says it has."""
    wanted = schema.to_pyarrow()
    return pa.table([_returned(table[field.name], field.type) for field in wanted], schema=wanted)


def _returned(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pt.is_uint64(kind):
        return pa.chunked_array([chunk.cast(pa.int64()).view(pa.uint64()) for chunk in column.chunks], pa.uint64())
    return column.cast(kind)
