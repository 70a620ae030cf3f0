"""Standard errors by name: which estimator, which lags, which small-sample factor, in words too."""

from dataclasses import dataclass
from typing import Literal, get_args

from flows.models.covariance import classical, heteroskedastic, newey_west
from flows.models.long_run import rule_of_thumb_lags
from flows.models.sample import FloatArray, IntArray

StandardError = Literal["classical", "hc0", "hc1", "hc2", "hc3", "newey-west"]
SmallSample = Literal["stata", "none"]


@dataclass(frozen=True, slots=True)
class Covariance:
    """
    A covariance matrix and how to read it.

    Parameters
    ----------
    matrix : numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.
    convention : str
        Estimator, lags and factor, as a table's note says it.
    lags : int, optional
        Lags of the kernel, where there is one.
    df : float
        Degrees of freedom of Student's t for tests and intervals.
    """

    matrix: FloatArray
    convention: str
    lags: int | None
    df: float


def estimate_covariance(
    x: FloatArray,
    resids: FloatArray,
    steps: IntArray,
    *,
    se: StandardError,
    lags: int | None = None,
    small_sample: SmallSample = "stata",
) -> Covariance:
    """
    Estimate the covariance of least-squares coefficients by a named choice.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, strictly increasing, shape ``(nobs,)``.
    se : {"classical", "hc0", "hc1", "hc2", "hc3", "newey-west"}
        The estimator.
    lags : int, optional
        Lags of ``"newey-west"``, in periods; without them
        :func:`flows.models.long_run.rule_of_thumb_lags`.
    small_sample : {"stata", "none"}
        Whether ``"newey-west"`` carries Stata's factor n/(n-k) or none, as R's sandwich.

    Returns
    -------
    Covariance
        With ``nobs - k`` degrees of freedom.

    Raises
    ------
    ValueError
        If a name is unknown, ``lags`` is given to an estimator without lags, is negative, or
        reaches past the sample.

    Examples
    --------
    >>> import numpy as np
    >>> x, resids = np.ones((4, 1)), np.array([1.0, 1.0, -1.0, -1.0])
    >>> estimate_covariance(x, resids, np.arange(4), se="newey-west", lags=1).convention
    'Newey-West, 1 lag (given), factor n/(n-k)'
    """
    _check_names(se, small_sample)
    nobs, k = x.shape
    if se == "newey-west":
        chosen, rule = _lags(lags, nobs, int(steps[-1] - steps[0]))
        adjust = small_sample == "stata"
        matrix = newey_west(x, resids, lags=chosen, steps=steps, adjust=adjust)
        word = "lag" if chosen == 1 else "lags"
        factor = "factor n/(n-k)" if adjust else "no small-sample factor"
        return Covariance(
            matrix, f"Newey-West, {chosen} {word} ({rule}), {factor}", chosen, nobs - k
        )
    if lags is not None:
        raise ValueError(f"expected lags only with se='newey-west', found lags={lags} with {se!r}")
    if se == "classical":
        return Covariance(classical(x, resids), "classical", None, nobs - k)
    return Covariance(heteroskedastic(x, resids, kind=se), se.upper(), None, nobs - k)


def _check_names(se: str, small_sample: str) -> None:
    for name, found, known in (
        ("se", se, get_args(StandardError)),
        ("small_sample", small_sample, get_args(SmallSample)),
    ):
        if found not in known:
            raise ValueError(f"expected {name} to be one of {', '.join(known)}, found {found!r}")


def _lags(lags: int | None, nobs: int, span: int) -> tuple[int, str]:
    """Return the lags and where they come from."""
    if lags is None:
        return rule_of_thumb_lags(nobs), "floor(4(n/100)^(2/9))"
    if not 0 <= lags < span:
        raise ValueError(f"expected 0 <= lags < {span}, the span of the sample, found {lags}")
    return lags, "given"
