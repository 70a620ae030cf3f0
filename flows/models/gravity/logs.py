"""Gravity in logarithms by least squares: what pseudo-likelihood replaced, to stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.gravity.conventions import Scores, SharedCovariance, spread_of
from flows.models.gravity.effects import Absorber, Effect
from flows.models.gravity.poisson import check_independent
from flows.models.gravity.separation import droppable
from flows.models.least_squares import fit_least_squares
from flows.models.quasi_likelihood import BoolArray
from flows.models.results import (
    Estimates,
    interval_facts,
    label,
    summary_text,
    two_sided_pvalues,
)
from flows.models.sample import FloatArray
from flows.results import Card

_TITLE = "Logarithm of trade by least squares, zeros left out"

_TOLERANCE = 1e-12
"""Of what is absorbed, as a part of it."""


@dataclass(frozen=True, slots=True, eq=False)
class LogFit:
    """
    A fit of the logarithm of what is positive.

    ``params``: shape ``(k,)``; ``fitted``: fitted logarithms, shape ``(nobs,)``; ``scores``: what
    the covariance is made of, by observation; ``kept``: which of the rows are used; ``zeros``: rows
    left out for want of a logarithm; ``singletons``: rows left out because an effect fits them
    alone.
    """

    params: FloatArray
    fitted: FloatArray
    scores: Scores
    kept: BoolArray
    zeros: int
    singletons: int

    @property
    def nobs(self) -> int:
        """Number of rows that are used."""
        return len(self.fitted)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LogEstimates(Estimates):
    """
    Coefficients of the logarithm of trade: what stands beside a gravity fit, not its answer.

    Parameters
    ----------
    params, std_errors, pvalues : pandas.Series
        One element a regressor.
    covariance : pandas.DataFrame
        Of ``params``.
    df : float
        Degrees of freedom of Student's t; infinite for the normal distribution.
    covariance_type : str
        Which errors are shared, and the factor, in words.
    level : float
        Coverage of intervals unless another is asked for.
    nobs, zeros, singletons : int
        Flows that are used; zeros, which have no logarithm; flows that an effect fits alone.
    r_squared : float
        Part of the variance of logarithms that regressors and effects explain.
    effects : tuple of str
        Names of the absorbed effects.
    """

    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    covariance: pd.DataFrame
    df: float
    covariance_type: str
    level: float
    nobs: int
    zeros: int
    singletons: int
    r_squared: float
    effects: tuple[str, ...]

    def summary(self) -> str:
        """
        Return the fit as text, the same every time.

        Returns
        -------
        str
            What was fitted, what is left out, and the estimates.
        """
        return summary_text(_TITLE, self._facts(), self.tidy())

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("nobs", f"{self.nobs:,}"),
            ("left out", f"{self.zeros:,} zeros, {self.singletons:,} that an effect fits alone"),
            ("errors", self.covariance_type),
            ("R2", f"{self.r_squared:.4f}"),
        ]

    def _card(self) -> Card:
        estimates = interval_facts(self.params, self.conf_int(), level=self.level)
        return Card(title=_TITLE, facts=(*estimates, *self._facts()))

    def _dependent(self) -> str:
        return "logarithm of trade"

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Names of the absorbed effects."""
        return "+".join(self.effects) or None


def estimates_in_logs(
    fit: LogFit,
    y: FloatArray,
    covariance: SharedCovariance,
    names: Sequence[str],
    *,
    effects: Sequence[Effect],
    level: float,
) -> LogEstimates:
    """Return what a fit in logarithms of ``y`` says of itself under a convention of errors."""
    params = label(names, fit.params)
    std_errors = label(names, np.sqrt(np.diag(covariance.matrix)))
    logs = np.log(y[fit.kept])
    return LogEstimates(
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        covariance=pd.DataFrame(covariance.matrix, index=params.index, columns=list(names)),
        df=covariance.df,
        covariance_type=covariance.covariance_type,
        level=level,
        nobs=fit.nobs,
        zeros=fit.zeros,
        singletons=fit.singletons,
        r_squared=1 - float(np.var(logs - fit.fitted) / np.var(logs)),
        effects=tuple(effect.name for effect in effects),
    )


def fit_logs(
    x: FloatArray, y: FloatArray, effects: Sequence[Effect], names: Sequence[str]
) -> LogFit:
    r"""
    Fit :math:`\log y = x'\beta + \text{effects} + u` by least squares to what is positive.

    ``x``: regressors, shape ``(nobs, k)``, with their ``names``; ``y``: not negative, shape
    ``(nobs,)``. Coefficients are not those of the mean of ``y``: zeros are left out, and the
    variance of :math:`u` moves the mean of its exponential wherever it depends on ``x``.

    Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics and
    Statistics 88 (4), 641-658.
    """
    kept = y > 0
    alone = droppable(y[kept], [effect.kept(kept).codes for effect in effects]).rows
    kept[kept] = ~alone
    if np.sum(kept) <= x.shape[1]:
        raise SampleError(
            f"expected more rows with a logarithm than {x.shape[1]} regressors, found "
            f"{np.sum(kept)}: {np.sum(y == 0)} of {len(y)} are zero and {np.sum(alone)} are fitted "
            "by an effect of their own"
        )
    logs, scale = np.log(y[kept]), np.sqrt(np.mean(x[kept] ** 2, axis=0))
    scale[scale == 0] = 1.0
    x_tilde, left = _absorbed(
        x[kept] / scale, logs, [effect.kept(kept) for effect in effects], names
    )
    order = np.lexsort([left, *x_tilde.T])
    fit = fit_least_squares(x_tilde[order], left[order])
    resids = left - x_tilde @ fit.params
    return LogFit(
        params=fit.params / scale,
        fitted=logs - resids,
        scores=Scores(
            x_tilde * scale,
            np.ones(len(logs)),
            resids,
            fit.bread / np.outer(scale, scale),
            spread_of(x[kept]),
        ),
        kept=kept,
        zeros=int(np.sum(y == 0)),
        singletons=int(np.sum(alone)),
    )


def _absorbed(
    x: FloatArray, y: FloatArray, effects: Sequence[Effect], names: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Return regressors and responses less their effects."""
    effects = sorted(effects, key=lambda effect: -len(effect.levels))
    order = np.lexsort([*x.T, y, *[effect.codes for effect in reversed(effects)]])
    absorber = Absorber([effect.kept(order) for effect in effects], len(y))
    absorber.weigh(np.ones(len(y)))
    columns = np.column_stack([x, y])[order]
    left = np.empty_like(columns)
    for place in range(columns.shape[1]):
        left[order, place] = absorber.residuals(columns[:, place], tolerance=_TOLERANCE)
    x_tilde = left[:, :-1]
    check_independent(
        x_tilde.T @ x_tilde, np.sum(x**2, axis=0), [effect.name for effect in effects], names
    )
    return x_tilde, left[:, -1]
