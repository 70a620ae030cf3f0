"""What all fits share: intervals, the tidy frame, the text of a summary, and tests as objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.sample import FloatArray
from flows.results import Card, Fact, Result, print_estimate, print_interval

_TABLE_LEVEL = 0.95


def label(names: Iterable[str], values: FloatArray) -> pd.Series:
    """Return numbers under the names of the coefficients."""
    return pd.Series(values, index=pd.Index(list(names), name="term"))


def two_sided_pvalues(params: pd.Series, std_errors: pd.Series, *, df: float) -> pd.Series:
    """Test each coefficient against zero by Student's t."""
    if df <= 0:
        raise ValueError(f"expected positive degrees of freedom, found {df}")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.abs(params.to_numpy() / std_errors.to_numpy())
    return pd.Series(2 * stats.t.sf(statistics, df), index=params.index)


def interval(params: pd.Series, std_errors: pd.Series, *, df: float, level: float) -> pd.DataFrame:
    """Return the interval of each coefficient by Student's t."""
    half = std_errors * stats.t.ppf(0.5 + check_level(level) / 2, df)
    return pd.DataFrame({"low": params - half, "high": params + half})


def check_level(level: float) -> float:
    """Return the coverage of an interval, or say why it is none."""
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, found {level}")
    return level


def tidy_frame(
    params: pd.Series, std_errors: pd.Series, pvalues: pd.Series, bounds: pd.DataFrame
) -> pd.DataFrame:
    """Put estimates side by side."""
    return pd.DataFrame(
        {
            "estimate": params,
            "std_error": std_errors,
            "pvalue": pvalues,
            "low": bounds["low"],
            "high": bounds["high"],
        }
    ).rename_axis("term")


def summary_text(title: str, facts: Iterable[tuple[str, str]], table: pd.DataFrame) -> str:
    """Print a fit for a person: what it is, how it was made, and the estimates."""
    lines = list(facts)
    if not lines:
        raise ValueError("expected at least one fact about the fit")
    width = max(len(name) for name, _ in lines)
    body = [f"{name:<{width}}  {text}" for name, text in lines]
    numbers = table.rename_axis(None).to_string(float_format=lambda value: f"{value:.6g}")
    return "\n".join([title, *body, numbers])


def interval_facts(params: pd.Series, ends: pd.DataFrame, *, level: float) -> tuple[Fact, ...]:
    """Print coefficients with their intervals."""
    rows = ends.assign(value=params)[["value", "low", "high"]].itertuples(name=None)
    return tuple(
        (str(name).replace("_", " "), print_interval(value, low, high, level=level))
        for name, value, low, high in rows
    )


def describe_left_out(left_out: pd.Series) -> str:
    """Say how many rows are not used, which, and why."""
    if left_out.empty:
        return "none"
    reasons = "; ".join(
        f"{', '.join(str(period) for period in group.index)}: {reason}"
        for reason, group in left_out.groupby(left_out, sort=True)
    )
    return f"{len(left_out)} ({reasons})"


class _Fit(Protocol):
    """What a fit with coefficients has."""

    @property
    def params(self) -> pd.Series: ...
    @property
    def std_errors(self) -> pd.Series: ...
    @property
    def pvalues(self) -> pd.Series: ...
    @property
    def nobs(self) -> int: ...
    @property
    def covariance_type(self) -> str: ...
    @property
    def df(self) -> float: ...
    @property
    def level(self) -> float: ...
    def conf_int(self, *, level: float | None = None) -> pd.DataFrame: ...
    def _dependent(self) -> str: ...
    def __maketables_stat__(self, key: str) -> float | str | None: ...


class Estimates(Result):
    """
    A fit with coefficients: their intervals, their table, and their place beside other packages'.

    The package ``maketables`` asks for the attributes of its name; nothing of it is imported.
    """

    __slots__ = ()

    def conf_int(self: _Fit, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the interval of each coefficient.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``; one row a coefficient.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        coverage = self.level if level is None else level
        return interval(self.params, self.std_errors, df=self.df, level=coverage)

    def tidy(self: _Fit, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the estimates as a frame.

        Parameters
        ----------
        level : float, optional
            Coverage of the intervals; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``estimate``, ``std_error``, ``pvalue``, ``low``, ``high``; one row a
            coefficient.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        bounds = self.conf_int(level=level)
        return tidy_frame(self.params, self.std_errors, self.pvalues, bounds)

    @property
    def __maketables_coef_table__(self: _Fit) -> pd.DataFrame:
        """One row a coefficient, at the level that the columns' names say."""
        ends = self.conf_int(level=_TABLE_LEVEL)
        return pd.DataFrame(
            {
                "b": self.params,
                "se": self.std_errors,
                "t": self.params / self.std_errors,
                "p": self.pvalues,
                "ci95l": ends["low"],
                "ci95u": ends["high"],
            }
        ).rename_axis("Coefficient")

    @property
    def __maketables_depvar__(self: _Fit) -> str:
        """What is a straight line."""
        return self._dependent()

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """No effects are taken out, unless a fit says so."""
        return None

    @property
    def __maketables_vcov_info__(self: _Fit) -> dict[str, str]:
        """How the errors were estimated."""
        return {"vcov_type": self.covariance_type}

    @property
    def __maketables_default_stat_keys__(self: _Fit) -> list[str]:
        """What stands below the coefficients."""
        return [key for key in ("N", "r2", "se_type") if self.__maketables_stat__(key) is not None]

    def __maketables_stat__(self: _Fit, key: str) -> float | str | None:
        """Return a statistic of the fit, or nothing where it has none of that name."""
        stats: dict[str, float | str | None] = {
            "N": self.nobs,
            "se_type": self.covariance_type,
            "r2": getattr(self, "r_squared", None),
        }
        return stats.get(key)


@dataclass(frozen=True, slots=True, repr=False)
class HypothesisTest(Result):
    """
    One test and its outcome.

    Parameters
    ----------
    name : str
        Name of the test, with its options.
    null : str
        What is true if nothing is the matter.
    statistic : float
        Value of the statistic.
    pvalue : float
        Probability of a statistic as large under the null; NaN where only critical values are
        known.
    df : tuple of float
        Degrees of freedom of its distribution, where there are any.
    critical_values : Mapping
        Critical value by significance, ``{0.05: 8.58}``, where the test is read off a table.
    reason : str
        Why there is no statistic, in words; empty where there is one.
    """

    name: str
    null: str
    statistic: float
    pvalue: float = np.nan
    df: tuple[float, ...] = ()
    critical_values: Mapping[float, float] = field(default_factory=dict)
    reason: str = ""

    def rejects(self, *, significance: float = 0.05) -> bool:
        """
        Say whether the null is rejected.

        Parameters
        ----------
        significance : float
            Size of the test; one of the tabulated ones where only critical values are known.

        Returns
        -------
        bool
            Whether the statistic is that surprising.

        Raises
        ------
        ValueError
            If no critical value is tabulated for ``significance``, or there is no statistic.

        Examples
        --------
        >>> test = HypothesisTest("supF", "", 9.1, critical_values={0.05: 8.58, 0.01: 12.29})
        >>> test.rejects(significance=0.05), test.rejects(significance=0.01)
        (True, False)
        """
        if not np.isnan(self.pvalue):
            return bool(self.pvalue < significance)
        if self.reason:
            raise ValueError(f"expected a test, found none: {self.reason}")
        if significance not in self.critical_values:
            tabulated = ", ".join(str(size) for size in self.critical_values)
            raise ValueError(
                f"expected significance to be one of {tabulated}, found {significance}"
            )
        return bool(self.statistic > self.critical_values[significance])

    def __str__(self) -> str:
        if self.reason:
            return f"{self.name}: none ({self.reason})"
        if not np.isnan(self.pvalue):
            return f"{self.name}: {self.statistic:.4g} (p = {self.pvalue:.4f})"
        if not self.critical_values:
            return f"{self.name}: {self.statistic:.4g} (not tabulated)"
        beyond = [size for size, value in self.critical_values.items() if self.statistic > value]
        worth = f"p < {min(beyond):g}" if beyond else f"p > {max(self.critical_values):g}"
        return f"{self.name}: {self.statistic:.4g} ({worth})"

    def _card(self) -> Card:
        pvalue = "not known" if np.isnan(self.pvalue) else f"{self.pvalue:.4f}"
        tabulated = (
            (f"critical at {size:g}", print_estimate(value))
            for size, value in self.critical_values.items()
        )
        return Card(
            title=str(self),
            facts=(("null", self.null), ("p-value", pvalue)),
            more=tuple(tabulated),
        )
