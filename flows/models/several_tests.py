"""Several tests at once: p-values adjusted for their number."""

from collections.abc import Mapping
from typing import Literal, get_args, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.models.sample import FloatArray, check_choice

Adjustment = Literal["holm", "benjamini-hochberg", "benjamini-yekutieli"]

_STATSMODELS: Mapping[Adjustment, str] = {
    "holm": "holm",
    "benjamini-hochberg": "fdr_bh",
    "benjamini-yekutieli": "fdr_by",
}


@overload
def adjust_pvalues(pvalues: pd.Series, *, method: Adjustment = "holm") -> pd.Series: ...


@overload
def adjust_pvalues(pvalues: npt.ArrayLike, *, method: Adjustment = "holm") -> FloatArray: ...


def adjust_pvalues(
    pvalues: pd.Series | npt.ArrayLike, *, method: Adjustment = "holm"
) -> pd.Series | FloatArray:
    """
    Adjust p-values for how many tests were made.

    Parameters
    ----------
    pvalues : pandas.Series or array-like
        P-values of all tests that were made, not of those alone that came out small, shape
        ``(tests,)``. A missing one stays missing and is not counted as a test.
    method : {"holm", "benjamini-hochberg", "benjamini-yekutieli"}
        What stays below the significance at which an adjusted p-value is read. ``"holm"``: the
        chance of one false finding or more, whatever ties the tests together [1]_.
        ``"benjamini-hochberg"``: the expected share of false findings among all findings, where
        tests are independent or positively dependent [2]_; ``"benjamini-yekutieli"``: the same
        under any dependence [3]_.

    Returns
    -------
    pandas.Series or numpy.ndarray
        Adjusted p-values, in the order and with the index of ``pvalues``.

    Raises
    ------
    TypeError
        If ``pvalues`` are no numbers.
    ValueError
        If one is outside 0 to 1, they do not lie in one row, or ``method`` is unknown.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
       Journal of Statistics 6 (2), 65-70.
    .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of
       the Royal Statistical Society B 57 (1), 289-300.
    .. [3] Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in
       multiple testing under dependency. Annals of Statistics 29 (4), 1165-1188.

    Examples
    --------
    >>> tests = pd.Series({"IRN": 0.01, "GEO": 0.04, "RUS": None, "TUR": 0.03}, dtype=float)
    >>> adjust_pvalues(tests).to_dict()
    {'IRN': 0.03, 'GEO': 0.06, 'RUS': nan, 'TUR': 0.06}
    """
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import

    check_choice("method", method, get_args(Adjustment))
    values = _values(pvalues)
    made = ~np.isnan(values)
    adjusted = np.full(values.shape, np.nan)
    if made.any():
        adjusted[made] = multipletests(values[made], method=_STATSMODELS[method])[1]
    if isinstance(pvalues, pd.Series):
        return pd.Series(adjusted, index=pvalues.index, name=pvalues.name)
    return adjusted


def _values(pvalues: pd.Series | npt.ArrayLike) -> FloatArray:
    try:
        if isinstance(pvalues, pd.Series):
            values = pvalues.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            values = np.asarray(pvalues, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"expected p-values as numbers, found {type(pvalues).__name__}: {error}"
        ) from error
    if values.ndim != 1:
        raise ValueError(f"expected p-values in one row, found shape {values.shape}")
    outside = (values < 0) | (values > 1)
    if outside.any():
        place = int(np.argmax(outside))
        where = pvalues.index[place] if isinstance(pvalues, pd.Series) else f"place {place + 1}"
        raise ValueError(f"expected p-values between 0 and 1, found {values[place]} at {where}")
    return values
