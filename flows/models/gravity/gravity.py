"""Structural gravity: trade of all pairs, with effects of exporters, importers and pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.measure.pair_years import PAIR, PairSelection
from flows.models.gravity.conventions import (
    GravityError,
    PairKind,
    Scores,
    SharedCovariance,
    gravity_covariance,
)
from flows.models.gravity.effects import Effect, effect_of
from flows.models.gravity.logs import LogEstimates, estimates_in_logs, fit_logs
from flows.models.gravity.panel import CELL, Absent, GravityPanel, Missing, gravity_panel, own_panel
from flows.models.gravity.poisson import AbsorbedFit
from flows.models.gravity.pseudo_likelihood import (
    Design,
    PoissonFit,
    Separated,
    estimate,
    usable,
)
from flows.models.gravity.weidner_zylkin import Correction, correct_three_way, correct_two_way
from flows.models.quasi_likelihood import BoolArray
from flows.models.results import check_level, label, two_sided_pvalues
from flows.models.sample import IntArray, check_choice
from flows.results import print_estimate
from flows.table import Rows

Effects = Literal["two-way", "three-way"]

_FEWEST_YEARS = 2


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class GravityFit(PoissonFit):
    """
    Trade of pairs as the exponential of covariates, and effects of exporters, importers and pairs.

    Parameters
    ----------
    model : {"two-way", "three-way"}
        Which effects are absorbed: of exporter and year and of importer and year, or these and
        those of pairs.
    pair : {"directed", "undirected"}
        Whether both directions of a pair have effects, and clusters, of their own.
    se : str
        Which errors flows may share, as it was asked for.
    unit : str
        Of the values.
    assumed : int
        Flows without a row that were taken as zero, since the source would have counted them.
    bias : pandas.Series
        What was taken from the coefficients; zero where nothing was corrected.
    correction : str
        What was corrected, in words; empty where nothing was.
    logs : LogEstimates or None
        The same regressors and effects by least squares on the logarithm of what is not zero, with
        errors of the same kind: what the literature had before, not the answer.
    logs_refused : str
        Why there is none; empty where there is one.
    rows : Mapping
        Lines of the raw files by data set.
    """

    model: Effects
    pair: PairKind
    se: GravityError
    unit: str
    assumed: int
    bias: pd.Series
    correction: str
    logs: LogEstimates | None
    logs_refused: str
    rows: Rows

    def _title(self) -> str:
        years = self.fitted.index.get_level_values("year")
        first, last = years.min(), years.max()
        span = str(first) if first == last else f"{first} to {last}"
        return f"{self.model} gravity, {span}, Poisson pseudo-likelihood"

    def _facts(self) -> list[tuple[str, str]]:
        facts = PoissonFit._facts(self)  # noqa: SLF001 - of its parent, which slots hide from super
        assumed = f"{facts[0][1]} ({self.assumed:,} of them without a row)"
        corrected = [("corrected", self.correction)] if self.correction else []
        return [("nobs", assumed), *facts[1:], *corrected, ("in logs", self._logs_in_words())]

    def _logs_in_words(self) -> str:
        if self.logs is None:
            return f"none: {self.logs_refused}"
        pairs = zip(self.logs.params.items(), self.logs.std_errors, strict=True)
        shown = ", ".join(
            f"{name} {print_estimate(value)} ({print_estimate(error)})"
            for (name, value), error in pairs
        )
        return f"{shown}, {self.logs.nobs:,} flows above zero by least squares; not the answer"


def fit_gravity(
    table: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    regressors: Sequence[str] | None = None,
    *,
    effects: Effects = "two-way",
    pair: PairKind = "directed",
    se: GravityError = "pair",
    correct: bool = False,
    start: int | None = None,
    end: int | None = None,
    absent: Absent = "zero",
    missing: Missing = "refuse",
    separated: Separated = "refuse",
    domestic: pd.DataFrame | None = None,
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    level: float = 0.95,
) -> GravityFit:
    r"""
    Fit :math:`E(y_{ijt}) = \exp(x_{ijt}'\beta + \alpha_{it} + \gamma_{jt} (+ \eta_{ij}))`.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of many pairs, one statement a flow, such as BACI's totals. Products are summed.
        Without ``covariates``, a panel of one's own: columns ``exporter``, ``importer``, ``year``,
        ``value`` and regressors, one row a flow.
    covariates : pandas.DataFrame, optional
        Columns ``exporter``, ``importer``, ``year`` where they vary over time, and numbers: of
        :func:`flows.pair_covariates`, of a file such as CEPII's Gravity, or of one's own.
    regressors : sequence of str, optional
        Which of its columns; by default all, without ``km``, which ``log_distance`` says.
    effects : {"two-way", "three-way"}
        ``"two-way"``: a constant for each exporter and year and each importer and year, which take
        in size, prices and whatever else a country has with all its partners [1]_.
        ``"three-way"``: another for each pair, which takes in distance and whatever else does not
        change between the two; what remains is estimated from changes.
    pair : {"directed", "undirected"}
        Whether both directions of a pair have effects, and clusters, of their own.
    se : {"pair", "robust", "exporter", "importer", "two-way", "dyadic"}
        Which flows may share errors: ``"pair"``, those of all years of a pair; ``"robust"``, none;
        ``"exporter"``, ``"importer"``, those with the same one; ``"two-way"``, those with the same
        exporter or the same importer; ``"dyadic"``, those with a country in common [2]_.
    correct : bool
        Whether estimates are corrected for the bias that effects bring to three-way estimates, and
        errors by pair for what effects fit of them [3]_; needs ``se="pair"``.
    start, end : int, optional
        First and last calendar year; all without them.
    absent : {"zero", "missing"}
        What a flow without a row is: zero where the source says that it counts all partners of
        either country, or not there.
    missing : {"refuse", "leave out"}
        What becomes of flows without a covariate.
    separated : {"refuse", "leave out"}
        What becomes of flows whose fitted value would have to be zero.
    domestic : pandas.DataFrame, optional
        What countries sell to themselves: ``country``, ``year``, ``value`` in the unit of the
        table. Covariates are then needed of each country with itself.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flows, where the table holds several.
    level : float
        Coverage of the intervals.

    Returns
    -------
    GravityFit
        Coefficients with errors under their convention; flows left out, with the reason.

    Raises
    ------
    DoubleCountError
        If a flow is stated more than once in a year.
    PeriodError
        If no year is whole, or the data set does not say which years it counts.
    SampleError
        If a covariate is missing, a combination of the effects or of others, no estimate exists
        because flows are separated, there is one year and effects of pairs, or clusters are fewer
        than two.
    SchemaError
        If a value is negative or not finite, a covariate is no number, or a pair has two of them.
    ScopeError
        If rows were filtered out of the table, or zeros are asked for of a source that does not
        count all partners.
    UnitError
        If there are two units.
    ValueError
        If a choice is unknown or ``level`` is not between 0 and 1.

    Notes
    -----
    See :func:`flows.fit_poisson` for how it is fitted, and docs/gravity.md for which errors are
    right when. Two-way estimates have no bias of the order of their errors; three-way estimates
    have, and with it intervals that miss [3]_.

    References
    ----------
    .. [1] Anderson, J. E. and van Wincoop, E. (2003). Gravity with gravitas: a solution to the
       border puzzle. American Economic Review 93 (1), 170-192. Fally, T. (2015). Structural gravity
       and fixed effects. Journal of International Economics 97 (1), 76-85.
    .. [2] Cameron, A. C. and Miller, D. L. (2014). Robust inference for dyadic data. University of
       California, Davis.
    .. [3] Weidner, M. and Zylkin, T. (2021). Bias and consistency in three-way gravity models.
       Journal of International Economics 132, 103513.

    Examples
    --------
    >>> import flows as fl
    >>> trade = fl.load("baci-totals@2020")
    >>> fit = fit_gravity(
    ...     trade,
    ...     fl.pair_covariates(),
    ...     start=2019,
    ...     end=2019,
    ...     missing="leave out",
    ... )
    >>> fit.tidy().loc["log_distance", ["estimate", "std_error"]].round(2).tolist()
    [-0.84, 0.03]
    """
    check_level(level)
    for name, value, choices in (
        ("effects", effects, Effects),
        ("absent", absent, Absent),
        ("missing", missing, Missing),
        ("separated", separated, Separated),
    ):
        check_choice(name, value, get_args(choices))
    if correct and se != "pair":
        raise ValueError(f"correct=True: expected se='pair', whose errors it adjusts, found {se!r}")
    wanted = {
        "dataset": dataset,
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
    }
    if covariates is None:
        panel = own_panel(table, regressors, start=start, end=end, missing=missing)
    else:
        panel = gravity_panel(
            table,
            covariates,
            regressors,
            selection=PairSelection(start, end, "gregorian", absent, None, wanted),
            domestic=domestic,
            missing=missing,
        )
    years = panel.frame["year"].unique()
    if effects == "three-way" and len(years) < _FEWEST_YEARS:
        raise SampleError(
            f"expected several years with effects of pairs, found {years[0]} alone: each flow "
            "would have an effect of its own; use effects='two-way', or take more years"
        )
    design, kept, left_out = usable(design_of_panel(panel, effects, pair), separated=separated)
    frame = panel.frame[kept]
    exporter, importer = members(frame)

    def covariance(scores: Scores, rows: BoolArray | slice = slice(None)) -> SharedCovariance:
        return gravity_covariance(scores, exporter[rows], importer[rows], se=se, pair=pair)

    fit, found = estimate(
        design,
        covariance,
        left_out=pd.concat([panel.left_out, left_out]),
        value=f"trade ({panel.unit})" if panel.unit else "value",
        level=level,
    )
    correction = None
    if correct:
        correction = _correct(design, fit, frame, effects=effects, pair=pair)
        found |= _corrected(found, correction)
    logs, refused = None, ""
    try:
        line = fit_logs(design.x, design.y, design.effects, design.names)
        shared = covariance(line.scores, line.kept)
        logs = estimates_in_logs(
            line, design.y, shared, design.names, effects=design.effects, level=level
        )
    except SampleError as error:
        refused = str(error)
    bias = np.zeros(len(design.names)) if correction is None else correction.bias
    return GravityFit(
        **found,
        model=effects,
        pair=pair,
        se=se,
        unit=panel.unit,
        assumed=int(np.sum(panel.assumed[kept])),
        bias=label(design.names, bias),
        correction="" if correction is None else correction.words,
        logs=logs,
        logs_refused=refused,
        rows=panel.rows,
    )


def design_of_panel(panel: GravityPanel, effects: Effects, pair: PairKind) -> Design:
    """Return the numbers and effects of a panel."""
    frame = panel.frame
    absorbed = [effect_of(frame, ["exporter", "year"]), effect_of(frame, ["importer", "year"])]
    if effects == "three-way":
        absorbed.append(_pair_effect(frame, pair))
    return Design(
        x=frame[list(panel.covariates)].to_numpy(dtype="float64"),
        y=frame["value"].to_numpy(dtype="float64"),
        names=panel.covariates,
        effects=tuple(absorbed),
        rows=pd.MultiIndex.from_frame(frame[CELL]),
    )


def _pair_effect(frame: pd.DataFrame, pair: PairKind) -> Effect:
    sides = frame[PAIR]
    if pair == "undirected":
        sides = pd.DataFrame(np.sort(sides.to_numpy(dtype=object), axis=1), columns=PAIR)
    return replace(effect_of(sides, PAIR), name=f"{'undirected ' * (pair != 'directed')}pair")


def members(frame: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Return the numbers of exporters and of importers, in one numbering."""
    codes, _ = pd.factorize(pd.concat([frame["exporter"], frame["importer"]]), sort=True)
    both = codes.astype(np.int64)
    return both[: len(frame)], both[len(frame) :]


def _correct(
    design: Design, fit: AbsorbedFit, frame: pd.DataFrame, *, effects: Effects, pair: PairKind
) -> Correction:
    """Return what the noise of effects does to a fit."""
    correct = correct_two_way if effects == "two-way" else correct_three_way
    exporter, importer = members(frame)
    return correct(
        design.x,
        design.y,
        fit.mean,
        exporter=exporter,
        importer=importer,
        time=pd.factorize(frame["year"], sort=True)[0].astype(np.int64),
        pair=_pair_effect(frame, pair).codes,
    )


def _corrected(found: Mapping[str, Any], correction: Correction) -> dict[str, Any]:
    """Return coefficients without their bias, and errors without what effects fit of them."""
    names = list(found["params"].index)
    params = found["params"] - correction.bias
    std_errors = label(names, np.sqrt(np.diag(correction.covariance)))
    return {
        "params": params,
        "std_errors": std_errors,
        "pvalues": two_sided_pvalues(params, std_errors, df=found["df"]),
        "covariance": pd.DataFrame(correction.covariance, index=params.index, columns=names),
        "covariance_type": f"{found['covariance_type']}, adjusted for leverage (Weidner-Zylkin)",
    }
