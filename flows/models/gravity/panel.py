"""The panel of a gravity model: what every pair traded in every year, with covariates of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.errors import PeriodError, SampleError, SchemaError, ScopeError
from flows.geography import check_covariates, covariate_names
from flows.measure.checks import select_flows, span_stated, states_years
from flows.measure.covering import stated_reason
from flows.measure.pair_years import PAIR, PairSelection, in_window, pair_years
from flows.models.quasi_likelihood import BoolArray
from flows.scope import check_all_there, scope_of
from flows.table import Rows

CELL = [*PAIR, "year"]

Absent = Literal["zero", "missing"]
Missing = Literal["refuse", "leave out"]

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class GravityPanel:
    """
    Trade of pairs by year, sorted, and what became of other rows.

    ``frame``: columns ``exporter``, ``importer``, ``year``, ``value`` and one a covariate;
    ``covariates``: their names; ``unit``: of the values; ``rows``: lines of the raw files by data
    set; ``assumed``: whether there is no row and zero was taken, shape ``(nobs,)``; ``left_out``:
    reason for each pair and year without a covariate.
    """

    frame: pd.DataFrame
    covariates: tuple[str, ...]
    unit: str
    rows: Rows
    assumed: BoolArray
    left_out: pd.Series


def gravity_panel(
    table: pd.DataFrame,
    covariates: pd.DataFrame,
    regressors: Sequence[str] | None,
    *,
    selection: PairSelection,
    domestic: pd.DataFrame | None,
    missing: Missing,
) -> GravityPanel:
    """Return what every pair traded in every whole year, beside covariates of the pair."""
    cells = pair_years(table, _stated_only(selection))
    trade = cells.frame[[*CELL, "value"]]
    _check_not_negative(trade)
    stated = trade.assign(assumed=False)
    square = (
        stated
        if selection.absent == "missing"
        else _squared(table, selection, trade, cells.left_out)
    )
    whole = square if domestic is None else _with_domestic(square, domestic)
    checked = check_covariates(covariates)
    names = _names(covariate_names(checked), regressors)
    joined = _joined(whole, checked, names)
    kept, left_out = _complete(joined, names, missing)
    return GravityPanel(
        frame=kept.drop(columns="assumed"),
        covariates=names,
        unit=cells.unit,
        rows=cells.rows,
        assumed=kept["assumed"].to_numpy(),
        left_out=left_out,
    )


def own_panel(
    panel: pd.DataFrame,
    regressors: Sequence[str] | None,
    *,
    start: int | None,
    end: int | None,
    missing: Missing,
) -> GravityPanel:
    """Return the panel that somebody made: one row a flow, regressors beside it."""
    lacking = [name for name in (*CELL, "value") if name not in panel.columns]
    if lacking:
        raise SchemaError(
            f"without covariates: expected a panel with the columns {', '.join(CELL)}, value and "
            f"regressors, found no {', '.join(lacking)}; of a flow table give covariates="
        )
    names = _names(covariate_names(panel.drop(columns="value")), regressors)
    frame = panel[[*CELL, "value", *names]].sort_values(CELL, ignore_index=True)
    if frame[CELL].isna().any(axis=None):
        raise SchemaError("expected an exporter, an importer and a year in every row, found none")
    if not pd.api.types.is_numeric_dtype(frame["value"]):
        raise SchemaError(f"value: expected numbers, found {frame['value'].dtype}")
    _check_stated_once(frame)
    _check_not_negative(frame)
    first, last = frame["year"].min(), frame["year"].max()
    inside = frame["year"].between(first if start is None else start, last if end is None else end)
    if not inside.any():
        raise SchemaError(
            f"expected flows in the years asked for, found none among {len(frame)} flows of "
            f"{first} to {last}"
        )
    _check_finite(frame, names)
    kept, left_out = _complete(frame[inside].reset_index(drop=True), names, missing)
    return GravityPanel(
        frame=kept,
        covariates=names,
        unit="",
        rows={},
        assumed=np.zeros(len(kept), dtype=bool),
        left_out=left_out,
    )


def _names(there: Sequence[str], regressors: Sequence[str] | None) -> tuple[str, ...]:
    """Return the regressors that are asked for; by default all, but for a distance in km."""
    if regressors is None:
        return tuple(name for name in there if name != "km")
    if isinstance(regressors, str):
        raise ValueError(f"regressors: expected a list of columns, found {regressors!r}")  # noqa: TRY004 - like other arguments
    lacking = [name for name in regressors if name not in there]
    if lacking:
        raise SchemaError(
            f"regressors: expected columns of numbers, found no {', '.join(lacking)}; there are: "
            f"{', '.join(there)}"
        )
    return tuple(regressors)


def _stated_only(selection: PairSelection) -> PairSelection:
    return PairSelection(
        selection.start, selection.end, selection.calendar, "missing", None, selection.wanted
    )


def _check_not_negative(trade: pd.DataFrame) -> None:
    wrong = trade[~(np.isfinite(trade["value"]) & (trade["value"] >= 0))]
    if len(wrong):
        raise SchemaError(
            f"expected finite values that are not negative, found {len(wrong)} "
            f"({named_cells(wrong)}: {wrong['value'].iloc[0]:g})"
        )


def _check_stated_once(trade: pd.DataFrame) -> None:
    twice = trade[trade.duplicated(CELL)]
    if len(twice):
        raise SchemaError(
            f"expected each pair once in a year, found {len(twice)} again ({named_cells(twice)}); "
            "sum them, or choose one of them"
        )


def _check_finite(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        wrong = frame[np.isinf(frame[name].to_numpy(dtype="float64"))]
        if len(wrong):
            raise SchemaError(f"{name}: expected finite numbers, found {named_cells(wrong)}")


def named_cells(cells: pd.DataFrame) -> str:
    """Name the first of several pairs and years."""
    shown = cells[CELL].head(_SHOWN).astype("str").agg(" ".join, axis="columns")
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return f"{', '.join(shown)}{more}"


def _squared(
    table: pd.DataFrame, selection: PairSelection, trade: pd.DataFrame, left_out: pd.Series
) -> pd.DataFrame:
    """
    Return every pair of countries that trade in a year, zero where the source would have a row.

    A source that counts all imports of a country would have a row of each of them, and one that
    counts all its exports of each of those; what neither counts stays missing, and so does a year
    of a country that is not there as a whole (``left_out``, by reporter and year).
    """
    rows = in_window(select_flows(table, **selection.wanted), selection.start, selection.end)
    dataset = str(rows["dataset"].iloc[0])
    if not states_years(rows):
        raise PeriodError(
            f"absent='zero': expected a data set that says which years it counts, found {dataset}: "
            "a pair without a row may be missing rather than zero; sum files of BACI by flows "
            "convert FILE -o totals.parquet --by exporter,importer,year and load these, or use "
            "absent='missing', which fits the flows that are stated"
        )
    years = set(span_stated(rows))
    scope = scope_of(dataset)
    if scope is None or scope.partners != "all":
        found = "no statement of it" if scope is None else f"partners: {scope.partners}"
        raise ScopeError(
            f"absent='zero': expected a data set that counts all partners, found {found} in "
            f"{dataset}: a pair without a row may have traded; use absent='missing', which fits "
            "the flows that are stated, and says so"
        )
    grids = []
    for year, stated in trade.groupby("year", sort=True):
        exporters, importers = sorted(set(stated["exporter"])), sorted(set(stated["importer"]))
        grid = pd.MultiIndex.from_product([exporters, importers], names=PAIR).to_frame(index=False)
        parts = {str(reporter) for reporter, of in left_out.index if str(of) == str(year)}
        counted = grid["importer"].map(
            {code: code not in parts and scope.holds_all(code, of="imports") for code in importers}
        ) | grid["exporter"].map(
            {code: code not in parts and scope.holds_all(code, of="exports") for code in exporters}
        )
        apart = grid["exporter"] != grid["importer"]
        grids.append(grid[apart & counted].assign(year=year) if year in years else stated[CELL])
    square = pd.concat(grids, ignore_index=True)
    if stated_reason(rows) is None:
        _check_square_kept(rows, selection, square)
    filled = square.merge(trade, on=CELL, how="outer")
    filled = filled.assign(assumed=filled["value"].isna()).fillna({"value": 0.0})
    return filled.sort_values(CELL, ignore_index=True)


def _check_square_kept(rows: pd.DataFrame, selection: PairSelection, square: pd.DataFrame) -> None:
    """Check that no cell is taken for zero whose row was taken out of the table."""
    cells = pd.MultiIndex.from_frame(square[CELL])
    product = selection.wanted.get("product")

    def needed(entries: pd.DataFrame) -> pd.Series:
        labels = pd.MultiIndex.from_arrays(
            [entries["exporter"], entries["importer"], entries["start"].dt.year]
        )
        mine = pd.Series(labels.isin(cells), index=entries.index)
        return mine if product is None else mine & (entries["product"] == product)

    check_all_there(
        rows,
        needed=needed,
        instead="name what is wanted by start= and end=, product=, reporter= or dataset=",
    )


def _with_domestic(trade: pd.DataFrame, domestic: pd.DataFrame) -> pd.DataFrame:
    """Return trade with what countries sell to themselves, of the years at hand."""
    expected = ["country", "year", "value"]
    lacking = [name for name in expected if name not in domestic.columns]
    if lacking:
        raise SchemaError(
            f"domestic: expected columns {', '.join(expected)}, found no {', '.join(lacking)}"
        )
    own = domestic.assign(exporter=domestic["country"], importer=domestic["country"])[
        [*CELL, "value"]
    ].assign(assumed=False)
    _check_stated_once(own)
    _check_not_negative(own)
    inside = own["year"].isin(trade["year"].unique()) & own["exporter"].isin(
        [*trade["exporter"], *trade["importer"]]
    )
    both = pd.concat([trade, own[inside]], ignore_index=True)
    return both.sort_values(CELL, ignore_index=True)


def _joined(trade: pd.DataFrame, covariates: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return trade with the covariates of its pairs, by year where they have one."""
    keys = [name for name in CELL if name in covariates.columns]
    return trade.merge(covariates[[*keys, *names]], on=keys, how="left", validate="many_to_one")


def _complete(
    joined: pd.DataFrame, names: Sequence[str], missing: Missing
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows with all covariates, and why the others are left out."""
    reasons = pd.Series("", index=joined.index, dtype="str")
    for name in names:
        lacking = joined[name].isna() & (reasons == "")
        reasons[lacking] = f"no {name}"
    lost = reasons != ""
    if lost.any() and missing == "refuse":
        raise SampleError(_missing_in_words(joined, names))
    index = pd.MultiIndex.from_frame(joined.loc[lost, CELL])
    left_out = pd.Series(reasons[lost].to_numpy(), index=index, dtype="str", name="reason")
    return joined[~lost].reset_index(drop=True), left_out


def _missing_in_words(joined: pd.DataFrame, names: Sequence[str]) -> str:
    """Say which covariates are missing, and of which countries."""
    parts = []
    for name in names:
        lacking = joined[joined[name].isna()]
        if lacking.empty:
            continue
        whole = [
            code
            for code in sorted({*joined["exporter"], *joined["importer"]})
            if joined.loc[(joined[PAIR] == code).any(axis=1), name].isna().all()
        ]
        others = lacking[~lacking[PAIR].isin(whole).any(axis=1)]
        of = [f"any pair of {', '.join(whole)}"] if whole else []
        of += [named_cells(others)] if len(others) else []
        parts.append(f"no {name} of {', nor of '.join(of)}")
    return (
        f"expected every covariate of every pair, found {'; '.join(parts)}; give it, or leave "
        "these pairs out with missing='leave out', which counts and names them"
    )
