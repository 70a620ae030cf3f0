"""What all fits share: intervals, the tidy frame, the text of a summary, and tests as objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.sample import FloatArray


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


def describe_left_out(left_out: pd.Series) -> str:
    """Say how many rows are not used, which, and why."""
    if left_out.empty:
        return "none"
    reasons = "; ".join(
        f"{', '.join(str(period) for period in group.index)}: {reason}"
        for reason, group in left_out.groupby(left_out, sort=True)
    )
    return f"{len(left_out)} ({reasons})"


@dataclass(frozen=True, slots=True)
class HypothesisTest:
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
