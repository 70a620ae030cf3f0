"""The margin between CIF and FOB: a range that is given, or a regression on distance."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.compare.mirror_pairs import MirrorPairs
from flows.errors import SampleError, SchemaError
from flows.models.results import interval, label, tidy_frame, two_sided_pvalues
from flows.models.robust_dyads import DyadFit, fit_dyads
from flows.models.sample import FloatArray
from flows.table import where

_PAIR = ["exporter", "importer"]
_COVARIATES = ["dist", "contig"]
_TERMS = ("const", "log_distance", "contiguity")


@dataclass(frozen=True, slots=True, eq=False)
class MarginFit:
    """
    CIF/FOB ratios from a robust regression of log(importer / exporter) on distance.

    Parameters
    ----------
    params, std_errors : pandas.Series
        ``const``, ``log_distance`` (km), ``contiguity``; of the log ratio.
    covariance : pandas.DataFrame
        Of the coefficients.
    pvalues : pandas.Series
        Two-sided, Student's t.
    df : float
        Degrees of freedom: countries minus one, since errors are shared by country.
    nobs : int
        Pairs of countries that went in.
    scale : float
        Standard deviation of a pair's log ratio around the line, robust.
    pairs : pandas.DataFrame
        One row a pair that went in: ``exporter``, ``importer``, ``log_ratio`` (median),
        ``periods``, ``weight`` (below 1 for an outlier), ``dataset``, ``line`` of the covariates.
    covariates : pandas.DataFrame
        ``exporter``, ``importer``, ``dist``, ``contig``, ``dataset``, ``line``: one row a pair.
    without_covariates : int
        Pairs of countries left out because a covariate is missing.
    """

    params: pd.Series
    std_errors: pd.Series
    covariance: pd.DataFrame
    pvalues: pd.Series
    df: float
    nobs: int
    scale: float
    pairs: pd.DataFrame
    covariates: pd.DataFrame
    without_covariates: int

    def conf_int(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the interval of each coefficient.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        pandas.DataFrame
            ``low``, ``high`` by term.
        """
        return interval(self.params, self.std_errors, df=self.df, level=level)

    def tidy(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the coefficients as a table.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        pandas.DataFrame
            One row a term.
        """
        bounds = self.conf_int(level=level)
        return tidy_frame(self.params, self.std_errors, self.pvalues, bounds)

    def predict(self, *, level: float = 0.95) -> pd.DataFrame:
        """
        Return the CIF/FOB ratio of every pair with covariates.

        Parameters
        ----------
        level : float
            Coverage of the interval of the line; a single shipment varies more.

        Returns
        -------
        pandas.DataFrame
            ``exporter``, ``importer``, ``cif_fob_ratio``, ``low``, ``high`` (none below 1: freight
            is not negative), ``log_ratio``, ``std_error`` (of the log), ``dataset``, ``line``.
        """
        x = _regressors(self.covariates)
        log_ratio = pd.Series(x @ self.params.to_numpy())
        spread = np.einsum("ij,jk,ik->i", x, self.covariance.to_numpy(), x)
        # Zero, but for rounding, where a covariate is that of one pair alone.
        std_error = pd.Series(np.sqrt(np.maximum(spread, 0)))
        ends = interval(log_ratio, std_error, df=self.df, level=level).clip(lower=0.0)
        return self.covariates[[*_PAIR, "dataset", "line"]].assign(
            cif_fob_ratio=np.exp(log_ratio.clip(lower=0.0).to_numpy()),
            low=np.exp(ends["low"].to_numpy()),
            high=np.exp(ends["high"].to_numpy()),
            log_ratio=log_ratio.clip(lower=0.0).to_numpy(),
            std_error=std_error.to_numpy(),
        )


Margin = MarginFit | tuple[float, float]
"""A fitted margin, or the lowest and highest CIF/FOB ratio for all pairs."""


@dataclass(frozen=True, slots=True)
class LogRatios:
    """
    The log of the CIF/FOB ratio of every flow, zero where the importer states FOB.

    Parameters
    ----------
    middle, low, high : numpy.ndarray
        ``low`` and ``high`` differ from ``middle`` for a range only, shape ``(flows,)``.
    variance : numpy.ndarray
        Of ``middle``; zero for a range, which has no probability.
    """

    middle: FloatArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray


def fit_margin(pairs: MirrorPairs, covariates: pd.DataFrame) -> MarginFit:
    """
    Fit the CIF/FOB ratio to distance and contiguity, over all pairs that both sides state.

    Parameters
    ----------
    pairs : MirrorPairs
        Only flows that the exporter states FOB and the importer CIF, both with a size, go in.
    covariates : pandas.DataFrame
        Of ``load`` on a file of CEPII Gravity, or alike: ``exporter``, ``importer``, ``year``,
        ``dist`` (km), ``contig`` (0 or 1), ``dataset``, ``line``. The last year in which a pair
        has both is used: neither changes.

    Returns
    -------
    MarginFit

    Raises
    ------
    SchemaError
        If covariates lack a column, have a pair and year twice or a distance that is not positive.
    SampleError
        If there are too few pairs, or all are alike in a covariate.

    Notes
    -----
    Three defences against outliers: statements of nothing are no pairs; of a pair the median over
    periods and products goes in; the line is fitted by Huber's method. Errors may be shared by
    any two pairs with a country in common. What exporters understate on average, or importers
    overstate, is in the constant: mirrors cannot tell it from freight.

    References
    ----------
    .. [1] Gaulier, G. and Zignago, S. (2010). BACI: International Trade Database at the
       Product-Level. The 1994-2007 Version. CEPII Working Paper 2010-23.

    Examples
    --------
    >>> fit_margin(MirrorPairs(pd.DataFrame(), "USD", 0.0), pd.DataFrame({"exporter": ["IRN"]}))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: covariates: expected importer, year, dist, contig, dataset, line...
    """
    known = _last_known(covariates)
    medians = _median_log_ratios(pairs.table)
    found = medians.merge(known, on=_PAIR, how="inner")
    if found.empty:
        raise SampleError(f"expected pairs with covariates, found none among {len(medians)}")
    codes, names = pd.factorize(pd.concat([found["exporter"], found["importer"]]), sort=True)
    first, second = codes[: len(found)], codes[len(found) :]
    y = found["log_ratio"].to_numpy()
    fit = fit_dyads(_regressors(found), y, first.astype("int64"), second.astype("int64"))
    return _result(fit, found, known, df=len(names) - 1, left_out=len(medians) - len(found))


def log_ratios(margin: Margin, table: pd.DataFrame) -> LogRatios:
    """
    Return the margin of every flow.

    Parameters
    ----------
    margin : MarginFit or tuple of float
        Fitted, or lowest and highest ratio.
    table : pandas.DataFrame
        Of :class:`flows.compare.mirror_pairs.MirrorPairs`.

    Returns
    -------
    LogRatios

    Raises
    ------
    ValueError
        If the ratios are below 1 or not in order.
    SampleError
        If the fit has no covariates for a pair that needs a ratio.

    Examples
    --------
    >>> flows = pd.DataFrame({"importer_valuation": ["CIF", "FOB"]})
    >>> log_ratios((1.0, np.exp(0.2)), flows).middle.round(3).tolist()
    [0.1, 0.0]
    """
    needed = (table["importer_valuation"] == "CIF").to_numpy()
    if isinstance(margin, MarginFit):
        middle, variance = _fitted(margin, table, needed)
        return LogRatios(middle, middle, middle, variance)
    if not 1 <= margin[0] <= margin[1] < np.inf:
        raise ValueError(f"expected 1 <= lowest <= highest CIF/FOB ratio, found {margin}")
    low, high = (np.where(needed, np.log(ratio), 0.0) for ratio in margin)
    return LogRatios((low + high) / 2, low, high, np.zeros(len(table)))


def _fitted(
    margin: MarginFit, table: pd.DataFrame, needed: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    predicted = margin.predict()[[*_PAIR, "log_ratio", "std_error"]]
    found = table[_PAIR].merge(predicted, on=_PAIR, how="left")
    missing = found[found["log_ratio"].isna().to_numpy() & needed].drop_duplicates()
    if len(missing):
        names = [f"{one.exporter} to {one.importer}" for one in missing.head(5).itertuples()]
        raise SampleError(
            f"expected covariates for every pair, found none for {len(missing)}: {', '.join(names)}"
        )
    middle = np.where(needed, found["log_ratio"], 0.0)
    return middle, np.where(needed, found["std_error"] ** 2, 0.0)


def _regressors(covariates: pd.DataFrame) -> FloatArray:
    log_distance = np.log(covariates["dist"].to_numpy())
    return np.column_stack([np.ones(len(covariates)), log_distance, covariates["contig"]])


def _last_known(covariates: pd.DataFrame) -> pd.DataFrame:
    """Return distance and contiguity of each pair, from the last year that has both."""
    columns = [*_PAIR, "year", *_COVARIATES, "dataset", "line"]
    missing = [name for name in columns if name not in covariates]
    if missing:
        raise SchemaError(f"covariates: expected {', '.join(missing)}, found no such column")
    known = covariates[columns].dropna(subset=_COVARIATES)
    for wrong, demand in (
        (known["dist"] <= 0, "a positive distance"),
        (known.duplicated([*_PAIR, "year"], keep=False), "each pair and year once"),
    ):
        if wrong.any():
            raise SchemaError(f"covariates: expected {demand}, not so at {where(known[wrong])}")
    last = known.sort_values([*_PAIR, "year"]).groupby(_PAIR, sort=True).tail(1)
    return last.drop(columns="year").reset_index(drop=True)


def _median_log_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Return the median log of importer over exporter of each pair that has both, CIF and FOB."""
    both = (table["exporter_status"] == "stated") & (table["importer_status"] == "stated")
    used = table[both & (table["importer_valuation"] == "CIF")]
    ratio = np.log(used["importer_value"] / used["exporter_value"])
    grouped = used[_PAIR].assign(log_ratio=ratio).groupby(_PAIR, sort=True)["log_ratio"]
    return grouped.agg(log_ratio="median", periods="size").reset_index()


def _result(
    fit: DyadFit, found: pd.DataFrame, known: pd.DataFrame, *, df: float, left_out: int
) -> MarginFit:
    params = label(_TERMS, fit.params)
    std_errors = label(_TERMS, np.sqrt(np.diag(fit.covariance)))
    return MarginFit(
        params=params,
        std_errors=std_errors,
        covariance=pd.DataFrame(fit.covariance, index=params.index, columns=params.index),
        pvalues=two_sided_pvalues(params, std_errors, df=df),
        df=df,
        nobs=len(found),
        scale=fit.scale,
        pairs=found[[*_PAIR, "log_ratio", "periods", "dataset", "line"]].assign(weight=fit.weights),
        covariates=known,
        without_covariates=left_out,
    )
