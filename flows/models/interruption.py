"""Known dates: did level or slope change there, and did the world change or its records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.canonical import at_least
from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.results import (
    Estimates,
    HypothesisTest,
    check_level,
    describe_left_out,
    interval_facts,
    label,
    summary_text,
    two_sided_pvalues,
)
from flows.models.sample import (
    FloatArray,
    Regime,
    Sample,
    Season,
    check_choice,
    check_positive,
    check_series,
    first_day,
    last_day,
    seasonal_terms,
    step_of,
    years_since_first,
)
from flows.models.several_tests import adjust_pvalues
from flows.models.standard_errors import (
    Covariance,
    ErrorChoice,
    LagRule,
    StandardError,
    estimate_covariance,
    joint_test,
)
from flows.periods import Calendar
from flows.results import Card, Result, print_count, print_estimate

_TERMS: Mapping[Regime, tuple[str, ...]] = {
    "trend": ("const", "trend", "level_change", "slope_change"),
    "mean": ("const", "level_change"),
}
"""Coefficients beside those of the season; changes come last."""

_EACH_SIDE = 3
"""Fewest observations before and after the date."""

InterruptionForm = Literal["log", "level"]

_SIGNIFICANCE = 0.05

_EXACT = 1e-12
"""Share of the largest value below which a residual is rounding."""

_ONE_VARIANCE: tuple[StandardError, ...] = ("classical", "orthogonal-series")
"""Errors that are made of one variance, whatever side of the date the residuals lie on."""

_COLUMNS = [
    "event",
    "since",
    "level_change",
    "low",
    "high",
    "slope_change",
    "pvalue",
    "placebo",
    "placebos",
]

_RECORD_KINDS = ("vintage", "classification", "reporter", "basis", "calendar")
"""Kinds of event that happen to the records and not to the goods."""


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionFit(Estimates):
    """
    A line that may jump and bend at a known date, or a mean that may jump there.

    Parameters
    ----------
    at : pandas.Period or int
        First period of the new regime.
    form : {"log", "level"}
        Scale of the line.
    regime : {"trend", "mean"}
        What is constant on each side of the date.
    params, std_errors, pvalues : pandas.Series
        Index ``const``, ``trend``, ``level_change``, ``slope_change`` and seasonal terms; errors
        are NaN where ``test.reason`` says that there are none.
        ``level_change`` is the jump in the first period of the new regime, ``slope_change`` the
        change of a year's change; in log points for ``form="log"``. ``trend`` and ``slope_change``
        are there for ``regime="trend"`` only.
    df : float
        Degrees of freedom of Student's t.
    covariance_type : str
        How standard errors were estimated.
    test : HypothesisTest
        That neither level nor slope changes, of a mean that its level does not; where there is
        none, its ``reason``.
    placebo : pandas.Series
        The statistic of that test at each date before ``at`` that can be tested, from the
        observations before it.
    placebo_pvalue : float
        Share of dates, the true one among them, whose statistic is at least as large; NaN where no
        date before can be tested.
    compared : bool
        Whether a comparison series was taken off.
    level : float
        Coverage of intervals unless another is asked for.
    fitted, resids : pandas.Series
        By period, on the scale of the line.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    """

    at: object
    form: InterruptionForm
    regime: Regime
    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    df: float
    covariance_type: str
    test: HypothesisTest
    placebo: pd.Series
    placebo_pvalue: float
    compared: bool
    level: float
    fitted: pd.Series
    resids: pd.Series
    left_out: pd.Series

    @property
    def nobs(self) -> int:
        """Number of observations used."""
        return len(self.fitted)

    @property
    def change_pct(self) -> float:
        """Jump of the level in percent of what it would be without; see :meth:`change_interval`."""
        return self._percent(float(self.params["level_change"]))

    def change_interval(self, *, level: float | None = None) -> tuple[float, float]:
        """
        Return the interval of the jump of the level, in percent.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        tuple of float
            Low and high, as :attr:`change_pct`: of the level at the date as the periods before have
            it, without season. For ``form="level"`` that level is taken as known.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        low, high = self.conf_int(level=level).loc["level_change"].to_numpy()
        return self._percent(float(low)), self._percent(float(high))

    def _percent(self, change: float) -> float:
        if self.form == "log":
            return 100 * float(np.expm1(change))
        lines = self.lines()
        first = lines.loc[lines["regime"] == 1, "fitted"].iloc[0]
        return 100 * change / float(first - self.params["level_change"])

    def lines(self) -> pd.DataFrame:
        """
        Return the line, or the mean, on each side of the date without seasons.

        Returns
        -------
        pandas.DataFrame
            Columns ``regime`` (0 before the date, 1 from it on) and ``fitted``, on the scale of the
            line; one row a period used.
        """
        periods = self.fitted.index
        years, after = years_since_first(periods), np.asarray(periods >= self.at)
        bend = np.where(after, years - years[after][0], 0.0)
        columns = {"const": 1.0, "trend": years, "level_change": after, "slope_change": bend}
        terms = [self.params[term] * columns[term] for term in _TERMS[self.regime]]
        return pd.DataFrame({"regime": after.astype(int), "fitted": sum(terms)}, index=periods)

    def summary(self) -> str:
        """
        Print the fit for a person.

        Returns
        -------
        str
            Date, tests, placebo dates, covariance type and estimates; no date or time of printing.
        """
        placebo = f"{len(self.placebo)} dates, p = {self.placebo_pvalue:.3f}"
        facts = [
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", str(self.nobs)),
            ("left out", describe_left_out(self.left_out)),
            ("compared", "with another series" if self.compared else "with its own past"),
            ("test", str(self.test)),
            ("placebo", placebo if len(self.placebo) else "no date before can be tested"),
            ("covariance", f"{self.covariance_type}; t({self.df:g})"),
        ]
        return summary_text(f"Interruption at {self.at}", facts, self.tidy())

    def _card(self) -> Card:
        ends = self.conf_int().loc[[*_changes(self.regime)]]
        changes = interval_facts(self.params.loc[ends.index], ends, level=self.level)
        placebo = print_count(len(self.placebo), "date")
        return Card(
            title=f"{self.form} at {self.at}",
            facts=(
                *changes,
                ("test", str(self.test)),
                ("placebo", f"{placebo} before, p = {print_estimate(self.placebo_pvalue)}"),
                ("nobs", f"{self.nobs}; left out: {describe_left_out(self.left_out)}"),
            ),
            more=(
                ("errors", f"{self.covariance_type}; t({self.df:g})"),
                ("compared", "with another series" if self.compared else "with its own past"),
            ),
        )

    def _dependent(self) -> str:
        return "logarithm" if self.form == "log" else "level"


def fit_interruption(
    y: pd.Series,
    *,
    at: str | int | pd.Period,
    form: InterruptionForm = "log",
    regime: Regime = "trend",
    comparison: pd.Series | None = None,
    season: Season = "none",
    se: StandardError = "orthogonal-series",
    lags: int | LagRule | None = None,
    rng: np.random.Generator | int | None = None,
    level: float = 0.95,
) -> InterruptionFit:
    r"""
    Fit :math:`y_t = \alpha + \beta t + \gamma 1_{t \ge T} + \delta (t - T) 1_{t \ge T} + u_t`.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.fit_trend`.
    at : str, int or pandas.Period
        First period of the new regime, known before looking: ``"2021-01"``, ``1400``.
    form : {"log", "level"}
        Scale of the line.
    regime : {"trend", "mean"}
        What is constant on each side of the date: a line, which may jump and bend, or a mean
        (:math:`\beta = \delta = 0`), the question that :func:`flows.find_breaks` asks of an unknown
        date by default. A step of the mean holds all growth of a series that grows.
    comparison : pandas.Series, optional
        A series that the event did not touch, with the same kind of index. Its logarithm or level
        is taken off, so that what moved both does not count.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters.
    se : str
        How standard errors are estimated; see :func:`flows.fit_trend`.
    lags : int or str, optional
        Lags of ``"newey-west"`` or their rule.
    rng : numpy.random.Generator or int, optional
        Source of chance, or its seed; demanded by the bootstraps.
    level : float
        Coverage of the intervals.

    Returns
    -------
    InterruptionFit
        Changes of level and slope, their joint test, and the same test at placebo dates.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If fewer than three observations lie on a side, or a value has no logarithm.
    ValueError
        If ``at`` is no period of the series' kind or another name is unknown.

    References
    ----------
    .. [1] Wagner, A. K., Soumerai, S. B., Zhang, F. and Ross-Degnan, D. (2002). Segmented
       regression analysis of interrupted time series studies. Journal of Clinical Pharmacy and
       Therapeutics 27 (4), 299-309.
    .. [2] Abadie, A., Diamond, A. and Hainmueller, J. (2015). Comparative politics and the
       synthetic control method. American Journal of Political Science 59 (2), 495-510; placebo
       dates.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([1, 2, 3, 4, 5, 16, 17, 18, 19, 20], index=years)
    >>> fit = fit_interruption(y, at="2018", form="level", se="hc1")
    >>> fit.params.abs().round(6).to_list()
    [1.0, 1.0, 10.0, 0.0]
    """
    check_level(level)
    check_choice("regime", regime, get_args(Regime))
    choice = ErrorChoice(se, lags=lags, rng=rng)
    sample = _difference(y, comparison, form)
    place = _place(sample, at)
    names, seasonal = seasonal_terms(sample, season)
    terms = (*_TERMS[regime], *names)
    fit = _test(sample, place, seasonal, regime, choice)
    covariance = fit.covariance
    placebo = _placebo(sample, place, seasonal[:place], regime, choice)
    params = label(terms, fit.params)
    std_errors = label(terms, np.sqrt(np.diag(covariance.matrix)))
    return InterruptionFit(
        at=sample.periods[place],
        form=form,
        regime=regime,
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        df=covariance.df,
        covariance_type=covariance.covariance_type,
        test=fit.test,
        placebo=placebo,
        placebo_pvalue=_share(placebo.to_numpy(), fit.test.statistic),
        compared=comparison is not None,
        level=level,
        fitted=pd.Series(sample.observed - fit.resids, index=sample.periods, name="fitted"),
        resids=pd.Series(fit.resids, index=sample.periods, name="resids"),
        left_out=sample.left_out,
    )


def _difference(y: pd.Series, comparison: pd.Series | None, form: InterruptionForm) -> Sample:
    """Return the series on the scale of the line, less the comparison where there is one."""
    check_choice("form", form, get_args(InterruptionForm))
    scaled = _scaled(y, form)
    if comparison is None:
        return check_series(scaled, at_least=2 * _EACH_SIDE)
    return check_series(scaled.sub(_scaled(comparison, form)), at_least=2 * _EACH_SIDE)


def _scaled(y: pd.Series, form: InterruptionForm) -> pd.Series:
    sample = check_series(y, at_least=2 * _EACH_SIDE)
    if form == "level":
        return y.astype("float64")
    check_positive(sample, instead="a zero has no logarithm: use form='level' or leave it out")
    return y.astype("float64").map(np.log)


def _place(sample: Sample, at: str | int | pd.Period) -> int:
    """Return the first observation that is no earlier than the date."""
    place = int(np.sum(sample.steps < step_of(at, sample.periods)))
    after = sample.nobs - place
    if min(place, after) < _EACH_SIDE:
        raise SampleError(
            f"expected at least {_EACH_SIDE} observations on each side of {at}, "
            f"found {place} before and {after} from it on"
        )
    return place


def _changes(regime: Regime) -> tuple[str, ...]:
    return tuple(term for term in _TERMS[regime] if term.endswith("_change"))


def _design(sample: Sample, place: int, seasonal: FloatArray, regime: Regime) -> FloatArray:
    years = sample.years
    after = np.arange(sample.nobs) >= place
    columns = {
        "const": np.ones(sample.nobs),
        "trend": years,
        "level_change": after,
        "slope_change": np.where(after, years - years[place], 0.0),
    }
    return np.column_stack([*(columns[term] for term in _TERMS[regime]), seasonal])


@dataclass(frozen=True, slots=True)
class _Tested:
    """A line with a jump and a bend, the covariance of its coefficients, and their joint test."""

    params: FloatArray
    resids: FloatArray
    covariance: Covariance
    test: HypothesisTest


def _test(
    sample: Sample, place: int, seasonal: FloatArray, regime: Regime, choice: ErrorChoice
) -> _Tested:
    """Fit the line, or the mean, and test that nothing changes at the date."""
    x, changes = _design(sample, place, seasonal, regime), _changes(regime)
    fit = fit_least_squares(x, sample.observed)
    name = " and ".join(change.removesuffix("_change") for change in changes)
    null = "nothing changes at the date"
    reason = _no_errors(fit.resids, sample.observed, place, choice)
    if reason:
        unknown = np.full((x.shape[1], x.shape[1]), np.nan)
        covariance = Covariance(unknown, f"none: {reason}", None, sample.nobs - x.shape[1])
        test = HypothesisTest(name, null, np.nan, reason=reason)
    else:
        covariance = estimate_covariance(x, fit.resids, sample.steps, choice)
        last = len(_TERMS[regime])
        tested = slice(last - len(changes), last)
        test = joint_test(name, fit.params, covariance, tested, null=null)
    return _Tested(fit.params, fit.resids, covariance, test)


def _no_errors(resids: FloatArray, observed: FloatArray, place: int, choice: ErrorChoice) -> str:
    """Return why the coefficients have no standard errors; nothing where they have."""
    exact = np.abs(resids) <= _EXACT * np.max(np.abs(observed))
    if exact.all():
        return "every observation lies on its line, so that there are no errors to estimate"
    sides = {"before": exact[:place].all(), "from": exact[place:].all()}
    side = next((words for words, is_exact in sides.items() if is_exact), None)
    if side is None or choice.se in _ONE_VARIANCE:
        return ""
    return (
        f"every observation {side} the date {'on ' if side == 'from' else ''}lies on its line, so "
        f"that se={choice.se!r} takes that line for certain; {' and '.join(_ONE_VARIANCE)} take "
        "the errors of both sides together"
    )


def _placebo(
    sample: Sample, place: int, seasonal: FloatArray, regime: Regime, choice: ErrorChoice
) -> pd.Series:
    """Repeat the test at every date before, with what was known before the true one."""
    before = Sample(
        observed=sample.observed[:place],
        steps=sample.steps[:place],
        periods=sample.periods[:place],
        periods_per_year=sample.periods_per_year,
        left_out=sample.left_out,
    )
    statistics = {}
    for date in range(_EACH_SIDE, place - _EACH_SIDE + 1):
        tested = _test(before, date, seasonal, regime, choice)
        statistics[before.periods[date]] = tested.test.statistic
    return pd.Series(statistics, name="statistic", dtype="float64").dropna()


def _share(placebo: FloatArray, statistic: float) -> float:
    if placebo.size == 0 or np.isnan(statistic):
        return float("nan")
    return float((1 + np.sum(at_least(placebo, statistic))) / (1 + placebo.size))


@dataclass(frozen=True, slots=True, repr=False)
class EventTests(Result):
    """
    Events, each tested for a change of level and slope of one series.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``event``, ``since`` (first whole period), ``level_change`` with ``low`` and
        ``high``, ``slope_change`` a year, both on the scale of the line, ``pvalue`` of their joint
        test, ``placebo`` (share of dates that look like this one; NaN where none can be tested),
        ``placebos`` (how many) and ``holm`` (``pvalue`` adjusted for the number of events); one row
        an event, in the order of time.
    left_out : tuple of str
        Events that could not be tested, with the reason.
    covariance_type : str
        How the errors were estimated; empty where nothing was tested.
    form : {"log", "level"}
        Scale of the line.
    """

    frame: pd.DataFrame
    left_out: tuple[str, ...]
    covariance_type: str
    form: InterruptionForm

    def below(self, column: str) -> list[str]:
        """
        Return the events whose p-value in a column is below 5 percent.

        Parameters
        ----------
        column : str
            ``"pvalue"``, ``"holm"`` or ``"placebo"``.

        Returns
        -------
        list of str
            In the order of time.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        return [str(name) for name in self.frame.loc[self.frame[column] < _SIGNIFICANCE, "event"]]

    def tidy(self) -> pd.DataFrame:
        """
        Return the tests as a frame.

        Returns
        -------
        pandas.DataFrame
            ``frame``, a new one.
        """
        return self.frame.copy()

    def _card(self) -> Card:
        events = self.frame[["event", "pvalue", "holm"]].itertuples(index=False, name=None)
        return Card(
            title=f"{print_count(len(self.frame), 'event')}, each tested for a change",
            facts=(
                ("below 5%", ", ".join(self.below("pvalue")) or "none"),
                ("after Holm", ", ".join(self.below("holm")) or "none"),
                ("errors", self.covariance_type or "none: nothing was tested"),
                ("left out", "; ".join(self.left_out) or "none"),
            ),
            more=tuple(
                (str(event), f"p = {print_estimate(pvalue)}, {print_estimate(holm)} after Holm")
                for event, pvalue, holm in events
            ),
        )


def fit_events(
    y: pd.Series,
    events: pd.DataFrame,
    *,
    form: InterruptionForm = "log",
    comparison: pd.Series | None = None,
    season: Season = "none",
    se: StandardError = "orthogonal-series",
    rng: np.random.Generator | int | None = None,
    calendar: Calendar | None = None,
    level: float = 0.95,
) -> EventTests:
    """
    Test level and slope at the date of each event.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.fit_trend`.
    events : pandas.DataFrame
        Columns ``date`` (a day) and ``name``; ``start`` for ``date``, as :func:`flows.load` gives a
        data set of events.
    form : {"log", "level"}
        Scale of the line.
    comparison : pandas.Series, optional
        A series that the events did not touch.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters.
    se : str
        How standard errors are estimated; see :func:`flows.fit_trend`.
    rng : numpy.random.Generator or int, optional
        Source of chance, or its seed; demanded by the bootstraps.
    calendar : str, optional
        Whose years the index holds, where they are numbers or labels: ``"solar-hijri"``,
        ``"gregorian"``, any :data:`flows.periods.Calendar`. A PeriodIndex needs none.
    level : float
        Coverage of the intervals.

    Returns
    -------
    EventTests
        Changes are counted from the first period that begins on the day of the event or later.

    Raises
    ------
    ValueError
        If a column is missing, an option is unknown, ``level`` is not between 0 and 1, or the index
        holds numbers and no ``calendar`` is given.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([1, 2, 3, 4.1, 5, 16, 17, 18, 19.1, 20], index=years)
    >>> events = pd.DataFrame({"date": ["2018-01-01", "2013-01-01"], "name": ["ban", "early"]})
    >>> tested = fit_events(y, events, form="level", se="hc1")
    >>> tested.below("holm"), tested.left_out[0][:40]
    (['ban'], 'early: expected at least 3 observations ')
    """
    dated = date_events(events, "name")
    fits: list[tuple[str, InterruptionFit]] = []
    left_out = []
    for day, name in zip(dated["date"], dated["name"], strict=True):
        later = sorted(period for period in y.index if first_day(period, calendar=calendar) >= day)
        try:
            if not later:
                raise SampleError("expected periods after it, found none")  # noqa: TRY301 - same end
            fit = fit_interruption(
                y,
                at=later[0],
                form=form,
                comparison=comparison,
                season=season,
                se=se,
                rng=rng,
                level=level,
            )
        except SampleError as error:
            left_out.append(f"{name}: {error}")
        else:
            fits.append((str(name), fit))
    return EventTests(
        _frame(fits),
        tuple(left_out),
        "; ".join(sorted({fit.covariance_type for _, fit in fits})),
        form,
    )


def _frame(fits: list[tuple[str, InterruptionFit]]) -> pd.DataFrame:
    rows = [_event_row(name, fit) for name, fit in fits]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame = frame.sort_values("since", kind="stable", ignore_index=True)
    return frame.assign(holm=adjust_pvalues(frame["pvalue"].astype("float64")))


def _event_row(name: str, fit: InterruptionFit) -> list[object]:
    changes = fit.tidy().loc["level_change", ["estimate", "low", "high"]]
    placebos = len(fit.placebo)
    return [
        name,
        fit.at,
        *(float(change) for change in changes.to_numpy(dtype=float)),
        float(fit.params["slope_change"]),
        fit.test.pvalue,
        fit.placebo_pvalue if placebos else np.nan,
        placebos,
    ]


def events_beside(
    breaks: pd.DataFrame, events: pd.DataFrame, *, calendar: Calendar | None
) -> pd.DataFrame:
    """Name the events within the interval of each break, as ``BreakFit.beside`` says."""
    dated = date_events(events, "name", "kind")
    dates = dated["date"]
    rows = []
    for period, low, high in breaks.itertuples(index=True, name=None):
        start = first_day(period if pd.isna(low) else low, calendar=calendar)
        end = last_day(period if pd.isna(high) else high, calendar=calendar)
        near = dated[(dates >= start) & (dates < end + pd.Timedelta(days=1))]
        records = near["kind"].isin(_RECORD_KINDS)
        rows.append(_explain(near.loc[~records, "name"], near.loc[records, "name"]))
    return pd.DataFrame(rows, columns=["world", "records", "verdict"], index=breaks.index)


def date_events(events: pd.DataFrame, *needed: str) -> pd.DataFrame:
    """
    Return events with the day of each in ``date``, which a data set of events calls ``start``.

    >>> bans = pd.DataFrame({"start": ["2021-01-01"], "end": [None], "name": ["ban"]})
    >>> date_events(bans, "name")["date"].to_list()
    [Timestamp('2021-01-01 00:00:00')]
    """
    dated = events if "date" in events else events.rename(columns={"start": "date"})
    missing = [name for name in ("date", *needed) if name not in dated]
    if missing:
        raise ValueError(
            f"events: expected the columns date (or start), {', '.join(needed)}, "
            f"missing {', '.join(missing)}"
        )
    return dated.assign(date=pd.to_datetime(dated["date"]))


def _explain(world: pd.Series, records: pd.Series) -> tuple[str, str, str]:
    verdicts = {
        (True, True): "either",
        (True, False): "world",
        (False, True): "statistics",
        (False, False): "unexplained",
    }
    verdict = verdicts[bool(len(world)), bool(len(records))]
    return "; ".join(world), "; ".join(records), verdict
