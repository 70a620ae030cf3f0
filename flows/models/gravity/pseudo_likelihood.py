"""Poisson pseudo-likelihood of any panel, with absorbed effects and errors that rows share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln, xlogy

from flows.errors import SampleError, SchemaError
from flows.models.gravity.conventions import (
    Scores,
    SharedCovariance,
    clustered_covariance,
    spread_of,
)
from flows.models.gravity.effects import Effect, effect_of
from flows.models.gravity.poisson import AbsorbedFit, fit_absorbed
from flows.models.gravity.separation import (
    droppable,
    name_rows,
    separated_with_effects,
    separating,
)
from flows.models.quasi_likelihood import BoolArray
from flows.models.results import (
    Estimates,
    check_level,
    interval_facts,
    label,
    summary_text,
    two_sided_pvalues,
)
from flows.models.sample import FloatArray, IntArray, check_choice
from flows.results import Card, print_count

Separated = Literal["refuse", "leave out"]

_CONSTANT = "const"
_SHOWN = 5
_ESTIMATES = 3
"""Coefficients that a result shows of itself; the others stand in its summary."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PoissonFit(Estimates):
    """
    A mean that is the exponential of regressors and absorbed effects.

    Parameters
    ----------
    params, std_errors, pvalues : pandas.Series
        One element a regressor; tests against zero.
    covariance : pandas.DataFrame
        Of ``params``.
    df : float
        Degrees of freedom of Student's t; infinite for the normal distribution.
    covariance_type : str
        Which errors are shared, and the factor, in words.
    clusters : Mapping
        Number of clusters by what they are; empty where no errors are shared.
    few_clusters : str
        Where clusters are few, in words; empty where they are not.
    level : float
        Coverage of intervals unless another is asked for.
    nobs, zeros : int
        Rows that were used, and how many of them are zero.
    value : str
        What is explained.
    effects : pandas.DataFrame
        Absorbed effects by name: ``levels``, and how many of these are ``redundant`` beside the
        effects before, counted two by two (with three effects at least so many).
    left_out : pandas.Series
        Reason for each row that is not used.
    deviance, loglik, pseudo_r2 : float
        Of the Poisson likelihood; ``pseudo_r2`` is 1 less the ratio of ``loglik`` to that of a
        constant (McFadden).
    constant : pandas.Series
        ``estimate`` and ``std_error`` of the mean of the effects, with the fitted means as weights.
    fitted, resids : pandas.Series
        Fitted means, and values less these, by row.
    """

    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    covariance: pd.DataFrame
    df: float
    covariance_type: str
    clusters: Mapping[str, int]
    few_clusters: str
    level: float
    nobs: int
    zeros: int
    value: str
    effects: pd.DataFrame
    left_out: pd.Series
    deviance: float
    loglik: float
    pseudo_r2: float
    constant: pd.Series
    fitted: pd.Series
    resids: pd.Series

    def summary(self) -> str:
        """
        Return the fit as text, the same every time.

        Returns
        -------
        str
            What was fitted, how errors were estimated, what is left out, and the estimates.
        """
        return summary_text(self._title(), self._facts(), self.tidy())

    def _title(self) -> str:
        return f"Poisson pseudo-likelihood of {self.value}"

    def _facts(self) -> list[tuple[str, str]]:
        clusters = ", ".join(f"{count:,} {kind}" for kind, count in self.clusters.items())
        return [
            ("nobs", f"{self.nobs:,}, of which {self.zeros:,} zero"),
            ("effects", self._effects_in_words()),
            ("errors", self.covariance_type),
            ("clusters", f"{clusters}; {self.few_clusters}".rstrip("; ") or "none"),
            ("left out", describe_reasons(self.left_out)),
            ("pseudo R2", f"{self.pseudo_r2:.4f}"),
        ]

    def _effects_in_words(self) -> str:
        named = ", ".join(f"{name} ({row.levels:,})" for name, row in self.effects.iterrows())
        return named or "none"

    def _card(self) -> Card:
        estimates = interval_facts(self.params, self.conf_int(), level=self.level)
        nobs, *others = self._facts()
        errors = f"{self.covariance_type}; {self.few_clusters}".rstrip("; ")
        return Card(
            title=self._title(),
            facts=(*estimates[:_ESTIMATES], nobs, ("errors", errors)),
            more=(*estimates[_ESTIMATES:], *(fact for fact in others if fact[0] != "errors")),
        )

    def _dependent(self) -> str:
        return self.value

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Names of the absorbed effects."""
        return "+".join(map(str, self.effects.index)) or None

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """What stands below the coefficients."""
        return ["N", "pseudo_r2", "se_type"]

    def __maketables_stat__(self, key: str) -> float | str | None:
        """Return a statistic of the fit, or nothing where it has none of that name."""
        stats: dict[str, float | str | None] = {
            "N": self.nobs,
            "pseudo_r2": self.pseudo_r2,
            "deviance": self.deviance,
            "ll": self.loglik,
            "se_type": self.covariance_type,
        }
        return stats.get(key)


def describe_reasons(left_out: pd.Series) -> str:
    """Say how many rows are left out for which reason, and the first of them."""
    if left_out.empty:
        return "none"
    reasons = []
    for reason, group in left_out.groupby(left_out, sort=True):
        shown = ", ".join(map(in_words, group.index[:_SHOWN]))
        more = f" and {len(group) - _SHOWN:,} more" if len(group) > _SHOWN else ""
        reasons.append(f"{reason}: {shown}{more}")
    return f"{len(left_out):,} ({'; '.join(reasons)})"


def in_words(row: object) -> str:
    """Return the label of a row, or of a level, as a sentence has it."""
    return " ".join(map(str, row)) if isinstance(row, tuple) else str(row)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """
    What a fit is made of.

    ``x``: regressors, shape ``(nobs, k)``, with their ``names``; ``y``: what is explained, shape
    ``(nobs,)``; ``effects``: those absorbed; ``rows``: labels of the observations.
    """

    x: FloatArray
    y: FloatArray
    names: tuple[str, ...]
    effects: tuple[Effect, ...]
    rows: pd.Index

    def kept(self, rows: BoolArray) -> "Design":
        """Return some of the observations."""
        if rows.all():
            return self
        effects = tuple(effect.kept(rows) for effect in self.effects)
        return Design(self.x[rows], self.y[rows], self.names, effects, self.rows[rows])


def usable(design: Design, *, separated: Separated) -> tuple[Design, BoolArray, pd.Series]:
    """
    Return the part of a design that has an estimate, which rows it is, and why the others are not.

    Groups of zeros and of one row go first, then, if it is allowed, rows that regressors and
    effects separate.
    """
    rows, found = design.rows, droppable(design.y, [effect.codes for effect in design.effects])
    reasons = np.full(len(rows), "", dtype=object)
    for effect, groups in reversed(list(zip(design.effects, found.effects, strict=True))):
        reasons[np.isin(effect.codes, groups.singletons)] = f"the only row of {effect.name}"
        reasons[np.isin(effect.codes, groups.zero)] = f"all rows of {effect.name} are zero"
    kept = ~found.rows
    if not kept.any():
        raise SampleError(
            f"expected rows from which the effects leave something, found none of {len(kept)}: "
            f"{describe_reasons(_left_out(reasons, rows))}; leave out an effect, or take more years"
        )
    design = design.kept(kept)
    lost = separated_with_effects(design.x, design.y, [effect.codes for effect in design.effects])
    if lost.any():
        if separated == "refuse":
            _refuse(design, lost)
        reasons[np.flatnonzero(kept)[lost]] = "separated: its fitted value would be zero"
        kept[kept] = ~lost
        design, again, more = usable(design.kept(~lost), separated=separated)
        reasons[np.flatnonzero(kept)[~again]] = more.to_numpy()
        kept[kept] = again
    return design, kept, _left_out(reasons[~kept], rows[~kept])


def _left_out(reasons: npt.NDArray[np.object_], rows: pd.Index) -> pd.Series:
    return pd.Series(reasons, index=rows, dtype="str", name="reason")


def _refuse(design: Design, lost: BoolArray) -> None:
    effects, codes = design.effects, [effect.codes for effect in design.effects]
    needed = separating(design.x, design.y, codes, lost)
    causes = [name for name, takes_part in zip(design.names, needed, strict=True) if takes_part]
    along = " and ".join([", ".join(causes)] * bool(causes) + ["the effects"] * bool(effects))
    shown = name_rows(
        lost,
        design.y == 0,
        codes,
        name_group=lambda e, code: (
            f"zeros of {effects[e].name} {in_words(effects[e].levels[code])}"
        ),
        name_row=lambda row: in_words(design.rows[row]),
    )
    raise SampleError(
        f"expected an estimate to exist, found {print_count(int(lost.sum()), 'row')} separated "
        f"({shown}): along some combination of {along} the "
        "likelihood rises for ever, and a coefficient would be infinite; leave out "
        f"{'a regressor' if causes else 'an effect'}, or these rows with separated='leave out', "
        "which counts and names them"
    )


def estimate(
    design: Design,
    covariance: Callable[[Scores], SharedCovariance],
    *,
    left_out: pd.Series,
    value: str,
    level: float,
) -> tuple[AbsorbedFit, dict[str, Any]]:
    """Fit a design without rows that have no estimate, and return what a result says of it."""
    fit = fit_absorbed(design.x, design.y, design.effects, design.names)
    shared = covariance(_scores(design, fit))
    names = list(design.names)
    k = len(names)
    errors = np.sqrt(np.diag(shared.matrix))
    params, std_errors = label(names, fit.params), label(names, errors[:k])
    constant = (
        fit.mean @ (fit.eta - design.x @ fit.params) / fit.mean.sum()
        if design.effects
        else fit.params[-1]
    )
    loglik, least = (
        float(np.sum(xlogy(design.y, mean) - mean - gammaln(design.y + 1)))
        for mean in (fit.mean, np.full(len(design.y), design.y.mean()))
    )
    return fit, {
        "params": params,
        "std_errors": std_errors,
        "pvalues": two_sided_pvalues(params, std_errors, df=shared.df),
        "covariance": pd.DataFrame(shared.matrix[:k, :k], index=params.index, columns=names),
        "df": shared.df,
        "covariance_type": shared.covariance_type,
        "clusters": shared.clusters,
        "few_clusters": replace(shared, effective=shared.effective[:k]).few_clusters(names),
        "level": level,
        "nobs": len(design.y),
        "zeros": int(np.sum(design.y == 0)),
        "value": value,
        "effects": _count_effects(design.effects),
        "left_out": left_out,
        "deviance": fit.deviance,
        "loglik": loglik,
        "pseudo_r2": 1 - loglik / least,
        "constant": pd.Series({"estimate": float(constant), "std_error": errors[-1]}),
        "fitted": pd.Series(fit.mean, index=design.rows, name="fitted"),
        "resids": pd.Series(design.y - fit.mean, index=design.rows, name="resids"),
    }


def _scores(design: Design, fit: AbsorbedFit) -> Scores:
    """Return the scores of the regressors, and of a constant around which effects vary."""
    resids, spread = design.y - fit.mean, spread_of(design.x)
    if not design.effects:
        return Scores(fit.x_tilde, fit.mean, resids, fit.bread, spread)
    total = fit.mean.sum()
    means = fit.mean @ design.x / total
    around = np.ones((len(resids), len(means) + 1))
    np.add(fit.x_tilde, means, out=around[:, :-1])
    # Without its mean each column is orthogonal to the constant.
    turned = fit.bread @ means
    bread = np.block([[fit.bread, -turned[:, None]], [-turned, 1 / total + means @ turned]])
    return Scores(around, fit.mean, resids, bread, np.append(spread, 0.0))


def _count_effects(effects: Sequence[Effect]) -> pd.DataFrame:
    counts = [
        {
            "effect": effect.name,
            "levels": len(effect.levels),
            "redundant": max((_connected(effect, other) for other in effects[:place]), default=0),
        }
        for place, effect in enumerate(effects)
    ]
    return pd.DataFrame(counts, columns=["effect", "levels", "redundant"]).set_index("effect")


def _connected(first: Effect, second: Effect) -> int:
    """Return into how many parts the levels of two effects fall: in each one is redundant."""
    count = len(first.levels) + len(second.levels)
    both = (first.codes, second.codes + len(first.levels))
    graph = coo_array((np.ones(len(first.codes), dtype=bool), both), shape=(count, count))
    return int(connected_components(graph, directed=False)[0])


Columns = str | tuple[str, ...]
"""One column, or several that are taken together."""


def fit_poisson(
    panel: pd.DataFrame,
    value: str,
    regressors: Sequence[str],
    *,
    absorb: Sequence[Columns] = (),
    cluster: Columns | Sequence[Columns] = (),
    separated: Separated = "refuse",
    level: float = 0.95,
) -> PoissonFit:
    r"""
    Fit :math:`E(y) = \exp(x'\beta + \text{effects})` by Poisson pseudo-likelihood.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row an observation; its index names the rows.
    value : str
        Column of what is explained: not negative, in any unit.
    regressors : sequence of str
        Columns of numbers. Without ``absorb`` a constant ``const`` is added.
    absorb : sequence of str or tuple of str
        Effects: a constant for each value of a column, or of several together, as
        ``("exporter", "year")``.
    cluster : str, tuple of str, or sequence of these
        Within which columns rows share errors; several kinds are added up by inclusion and
        exclusion. Without any, errors are robust to heteroskedasticity.
    separated : {"refuse", "leave out"}
        What becomes of rows whose fitted value would have to be zero.
    level : float
        Coverage of the intervals.

    Returns
    -------
    PoissonFit
        Estimates, errors under their convention, and which rows are left out: levels of an effect
        whose rows are all zero, and those of one row.

    Raises
    ------
    SampleError
        If a regressor is a combination of the effects or of others, no estimate exists because rows
        are separated, no row or fewer than two clusters are left, or the fit does not settle.
    SchemaError
        If a column is missing, a number is not finite, a value is negative, or a level is missing.
    ValueError
        If a choice is unknown or ``level`` is not between 0 and 1.

    Notes
    -----
    The estimate is the maximum of the Poisson likelihood, which needs the mean to be right and
    nothing else: values need not be counts, nor their variance equal to the mean [1]_. Weighted
    least squares are iterated; effects are taken out of the columns by conjugate gradients [2]_, to
    the last digits in the last round. That an estimate exists is checked before, and exactly [3]_.
    Errors have the factor :math:`G/(G-1)` for :math:`G` clusters, or :math:`n/(n-1)`, and none for
    absorbed effects: Stata's convention. docs/gravity.md has other programs beside it.

    References
    ----------
    .. [1] Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics
       and Statistics 88 (4), 641-658.
    .. [2] Correia, S., Guimaraes, P. and Zylkin, T. (2020). Fast Poisson estimation with
       high-dimensional fixed effects. Stata Journal 20 (1), 95-115.
    .. [3] Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum
       likelihood estimates for generalized linear models. arXiv:1903.01633.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> panel = pd.DataFrame({"firm": np.repeat(range(40), 6), "year": list(range(6)) * 40})
    >>> panel["rate"] = rng.normal(size=len(panel))
    >>> panel["sales"] = rng.poisson(np.exp(1 + 0.5 * panel["rate"] + panel["firm"] / 40))
    >>> fit = fit_poisson(panel, "sales", ["rate"], absorb=["firm", "year"], cluster="firm")
    >>> fit.tidy().round(2).loc["rate", ["estimate", "std_error"]].tolist()
    [0.46, 0.03]
    >>> fit.covariance_type, fit.effects["levels"].to_dict()
    ('clustered by firm, factor G/(G-1)', {'firm': 40, 'year': 6})
    """
    check_level(level)
    check_choice("separated", separated, get_args(Separated))
    groups = [_as_columns(columns) for columns in absorb]
    kinds = [_as_columns(columns) for columns in _several(cluster)]
    design, kept, left_out = usable(
        design_of(panel, value, regressors, groups), separated=separated
    )
    clusters = {" and ".join(columns): _codes(panel, columns) for columns in kinds}
    _, found = estimate(
        design,
        lambda scores: clustered_covariance(
            scores, {kind: codes[kept] for kind, codes in clusters.items()}
        ),
        left_out=left_out,
        value=value,
        level=level,
    )
    return PoissonFit(**found)


def design_of(
    panel: pd.DataFrame, value: str, regressors: Sequence[str], groups: Sequence[tuple[str, ...]]
) -> Design:
    """Return the numbers and effects of a panel, or say what is wrong with them."""
    if isinstance(regressors, str):
        raise ValueError(f"regressors: expected a list of columns, found {regressors!r}")  # noqa: TRY004 - like other arguments
    y = _numbers(panel, value)
    if (y < 0).any():
        raise SchemaError(
            f"{value}: expected values that are not negative, found {_places(panel, y < 0, y)}"
        )
    names = tuple(regressors)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or value in names:
        raise ValueError(f"regressors: expected each column once, found {(*twice, value)[0]} again")
    x = np.column_stack([_numbers(panel, name) for name in names]) if names else None
    x = np.empty((len(y), 0)) if x is None else x
    if not groups:
        x, names = np.column_stack([x, np.ones(len(y))]), (*names, _CONSTANT)
    if not (y > 0).any():
        raise SampleError(f"{value}: expected a value that is not zero, found {len(y)} zeros")
    effects = tuple(_effect(panel, columns) for columns in groups)
    return Design(x, y, names, effects, panel.index)


def _as_columns(columns: Columns) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _several(cluster: Columns | Sequence[Columns]) -> Iterable[Columns]:
    """Return the kinds of clusters; a tuple of columns is one kind."""
    return [cluster] if isinstance(cluster, str | tuple) and cluster else cluster


def _check_columns(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    lacking = [name for name in columns if name not in panel.columns]
    if lacking:
        raise SchemaError(
            f"expected a column {lacking[0]!r}, found {', '.join(map(str, panel.columns))}"
        )


def _numbers(panel: pd.DataFrame, column: str) -> FloatArray:
    _check_columns(panel, [column])
    try:
        numbers = panel[column].to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"{column}: expected numbers, found {panel[column].dtype}") from error
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        raise SchemaError(
            f"{column}: expected finite numbers, found {_places(panel, wrong, numbers)}; give "
            "them, or leave these rows out"
        )
    return numbers


def _places(panel: pd.DataFrame, wrong: BoolArray, numbers: FloatArray) -> str:
    """Name the first rows at fault, with what they hold."""
    rows = np.flatnonzero(wrong)
    shown = ", ".join(
        f"{numbers[row]:g} in row {in_words(panel.index[row])}" for row in rows[:_SHOWN]
    )
    return f"{shown} and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else shown


def _effect(panel: pd.DataFrame, columns: tuple[str, ...]) -> Effect:
    _check_columns(panel, columns)
    missing = panel[list(columns)].isna().any(axis=1).to_numpy()
    if missing.any():
        raise SchemaError(
            f"{' and '.join(columns)}: expected a level in every row, found none in row "
            f"{in_words(panel.index[np.flatnonzero(missing)[0]])}"
        )
    return effect_of(panel, columns)


def _codes(panel: pd.DataFrame, columns: tuple[str, ...]) -> IntArray:
    return _effect(panel, columns).codes
