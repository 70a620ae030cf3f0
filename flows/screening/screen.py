"""Every series of a table at once: growth, breaks, shares, and how far two reports lie apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd

from flows.measure.checks import rows_by_dataset
from flows.models.results import check_level
from flows.models.sample import FloatArray, Regime, check_choice
from flows.models.several_tests import Adjustment
from flows.results import Card, Result, print_count, print_percent
from flows.scope import Of
from flows.screening.breaks import AllChoice
from flows.screening.fits import (
    DEFAULT_FITS,
    Fit,
    adjust_together,
    describe_series,
    fit_series,
)
from flows.screening.panel import Absent, Asked, Frequency, Panel, build_panel
from flows.screening.shares import Shares, shares_over_time
from flows.screening.standing import Standing, place_pair
from flows.table import Rows

_SHARES: Mapping[Of, str] = {"imports": "import", "exports": "export"}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Screen(Result):
    """
    What was estimated of every series of a table.

    Parameters
    ----------
    series : pandas.DataFrame
        One row a series, sorted by ``exporter``, ``importer``, ``reporter`` (and ``product`` where
        each is a series); ``voice``: whether the exporter, the importer or an organisation states
        it. ``first`` and ``last`` period with a value, ``nobs``, ``zeros``, ``mean`` in ``unit``;
        in the last period of the screen ``latest``, the value, ``import_share`` and
        ``import_rank``, in the imports of the importer, ``export_share`` and ``export_rank``, in
        the exports of the exporter (shares of 0 to 1; all missing where nothing is stated then, or
        the total is not known); ``asymmetry``: the importer's report by the
        exporter's, the geometric mean over ``asymmetry_periods`` in which both state more than
        zero. Of each form in ``fits``: ``log_growth_pct``, ``log_low``, ``log_high`` (percent a
        year), ``log_pvalue``, ``log_adjusted``, ``log_reason`` (why nothing was fitted); the same
        of ``poisson``; ``level_change`` in ``unit`` a year. Of ``local`` the ``local_level`` in the
        last period with a value, in ``unit``, and in log points its ``local_std_error``, the
        ``local_noise_sd`` and the standard deviation of a period's shock to the level,
        ``local_shock_sd``; ``local_reason``. Of breaks ``breaks`` (how many),
        ``break_pvalue`` of the first test, ``break_adjusted``, ``break_reason``.
    breaks : pandas.DataFrame
        One row a break: the series, ``break_date`` (first period of the new regime), ``low``,
        ``high`` (its interval), ``before`` and ``after`` (fitted values on both sides), ``pvalue``
        of the test that added it.
    over_time : pandas.DataFrame
        One row a series and period with a value: ``value``, and shares and ranks in that period.
    totals : pandas.DataFrame
        One row a country's imports or exports (``of``) as one reporter states them, and period:
        ``total``, ``partners`` that traded, ``hhi``, ``main`` partner and its share, ``scope``.
    unknown : pandas.DataFrame
        Countries and reporters whose totals are not known, with the reason.
    left_out : pandas.DataFrame
        Series and years that are stated in part only, with the reason.
    unit : str
        Of every value.
    fits : tuple of str
        What was fitted.
    regime : {"mean", "trend"}
        What is constant between breaks.
    level : float
        Coverage of intervals.
    tests : int
        How many tests were made, over which p-values are adjusted.
    rows : Mapping
        Lines of the raw files by data set.
    """

    natural_table = "series"

    series: pd.DataFrame
    breaks: pd.DataFrame
    over_time: pd.DataFrame
    totals: pd.DataFrame
    unknown: pd.DataFrame
    left_out: pd.DataFrame
    unit: str
    fits: tuple[Fit, ...]
    regime: Regime
    level: float
    tests: int
    rows: Rows

    def standing(
        self,
        *,
        exporter: str,
        importer: str,
        reporter: str | None = None,
        product: str | None = None,
    ) -> Standing:
        """
        Say where one pair stands among all others.

        Parameters
        ----------
        exporter, importer : str
            Alpha-3 codes.
        reporter, product : str, optional
            Which series, where the pair has several.

        Returns
        -------
        Standing
            Rank and percentile by each measure among all series, the suppliers of the importer, and
            the customers of the exporter: those that the same kind of reporter states, and of the
            same product.

        Raises
        ------
        SchemaError
            If there is no such series, or several.
        """
        return place_pair(
            self.series,
            exporter=exporter,
            importer=importer,
            reporter=reporter,
            product=product,
            unit=self.unit,
        )

    def _card(self) -> Card:
        series = self.series
        facts = [("periods", f"{series['first'].min()} to {series['last'].max()}, {self.unit}")]
        facts += [(fit, self._in_words(fit)) for fit in self.fits if fit != "breaks"]
        if "breaks" in self.fits:
            broken = int((series["breaks"] > 0).sum())
            tested = int((series["break_reason"] == "").sum())
            words = f"in {broken} of {tested} series, regime {self.regime}"
            facts.append(("breaks", words))
        return Card(
            title=print_count(len(series), "series").removesuffix("s"),
            facts=(*facts, ("tests", f"{self.tests}, for all of which p-values are adjusted"))[-5:],
            more=tuple(
                (f"no {fit}", f"{count} series: {reason}")
                for fit, reasons in self.not_fitted().items()
                for reason, count in reasons.items()
            ),
            rows=self.rows,
        )

    def _in_words(self, fit: Fit) -> str:
        """Say how many were fitted, and how many of them changed."""
        fitted = self.series[self.series[f"{fit}_reason"] == ""]
        if fit == "local":
            return f"{len(fitted)} fitted"
        found = int((fitted[f"{fit}_adjusted"] < 1 - self.level).sum())
        size = print_percent(1 - self.level, digits=0)
        return f"{len(fitted)} fitted; a trend in {found}, by adjusted p-values below {size}"

    def not_fitted(self) -> dict[str, dict[str, int]]:
        """
        Return why series were not fitted.

        Returns
        -------
        dict
            What was fitted to reasons, and each of these to the number of series.
        """
        columns = {fit: "break_reason" if fit == "breaks" else f"{fit}_reason" for fit in self.fits}
        counts = {fit: self.series[column].value_counts() for fit, column in columns.items()}
        return {
            fit: {str(reason): int(count) for reason, count in counted.items() if reason and count}
            for fit, counted in counts.items()
        }


def screen(
    table: pd.DataFrame,
    *,
    by_product: bool = False,
    freq: Frequency = "year",
    start: int | None = None,
    end: int | None = None,
    fits: Sequence[Fit] = DEFAULT_FITS,
    regime: Regime = "trend",
    choose: AllChoice | int = "sequential",
    absent: Absent = "missing",
    adjust: Adjustment = "benjamini-hochberg",
    level: float = 0.95,
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
) -> Screen:
    """
    Estimate every series of a table at once: growth, breaks, shares, and how two reports differ.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of one unit; several reporters of a flow are series of their own.
    by_product : bool
        Whether each product of a pair is a series, and not the sum of all.
    freq : {"year", "month"}
        A year that the source states, or of which all months are there.
    start, end : int, optional
        First and last year.
    fits : sequence of {"log", "poisson", "level", "breaks", "local"}
        What is fitted: forms of :func:`flows.fit_trend` with its own default errors; the breaks of
        :func:`flows.find_breaks` in the logarithm; and, if asked for, a level of the logarithm that
        drifts behind white noise, as :func:`flows.fit_local_trend` has it.
    regime : {"mean", "trend"}
        What is constant between breaks: a line in the logarithm, or its mean, which calls growth a
        break (see docs/screen.md).
    choose : {"sequential", "bic", "lwz"} or int
        How many breaks, as in :func:`flows.find_breaks`: by its test, an information criterion, or
        a given number; a series without room for so many has none and says why.
    absent : {"missing", "zero"}
        What a year without a statement is, as in :func:`flows.series`.
    adjust : {"benjamini-hochberg", "benjamini-yekutieli", "holm"}
        How p-values are adjusted for the number of tests, see :func:`flows.adjust_pvalues`; a test
        is each fit of each series.
    level : float
        Coverage of intervals, of 0.8 to 0.99 with breaks.
    reporter, partner_basis, product, dataset : str, optional
        Which statements, where the table holds several.

    Returns
    -------
    Screen
        One row a series, the same numbers as the functions of one series give; one row a break; a
        reason where nothing was fitted.

    Raises
    ------
    UnitError
        If the rows have two units.
    DoubleCountError
        If a flow is stated more than once by one side, or in two vintages.
    PeriodError
        If a row is of another period than calendar years or months, or none is whole.
    ScopeError
        If rows of a series were filtered out of the table.
    SchemaError
        If no row is left, or the size of a flow is not published.
    ValueError
        If a name is unknown, or ``level`` is out of range.

    Notes
    -----
    Series are worked on in blocks on all cores; memory is that of the table and the results.
    ``flows screen FILE`` does the same for files that do not fit into memory.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> found = fl.screen(arms, absent="zero", fits=["poisson"])
    >>> row = found.series.set_index("exporter").loc["ISR"]
    >>> years = fl.series(arms, exporter="ISR", importer="AZE", freq="year", absent="zero")
    >>> growth = fl.fit_trend(years, form="poisson").growth_pct
    >>> abs(float(row["poisson_growth_pct"]) - growth) < 1e-9 * abs(growth)
    True
    """
    check_level(level)
    for fit in fits:
        check_choice("fits", fit, get_args(Fit))
    asked = Asked(
        freq=freq,
        by_product=by_product,
        absent=absent,
        start=start,
        end=end,
        wanted={
            "reporter": reporter,
            "partner_basis": partner_basis,
            "product": product,
            "dataset": dataset,
        },
    )
    panel = build_panel(table, asked)
    shares = {of: shares_over_time(panel, of) for of in _SHARES}
    kinds = tuple(fit for fit in get_args(Fit) if fit in fits)
    fitted = fit_series(
        panel.amounts, panel.periods, kinds, regime=regime, choose=choose, level=level
    )
    columns, tests = _with_adjusted(fitted.columns, adjust)
    keys = panel.keys
    series = keys.assign(
        **describe_series(panel.amounts, panel.periods), **_last_shares(shares), **_asymmetry(panel)
    )
    names = list(keys.columns.drop("voice"))
    return Screen(
        series=series.assign(**columns),
        breaks=pd.concat(
            [
                keys.loc[fitted.breaks["series"], names].reset_index(drop=True),
                fitted.breaks.drop(columns="series"),
            ],
            axis=1,
        ),
        over_time=_over_time(panel, names, shares),
        totals=_stacked({of: found.totals for of, found in shares.items()}),
        unknown=_stacked({of: found.unknown for of, found in shares.items()}),
        left_out=panel.left_out,
        unit=panel.unit,
        fits=kinds,
        regime=regime,
        level=level,
        tests=tests,
        rows=rows_by_dataset(panel.rows),
    )


def _last_shares(shares: Mapping[Of, Shares]) -> dict[str, FloatArray]:
    """Return shares and ranks in the last period of all."""
    columns = {}
    for of, name in _SHARES.items():
        columns[f"{name}_share"] = shares[of].share[:, -1]
        columns[f"{name}_rank"] = shares[of].rank[:, -1]
    return columns


def _asymmetry(panel: Panel) -> dict[str, FloatArray]:
    """Return how far the importer's report lies above the exporter's, where both report."""
    flow = list(panel.keys.columns.intersection(["exporter", "importer", "product"]))
    numbered = panel.keys.reset_index()
    sides = {
        side: numbered[numbered["voice"] == side][[*flow, "index"]]
        for side in ("importer", "exporter")
    }
    both = sides["importer"].merge(sides["exporter"], on=flow, suffixes=("_importer", "_exporter"))
    theirs, ours = (both[f"index_{side}"].to_numpy() for side in sides)
    apart, count = np.full(len(panel.keys), np.nan), np.zeros(len(panel.keys))
    upper, lower = panel.amounts[theirs], panel.amounts[ours]
    compared = (upper > 0) & (lower > 0)
    logs = np.log(np.where(compared, upper, 1.0)) - np.log(np.where(compared, lower, 1.0))
    number = compared.sum(axis=1)
    mean = np.divide(logs.sum(axis=1), number, out=np.full(len(both), np.nan), where=number > 0)
    for index in (theirs, ours):
        apart[index], count[index] = np.exp(mean), number
    return {"asymmetry": apart, "asymmetry_periods": count}


def _over_time(panel: Panel, names: list[str], shares: Mapping[Of, Shares]) -> pd.DataFrame:
    series, period = np.nonzero(~np.isnan(panel.amounts))
    frame = panel.keys[names].iloc[series].reset_index(drop=True)
    columns: dict[str, Any] = {
        "period": panel.periods[period],
        "value": panel.amounts[series, period],
    }
    for of, name in _SHARES.items():
        columns[f"{name}_share"] = shares[of].share[series, period]
        columns[f"{name}_rank"] = shares[of].rank[series, period]
    return frame.assign(**columns)


def _stacked(frames: Mapping[Of, pd.DataFrame]) -> pd.DataFrame:
    """Put the totals of imports and of exports under one another."""
    renamed = [
        frame.rename(columns={side: "country"}).assign(of=of)
        for side, (of, frame) in zip(("importer", "exporter"), frames.items(), strict=True)
    ]
    stacked = pd.concat(renamed, ignore_index=True)
    return stacked[["of", *stacked.columns.drop("of")]]


def _with_adjusted(columns: Mapping[str, Any], method: Adjustment) -> tuple[dict[str, Any], int]:
    """Return the columns with an adjusted p-value behind each, and the number of tests."""
    pvalues = {name: values for name, values in columns.items() if name.endswith("_pvalue")}
    adjusted, tests = adjust_together(pvalues, method)
    result: dict[str, Any] = {}
    for name, values in columns.items():
        result[name] = values
        if name in pvalues:
            beside = name.replace("_pvalue", "_adjusted")
            result[beside] = adjusted[beside]
    return result, tests
