"""A test is an object: what is tested, the statistic, how surprising it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


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
    """

    name: str
    null: str
    statistic: float
    pvalue: float = np.nan
    df: tuple[float, ...] = ()
    critical_values: Mapping[float, float] = field(default_factory=dict)

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
            If no critical value is tabulated for ``significance``.

        Examples
        --------
        >>> test = HypothesisTest("supF", "", 9.1, critical_values={0.05: 8.58, 0.01: 12.29})
        >>> test.rejects(significance=0.05), test.rejects(significance=0.01)
        (True, False)
        """
        if not np.isnan(self.pvalue):
            return bool(self.pvalue < significance)
        if significance not in self.critical_values:
            known = ", ".join(str(size) for size in self.critical_values)
            raise ValueError(f"expected significance to be one of {known}, found {significance}")
        return bool(self.statistic > self.critical_values[significance])

    def __str__(self) -> str:
        if not np.isnan(self.pvalue):
            return f"{self.name}: {self.statistic:.4g} (p = {self.pvalue:.4f})"
        if not self.critical_values:
            return f"{self.name}: {self.statistic:.4g} (not tabulated)"
        beyond = [size for size, value in self.critical_values.items() if self.statistic > value]
        worth = f"p < {min(beyond):g}" if beyond else f"p > {max(self.critical_values):g}"
        return f"{self.name}: {self.statistic:.4g} ({worth})"


def holm(pvalues: Sequence[float]) -> list[float]:
    """
    Adjust p-values for the number of questions asked.

    Parameters
    ----------
    pvalues : sequence of float
        One a question.

    Returns
    -------
    list of float
        Adjusted, in the same order: below 5 % in any of them has 5 % chance at most if all nulls
        are true.

    Raises
    ------
    ValueError
        If one is not between 0 and 1.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
       Journal of Statistics 6 (2), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(pvalues, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values between 0 and 1, found {list(pvalues)}")
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * (len(values) - np.arange(len(values))))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(raised, 1.0)
    return [float(value) for value in adjusted]
