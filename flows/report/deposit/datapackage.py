"""
The processed data sets, described for programs and catalogues.

Frictionless Data, Data Package 2.0, https://datapackage.org/standard/data-package/
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from flows.loaders.sealed import check_seal, open_parquet
from flows.report.deposit.metadata import write_json
from flows.report.deposit.variables import find_variable
from flows.sources import Source, file_sha256

_TYPES = {
    pa.types.is_boolean: "boolean",
    pa.types.is_integer: "integer",
    pa.types.is_floating: "number",
    pa.types.is_temporal: "date",
}


def datapackage_json(sources: Sequence[Source], tables: Sequence[Path]) -> str:
    """Return datapackage.json: one resource for the processed table of each data set."""
    return write_json(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": "flows-processed",
            "title": "Statements about flows of goods, one table for each data set and vintage",
            "resources": [
                _resource(source, table) for source, table in zip(sources, tables, strict=True)
            ],
        }
    )


def _resource(source: Source, table: Path) -> dict[str, object]:
    check_seal(table)
    with open_parquet(table) as parquet:
        fields = [_field(field, source.loader) for field in parquet.schema_arrow]
        rows = parquet.metadata.num_rows
    return {
        "name": source.id.replace("@", "_"),
        "title": source.title,
        "description": source.coverage,
        "path": table.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": table.stat().st_size,
        "hash": f"sha256:{file_sha256(table)}",
        "rows": rows,
        "schema": {"fields": fields},
        "licenses": [{"title": source.licence, "path": source.address}],
        "sources": [{"title": source.citation, "path": source.address, "version": source.vintage}],
    }


def _field(field: pa.Field, layout: str) -> dict[str, str]:
    kind = next((name for is_kind, name in _TYPES.items() if is_kind(field.type)), "string")
    described = {"name": field.name, "type": kind}
    if variable := find_variable(field.name, kind="data", of=layout):
        described["description"] = variable.label
        if variable.unit:
            described["unit"] = variable.unit
    return described
