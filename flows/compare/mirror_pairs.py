"""Pairs of mirrors: what the two sides state of each flow, and the margin of CIF over FOB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from flows.compare.differences import check_apart, check_one_flow, part_in, side_in
from flows.compare.silence import check_reported
from flows.errors import SampleError, SchemaError, UnitError
from flows.measure.checks import (
    check_one_scope,
    check_one_unit,
    check_one_vintage,
    check_stated_once,
    rows_by_dataset,
)
from flows.models.pair_variances import DyadFit, fit_dyads
from flows.models.results import (
    Estimates,
    interval,
    interval_facts,
    label,
    two_sided_pvalues,
)
from flows.models.sample import FloatArray
from flows.models.shared_errors import RAISED
from flows.periods import Period, Recut
from flows.results import Card, Result, print_count, print_percent
from flows.table import check_flows, where

SIDES = ("exporter", "importer")

FLOW_KEY = ["exporter", "importer", "start", "end", "product"]
"""What two statements have in common if they are of one flow."""

_STATUSES = (
    "stated",
    "at least",
    "nominal",
    "below threshold",
    "zero",
    "confidential",
    "not reported",
    "no reporter",
)
"""What one side says of a flow; only the first two are a size."""

_AMOUNTS = ("low", "value", "high")

_MEASURED = ["value", "low", "high", "valuation", "dataset", "line"]

_PAIR = ["exporter", "importer"]
_COVARIATES = ["dist", "contig"]
_LEVEL = 0.95

_TERMS = ("const", "log_distance", "contiguity")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MirrorPairs(Result):
    """
    The flows that at least one side states, with what each side says.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a flow: ``exporter``, ``importer``, ``start``, ``end``, ``product``, and for each
        side ``exporter_value``, ``_low``, ``_high`` (in ``unit``; missing where it states none),
        ``_valuation``, ``_status`` (``stated``, ``at least``, ...), and where each statement is one
        row, its ``_dataset`` and ``_line``.
    unit : str
        Of every value.
    nominal_below : float
        Share of its mirror below which a statement counts as nothing.
    rows : pandas.DataFrame
        Of :func:`flows.pair_statements`: the rows that statements were put together from, with
        ``weight``; else none.
    """

    natural_table = "table"

    table: pd.DataFrame
    unit: str
    nominal_below: float
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)

    def counts(self) -> pd.DataFrame:
        """
        Return how many flows have which statuses.

        Returns
        -------
        pandas.DataFrame
            Index the status of the exporter, columns that of the importer.
        """
        statuses = [self.table[f"{side}_status"] for side in SIDES]
        return pd.crosstab(statuses[0], statuses[1])

    def _card(self) -> Card:
        counts = self.counts()
        both = int((self.table[[f"{side}_status" for side in SIDES]] == "stated").all(axis=1).sum())
        return Card(
            title=f"{print_count(len(self.table), 'flow')} that a side states",
            facts=(
                ("both", f"{both} stated by both sides"),
                ("nothing", f"below {print_percent(self.nominal_below)} of the mirror"),
                ("unit", self.unit),
            ),
            more=tuple(
                (f"{ours}; {theirs}", str(number))
                for ours, row in counts.iterrows()
                for theirs, number in row.items()
                if number
            ),
        )


def pair_mirrors(table: pd.DataFrame, *, nominal_below: float) -> MirrorPairs:
    """
    Set the exporter's and the importer's statement of every flow side by side.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of many reporters, each of which speaks for itself.
    nominal_below : float
        A statement below this share of its mirror counts as nothing (``nominal``), such as 0.01.
        No default: it decides which pairs are compared at all.

    Returns
    -------
    MirrorPairs
        Sorted by exporter, importer, period and product. Periods are of one flow if they begin and
        end on the same days: re-cut first where they do not. A statement of nothing is classed
        and its value is missing: ``zero``, ``below threshold`` (zero with a positive high) or
        ``nominal``; so is one without a size (``confidential``), and one that is not made by a
        reporter who states other flows of that direction and period (``not reported``) or none
        (``no reporter``).

    Raises
    ------
    UnitError
        If there are two units, an exporter does not state FOB or an importer neither FOB nor CIF.
    DoubleCountError
        If there are two vintages, or a reporter makes two statements of a flow or counts on two
        partner bases.
    SchemaError
        If there is no row, or a statement is neither the exporter's nor the importer's.
    ValueError
        If ``nominal_below`` is not between 0 and 1.

    Examples
    --------
    >>> def report(reporter, value, valuation, line):
    ...     return {
    ...         "exporter": "IRN", "importer": "ARM", "reporter": reporter,
    ...         "start": pd.Timestamp("2023-01-01"), "end": pd.Timestamp("2023-12-31"),
    ...         "product": "TOTAL", "classification": "TOTAL", "value": value, "unit": "USD",
    ...         "low": value, "high": value, "valuation": valuation, "partner_basis": "",
    ...         "coverage": "all goods", "estimate": False, "dataset": "d@1", "line": line,
    ...     }
    >>> rows = pd.DataFrame([report("IRN", 100.0, "FOB", 2), report("ARM", 0.0, "CIF", 3)])
    >>> pairs = pair_mirrors(rows, nominal_below=0.01)
    >>> pairs.table[["exporter_status", "importer_status"]].iloc[0].tolist()
    ['stated', 'zero']
    """
    if not 0 <= nominal_below < 1:
        raise ValueError(
            f"nominal_below: expected a share of at least 0 and below 1, found {nominal_below}"
        )
    flows = check_flows(table)
    unit = check_one_unit(flows)
    check_one_vintage(flows)
    reports = {side: _check_side(flows, side) for side in SIDES}
    _check_own_statements(flows)
    joined = _side(reports["exporter"], "exporter").merge(
        _side(reports["importer"], "importer"), how="outer", on=FLOW_KEY, sort=True
    )
    for side in SIDES:
        joined[f"{side}_status"] = _status(joined, side, reports[side])
    small = {side: _nominal(joined, side, nominal_below) for side in SIDES}
    for side in SIDES:
        joined[f"{side}_status"] = joined[f"{side}_status"].mask(small[side], "nominal")
        _keep_sizes(joined, side)
    return MirrorPairs(table=joined, unit=unit, nominal_below=nominal_below)


def pair_statements(
    exporter_report: pd.DataFrame,
    importer_report: pd.DataFrame,
    *,
    period: Period,
    exporter_leaves_out: Mapping[str, pd.DataFrame] | None = None,
) -> MirrorPairs:
    """
    Set two statements of one flow side by side in a period of any calendar.

    Where :func:`flows.pair_mirrors` takes statements of the same period, here each side may state
    the period itself or its months, which are cut to it by days, as :func:`flows.bridge` does.

    Parameters
    ----------
    exporter_report, importer_report : pandas.DataFrame
        Rows of a flow table: one statement a side, for ``period`` itself or by parts of it.
    period : Period
        The period in which both sides are compared, such as the Iranian year 1402.
    exporter_leaves_out : Mapping, optional
        Name of goods that the exporter's statement does not count to the importer's rows of them:
        they are taken off the importer's statement.

    Returns
    -------
    MirrorPairs
        One flow, as :func:`flows.reconcile` takes it; ``rows`` are the rows that went in.

    Raises
    ------
    UnitError
        If the sides have two units, the exporter does not state FOB or the importer neither FOB
        nor CIF, or goods that are left out are valued otherwise, or on another partner basis, than
        the importer's statement.
    DoubleCountError
        If a side makes more than one statement, or goods are left out twice.
    SchemaError
        If the sides state two flows or two products, one reports for the other, or the goods left
        out are worth more than the importer's statement.
    UnreportedError
        If one side has no row, or one without a size.
    PeriodError
        If a side states neither ``period`` nor all of its months.

    Examples
    --------
    >>> from flows.periods import Period
    >>> def report(reporter, start, end, value, valuation):
    ...     return pd.DataFrame({
    ...         "exporter": "IRN", "importer": "ARM", "reporter": reporter, "product": "TOTAL",
    ...         "classification": "TOTAL", "coverage": "all goods", "partner_basis": "",
    ...         "start": pd.to_datetime(start), "end": pd.to_datetime(end), "value": value,
    ...         "unit": "USD", "low": value, "high": value, "valuation": valuation,
    ...         "dataset": f"{reporter}@1", "line": 2,
    ...     })
    >>> pairs = pair_statements(
    ...     report("IRN", ["2023-03-21"], ["2024-03-19"], [100.0], "FOB"),
    ...     report("ARM", ["2023-03-01", "2023-04-01"], ["2023-03-31", "2024-03-19"],
    ...            [31.0, 110.0], "CIF"),
    ...     period=Period.year(1402, calendar="solar-hijri"),
    ... )
    >>> pairs.table[["exporter_value", "importer_value"]].iloc[0].to_list()
    [100.0, 121.0]
    """
    check_reported(exporter_report, importer_report, period=period)
    goods = exporter_leaves_out or {}
    check_apart(goods)
    unit = check_one_flow([exporter_report], [importer_report, *goods.values()])
    reports = {"exporter": exporter_report, "importer": importer_report}
    for side, report in reports.items():
        _check_valuation(report, side)
    cuts = {
        side: side_in(report, period=period, headline=period).cut
        for side, report in reports.items()
    }
    parts = [part_in(rows, of=importer_report, period=period) for rows in goods.values()]
    table = pd.DataFrame(
        {
            **{side: exporter_report[side].iloc[:1].to_numpy() for side in SIDES},
            "start": pd.Timestamp(period.start),
            "end": pd.Timestamp(period.end),
            "product": _product_of(reports),
            **_amounts(cuts["exporter"], (), side="exporter"),
            **_amounts(cuts["importer"], parts, side="importer"),
            **{
                f"{side}_valuation": report["valuation"].iloc[0] for side, report in reports.items()
            },
        }
    )
    for side in SIDES:
        sizes = _size_cases(table[f"{side}_value"], table[f"{side}_high"])
        table[f"{side}_status"] = _first_case(sizes, table.index)
        _keep_sizes(table, side)
    rows = pd.concat([cut.rows for cut in (*cuts.values(), *parts)], ignore_index=True)
    return MirrorPairs(table=table, unit=unit, nominal_below=0.0, rows=rows)


def _product_of(reports: Mapping[str, pd.DataFrame]) -> str:
    products = {str(product) for report in reports.values() for product in report["product"]}
    if len(products) > 1:
        raise SchemaError(
            f"expected both statements of one product, found {' and '.join(sorted(products))}"
        )
    return products.pop()


def _amounts(cut: Recut, parts: Sequence[Recut], *, side: str) -> dict[str, float]:
    """Return low, value and high of one side; ``high`` is missing where the source states none."""
    weights = cut.rows["weight"]
    amounts = {end: float((cut.rows[end] * weights).sum(skipna=False)) for end in _AMOUNTS}
    for part in parts:
        amounts = {end: amount - part.value for end, amount in amounts.items()}
    if parts and amounts["value"] < 0:
        raise SchemaError(
            f"expected the goods that are left out to be a part of the {side}'s statement of "
            f"{cut.value:g} in {cut.period.label}, found {cut.value - amounts['value']:g}"
        )
    return {f"{side}_{end}": amount for end, amount in amounts.items()}


def _check_side(flows: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the statements of one side, each made once and valued as that side may value."""
    rows = flows[flows["reporter"] == flows[side]]
    sized = rows[rows["value"].notna()]
    if len(sized):
        check_stated_once(sized)
    if side == "importer":
        check_one_scope(rows)
    _check_valuation(rows, side)
    return rows


def _check_valuation(rows: pd.DataFrame, side: str) -> None:
    allowed = ("FOB",) if side == "exporter" else ("FOB", "CIF")
    wrong = rows[~rows["valuation"].isin(allowed)]
    if len(wrong):
        raise UnitError(
            f"expected the {side}'s statements {' or '.join(allowed)}, found "
            f"{wrong['valuation'].iloc[0] or 'no valuation'} at {where(wrong)}"
        )


def _check_own_statements(flows: pd.DataFrame) -> None:
    exports, imports = (flows["reporter"] == flows[side] for side in SIDES)
    others = flows[exports == imports]
    if len(others):
        raise SchemaError(
            f"expected statements of the exporter or of the importer, found "
            f"{others['reporter'].iloc[0]} on {others['exporter'].iloc[0]} to "
            f"{others['importer'].iloc[0]} at {where(others)}"
        )


def _side(rows: pd.DataFrame, side: str) -> pd.DataFrame:
    named = rows[[*FLOW_KEY, *_MEASURED]].astype({"line": "Int64"})
    return named.rename(columns={name: f"{side}_{name}" for name in _MEASURED})


def _status(joined: pd.DataFrame, side: str, reports: pd.DataFrame) -> pd.Series:
    """Class what one side reports of each flow, before the two are compared."""
    key = [side, "start", "end"]
    there = pd.MultiIndex.from_frame(joined[key]).isin(pd.MultiIndex.from_frame(reports[key]))
    line, value, high = (joined[f"{side}_{name}"] for name in ("line", "value", "high"))
    cases = [
        (line.isna() & ~there, "no reporter"),
        (line.isna(), "not reported"),
        (value.isna(), "confidential"),
        *_size_cases(value, high),
    ]
    return _first_case(cases, joined.index)


def _size_cases(value: pd.Series, high: pd.Series) -> list[tuple[pd.Series, str]]:
    """Return what a statement with a size may be besides stated."""
    return [
        ((value == 0) & (high > 0), "below threshold"),
        (value == 0, "zero"),
        (high.isna(), "at least"),
    ]


def _first_case(cases: Sequence[tuple[pd.Series, str]], index: pd.Index) -> pd.Series:
    chosen = np.select([case for case, _ in cases], [name for _, name in cases], "stated")
    return pd.Series(chosen, index=index, dtype="str")


def _keep_sizes(table: pd.DataFrame, side: str) -> None:
    """Leave the amounts of one side, in place, only where they are a size of the flow."""
    sized = table[f"{side}_status"].isin(["stated", "at least"])
    for end in _AMOUNTS:
        table[f"{side}_{end}"] = table[f"{side}_{end}"].where(sized)


def _nominal(joined: pd.DataFrame, side: str, nominal_below: float) -> pd.Series:
    other = "importer" if side == "exporter" else "exporter"
    share = joined[f"{side}_value"] < nominal_below * joined[f"{other}_value"]
    return share & (joined[f"{side}_status"] == "stated")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MarginFit(Estimates):
    """
    CIF/FOB ratios from a robust regression of log(importer / exporter) on distance.

    Parameters
    ----------
    params, std_errors : pandas.Series
        ``const``, ``log_distance`` (km), ``contiguity``; of the log ratio.
    covariance : pandas.DataFrame
        Of the coefficients.
    covariance_type : str
        How ``covariance`` was estimated.
    pvalues : pandas.Series
        Two-sided, Student's t.
    df : float
        Degrees of freedom: countries minus one, since errors are shared by country.
    nobs : int
        Pairs of countries that went in.
    scale : float
        Standard deviation of a pair's log ratio around the line, robust.
    pairs : pandas.DataFrame
        One row a pair that went in: ``exporter``, ``importer``, ``log_ratio`` (median),
        ``periods``, ``weight`` (below 1 for an outlier), ``dataset``, ``line`` of the covariates.
    covariates : pandas.DataFrame
        ``exporter``, ``importer``, ``dist``, ``contig``, ``dataset``, ``line``: one row a pair.
    without_covariates : int
        Pairs of countries left out because a covariate is missing.
    """

    params: pd.Series
    std_errors: pd.Series
    covariance: pd.DataFrame
    covariance_type: str
    pvalues: pd.Series
    df: float
    nobs: int
    scale: float
    pairs: pd.DataFrame
    covariates: pd.DataFrame
    without_covariates: int
    level: ClassVar[float] = 0.95

    def predict(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the CIF/FOB ratio of every pair with covariates.

        Parameters
        ----------
        level : float
            Coverage of the interval of the line; a single shipment varies more.

        Returns
        -------
        pandas.DataFrame
            ``exporter``, ``importer``, ``cif_fob_ratio``, ``low``, ``high`` (none below 1: freight
            is not negative), ``log_ratio``, ``std_error`` (of the log), ``dataset``, ``line``.
        """
        x = _regressors(self.covariates)
        log_ratio = pd.Series(x @ self.params.to_numpy())
        spread = np.einsum("ij,jk,ik->i", x, self.covariance.to_numpy(), x)
        # Zero, but for rounding, where a covariate is that of one pair alone.
        std_error = pd.Series(np.sqrt(np.maximum(spread, 0)))
        ends = interval(log_ratio, std_error, df=self.df, level=level).clip(lower=0.0)
        return self.covariates[[*_PAIR, "dataset", "line"]].assign(
            cif_fob_ratio=np.exp(log_ratio.clip(lower=0.0).to_numpy()),
            low=np.exp(ends["low"].to_numpy()),
            high=np.exp(ends["high"].to_numpy()),
            log_ratio=log_ratio.clip(lower=0.0).to_numpy(),
            std_error=std_error.to_numpy(),
        )

    def _card(self) -> Card:
        ends = self.conf_int(level=_LEVEL)
        return Card(
            title="log of the CIF/FOB ratio on distance",
            facts=(
                *interval_facts(self.params, ends, level=_LEVEL),
                ("errors", f"{self.covariance_type}; t({self.df:g})"),
                ("nobs", f"{self.nobs} pairs; {self.without_covariates} left out: no covariates"),
            ),
            rows=rows_by_dataset(self.pairs),
        )

    def _dependent(self) -> str:
        return "log(importer / exporter)"


def _regressors(covariates: pd.DataFrame) -> FloatArray:
    log_distance = np.log(covariates["dist"].to_numpy())
    return np.column_stack([np.ones(len(covariates)), log_distance, covariates["contig"]])


CifFobRatio = MarginFit | tuple[float, float]
"""A fitted margin, or the lowest and highest CIF/FOB ratio for all pairs."""


@dataclass(frozen=True, slots=True)
class LogRatios:
    """
    The log of the CIF/FOB ratio of every flow, zero where the importer states FOB.

    ``middle``, ``low``, ``high``: ``low`` and ``high`` differ from ``middle`` for a range only,
    shape ``(flows,)``; ``variance``: of ``middle``; zero for a range, which has no probability.
    """

    middle: FloatArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray


def fit_margin(pairs: MirrorPairs, covariates: pd.DataFrame) -> MarginFit:
    """
    Fit the CIF/FOB ratio to distance and contiguity, over all pairs that both sides state.

    Parameters
    ----------
    pairs : MirrorPairs
        Only flows that the exporter states FOB and the importer CIF, both with a size, go in.
    covariates : pandas.DataFrame
        Of ``load`` on a file of CEPII Gravity, or alike: ``exporter``, ``importer``, ``year``,
        ``dist`` (km), ``contig`` (0 or 1), ``dataset``, ``line``. The last year in which a pair
        has both is used: neither changes.

    Returns
    -------
    MarginFit

    Raises
    ------
    SchemaError
        If covariates lack a column, have a pair and year twice or a distance that is not positive.
    SampleError
        If there are too few pairs, or all are alike in a covariate.

    Notes
    -----
    Three defences against outliers: statements of nothing are no pairs; of a pair the median over
    periods and products goes in; the line is fitted by Huber's method. Errors may be shared by
    any two pairs with a country in common. What exporters understate on average, or importers
    overstate, is in the constant: mirrors cannot tell it from freight.

    References
    ----------
    .. [1] Gaulier, G. and Zignago, S. (2010). BACI: International Trade Database at the
       Product-Level. The 1994-2007 Version. CEPII Working Paper 2010-23.

    Examples
    --------
    >>> fit_margin(MirrorPairs(pd.DataFrame(), "USD", 0.0), pd.DataFrame({"exporter": ["IRN"]}))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: covariates: expected importer, year, dist, contig, dataset, line...
    """
    distances = _last_known(covariates)
    medians = _median_log_ratios(pairs.table)
    used = medians.merge(distances, on=_PAIR, how="inner")
    if used.empty:
        raise SampleError(
            f"none of the {len(medians)} pairs that both sides report has a distance in the "
            "covariates; check their country codes"
        )
    codes, names = pd.factorize(pd.concat([used["exporter"], used["importer"]]), sort=True)
    first, second = codes[: len(used)], codes[len(used) :]
    y = used["log_ratio"].to_numpy()
    fit = fit_dyads(_regressors(used), y, first.astype("int64"), second.astype("int64"))
    return _result(fit, used, distances, df=len(names) - 1, left_out=len(medians) - len(used))


def log_ratios(cif_fob_ratio: CifFobRatio, table: pd.DataFrame) -> LogRatios:
    """Return the log of the CIF/FOB ratio of every flow."""
    needed = (table["importer_valuation"] == "CIF").to_numpy()
    if isinstance(cif_fob_ratio, MarginFit):
        middle, variance = _fitted(cif_fob_ratio, table, needed)
        return LogRatios(middle, middle, middle, variance)
    lowest, highest = cif_fob_ratio
    if not 1 <= lowest <= highest < np.inf:
        raise ValueError(
            "cif_fob_ratio: expected the lowest and the highest ratio, 1 or more, such as "
            f"(1.06, 1.10); found ({lowest}, {highest})"
        )
    low, high = (np.where(needed, np.log(ratio), 0.0) for ratio in (lowest, highest))
    return LogRatios((low + high) / 2, low, high, np.zeros(len(table)))


def _fitted(
    margin: MarginFit, table: pd.DataFrame, needed: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    predicted = margin.predict()[[*_PAIR, "log_ratio", "std_error"]]
    flows = table[_PAIR].merge(predicted, on=_PAIR, how="left")
    missing = flows[flows["log_ratio"].isna().to_numpy() & needed].drop_duplicates()
    if len(missing):
        shown = missing.head(5)
        names = ", ".join(shown["exporter"] + " to " + shown["importer"])
        raise SampleError(
            f"the fitted margin has no distance for {len(missing)} pairs that need a CIF/FOB "
            f"ratio: {names}; add them to the covariates of fit_margin"
        )
    middle = np.where(needed, flows["log_ratio"], 0.0)
    return middle, np.where(needed, flows["std_error"] ** 2, 0.0)


def _last_known(covariates: pd.DataFrame) -> pd.DataFrame:
    """Return distance and contiguity of each pair, from the last year that has both."""
    columns = [*_PAIR, "year", *_COVARIATES, "dataset", "line"]
    missing = [name for name in columns if name not in covariates]
    if missing:
        raise SchemaError(f"covariates: expected {', '.join(missing)}, found no such column")
    distances = covariates[columns].dropna(subset=_COVARIATES)
    for wrong, demand in (
        (distances["dist"] <= 0, "a positive distance"),
        (distances.duplicated([*_PAIR, "year"], keep=False), "each pair and year once"),
    ):
        if wrong.any():
            raise SchemaError(f"covariates: expected {demand}, not so at {where(distances[wrong])}")
    last = distances.sort_values([*_PAIR, "year"]).groupby(_PAIR, sort=True).tail(1)
    return last.drop(columns="year").reset_index(drop=True)


def _median_log_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Return the median log of importer over exporter of each pair that has both, CIF and FOB."""
    both = (table["exporter_status"] == "stated") & (table["importer_status"] == "stated")
    used = table[both & (table["importer_valuation"] == "CIF")]
    ratio = np.log(used["importer_value"] / used["exporter_value"])
    grouped = used[_PAIR].assign(log_ratio=ratio).groupby(_PAIR, sort=True)["log_ratio"]
    return grouped.agg(log_ratio="median", periods="size").reset_index()


def _result(
    fit: DyadFit, used: pd.DataFrame, distances: pd.DataFrame, *, df: float, left_out: int
) -> MarginFit:
    params = label(_TERMS, fit.params)
    std_errors = label(_TERMS, np.sqrt(np.diag(fit.covariance)))
    return MarginFit(
        params=params,
        std_errors=std_errors,
        covariance=pd.DataFrame(fit.covariance, index=params.index, columns=params.index),
        covariance_type=f"dyads; {RAISED}" if fit.raised else "dyads",
        pvalues=two_sided_pvalues(params, std_errors, df=df),
        df=df,
        nobs=len(used),
        scale=fit.scale,
        pairs=used[[*_PAIR, "log_ratio", "periods", "dataset", "line"]].assign(weight=fit.weights),
        covariates=distances,
        without_covariates=left_out,
    )
