"""Breaks at unknown dates: the exact partition, how many, and how well they are dated."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.canonical import first_minimum
from flows.errors import SampleError
from flows.models.break_dates import Shift, break_interval, measure_shifts
from flows.models.break_sequence import (
    DRAWS,
    SIGNIFICANCE,
    BreakSearch,
    DateProfile,
    Noise,
    date_profiles,
    search_breaks,
)
from flows.models.break_surface import check_simulated
from flows.models.break_tests import (
    f_path,
    one_more_break_test,
    several_breaks_tests,
    single_break_tests,
)
from flows.models.interruption import events_beside
from flows.models.partitions import (
    Design,
    Partitions,
    RegimeErrors,
    cut,
    fit_regimes,
    partitions_of,
)
from flows.models.results import HypothesisTest, check_level, describe_left_out, summary_text
from flows.models.sample import (
    FloatArray,
    IntArray,
    Regime,
    Sample,
    Season,
    check_choice,
    check_series,
    check_varies,
    first_day,
    last_day,
    seasonal_terms,
    years_since_first,
)
from flows.periods import Calendar
from flows.renamed import renamed_arguments
from flows.results import Card, DrawingCall, Drawn, print_between

Choice = Literal["sequential", "bootstrap", "bai-perron", "bic", "lwz"]
Interval = Literal["likelihood", "bai-perron"]

_SIMULATED = 60
"""Fewest months or quarters whose errors are by default taken as autocorrelated."""

ROUNDING = 1e-12
"""Residual sum of squares, relative to the variation of the values, that is rounding."""


@dataclass(frozen=True, slots=True, repr=False)
class BreakFit(Drawn):
    """
    Regimes of one series, their dates, and the tests behind them.

    Parameters
    ----------
    regime : {"mean", "trend"}
        What is constant within a regime.
    break_dates : pandas.Index
        First period of each new regime.
    chosen_by : str
        How the number of breaks was chosen.
    criteria : pandas.DataFrame
        Columns ``rss``, ``aic``, ``bic``, ``lwz``; one row a number of breaks, index ``breaks``.
    tests : Mapping
        Tests by name. ``supLR(1|0)`` and so on, of one more break each, keep their size where the
        noise is autocorrelated; the others are for independent errors, or for those that ``se``
        allows for, and reject too often where the noise persists.
    regimes : pandas.DataFrame
        One row a regime: ``start``, ``end``, ``nobs``, and a column a coefficient. ``const`` is the
        level, or the line's value in the first period of the sample; ``trend`` is a year's change.
    f_path : pandas.Series
        F statistic of one break, errors independent, by the first period of the new regime.
    ratio_path : pandas.Series
        Likelihood ratio of one break in persistent noise, by the first period of the new regime;
        empty where the sample is too short for it.
    critical_ratio : float
        What the largest of them has to reach at 5 %; NaN where there is none.
    fitted, resids : pandas.Series
        By period.
    se : str
        Covariance behind tests and intervals.
    shortest : int
        Fewest observations of a regime.
    level : float
        Coverage of intervals unless another is asked for.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    positions : numpy.ndarray
        Breaks as observations counted from 0, behind ``break_dates``.
    autocorrelation : float
        Of the noise around one break at most, of neighbouring periods, corrected for its bias;
        1 or more: as in a random walk.
    detectable_shift : float
        The shift in the middle of the sample that the default would find in 80 % of such series,
        in the unit of the values; infinite where none of nine standard deviations of the noise's
        innovations is.
    interval : {"likelihood", "bai-perron"}
        How intervals of the dates are made.
    shifts, profiles : tuple
        What each interval depends on; see :class:`flows.models.break_dates.Shift` and
        :class:`flows.models.break_sequence.DateProfile`.
    """

    regime: Regime
    break_dates: pd.Index
    chosen_by: str
    criteria: pd.DataFrame
    tests: Mapping[str, HypothesisTest]
    regimes: pd.DataFrame
    f_path: pd.Series
    ratio_path: pd.Series
    critical_ratio: float
    fitted: pd.Series
    resids: pd.Series
    se: RegimeErrors
    shortest: int
    level: float
    left_out: pd.Series
    positions: IntArray
    autocorrelation: float
    detectable_shift: float
    interval: Interval
    shifts: tuple[Shift | None, ...]
    profiles: tuple[DateProfile, ...]

    @property
    def nobs(self) -> int:
        """Number of observations used."""
        return len(self.fitted)

    @property
    def verdict(self) -> str:
        """
        Say in a sentence what was found, and where nothing was, what would have been.

        Returns
        -------
        str
            A series that persists so much that no shift would be found is told from one that has
            none.
        """
        count = len(self.break_dates)
        if count:
            return f"{count} break{'s' if count > 1 else ''} in the {self.regime}"
        if self.chosen_by == "given":
            return "no break was asked for"
        if np.isinf(self.detectable_shift):
            return "a break cannot be told apart from persistent noise"
        return (
            f"no break is found; a shift of {self.detectable_shift:.3g} in the middle would be "
            "found in 8 of 10 such series"
        )

    def conf_int(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the interval of each break date.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``, first periods of the new regime within the sample; one row a
            break, index ``break_date``. By default they are the dates that a test of the likelihood
            ratio does not reject, so that they hold the true one as often where the noise is
            autocorrelated; where the regimes are too short for that, every date between the breaks
            beside it. Those of ``interval="bai-perron"`` are missing where the noise on both sides
            is too different.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1, or, for ``interval="likelihood"``, not between 0.8
            and 0.99, for which the test was simulated.
        """
        coverage = self.level if level is None else check_level(level)
        ends = [self._ends(place, coverage) for place in range(len(self.positions))]
        return pd.DataFrame(
            ends, columns=["low", "high"], index=self.break_dates.rename("break_date")
        )

    def tidy(self) -> pd.DataFrame:
        """
        Return the breaks as a frame.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``, ``before``, ``after`` (the level on both sides of the
            break); one row a break, index ``break_date``.
        """
        before = [self.fitted.iloc[at - 1] for at in self.positions]
        after = [self.fitted.iloc[at] for at in self.positions]
        return self.conf_int().assign(before=before, after=after)

    def beside(self, events: pd.DataFrame, *, calendar: Calendar | None = None) -> pd.DataFrame:
        """
        Name the events that lie within the interval of each break.

        Parameters
        ----------
        events : pandas.DataFrame
            Columns ``date`` (or ``start``, as :func:`flows.load` gives a data set of events),
            ``name`` and ``kind``. The kinds ``"vintage"``,
            ``"classification"``, ``"reporter"``, ``"basis"`` and ``"calendar"`` happen to the
            records, as :func:`flows.record_changes` finds them; any other in the world.
        calendar : str, optional
            Whose years the series is dated by, where they are numbers or labels; a PeriodIndex
            needs none.

        Returns
        -------
        pandas.DataFrame
            Columns ``world``, ``records`` (names, joined by semicolons) and ``verdict``:
            ``"statistics"`` where only the records changed, ``"world"`` where only the world did,
            ``"either"`` where both, ``"unexplained"`` where neither; one row a break, index
            ``break_date``.

        Raises
        ------
        ValueError
            If a column is missing, or the years are numbers and no ``calendar`` is given.

        Examples
        --------
        >>> years = pd.period_range("2011", "2022", freq="Y")
        >>> y = pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=years)
        >>> events = pd.DataFrame({"date": ["2017-03-01"], "name": ["ban"], "kind": ["policy"]})
        >>> find_breaks(y).beside(events)["verdict"].to_list()
        ['world']
        """
        return events_beside(self.conf_int(), events, calendar=calendar)

    def summary(self) -> str:
        """
        Print the breaks for a person.

        Returns
        -------
        str
            Dates with intervals, tests, choice and rows left out; no date or time of printing.
        """
        dates = [
            f"{date} [{low}, {high}]"
            for date, low, high in self.conf_int().itertuples(index=True, name=None)
        ]
        facts = [
            ("breaks", ", ".join(dates) or "none"),
            ("in words", self.verdict),
            ("chosen by", self.chosen_by),
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", f"{self.nobs}, at least {self.shortest} a regime"),
            ("left out", describe_left_out(self.left_out)),
            ("interval", f"{self.level:.0%}, {self.interval}"),
            ("autocorrelation", f"{self.autocorrelation:.2f}, corrected for its bias"),
            *(("test", f"{test}, of {test.null}") for test in self.tests.values()),
        ]
        return summary_text(f"Breaks in the {self.regime}", facts, self.regimes)

    def lines(self) -> pd.DataFrame:
        """
        Return the line of each regime without seasons.

        Returns
        -------
        pandas.DataFrame
            Columns ``regime`` (its number) and ``fitted``; one row a period used.
        """
        periods = self.fitted.index
        number = pd.Series(np.repeat(self.regimes.index.to_numpy(), self.regimes["nobs"]), periods)
        line = number.map(self.regimes["const"])
        if "trend" in self.regimes:
            line += number.map(self.regimes["trend"]) * years_since_first(periods)
        return pd.DataFrame({"regime": number, "fitted": line})

    def drawn_dates(self, *, calendar: Calendar | None = None) -> list[dict[str, str | None]]:
        """
        Return break dates and the days of their intervals, as they are drawn.

        Parameters
        ----------
        calendar : str, optional
            Whose years the series is dated by, where they are numbers.

        Returns
        -------
        list of dict
            ``date``, ``low`` and ``high`` (``"2021-01-01"``; None without an interval), ``name``.
        """
        return [
            {
                "date": f"{first_day(date, calendar=calendar):%Y-%m-%d}",
                "low": None if pd.isna(low) else f"{first_day(low, calendar=calendar):%Y-%m-%d}",
                "high": None if pd.isna(high) else f"{last_day(high, calendar=calendar):%Y-%m-%d}",
                "name": str(date),
            }
            for date, low, high in self.conf_int().itertuples(name=None)
        ]

    def drawing(self) -> DrawingCall:
        """
        Return the series as it was fitted, its regimes and the dates between them.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_breaks`.
        """
        lines, values = self.lines(), self.fitted + self.resids
        return DrawingCall(
            "draw_breaks",
            lines.assign(
                date=[first_day(period) for period in lines.index], value=values
            ).reset_index(drop=True),
            {
                "unit_label": "Series as fitted",
                "breaks": self.drawn_dates(),
                "interval_label": f"{self.level:.0%} interval of its date",
                "log": False,
                "zero": False,
            },
        )

    def _ends(self, place: int, level: float) -> tuple[object, object]:
        shift, last, index = self.shifts[place], self.nobs - 1, self.fitted.index
        if self.interval == "likelihood":
            low, high = self.profiles[place].interval(level)
        elif shift is None:
            return None, None
        else:
            try:
                low, high = break_interval(int(self.positions[place]), shift, level=level)
            except SampleError:
                return None, None
        return index[min(max(low, 0), last)], index[min(max(high, 0), last)]

    def _card(self) -> Card:
        dates = tuple(
            (str(date), _print_ends(low, high))
            for date, low, high in self.conf_int().itertuples(name=None)
        )
        return Card(
            title=f"in the {self.regime}, {self.fitted.index[0]} to {self.fitted.index[-1]}",
            facts=(
                ("breaks", "; ".join(map(", ".join, dates)) or self.verdict),
                ("interval", f"{self.level:.0%}, {self.interval}"),
                ("chosen by", self.chosen_by),
                ("nobs", f"{self.nobs}, at least {self.shortest} a regime"),
                ("left out", describe_left_out(self.left_out)),
            ),
            more=(*dates, *(("test", f"{test}, of {test.null}") for test in self.tests.values())),
        )


def _print_ends(low: object, high: object) -> str:
    """Print what the interval of a date holds."""
    if pd.isna([low, high]).any():
        return "without an interval"
    return "no other date" if low == high else print_between(str(low), str(high))


@renamed_arguments(errors="se")
def find_breaks(
    y: pd.Series,
    *,
    regime: Regime = "mean",
    choose: Choice | int = "sequential",
    trim: float = 0.15,
    most: int = 5,
    se: RegimeErrors | None = None,
    season: Season = "none",
    interval: Interval = "likelihood",
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> BreakFit:
    """
    Find the dates at which the mean or the trend of a series changes.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit, or their logarithm; index of periods as for
        :func:`flows.fit_trend`.
    regime : {"mean", "trend"}
        What is constant between breaks.
    choose : {"sequential", "bootstrap", "bai-perron", "bic", "lwz"} or int
        How many breaks. ``"sequential"``: one more as long as a likelihood ratio test at 5 %
        rejects that persistent noise looks like it; its critical values were simulated for the size
        of the sample, the shortest regime and the autocorrelation. ``"bootstrap"``: the same test,
        its p-value from series drawn without the break from an autoregression of the residuals.
        ``"bai-perron"``: their sequential test with asymptotic critical values; ``"bic"``,
        ``"lwz"``: an information criterion. These three find breaks in noise that persists: see
        docs/breaks.md. Or a given number.
    trim : float
        Shortest regime as a share of the observations.
    most : int
        Largest number of breaks considered.
    se : {"pooled", "regime", "hac", "hac-prewhitened"}, optional
        Covariance behind Bai and Perron's tests and intervals: one variance, a variance a
        regime, or autocorrelation as well. Autocorrelation needs regimes of dozens of observations
        to be estimated. Without a choice it is ``"hac-prewhitened"`` for 60 months or quarters and
        more, ``"hac"`` where one of them is missing, and ``"regime"`` for years and for shorter
        samples; see docs/monte-carlo.md.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters that stay the same over the whole sample, whatever
        breaks (partial structural change).
    interval : {"likelihood", "bai-perron"}
        Intervals of the dates: by inverting the likelihood ratio test, or by the asymptotic
        distribution, which is too short where the shift is small or the noise persists.
    level : float
        Coverage of the intervals.
    rng : int or numpy.random.Generator, optional
        Source of chance of ``choose="bootstrap"``, or its seed.

    Returns
    -------
    BreakFit
        ``verdict``, ``break_dates`` (first period of each new regime), ``conf_int()``, ``tests``,
        ``criteria`` for every number of breaks, ``regimes``.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If the sample has no room for two regimes, a value is infinite, or all are the same. With
        fewer than eight observations the default tests nothing and finds no break.
    ValueError
        If a name is unknown, ``trim`` is not between 0 and 0.5, ``level`` not between 0.8 and 0.99
        (for ``interval="likelihood"``), more breaks are asked for than there is room for, or
        ``rng`` is missing where it is needed or given where it is not.

    Notes
    -----
    The default finds breaks one after another and dates each by the likelihood with first-order
    autoregressive noise; of two shifts that undo one another it sees less than of one. For any
    other choice the dates are those of the least sum of squares: all partitions are compared, by
    dynamic programming; beside a season, all of up to two breaks, and for more those that no
    exchange of two dates improves. Critical values of Bai and Perron's tests are asymptotic and,
    for ``regime="trend"``, those of regressors without trend.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
       models. Journal of Applied Econometrics 18 (1), 1-22.
    .. [2] Diebold, F. X. and Chen, C. (1996). Testing structural stability with endogenous
       breakpoint. Journal of Econometrics 70 (1), 221-241.
    .. [3] Eo, Y. and Morley, J. (2015). Likelihood-ratio-based confidence sets for the timing of
       structural breaks. Quantitative Economics 6 (2), 463-497.
    .. [4] Liu, J., Wu, S. and Zidek, J. V. (1997). On segmented multivariate regression.
       Statistica Sinica 7 (2), 497-525.

    Examples
    --------
    >>> years = pd.period_range("2011", "2022", freq="Y")
    >>> y = pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=years)
    >>> [str(date) for date in find_breaks(y).break_dates]
    ['2017']
    """
    check_level(level)
    check_choice("interval", interval, get_args(Interval))
    if interval == "likelihood":
        check_simulated(level)
    if se is not None:
        check_choice("se", se, get_args(RegimeErrors))
    generator = _generator(choose, rng)
    sample, design = _design(y, regime, trim, season)
    se = se or _default_se(sample)
    partitions = partitions_of(design, most=most)
    costs = _costs(sample, partitions)
    criteria = information_criteria(costs, nobs=sample.nobs, coefficients=design.x.shape[1])
    search = search_breaks(design, most=most, rng=generator)
    path = f_path(design)
    steps = _sequence(design, partitions, se)
    tests = [
        *search.tests,
        *single_break_tests(design, path).values(),
        *several_breaks_tests(design, partitions, se=se).values(),
        *steps,
    ]
    breaks, chosen_by = _chosen(choose, search, partitions, criteria, steps)
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    return BreakFit(
        regime=regime,
        break_dates=sample.periods[breaks],
        chosen_by=chosen_by,
        criteria=criteria,
        tests={test.name: test for test in tests},
        regimes=_regimes(sample, breaks, fit.params),
        f_path=pd.Series(path[:-1], index=sample.periods, name="F").dropna(),
        ratio_path=_ratio_path(sample, search.noise),
        critical_ratio=search.noise.critical if search.noise else np.nan,
        fitted=pd.Series(design.y - fit.resids, index=sample.periods, name="fitted"),
        resids=pd.Series(fit.resids, index=sample.periods, name="resids"),
        se=se,
        shortest=design.shortest,
        level=level,
        left_out=sample.left_out,
        positions=breaks,
        autocorrelation=search.noise.autocorrelation if search.noise else np.nan,
        detectable_shift=search.noise.detectable if search.noise else np.inf,
        interval=interval,
        shifts=measure_shifts(design, breaks, se=se),
        profiles=date_profiles(design, breaks),
    )


def information_criteria(costs: FloatArray, *, nobs: int, coefficients: int) -> pd.DataFrame:
    """Weigh the fit of each number of breaks against its size."""
    if nobs < 1:
        raise ValueError(f"expected a positive number of observations, found {nobs}")
    columns = criteria_of(costs, nobs=nobs, coefficients=coefficients)
    index = pd.Index(np.arange(len(costs)), name="breaks")
    return pd.DataFrame({"rss": costs, **columns}, index=index)


def criteria_of(costs: FloatArray, *, nobs: int, coefficients: int) -> dict[str, FloatArray]:
    """Return each criterion by the number of breaks, the last axis of the costs."""
    breaks = np.arange(costs.shape[-1])
    with np.errstate(divide="ignore"):
        deviance = nobs * (np.log(costs) + 1 - math.log(nobs) + math.log(2 * math.pi))
    parameters = coefficients * (breaks + 1) + breaks + 1
    charges = {"aic": 2.0, "bic": math.log(nobs), "lwz": 0.299 * math.log(nobs) ** 2.1}
    return {name: deviance + charge * parameters for name, charge in charges.items()}


def _costs(sample: Sample, partitions: Partitions) -> FloatArray:
    """Return the costs, 0 where they are rounding."""
    spread = float(np.sum((sample.observed - sample.observed.mean()) ** 2))
    return np.where(partitions.costs > ROUNDING * spread, partitions.costs, 0.0)


def _design(y: pd.Series, regime: Regime, trim: float, season: Season) -> tuple[Sample, Design]:
    check_choice("regime", regime, get_args(Regime))
    if not 0 < trim < 1 / 2:
        raise ValueError(f"expected a trim between 0 and 0.5, found {trim}")
    sample = check_series(y, at_least=2)
    check_varies(sample)
    x = regressors(sample, regime)
    shortest = max(math.floor(trim * sample.nobs), x.shape[1] + 1)
    if sample.nobs < 2 * shortest:
        raise SampleError(
            f"expected at least {2 * shortest} observations for two regimes of {shortest}, found "
            f"{sample.nobs}: nothing is left to test"
        )
    names, terms = seasonal_terms(sample, season)
    design = Design(x, sample.observed, sample.steps, shortest, terms if names else None)
    if not design.carries(1):
        raise SampleError(
            f"expected more observations than the {2 * x.shape[1]} coefficients of two regimes and "
            f"the {len(names)} of the season, found {sample.nobs}: use season='harmonics' or 'none'"
        )
    return sample, design


def regressors(sample: Sample, regime: Regime) -> FloatArray:
    """Return the regressors whose coefficients are constant within a regime."""
    constant = np.ones((sample.nobs, 1))
    return np.column_stack([constant, sample.years]) if regime == "trend" else constant


def _default_se(sample: Sample) -> RegimeErrors:
    """Return the errors whose intervals cover best for such a sample."""
    if sample.periods_per_year == 1 or sample.nobs < _SIMULATED:
        return "regime"
    return "hac-prewhitened" if sample.unbroken else "hac"


def _sequence(design: Design, partitions: Partitions, se: RegimeErrors) -> list[HypothesisTest]:
    """Test one more break than each partition has."""
    return [one_more_break_test(design, breaks, se=se) for breaks in partitions.breaks[:-1]]


def _generator(
    choose: Choice | int, rng: int | np.random.Generator | None
) -> np.random.Generator | None:
    """Return the source of chance, which the bootstrap needs and nothing else takes."""
    if (choose == "bootstrap") != (rng is not None):
        raise ValueError(
            "expected rng, a seed or numpy.random.Generator, with choose='bootstrap' and only "
            f"there; found rng={rng} with choose={choose!r}"
        )
    return None if rng is None else np.random.default_rng(rng)


def _chosen(
    choose: Choice | int,
    search: BreakSearch,
    partitions: Partitions,
    criteria: pd.DataFrame,
    steps: list[HypothesisTest],
) -> tuple[IntArray, str]:
    """Return the breaks and how their number was chosen."""
    most = len(criteria) - 1
    if isinstance(choose, int):
        if not 0 <= choose <= most:
            raise ValueError(f"this sample has room for 0 to {most} breaks, found choose={choose}")
        return partitions.breaks[choose], "given"
    check_choice("choose", choose, get_args(Choice))
    size = f"{SIGNIFICANCE:.0%}"
    if choose == "sequential":
        return search.breaks, f"likelihood ratio tests in persistent noise at {size}"
    if choose == "bootstrap":
        return search.breaks, f"likelihood ratio tests at {size}, bootstrap of {DRAWS} draws"
    if choose == "bai-perron":
        rejected = [test.rejects(significance=SIGNIFICANCE) for test in steps]
        count = rejected.index(False) if False in rejected else most
        return partitions.breaks[count], f"Bai and Perron's sequential tests at {size}"
    return partitions.breaks[first_minimum(criteria[choose])], choose.upper()


def _ratio_path(sample: Sample, noise: Noise | None) -> pd.Series:
    """Return the likelihood ratio of one break by its date."""
    if noise is None:
        return pd.Series([], index=sample.periods[:0], dtype=np.float64, name="ratio")
    return pd.Series(noise.ratios, index=sample.periods[noise.dates], name="ratio")


def _regimes(sample: Sample, breaks: IntArray, params: FloatArray) -> pd.DataFrame:
    rows = cut(sample.nobs, breaks)
    frame = pd.DataFrame(
        {
            "start": [sample.periods[part.start] for part in rows],
            "end": [sample.periods[part.stop - 1] for part in rows],
            "nobs": [part.stop - part.start for part in rows],
        }
    )
    for name, column in zip(("const", "trend"), params.T, strict=False):
        frame[name] = column
    return frame.rename_axis("regime")
