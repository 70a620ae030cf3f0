"""A block of series as rows of Arrow: what a worker makes of it, here or on a cluster."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from flows.models.sample import FloatArray, Regime
from flows.screening.breaks import AllChoice
from flows.screening.fits import Fit, describe_series, fit_series

_BREAK = pa.struct(
    {
        "break_date": pa.int32(),
        "low": pa.int32(),
        "high": pa.int32(),
        "before": pa.float64(),
        "after": pa.float64(),
        "pvalue": pa.float64(),
    }
)

_FITTED = {
    "log": ("log_growth_pct", "log_low", "log_high", "log_pvalue", "log_reason"),
    "poisson": (
        *("poisson_growth_pct", "poisson_low", "poisson_high"),
        *("poisson_pvalue", "poisson_reason"),
    ),
    "level": ("level_change", "level_low", "level_high", "level_pvalue", "level_reason"),
    "breaks": ("breaks", "break_pvalue", "break_reason"),
    "local": (
        *("local_level", "local_std_error"),
        *("local_noise_sd", "local_shock_sd", "local_reason"),
    ),
}
"""Columns of a screen by what is fitted, in their order."""


def schema_of(by: Sequence[str], fits: Sequence[Fit]) -> pa.Schema:
    """Return the columns of :func:`rows_of_block`."""
    keys = [*by, *(name for name in ("reporter", "unit") if name not in by)]
    kinds = {name: pa.string() for name in keys}
    kinds |= dict.fromkeys(("first", "last", "nobs", "zeros"), pa.int32())
    kinds |= dict.fromkeys(("mean", "latest"), pa.float64())
    for fit in fits:
        kinds |= {name: _kind(name) for name in _FITTED[fit]}
    return pa.schema({**kinds, "values": pa.list_(pa.float64()), "found": pa.list_(_BREAK)})


def _kind(name: str) -> pa.DataType:
    if name.endswith("_reason"):
        return pa.string()
    return pa.int32() if name == "breaks" else pa.float64()


def rows_of_block(
    keys: pa.Table,
    values: FloatArray,
    first_year: int,
    *,
    by: Sequence[str],
    fits: Sequence[Fit],
    regime: Regime,
    choose: AllChoice | int,
    level: float,
) -> pa.RecordBatch:
    """
    Return one row a series: what tells it apart, what was fitted, its values and its breaks.

    ``values``: shape ``(series, years)``, NaN where nothing is stated; ``found``: a list of breaks
    a series, their dates as years.
    """
    periods = pd.period_range(f"{first_year}", periods=values.shape[1], freq="Y")
    fitted = fit_series(values, periods, fits, regime=regime, choose=choose, level=level)
    described = describe_series(values, periods)
    years = {name: described.pop(name).year for name in ("first", "last")}
    schema = schema_of(by, fits)
    columns = {
        **{name: keys[name].combine_chunks() for name in keys.column_names},
        **years,
        **described,
        **fitted.columns,
        "values": _lists(values),
        "found": _by_series(fitted.breaks, len(values)),
    }
    return pa.RecordBatch.from_pydict({name: columns[name] for name in schema.names}, schema=schema)


def _lists(values: FloatArray) -> pa.Array:
    """Return the values of each series as a list."""
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))


def _by_series(breaks: pd.DataFrame, count: int) -> pa.Array:
    """Return the breaks of each series as a list."""
    dates = (
        {name: breaks[name].dt.year for name in ("break_date", "low", "high")}
        if len(breaks)
        else {}
    )
    cells = breaks.assign(**dates)
    rows = pa.StructArray.from_arrays(
        [pa.array(cells[field.name], type=field.type) for field in _BREAK], fields=list(_BREAK)
    )
    ends = np.cumsum(np.bincount(breaks["series"].to_numpy(dtype=np.int64), minlength=count))
    return pa.ListArray.from_arrays(pa.array([0, *ends], type=pa.int32()), rows)
