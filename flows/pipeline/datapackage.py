"""The description of the processed tables as a Frictionless data package."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.sources import Source, file_sha256

_TYPES = {
    pa.types.is_boolean: "boolean",
    pa.types.is_integer: "integer",
    pa.types.is_floating: "number",
    pa.types.is_temporal: "date",
}
_MEANINGS = {
    "exporter": "where the goods leave, ISO 3166-1 alpha-3",
    "importer": "where the goods arrive, ISO 3166-1 alpha-3",
    "reporter": "who says so",
    "start": "first day of the period",
    "end": "last day of the period, included",
    "product": "code of the goods",
    "classification": "whose code it is",
    "value": "in the unit that the column unit names",
    "unit": "USD, or TIV in million SIPRI trend-indicator values",
    "low": "lower bound that the source states, in the same unit",
    "high": "upper bound that the source states, in the same unit; empty where it states none",
    "valuation": "FOB, CIF or empty",
    "partner_basis": "origin, consignment, destination or empty",
    "coverage": "what the source counts",
    "partner_name": "the partner as the file names it",
    "estimate": "the source flags the row as its own estimate",
    "dataset": "catalogue id with its vintage",
    "line": "line in the raw file",
}


def datapackage_json(sources: Sequence[Source], tables: Sequence[Path]) -> str:
    """
    Describe processed tables for programs and catalogues.

    Parameters
    ----------
    sources : sequence of Source
        Where each table comes from.
    tables : sequence of pathlib.Path
        Its Parquet file, in the same order.

    Returns
    -------
    str
        A Frictionless data package: name, path, hash, size, columns, terms and source of each.

    Raises
    ------
    ValueError
        If there are not as many tables as sources.
    OSError
        If a table cannot be read.

    References
    ----------
    .. [1] Frictionless Data, Data Package 2.0, https://datapackage.org/standard/data-package/

    Examples
    --------
    >>> json.loads(datapackage_json([], []))["resources"]
    []
    """
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "flows-processed",
        "title": "Statements about flows of goods, one table for each data set and vintage",
        "resources": [
            _resource(source, table) for source, table in zip(sources, tables, strict=True)
        ],
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(source: Source, table: Path) -> dict[str, object]:
    parquet = pq.ParquetFile(table)
    return {
        "name": source.id.replace("@", "_"),
        "title": source.title,
        "description": source.coverage,
        "path": table.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": table.stat().st_size,
        "hash": f"sha256:{file_sha256(table)}",
        "rows": parquet.metadata.num_rows,
        "schema": {"fields": [_field(field) for field in parquet.schema_arrow]},
        "licenses": [{"title": source.licence, "path": source.address}],
        "sources": [{"title": source.citation, "path": source.address, "version": source.vintage}],
    }


def _field(field: pa.Field) -> dict[str, str]:
    kind = next((name for is_kind, name in _TYPES.items() if is_kind(field.type)), "string")
    described = {"name": field.name, "type": kind}
    if field.name in _MEANINGS:
        described["description"] = _MEANINGS[field.name]
    return described
