"""A test is an object: what is tested, the statistic, how surprising it is."""

from collections.abc import Mapping
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
