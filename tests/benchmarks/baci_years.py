"""Synthetic years of BACI: codes, blanks and order of the real files, values of chance."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.bulk.naming import country_table, numbered

COUNTRIES = 220
PRODUCTS = 5000
ROWS = 11_000_000
SEED = 20261123

_WIDTH = 13
_WITHOUT_QUANTITY = 0.03


def write_years(folder: Path, years: range, *, rows: int, seed: int = SEED) -> list[Path]:
    """Write a CSV and a Parquet file a year, near as many rows as asked; return the CSV files."""
    paths = []
    for year in years:
        path = folder / f"BACI_HS12_Y{year}_V202401b.csv"
        parquet = path.with_suffix(".parquet")
        rng = np.random.default_rng([seed, year])
        with path.open("wb") as file, pq.ParquetWriter(parquet, _schema()) as writer:
            file.write(b"t,i,j,k,v,q\n")
            for table in _exporters(year, rows, rng):
                writer.write_table(table)
                file.write(_lines(table))
        paths.append(path)
    return paths


def _schema() -> pa.Schema:
    fields = [(name, pa.int32()) for name in ("t", "i", "j", "k")]
    return pa.schema([*fields, ("v", pa.float64()), ("q", pa.float64())])


def _exporters(year: int, rows: int, rng: np.random.Generator):  # noqa: ANN202 - tables
    """Yield the rows of one exporter after another, sorted as CEPII sorts them."""
    countries = _countries(rng)
    products = np.sort(rng.choice(np.arange(10_110, 970_700), PRODUCTS, replace=False))
    sizes = rng.lognormal(0, 1.5, COUNTRIES)
    trade = np.outer(sizes, rng.permutation(sizes))
    np.fill_diagonal(trade, 0)
    popular = rng.lognormal(0, 1, PRODUCTS)
    scale = _scale(trade, popular, rows)
    for exporter, row in zip(countries, trade, strict=True):
        chance = np.minimum(np.outer(row, popular) * scale, 1)
        importer, product = np.nonzero(rng.random(chance.shape) < chance)
        if not len(importer):
            continue
        value = np.maximum(np.round(rng.lognormal(3, 2.5, len(importer)), 3), 0.001)
        weight = np.round(value * rng.lognormal(0, 1, len(importer)), 3)
        missing = rng.random(len(importer)) < _WITHOUT_QUANTITY
        columns = [
            np.full(len(importer), year),
            np.full(len(importer), exporter),
            countries[importer],
            products[product],
            value,
            pa.array(weight, mask=missing),
        ]
        yield pa.table(dict(zip(_schema().names, columns, strict=True))).cast(_schema())


def _countries(rng: np.random.Generator) -> np.ndarray:
    """Return codes of BACI, one a country."""
    codes = numbered(country_table("baci", "code", "alpha3"), "code").to_pandas()
    one = codes.sort_values("code").drop_duplicates("alpha3")["code"]
    return np.sort(rng.choice(one[one < 1000].to_numpy(), COUNTRIES, replace=False))


def _scale(trade: np.ndarray, popular: np.ndarray, rows: int) -> float:
    """Return the factor that gives near the rows that are asked for, by bisection."""
    sample, steps = np.outer(trade.ravel()[::7], popular[::7]), 30
    low, high = 0.0, 1e6
    for _ in range(steps):
        middle = (low + high) / 2 if low else high / 10
        expected = np.minimum(sample * middle, 1).mean() * trade.size * popular.size
        low, high = (middle, high) if expected < rows else (low, middle)
        if low and high / low < 1 + 1e-4:
            break
    return high


def _lines(table: pa.Table) -> bytes:
    """Return rows as CEPII prints them: six digits, blanks before numbers, NA without quantity."""
    code = [table[name].cast(pa.string()) for name in ("t", "i", "j")]
    product = pc.utf8_lpad(table["k"].cast(pa.string()), 6, "0")
    sizes = [_printed(table["v"]), _printed(table["q"])]
    joined = pc.binary_join_element_wise(*code, product, *sizes, ",")
    return b"\n".join(joined.cast(pa.binary()).to_pylist()) + b"\n"


def _printed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    thousandths = pc.round(pc.multiply(column, 1000)).cast(pa.int64())
    whole = pc.divide(thousandths, 1000)
    rest = pc.subtract(thousandths, pc.multiply(whole, 1000)).cast(pa.string())
    text = pc.binary_join_element_wise(whole.cast(pa.string()), pc.utf8_lpad(rest, 3, "0"), ".")
    return pc.utf8_lpad(pc.fill_null(text, "NA"), _WIDTH, " ")
