"""Whether a flow is much or little: beside what gravity predicts of it, and among all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import pandas as pd

from flows.canonical import print_value
from flows.compare.context_model import standing, year_model
from flows.compare.context_sources import statements_of, world_shares
from flows.compare.context_warnings import (
    as_series,
    name_statement,
    print_money,
    print_statement,
    standing_warnings,
    warn_of_events,
    warn_of_mirrors,
    warn_of_silence,
    warn_of_size,
)
from flows.compare.context_year import BORDER, year_flows
from flows.geography import pair_covariates
from flows.measure.groups import printed_name
from flows.models.gravity.like_flows import fewest_for
from flows.models.results import check_level
from flows.results import Card, DrawingCall, Drawn, print_between, print_count
from flows.table import Rows, million_label

REGRESSORS = ("log_distance", BORDER, "common_language")

FOLDS = 10
LIKE = 200

_LEAST_FOLDS = 2
_MILLION = 1e6
_HALF = 50.0


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FlowContext(Drawn):
    """
    Where one flow of a year stands among all others, beside what gravity predicts of it.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes.
    year : int
        Calendar year.
    unit : str
        Of all values.
    actual : float
        What the table states of the flow; zero where it counts all pairs and has no row.
    fitted : float
        Mean that the model fitted to all flows gives to it.
    predicted : float
        Mean from the model fitted to all flows but those between the two, in both directions.
    typical : float
        What half of the flows like this one are below, as a part of what is predicted of them. A
        prediction is a mean: of small flows most are far below it, and of some far above.
    sources : pandas.DataFrame
        One row a statement of the flow, the table's own first: ``side`` (``"compiled"``,
        ``"exporter"``, ``"importer"``), ``reporter``, ``partner_basis``, ``valuation``,
        ``coverage``, ``start``, ``end``, ``value``, ``bound`` (whether it is a lower bound),
        ``whole_year`` (else the source has a period of its own), ``dataset``, ``of_predicted``
        (``value`` divided by ``predicted``).
    ranges : pandas.DataFrame
        Index ``level``: ``ratio_low`` and ``ratio_high``, between which actual over predicted lies
        among flows like this one; ``low`` and ``high``, the same in ``unit``; ``inside``, whether
        this flow does; ``coverage``, the part of all flows of the year that ranges made without
        them hold; ``coverage_like``, the same of the flows like this one.
    percentiles : pandas.DataFrame
        Index ``among``: ``"positive flows"``, ``"like flows"``, ``"neighbours"`` (flows across a
        land border), ``"exporter's partners"``, ``"importer's partners"`` (positive flows).
        ``flows``: how many others there are; ``zeros``: how many of these are zero;
        ``percentile``: percentage of them whose actual over predicted is lower, missing where
        ``reason`` says why.
    sizes : pandas.DataFrame
        Index ``side``: ``country``; ``share`` of world exports (imports) in the year and
        ``usual_share`` in the other ``years`` of the table; ``predicted_at_usual``, about what
        would be predicted at the usual share.
    flows : pandas.DataFrame
        One row another flow of the year: ``exporter``, ``importer``, ``value``, ``predicted`` (by a
        fit without its part of the pairs), ``ratio``, ``border``, and ``like``, whether it is one
        of those like this one.
    params : pandas.Series
        Coefficients of the regressors in the fit to all flows.
    nobs : int
        Flows in that fit.
    zeros : int
        How many of them are zero.
    folds : int
        Parts into which the pairs were put to predict all other flows.
    warnings : pandas.Series
        Sentences, with their kinds as the index.
    left_out : pandas.Series
        What is not in the model, in words.
    rows : Mapping
        Lines of the raw files behind the statements of this flow.
    """

    exporter: str
    importer: str
    year: int
    unit: str
    actual: float
    fitted: float
    predicted: float
    typical: float
    sources: pd.DataFrame
    ranges: pd.DataFrame
    percentiles: pd.DataFrame
    sizes: pd.DataFrame
    flows: pd.DataFrame
    params: pd.Series
    nobs: int
    zeros: int
    folds: int
    warnings: pd.Series
    left_out: pd.Series
    rows: Rows

    @property
    def ratio(self) -> float:
        """Actual over predicted."""
        return self.actual / self.predicted

    @property
    def like(self) -> pd.DataFrame:
        """Flows like this one: in predicted size, regressors, and the size of both countries."""
        return self.flows[self.flows["like"]].drop(columns="like")

    def tidy(self) -> pd.DataFrame:
        """
        Return the result as one row, so that several can stand below each other.

        Returns
        -------
        pandas.DataFrame
            ``exporter``, ``importer``, ``year``, ``unit``, ``actual``, ``fitted``, ``predicted``,
            ``typical``, ``ratio``; for each level ``ratio_low_80``, ``ratio_high_80``; for each
            group ``percentile_like_flows``, ``n_like_flows``.
        """
        row: dict[str, object] = {
            "exporter": self.exporter,
            "importer": self.importer,
            "year": self.year,
            "unit": self.unit,
            "actual": self.actual,
            "fitted": self.fitted,
            "predicted": self.predicted,
            "typical": self.typical,
            "ratio": self.ratio,
        }
        for level, ends in zip(self.ranges.index, self.ranges.to_dict("records"), strict=True):
            row |= {f"{end}_{100 * level:g}": ends[end] for end in ("ratio_low", "ratio_high")}
        for among, place in self.percentiles.iterrows():
            name = str(among).replace("'s", "").replace(" ", "_")
            row |= {f"percentile_{name}": place["percentile"], f"n_{name}": place["flows"]}
        return pd.DataFrame([row])

    def drawing(self) -> DrawingCall:
        """
        Return what is stated of the flow beside what is predicted, with the two widest ranges.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_flow_context`, in millions.
        """
        levels = sorted(self.ranges.index)[-2:]
        inner, outer = (self.ranges.loc[level] for level in (levels[0], levels[-1]))
        predicted = {
            "kind": "predicted",
            "source": "predicted by gravity",
            "value": self.predicted,
            **{end: outer[end] for end in ("low", "high")},
            **{f"inner_{end}": inner[end] for end in ("low", "high")},
        }
        stated = [
            {"kind": "stated", "source": source, "value": value}
            for source, value in zip(self._source_names(), self.sources["value"], strict=True)
        ]
        data = pd.DataFrame([predicted, *stated])
        amounts = ["value", "low", "high", "inner_low", "inner_high"]
        data[amounts] /= _MILLION
        data.insert(0, "year", str(self.year))
        data.insert(0, "flow", self._flow())
        return DrawingCall(
            "draw_flow_context",
            data,
            {
                "unit_label": f"{million_label(self.unit)}, log scale",
                "outer_label": f"{levels[-1]:.0%} of like flows",
                "inner_label": f"{levels[0]:.0%} of like flows",
            },
        )

    def _flow(self) -> str:
        return f"{printed_name(self.exporter)} to {printed_name(self.importer)}"

    def _source_names(self) -> list[str]:
        """Name each statement for a legend: by who makes it, and what tells it from another."""
        names = []
        for source in self.sources.to_dict("records"):
            reporter = str(source["reporter"])
            who = reporter if source["side"] == "compiled" else printed_name(reporter)
            several = (self.sources["reporter"] == reporter).sum() > 1
            basis = f", by {source['partner_basis']}" if several and source["partner_basis"] else ""
            own = "" if source["whole_year"] else ", in its own year"
            names.append(f"{who}{basis}{own}")
        again = pd.Series(names).duplicated(keep=False)
        datasets = self.sources["dataset"]
        return [
            f"{name} ({dataset})" if twice else name
            for name, dataset, twice in zip(names, datasets, again, strict=True)
        ]

    def _card(self) -> Card:
        return Card(
            title=f"{self._flow()} in {self.year}: {self._verdict()}",
            facts=(
                ("stated", f"{print_money(self.actual, self.unit)} by {self._compiler()}"),
                (
                    "predicted",
                    f"{print_money(self.predicted, self.unit)} on average, without the pair itself",
                ),
                (
                    "typical",
                    f"half of the flows like it are below {print_money(self.typical, self.unit)}",
                ),
                *(self._range(float(level)) for level in sorted(self.ranges.index)[-2:]),
            ),
            more=(
                *((f"among {among}", self._place(str(among))) for among in self.percentiles.index),
                ("fitted", f"{print_money(self.fitted, self.unit)} with the pair"),
                *(
                    (name_statement(source), print_statement(source, self.unit))
                    for _, source in self.sources.iterrows()
                ),
                ("model", f"{print_count(self.nobs, 'flow')}, {print_count(self.zeros, 'zero')}"),
            ),
            notes=(*self.warnings, *(f"Not in the model: {words}." for words in self.left_out)),
            rows=self.rows,
        )

    def _verdict(self) -> str:
        like = self.percentiles.loc[["like flows"]].to_dict("records")[0]
        if self.actual == 0:
            return f"no trade, as {like['zeros']} of {print_count(like['flows'], 'flow')} like it"
        others = f"{print_count(like['flows'], 'flow')} like it"
        if like["percentile"] >= _HALF:
            share = f"more, for what is predicted, than {print_value(like['percentile'], 0)}%"
        else:
            share = f"less, for what is predicted, than {print_value(100 - like['percentile'], 0)}%"
        return f"{share} of {others}"

    def _compiler(self) -> str:
        return str(self.sources["reporter"].iloc[0])

    def _range(self, level: float) -> tuple[str, str]:
        ends = self.ranges.loc[[level]].to_dict("records")[0]
        between = print_between(*(print_money(ends[end], self.unit) for end in ("low", "high")))
        place = "inside" if ends["inside"] else "outside"
        return f"{level:.0%} of like flows", f"{between}; this one is {place}"

    def _place(self, among: str) -> str:
        place = self.percentiles.loc[[among]].to_dict("records")[0]
        if place["reason"]:
            return f"not given: {place['reason']}"
        others = print_count(place["flows"], "flow")
        return f"more than {print_value(place['percentile'], 1)}% of {others}"


def flow_in_context(
    table: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    year: int,
    mirrors: pd.DataFrame | Sequence[pd.DataFrame] = (),
    covariates: pd.DataFrame | None = None,
    regressors: Sequence[str] = REGRESSORS,
    events: pd.DataFrame | None = None,
    level: float | Sequence[float] = (0.8, 0.95),
    effects: Literal["two-way"] = "two-way",
    folds: int = FOLDS,
    like: int = LIKE,
) -> FlowContext:
    r"""
    Say whether a flow of a year is much or little, by a gravity model of all flows of that year.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table with the trade of all pairs of countries, such as BACI's sums by pair and year:
        what is not there is zero. Other years are there to say what is usual.
    exporter, importer : str
        Alpha-3 codes.
    year : int
        Calendar year.
    mirrors : pandas.DataFrame or sequence of them
        Flow tables with statements of the two countries themselves, in the unit of ``table``: the
        figure of one source alone may be far from the others. Their totals of all goods are taken.
    covariates : pandas.DataFrame, optional
        Of pairs, by year or not; those that come with the package by default
        (:func:`flows.pair_covariates`). A column ``border`` says who are neighbours.
    regressors : sequence of str
        Columns of the covariates that explain trade, as they are: distance has to be in logarithms.
    events : pandas.DataFrame, optional
        Dated events that concern the two, as :func:`flows.load` gives them: those of the year are
        named in the warnings.
    level : float or sequence of float
        Levels of the ranges.
    effects : {"two-way"}
        An effect of each exporter and one of each importer. One of each pair would leave nothing to
        be asked: it takes whatever the pair trades.
    folds : int
        Parts into which pairs are put, by a hash of their codes, to predict the flows of each from
        all others.
    like : int
        How many flows are called like this one.

    Returns
    -------
    FlowContext

    Raises
    ------
    ScopeError
        If the table is not the trade of all pairs of countries, or rows of the year were taken out
        of it.
    PeriodError
        If the table does not count the year.
    SchemaError
        If a country has no trade in the year, or the covariates are not as they should be.
    SampleError
        If a regressor of the two is missing (the message names the country), or of more than 5 % of
        trade, or one of the two trades with the other alone.
    DoubleCountError
        If a flow is stated twice.
    UnitError
        If a mirror has another unit.
    ValueError
        If another argument is not as described.

    Notes
    -----
    The mean of a flow is :math:`\exp(x'\beta + a_i + b_j)`, fitted by Poisson pseudo-likelihood to
    all flows of the year, zeros included [1]_. ``predicted`` comes from a fit without the two flows
    between the countries: what the trade of both with all others says of them.

    How far flows are from such predictions is measured, not assumed: all pairs are put into parts,
    and the flows of each part are predicted by a fit to the others. Flows like the one asked for
    are those nearest to it in the logarithm of predicted size, the regressors, and the logarithms
    of the exporter's exports and the importer's imports, in standard deviations, size counting four
    times. The range of their ratios of actual to predicted holds the next one with the stated
    probability (a conformal range [2]_), if it is as likely to take any place among them as they
    are. With 200 of them each end of the 95 % range is the fifth from the edge, and how much of all
    such flows one range holds varies by about 1.5 points. Whether it holds is in ``coverage``.

    The prediction is a mean and no norm. Small flows are mostly far below theirs, since a few are
    far above: a flow can be below its prediction and above nearly all that are like it, and it is
    to these, not to the prediction, that it is to be compared. One outside of the range is rare,
    not wrong.

    References
    ----------
    .. [1] Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics
       and Statistics 88 (4), 641-658.
    .. [2] Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J. and Wasserman, L. (2018).
       Distribution-free predictive inference for regression. Journal of the American Statistical
       Association 113 (523), 1094-1111.

    Examples
    --------
    >>> import flows as fl
    >>> world, own = fl.load("baci-totals@2020"), fl.load("armstat-by-country@2025-02")
    >>> context = fl.flow_in_context(
    ...     world, exporter="IRN", importer="ARM", year=2019, mirrors=[own]
    ... )
    >>> round(context.actual / 1e6), round(context.predicted / 1e6)
    (302, 43)
    >>> context.percentiles["percentile"].round().astype(int)["positive flows"]
    np.int64(97)
    """
    levels = (level,) if isinstance(level, int | float) else tuple(level)
    _check_arguments(levels, effects, folds, like)
    tables = [mirrors] if isinstance(mirrors, pd.DataFrame) else list(mirrors)
    facts = pair_covariates() if covariates is None else covariates
    stated = year_flows(
        table, facts, regressors=regressors, exporter=exporter, importer=importer, year=year
    )
    model = year_model(stated, folds=folds, count=like, levels=levels)
    own = standing(stated, model, exporter=exporter, importer=importer, count=like)
    sources, rows = statements_of(
        table, tables, exporter=exporter, importer=importer, year=year, unit=stated.unit
    )
    sizes = world_shares(table, exporter=exporter, importer=importer, year=year)
    sizes["predicted_at_usual"] = own.predicted * sizes["usual_share"] / sizes["share"]
    warned = chain(
        warn_of_mirrors(sources, stated.unit),
        warn_of_silence(sources, tables, exporter=exporter, importer=importer, year=year),
        warn_of_size(sizes, year, stated.unit),
        warn_of_events(events, year),
        standing_warnings(sources.iloc[0]),
    )
    return FlowContext(
        exporter=exporter,
        importer=importer,
        year=year,
        unit=stated.unit,
        actual=own.actual,
        fitted=float(model.fitted[own.place]),
        predicted=own.predicted,
        typical=own.typical,
        sources=sources.assign(of_predicted=sources["value"] / own.predicted),
        ranges=own.ranges(),
        percentiles=own.percentiles(),
        sizes=sizes,
        flows=own.flows(),
        params=model.params,
        nobs=model.nobs,
        zeros=model.zeros,
        folds=folds,
        warnings=as_series(warned),
        left_out=stated.left_out,
        rows=rows,
    )


def _check_arguments(levels: Sequence[float], effects: str, folds: int, like: int) -> None:
    if effects == "three-way":
        raise ValueError(
            "effects: expected 'two-way', found 'three-way': a model with an effect for each pair "
            "cannot say whether a pair's flow is large, since that effect absorbs the answer"
        )
    if effects != "two-way":
        raise ValueError(f"effects: expected 'two-way', found {effects!r}")
    if not levels:
        raise ValueError("level: expected at least one, such as 0.95, found none")
    fewest = fewest_for(max(check_level(one) for one in levels))
    if like < fewest:
        raise ValueError(
            f"like: expected at least {fewest} flows for a range of {max(levels):.0%}, found {like}"
        )
    if folds < _LEAST_FOLDS:
        raise ValueError(f"folds: expected at least {_LEAST_FOLDS}, found {folds}")
