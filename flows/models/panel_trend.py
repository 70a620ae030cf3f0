"""One trend of many pairs of countries, with errors that pairs may share."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.measure.pair_years import PAIR, PairSelection, pair_years
from flows.models.panel import (
    Panel,
    PanelForm,
    fit_panel,
    panel_covariance,
)
from flows.models.results import (
    Estimates,
    check_level,
    label,
    summary_text,
    two_sided_pvalues,
)
from flows.models.sample import check_choice
from flows.models.shared_errors import FEW, TOO_FEW, PairError
from flows.periods import Calendar
from flows.results import Card, print_count, print_growth
from flows.table import Rows

_NAMES: Mapping[str, str] = {"log": "logarithm", "poisson": "logarithm of the mean"}

_SHOWN = 3


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PanelTrendFit(Estimates):
    """
    Growth that many pairs have in common, each around a level of its own.

    Parameters
    ----------
    form : {"log", "poisson"}
        What is a straight line in time: the logarithm, or the logarithm of the mean.
    params, std_errors, pvalues : pandas.Series
        Index ``trend``, or the names of the groups; a year's change in log points.
    covariance : pandas.DataFrame
        Covariance of ``params``.
    df : float
        Degrees of freedom of Student's t: one less than the fewest clusters that any of the
        trends has.
    covariance_type : str
        How ``covariance`` was estimated.
    se : str
        Which errors pairs may share, as it was asked for.
    clusters : Mapping
        Number of clusters by what they are: ``pairs``, ``exporters``, ``importers`` or
        ``countries``.
    effective_clusters : float
        How many equal clusters would be worth the fewest of them: clusters with much of the
        information count for all others.
    level : float
        Coverage of intervals unless another is asked for.
    nobs, npairs : int
        Years of pairs, and pairs, that were used.
    unit : str
        Of the values.
    zeros : int
        Years without a row that were taken as zero.
    left_out : pandas.Series
        Reason for each pair that is not used, by exporter and importer.
    left_out_years : pandas.Series
        Reason for each year that is not there as a whole, by reporter and year.
    fitted, resids : pandas.Series
        By exporter, importer and year. ``fitted`` is on the scale of the straight line, ``resids``
        too, except for ``"poisson"``, where they are values less fitted means.
    rows : Mapping
        Lines of the raw files by data set.
    """

    form: PanelForm
    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    covariance: pd.DataFrame
    df: float
    covariance_type: str
    se: PairError
    clusters: Mapping[str, int]
    effective_clusters: float
    level: float
    nobs: int
    npairs: int
    unit: str
    zeros: int
    left_out: pd.Series
    left_out_years: pd.Series
    fitted: pd.Series
    resids: pd.Series
    rows: Rows

    @property
    def growth_pct(self) -> float:
        """
        Growth in percent a year.

        Returns
        -------
        float
            ``100 * (exp(slope) - 1)``.

        Raises
        ------
        ValueError
            If there are several groups, each with growth of its own.
        """
        return float(self._only(self.growth())["growth_pct"])

    @property
    def few_clusters(self) -> str:
        """
        Whether clusters are few, in words.

        Returns
        -------
        str
            Empty where they are not.
        """
        if self.effective_clusters >= FEW:
            return ""
        return f"worth {self.effective_clusters:.1f} equal clusters: {TOO_FEW}"

    def growth(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return growth in percent a year with its interval.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``growth_pct``, ``low``, ``high``; one row ``trend``, or one a group.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        ends = self.conf_int(level=level).assign(growth_pct=self.params)
        return ends[["growth_pct", "low", "high"]].map(lambda slope: 100 * math.expm1(slope))

    def growth_interval(self, *, level: float | None = None) -> tuple[float, float]:
        """
        Return the interval of ``growth_pct``.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        tuple of float
            Low and high, in percent a year: the ends of the slope's interval, transformed.

        Raises
        ------
        ValueError
            If there are several groups, or ``level`` is not between 0 and 1.
        """
        row = self._only(self.growth(level=level))
        return float(row["low"]), float(row["high"])

    def summary(self) -> str:
        """
        Print the fit for a person.

        Returns
        -------
        str
            Growth, estimates, covariance type, clusters, what is left out; no date or time.
        """
        years = self.fitted.index.get_level_values("year")
        growth = [
            (f"growth {name}" if len(self.params) > 1 else "growth", _in_words(row))
            for name, row in self.growth().iterrows()
        ]
        clusters = ", ".join(f"{number} {what}" for what, number in self.clusters.items())
        few = self.few_clusters
        facts = [
            *growth,
            ("years", f"{years.min()} to {years.max()}"),
            ("nobs", f"{self.nobs} of {self.npairs} pairs"),
            ("zeros", f"{self.zeros} years without a row"),
            ("pairs left out", _counted(self.left_out)),
            ("years left out", _counted(self.left_out_years)),
            ("covariance", f"{self.covariance_type}; t({self.df:g})"),
            ("clusters", f"{clusters}; {few}" if few else clusters),
            ("interval", f"{self.level:.0%}"),
        ]
        title = f"Trend of pairs in the {_NAMES[self.form]}"
        return summary_text(title, facts, self.tidy())

    def _only(self, growth: pd.DataFrame) -> pd.Series:
        if len(growth) > 1:
            raise ValueError(
                f"expected one trend, found those of {len(growth)} groups "
                f"({', '.join(map(str, growth.index[:_SHOWN]))}): read growth()"
            )
        return growth.iloc[0]

    @property
    def __maketables_fixef_string__(self) -> str:
        """Each pair has a level of its own."""
        return "exporter^importer"

    @property
    def __maketables_vcov_info__(self) -> dict[str, str]:
        """How the errors were estimated, and what they are shared by."""
        return {"vcov_type": self.covariance_type, "clustervar": "+".join(self.clusters)}

    def _card(self) -> Card:
        years = self.fitted.index.get_level_values("year")
        growth = tuple(
            (str(name), print_growth(*ends, level=self.level))
            for name, *ends in self.growth().itertuples(name=None)
        )
        clusters = ", ".join(f"{number} {what}" for what, number in self.clusters.items())
        return Card(
            title=f"{print_count(self.npairs, 'pair')}, {years.min()} to {years.max()}",
            facts=(
                ("growth", growth[0][1] if len(growth) == 1 else f"of {len(growth)} groups"),
                ("nobs", f"{self.nobs}, of which {self.zeros} taken as zero"),
                ("errors", self.covariance_type),
                ("clusters", f"{clusters}; {self.few_clusters}".rstrip("; ")),
                ("left out", print_count(len(self.left_out), "pair")),
            ),
            more=growth if len(growth) > 1 else (),
            rows=self.rows,
        )

    def _dependent(self) -> str:
        return "logarithm of the value" if self.form == "log" else "value"


def _in_words(growth: pd.Series) -> str:
    return f"{growth['growth_pct']:.2f} % a year [{growth['low']:.2f}, {growth['high']:.2f}]"


def _counted(left_out: pd.Series) -> str:
    """Say how many are left out for which reason, and the first of them."""
    if left_out.empty:
        return "none"
    if left_out.nunique() == len(left_out) > _SHOWN:
        return f"{len(left_out)} ({left_out.iloc[0]}, ...)"
    reasons = []
    for reason, group in left_out.groupby(left_out, sort=True):
        shown = ", ".join(" ".join(map(str, key)) for key in group.index[:_SHOWN])
        more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
        reasons.append(f"{shown}{more}: {reason}")
    return f"{len(left_out)} ({'; '.join(reasons)})"


def fit_panel_trend(
    table: pd.DataFrame,
    *,
    form: PanelForm = "log",
    se: PairError = "dyads",
    group: str | None = None,
    start: int | None = None,
    end: int | None = None,
    calendar: Calendar = "gregorian",
    absent: Literal["missing", "zero"] = "missing",
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    level: float = 0.95,
) -> PanelTrendFit:
    r"""
    Fit growth common to all pairs: :math:`\log y_{ijt} = \alpha_{ij} + \beta t + u_{ijt}`.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of many pairs, one statement a pair. Products are summed. A year that is stated
        is taken as stated, any other is put together from its months if all of them are there.
    form : {"log", "poisson"}
        What is a straight line in time. ``"log"``: the logarithm, in which every pair counts the
        same. ``"poisson"``: the logarithm of the mean, by pseudo-likelihood [1]_, which admits
        zeros and in which large pairs count for more.
    se : {"dyads", "two-way", "exporter", "importer", "pair"}
        Between which pairs errors may be correlated, in the same year or in different ones.
        ``"dyads"``: any two with a country in common, as exporter or importer [2]_ [3]_;
        ``"two-way"``: those with the same exporter or the same importer [4]_; ``"exporter"``,
        ``"importer"``: those with the same one; ``"pair"``: none but years of the same pair.
    group : str, optional
        Column of the table that says to which group a pair belongs; each has its own growth.
    start, end : int, optional
        First and last calendar year; all without them. With ``absent="zero"`` choose years in
        which the countries existed.
    calendar : str
        Whose years; see :data:`flows.periods.Calendar`.
    absent : {"missing", "zero"}
        What a year without a row is: not there, or in a census, which says which years it counts,
        zero.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flows, where the table holds several.
    level : float
        Coverage of the intervals.

    Returns
    -------
    PanelTrendFit
        ``growth_pct`` and its interval, or ``growth()`` by group; pairs left out, with the reason:
        those with one year say nothing of growth, nor do those that are zero in all.

    Raises
    ------
    DoubleCountError
        If a flow is stated more than once: by two reporters, bases or vintages.
    PeriodError
        If no year is whole, or zeros are asked for and the data set does not say which years it
        counts.
    SampleError
        If a value has no logarithm (``form="log"``), no pair is left, the clusters are worth fewer
        than five equal ones, or no estimate exists because all pairs trade in their first year, or
        their last one, alone.
    SchemaError
        If no row is left, a size is not published, or a pair has two groups.
    ScopeError
        If rows were filtered out of the table, or zeros are asked for of the largest partners.
    UnitError
        If there are two units.
    ValueError
        If a name is unknown or ``level`` is not between 0 and 1.

    Notes
    -----
    With scores summed over the years of each pair, the middle of the sandwich is the sum of the
    products of all pairs that share an error, each product once. It is multiplied by
    :math:`\frac{G}{G-1} \frac{n-1}{n-k-1}`, with :math:`G` the fewest clusters of any kind,
    :math:`n` years of pairs and :math:`k` trends; levels of pairs are nested in clusters and count
    as one. Tests and intervals use Student's t with :math:`G - 1` degrees of freedom; of groups
    :math:`G` is then that of the smallest. But for the last, these are the conventions of fixest.
    A two-way or dyadic variance can be smaller than that of pairs alone (for ``"dyads"``, of pairs
    together with their reverse), or negative: it is then raised to the latter [7]_, and
    ``covariance_type`` says so.

    Few clusters make errors too small; how few depends on how unequal they are, for which
    ``effective_clusters`` stands [5]_. Cameron and Miller call below 20 to 50
    few [6]_: the summary says where that is so, and below five there is no test. Where one country
    is in all pairs, its own errors cannot be estimated, and ``"dyads"`` is always refused. What all
    pairs share in a year, such as a recession of world trade, is in none of these errors: growth is
    that of these years. How often each choice finds a trend where there is none is in
    docs/monte-carlo.md.

    References
    ----------
    .. [1] Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics
       and Statistics 88 (4), 641-658.
    .. [2] Cameron, A. C. and Miller, D. L. (2014). Robust inference for dyadic data. University of
       California, Davis.
    .. [3] Aronow, P. M., Samii, C. and Assenova, V. A. (2015). Cluster-robust variance estimation
       for dyadic data. Political Analysis 23 (4), 564-577.
    .. [4] Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway
       clustering. Journal of Business & Economic Statistics 29 (2), 238-249.
    .. [5] Carter, A. V., Schnepel, K. T. and Steigerwald, D. G. (2017). Asymptotic behavior of a
       t-test robust to cluster heterogeneity. Review of Economics and Statistics 99 (4), 698-709.
    .. [6] Cameron, A. C. and Miller, D. L. (2015). A practitioner's guide to cluster-robust
       inference. Journal of Human Resources 50 (2), 317-372.
    .. [7] MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2024). Jackknife inference with two-way
       clustering. arXiv:2406.08880.

    Examples
    --------
    Trade of six countries with one another, drawn around growth of four percent a year:

    >>> from itertools import permutations
    >>> import flows as fl
    >>> codes = permutations(["ARM", "AZE", "GEO", "IRN", "RUS", "TUR"], 2)
    >>> years = pd.DataFrame({"start": pd.date_range("2015", periods=9, freq="YS")})
    >>> trade = pd.DataFrame(codes, columns=["exporter", "importer"]).merge(years, how="cross")
    >>> noise = np.random.default_rng(1).lognormal(0, 0.2, len(trade))
    >>> values = 1e6 * 1.04 ** (trade["start"].dt.year - 2015) * noise
    >>> trade = fl.check_flows(trade.assign(
    ...     end=trade["start"] + pd.offsets.YearEnd(), value=values, low=values, high=values,
    ...     reporter="CEPII", product="TOTAL", classification="TOTAL", unit="USD", valuation="FOB",
    ...     partner_basis="", coverage="all goods", estimate=False, dataset="drawn@1",
    ...     line=range(2, len(trade) + 2),
    ... ))
    >>> fit = fit_panel_trend(trade)
    >>> round(fit.growth_pct, 1), fit.clusters, fit.few_clusters
    (3.5, {'countries': 6}, 'worth 6.0 equal clusters: ...')

    Imports of one country share its errors in every pair:

    >>> fit_panel_trend(trade[trade["importer"] == "ARM"])
    Traceback (most recent call last):
        ...
    flows.errors.SampleError: expected countries worth at least 5 equal clusters, ...
    """
    check_level(level)
    check_choice("form", form, get_args(PanelForm))
    check_choice("se", se, get_args(PairError))
    wanted = {
        "dataset": dataset,
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
    }
    cells = pair_years(table, PairSelection(start, end, calendar, absent, group, wanted))
    used, left_out = _usable(cells.frame, form)
    panel = _panel(used)
    line = fit_panel(panel, form=form)
    covariance = panel_covariance(panel, line, se=se)
    terms = ["trend"] if group is None else sorted(used["group"].unique())
    params = label(terms, line.slopes)
    std_errors = label(terms, np.sqrt(np.diag(covariance.matrix)))
    index = pd.MultiIndex.from_frame(used[[*PAIR, "year"]])
    return PanelTrendFit(
        form=form,
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        covariance=pd.DataFrame(covariance.matrix, index=params.index, columns=terms),
        df=covariance.df,
        covariance_type=covariance.covariance_type,
        se=se,
        clusters=covariance.clusters,
        effective_clusters=covariance.effective,
        level=level,
        nobs=len(used),
        npairs=len(panel.group),
        unit=cells.unit,
        zeros=cells.zeros,
        left_out=left_out,
        left_out_years=cells.left_out,
        fitted=pd.Series(line.fitted, index=index, name="fitted"),
        resids=pd.Series(line.resids, index=index, name="resids"),
        rows=cells.rows,
    )


def _usable(values: pd.DataFrame, form: PanelForm) -> tuple[pd.DataFrame, pd.Series]:
    """Return the values of pairs that say something of growth, and why the others do not."""
    if form == "log":
        _check_positive(values)
    pairs = values.groupby(PAIR, sort=True)["value"].agg(years="size", total="sum")
    reasons = pd.Series("", index=pairs.index, dtype="str", name="reason")
    reasons[pairs["years"] == 1] = "one year"
    reasons[pairs["total"] == 0] = "zero in all years"
    left_out = reasons[reasons != ""]
    used = values[~pd.MultiIndex.from_frame(values[PAIR]).isin(left_out.index)]
    if used.empty:
        raise SampleError(
            f"expected pairs with trade and several years, found none among {len(pairs)} pairs "
            f"({_counted(left_out)})"
        )
    return used, left_out


def _check_positive(values: pd.DataFrame) -> None:
    zeros = values[values["value"] == 0]
    if len(zeros):
        shown = zeros[[*PAIR, "year"]].head(_SHOWN).astype("str").agg(" ".join, axis="columns")
        raise SampleError(
            f"expected positive values, found {len(zeros)} of {len(values)} years of pairs to be "
            f"zero ({', '.join(shown)}): a zero has no logarithm; use form='poisson', or leave "
            "them out, which selects the pairs that go on trading"
        )


def _panel(used: pd.DataFrame) -> Panel:
    """Return the numbers behind sorted values of pairs."""
    pair = used.groupby(PAIR, sort=True).ngroup().to_numpy()
    pairs = used.drop_duplicates(PAIR)
    codes, _ = pd.factorize(pd.concat([pairs["exporter"], pairs["importer"]]), sort=True)
    years = used["year"].to_numpy(dtype="float64")
    return Panel(
        exporter=codes[: len(pairs)].astype("int64"),
        importer=codes[len(pairs) :].astype("int64"),
        group=pd.factorize(pairs["group"], sort=True)[0].astype("int64"),
        pair=pair.astype("int64"),
        years=years - years.min(),
        values=used["value"].to_numpy(dtype="float64"),
    )
