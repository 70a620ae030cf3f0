"""What all fits share: intervals, the tidy frame, the text of a summary."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.sample import FloatArray


def label(names: Iterable[str], values: FloatArray) -> pd.Series:
    """
    Return numbers under the names of the coefficients.

    Parameters
    ----------
    names : iterable of str
        One a coefficient.
    values : numpy.ndarray
        Shape ``(k,)``.

    Returns
    -------
    pandas.Series
        Index ``term``.

    Raises
    ------
    ValueError
        If their numbers differ.

    Examples
    --------
    >>> label(["const"], np.array([1.0]))["const"]
    np.float64(1.0)
    """
    return pd.Series(values, index=pd.Index(list(names), name="term"))


def two_sided_pvalues(params: pd.Series, std_errors: pd.Series, *, df: float) -> pd.Series:
    """
    Test each coefficient against zero by Student's t.

    Parameters
    ----------
    params, std_errors : pandas.Series
        By coefficient.
    df : float
        Degrees of freedom; ``inf`` for the normal distribution.

    Returns
    -------
    pandas.Series
        Two-sided p-values; zero where a coefficient is estimated without error.

    Raises
    ------
    ValueError
        If ``df`` is not positive.

    Examples
    --------
    >>> two_sided_pvalues(pd.Series([2.0]), pd.Series([1.0]), df=10).round(4).tolist()
    [0.0734]
    """
    if df <= 0:
        raise ValueError(f"expected positive degrees of freedom, found {df}")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.abs(params.to_numpy() / std_errors.to_numpy())
    return pd.Series(2 * stats.t.sf(statistics, df), index=params.index)


def interval(params: pd.Series, std_errors: pd.Series, *, df: float, level: float) -> pd.DataFrame:
    """
    Return the interval of each coefficient by Student's t.

    Parameters
    ----------
    params, std_errors : pandas.Series
        By coefficient.
    df : float
        Degrees of freedom; ``inf`` for the normal distribution.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``low``, ``high``; one row a coefficient.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> interval(pd.Series([2.0]), pd.Series([1.0]), df=10, level=0.95).round(3).to_numpy()
    array([[-0.228,  4.228]])
    """
    half = std_errors * stats.t.ppf(0.5 + check_level(level) / 2, df)
    return pd.DataFrame({"low": params - half, "high": params + half})


def check_level(level: float) -> float:
    """
    Return the coverage of an interval, or say why it is none.

    Parameters
    ----------
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    float
        ``level``.

    Raises
    ------
    ValueError
        If it is not between 0 and 1: a level of 95 percent is 0.95.

    Examples
    --------
    >>> check_level(95)
    Traceback (most recent call last):
        ...
    ValueError: expected a level between 0 and 1, found 95
    """
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, found {level}")
    return level


def tidy_frame(
    params: pd.Series, std_errors: pd.Series, pvalues: pd.Series, bounds: pd.DataFrame
) -> pd.DataFrame:
    """
    Put estimates side by side.

    Parameters
    ----------
    params, std_errors, pvalues : pandas.Series
        By coefficient.
    bounds : pandas.DataFrame
        Columns ``low``, ``high`` of the interval, by coefficient.

    Returns
    -------
    pandas.DataFrame
        Columns ``estimate``, ``std_error``, ``pvalue``, ``low``, ``high``; one row a coefficient,
        index ``term``.

    Raises
    ------
    KeyError
        If ``bounds`` lacks a column.

    Examples
    --------
    >>> one = pd.Series([1.0], index=["trend"])
    >>> tidy_frame(one, one, one, pd.DataFrame({"low": one, "high": one})).columns.tolist()
    ['estimate', 'std_error', 'pvalue', 'low', 'high']
    """
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
    """
    Print a fit for a person: what it is, how it was made, and the estimates.

    Parameters
    ----------
    title : str
        First line.
    facts : iterable of (str, str)
        Name and text of each line below the title.
    table : pandas.DataFrame
        Numbers, printed to six digits.

    Returns
    -------
    str
        Without date, time or trailing newline.

    Raises
    ------
    ValueError
        If ``facts`` is empty.

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [1.5]}, index=["a"])
    >>> print(summary_text("A fit", [("nobs", "3")], table))
    A fit
    nobs  3
       estimate
    a       1.5
    """
    lines = list(facts)
    if not lines:
        raise ValueError("expected at least one fact about the fit")
    width = max(len(name) for name, _ in lines)
    body = [f"{name:<{width}}  {text}" for name, text in lines]
    numbers = table.rename_axis(None).to_string(float_format=lambda value: f"{value:.6g}")
    return "\n".join([title, *body, numbers])


def describe_left_out(left_out: pd.Series) -> str:
    """
    Say how many rows are not used, which, and why.

    Parameters
    ----------
    left_out : pandas.Series
        Reason by period.

    Returns
    -------
    str
        ``"none"`` where every row is used.

    Raises
    ------
    TypeError
        If ``left_out`` has no index of periods.

    Examples
    --------
    >>> describe_left_out(pd.Series(["missing value"], index=[2019]))
    '1 (2019: missing value)'
    """
    if left_out.empty:
        return "none"
    reasons = "; ".join(
        f"{', '.join(str(period) for period in group.index)}: {reason}"
        for reason, group in left_out.groupby(left_out, sort=True)
    )
    return f"{len(left_out)} ({reasons})"
