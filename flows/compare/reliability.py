"""How reliable each reporter is, from its disagreement with all of its partners."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from flows.compare.mirror_pairs import CifFobRatio, MirrorPairs, log_ratios
from flows.errors import SampleError
from flows.models.pair_variances import connected_members, fit_pair_variances, pair_design
from flows.models.results import check_level, summary_text
from flows.renamed import renamed_arguments
from flows.results import Card, Result, print_count, print_interval

_PAIR = ["exporter", "importer"]
_LEAST_DRAWS = 2


@dataclass(frozen=True, slots=True, repr=False)
class Component(Result):
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

    in_lists = True

    name: str
    reporters: tuple[str, ...]
    identified: bool

    def _card(self) -> Card:
        told = "identified" if self.identified else "not identified"
        return Card(title=f"{self.name}, {told}", facts=(("reporters", ", ".join(self.reporters)),))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Reliability(Result):
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
        refused = [component.name for component in self.components if not component.identified]
        last = f"last change {self.last_change:.1e} (tolerance {self.tolerance:.0e})"
        facts = [
            ("flows", f"{self.nobs} of {self.npairs} pairs of countries"),
            ("not identified", ", ".join(refused) or "none"),
            ("prior", f"{self.prior_df:g} flows at the average"),
            ("converged", f"{self.iterations} steps, {last}"),
        ]
        return summary_text("Standard deviations of log errors", facts, self.tidy())

    def _card(self) -> Card:
        ranked = tuple(
            (str(reporter), print_interval(value, low, high, level=0.95))
            for reporter, value, low, high in self.tidy()[
                ["as_exporter", "low", "high"]
            ].itertuples(name=None)
        )
        refused = [component.name for component in self.components if not component.identified]
        return Card(
            title="standard deviations of log errors, as exporters",
            facts=(
                (f"best: {ranked[0][0]}", ranked[0][1]),
                (f"worst: {ranked[-1][0]}", ranked[-1][1]),
                ("flows", f"{self.nobs} of {print_count(self.npairs, 'pair')} of countries"),
                ("draws", str(len(self.draws))),
                ("not identified", ", ".join(refused) or "none"),
            ),
            more=ranked,
        )


@renamed_arguments(margin="cif_fob_ratio", seed="rng")
def reliability(
    pairs: MirrorPairs,
    *,
    cif_fob_ratio: CifFobRatio,
    importer_ratio: float,
    prior_df: float,
    draws: int,
    rng: np.random.Generator | int,
    tolerance: float = 1e-8,
    max_iterations: int = 20_000,
) -> Reliability:
    r"""
    Estimate how far each reporter's statements lie from the truth, from all pairs of mirrors.

    Parameters
    ----------
    pairs : MirrorPairs
        Flows that both sides state with a size go in.
    cif_fob_ratio : tuple of float or MarginFit
        Lowest and highest ratio of CIF to FOB, of which the middle is taken, or a margin fitted by
        :func:`flows.fit_margin`.
    importer_ratio : float
        Variance of a reporter's errors as an importer over that as an exporter. No default:
        mirrors alone do not tell it (see Notes); 1 is as good as exporter as importer.
    prior_df : float
        To how many flows at the average variance the prior of each reporter amounts, such as 2.
        It must be positive: a reporter could otherwise be found free of error, and be believed.
    draws : int
        Number of draws of the bootstrap.
    rng : numpy.random.Generator or int
        Source of chance; a whole number is its seed.
    tolerance, max_iterations : float, int
        When the iteration has converged, and when it is given up.

    Returns
    -------
    Reliability

    Raises
    ------
    SampleError
        If no component of reporters is identified (one pair of countries never is), or the
        iteration does not converge.
    ValueError
        If an argument is out of range.

    Notes
    -----
    With the importer's statement :math:`M`, the exporter's :math:`X` and the ratio :math:`r`,
    :math:`E[\log(M / r X)^2] = s_i^2 + \rho s_j^2` for exporter :math:`i` and importer :math:`j`:
    a two-way analysis in the form of variances. With an effect of its own for each exporter and
    each importer, a constant could be added to the former and taken from the latter. The bootstrap
    draws a weight for each pair of countries [2]_, so the flows of a pair may be alike over time.
    A systematic error of a reporter counts in its mean square; one that all reporters have in
    common, or that two sides of a pair share, leaves no trace in mirrors.

    References
    ----------
    .. [1] Gaulier, G. and Zignago, S. (2010). BACI: International Trade Database at the
       Product-Level. The 1994-2007 Version. CEPII Working Paper 2010-23.
    .. [2] Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9 (1), 130-134.

    Examples
    --------
    >>> flow = pd.DataFrame({
    ...     "exporter": ["IRN"], "importer": ["ARM"], "importer_valuation": ["CIF"],
    ...     "exporter_value": [100.0], "importer_value": [120.0],
    ...     "exporter_status": ["stated"], "importer_status": ["stated"],
    ... })
    >>> reliability(MirrorPairs(flow, "USD", 0.0), cif_fob_ratio=(1.06, 1.10),
    ...             importer_ratio=1, prior_df=2, draws=100, rng=1)
    Traceback (most recent call last):
        ...
    flows.errors.SampleError: the reliability of single reporters is not identified: it takes...
    """
    if draws < _LEAST_DRAWS:
        raise ValueError(f"expected at least {_LEAST_DRAWS} draws, found {draws}")
    observed = _by_pair(pairs, cif_fob_ratio)
    components, kept = _identified(observed)
    codes, names = pd.factorize(pd.concat([kept["exporter"], kept["importer"]]), sort=True)
    first, second = codes[: len(kept)].astype("int64"), codes[len(kept) :].astype("int64")
    design = pair_design(first, second, second_ratio=importer_ratio)
    sums = kept[["squares", "flows"]].to_numpy(dtype="float64").T
    fit_sums = partial(
        fit_pair_variances,
        design,
        prior_df=prior_df,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    fit = fit_sums(sums[:1], sums[1:])
    # Weights with mean one keep every pair, so that a draw never falls apart into components.
    weights = np.random.default_rng(rng).standard_exponential((draws, len(kept)))
    squares, counts = weights * sums[0], weights * sums[1]
    drawn = fit_sums(squares, counts, start=fit.variances[0])
    by_draw = pd.DataFrame(drawn.variances, columns=names)
    return Reliability(
        variances=pd.Series(fit.variances[0], index=names, name="variance"),
        importer_ratio=importer_ratio,
        covariance=by_draw.cov(),
        draws=by_draw,
        components=components,
        nobs=int(sums[1].sum()),
        npairs=len(kept),
        flows=pd.Series(sums[1] @ (design > 0), index=names).astype("int64"),
        prior_df=prior_df,
        iterations=fit.iterations,
        last_change=fit.last_change,
        tolerance=tolerance,
    )


def log_asymmetries(pairs: MirrorPairs, cif_fob_ratio: CifFobRatio) -> pd.Series:
    """Return the log of importer's over exporter's statement, less that of the CIF/FOB ratio."""
    table = pairs.table
    both = (table["exporter_status"] == "stated") & (table["importer_status"] == "stated")
    used = table[both]
    logs = np.log((used["importer_value"] / used["exporter_value"]).to_numpy())
    return pd.Series(logs - log_ratios(cif_fob_ratio, used).middle, index=used.index)


def _by_pair(pairs: MirrorPairs, cif_fob_ratio: CifFobRatio) -> pd.DataFrame:
    """Return the sum of squared asymmetries and the number of flows of each pair of countries."""
    squares = log_asymmetries(pairs, cif_fob_ratio) ** 2
    if squares.empty:
        raise SampleError("no flow is reported by both sides with a value; nothing to compare")
    grouped = pairs.table.loc[squares.index, _PAIR].assign(squares=squares).groupby(_PAIR)
    return grouped["squares"].agg(squares="sum", flows="size").reset_index()


def _identified(observed: pd.DataFrame) -> tuple[tuple[Component, ...], pd.DataFrame]:
    """Return all components, and the pairs of those that are identified."""
    codes, names = pd.factorize(pd.concat([observed["exporter"], observed["importer"]]), sort=True)
    first, second = codes[: len(observed)], codes[len(observed) :]
    components = tuple(
        _component((str(names[member]) for member in members), identified=identified)
        for members, identified in connected_members(first.astype("int64"), second.astype("int64"))
    )
    kept = {
        name for component in components if component.identified for name in component.reporters
    }
    if not kept:
        groups = "; ".join(component.name for component in components)
        raise SampleError(
            "the reliability of single reporters is not identified: it takes three reporters that "
            f"all trade with one another, or a larger ring of odd length; found {groups}"
        )
    return components, observed[observed["exporter"].isin(kept)].reset_index(drop=True)


def _component(reporters: Iterable[str], *, identified: bool) -> Component:
    members = tuple(sorted(reporters))
    shown = ", ".join(members[:3])
    more = len(members) - 3
    return Component(f"{shown} and {more} more" if more > 0 else shown, members, identified)
