"""What an estimate of the reporters' reliability holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.models.results import check_level, summary_text


@dataclass(frozen=True, slots=True)
class Component:
    """
    Reporters that are connected by pairs which both sides state.

    Parameters
    ----------
    name : str
        Its first reporter and how many more.
    reporters : tuple of str
        Sorted.
    identified : bool
        Whether the pairs tell its reporters apart: they do if some of them form a ring of odd
        length, such as three that all trade with each other.
    """

    name: str
    reporters: tuple[str, ...]
    identified: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """
    Mean square errors of the reporters, in logs.

    Parameters
    ----------
    variances : pandas.Series
        Mean square of the log error as an exporter, systematic and random, by reporter.
    importer_ratio : float
        Variance as an importer over that as an exporter, as given.
    covariance : pandas.DataFrame
        Of ``variances``, over the bootstrap.
    draws : pandas.DataFrame
        ``variances`` in each draw of the bootstrap, one row a draw.
    components : tuple of Component
        All of them, identified or not; reporters of the latter have no variance.
    nobs, npairs : int
        Flows, and pairs of countries, that both sides state in identified components.
    flows : pandas.Series
        How many of the flows are stated by each reporter.
    prior_df : float
        To how many flows at the average reliability the prior of each reporter amounts.
    iterations : int
        Steps until the last change was within the tolerance.
    last_change, tolerance : float
        Relative change of a variance in the last step, and what it may be.
    """

    variances: pd.Series
    importer_ratio: float
    covariance: pd.DataFrame
    draws: pd.DataFrame
    components: tuple[Component, ...]
    nobs: int
    npairs: int
    flows: pd.Series
    prior_df: float
    iterations: int
    last_change: float
    tolerance: float

    @property
    def params(self) -> pd.Series:
        """Standard deviation of the log error of each reporter as an exporter."""
        return self.variances**0.5

    @property
    def std_errors(self) -> pd.Series:
        """Standard deviation of ``params`` over the bootstrap."""
        return (self.draws**0.5).std(ddof=1)

    def conf_int(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the bootstrap interval of each standard deviation as an exporter.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        pandas.DataFrame
            ``low``, ``high`` by reporter: quantiles over the draws.
        """
        tail = (1 - check_level(level)) / 2
        drawn = self.draws**0.5
        return pd.DataFrame({"low": drawn.quantile(tail), "high": drawn.quantile(1 - tail)})

    def tidy(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the reliabilities as a table.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        pandas.DataFrame
            One row a reporter, best first: ``as_exporter``, ``as_importer`` (standard deviations of
            the log error), ``std_error``, ``low``, ``high`` (of the former), ``flows``.
        """
        ends = self.conf_int(level=level)
        return pd.DataFrame(
            {
                "as_exporter": self.params,
                "as_importer": self.params * np.sqrt(self.importer_ratio),
                "std_error": self.std_errors,
                "low": ends["low"],
                "high": ends["high"],
                "flows": self.flows,
            }
        ).sort_values("as_exporter", kind="stable")

    def summary(self) -> str:
        """
        Return the reliabilities and how they were reached, as text.

        Returns
        -------
        str
            Without date or time.
        """
        refused = [one.name for one in self.components if not one.identified]
        last = f"last change {self.last_change:.1e} (tolerance {self.tolerance:.0e})"
        facts = [
            ("flows", f"{self.nobs} of {self.npairs} pairs of countries"),
            ("not identified", ", ".join(refused) or "none"),
            ("prior", f"{self.prior_df:g} flows at the average"),
            ("converged", f"{self.iterations} steps, {last}"),
        ]
        return summary_text("Standard deviations of log errors", facts, self.tidy())
