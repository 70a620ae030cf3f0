"""All suppliers of an importer, or customers of an exporter, with what each of them delivered."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import SchemaError
from flows.measure.counted import UNKNOWN, count_flows, find_candidates
from flows.measure.counted_checks import UNNAMED, Of
from flows.measure.counting import ALL, Counting

OTHERS = "others"


@dataclass(frozen=True, slots=True, eq=False)
class PartnerShares:
    """
    What each supplier or customer has of one country's total in one window.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a partner, the largest first, then the others together, then the unknown, each
        under its code: ``rank`` (missing for others and unknown), ``partner``, ``name``, ``kind``
        (``"named"``, ``"others"``, ``"unknown"``), ``partners`` (how many the row holds),
        ``value`` in ``unit``, ``share`` (0 to 1).
    total : float
        Sum, in ``unit``.
    unit, dataset, country, of, start, end, counting, rows, left_out
        As in :class:`flows.measure.counted.Counted`.
    """

    frame: pd.DataFrame
    total: float
    unit: str
    dataset: str
    country: str
    of: Of
    start: int
    end: int
    counting: Counting
    rows: pd.DataFrame
    left_out: pd.DataFrame


def partner_shares(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    top: int | None = None,
) -> PartnerShares:
    """
    Return the shares of all suppliers of an importer, or of all customers of an exporter.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    country, start, end, of, dataset, counting
        As in :func:`flows.measure.concentration.concentration`.
    top : int, optional
        How many partners are named; the rest is one row of others. All by default.

    Returns
    -------
    PartnerShares
        The shares add up to 1.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`flows.measure.shares.share`; also if ``top`` is below 1.

    Examples
    --------
    >>> import flows as fl
    >>> found = partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2016, end=2020, top=2
    ... )
    >>> found.frame["partner"].tolist(), found.frame["share"].round(3).tolist()
    (['ISR', 'RUS', 'others', 'XXU'], [0.677, 0.164, 0.155, 0.004])
    """
    if top is not None and top < 1:
        raise ValueError(f"top: expected at least 1 partner, found {top}")
    counted = count_flows(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    partners = add_by_partner(counted.rows)
    total = exact_sum(partners["value"])
    if total == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    return PartnerShares(
        frame=_ranked(partners, total, top),
        total=total,
        unit=counted.unit,
        dataset=counted.dataset,
        country=country,
        of=of,
        start=start,
        end=end,
        counting=counting,
        rows=counted.rows,
        left_out=counted.left_out,
    )


def rolling_partner_shares(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    years: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    top: int | None = None,
) -> tuple[PartnerShares, ...]:
    """
    Return the shares of all partners in every window of some years.

    Parameters
    ----------
    table, country, of, dataset, counting, top
        As in :func:`partner_shares`.
    start, end : int
        First year of the first window, last year of the last one.
    years : int
        Length of a window.

    Returns
    -------
    tuple of PartnerShares
        In the order of time; a window in which nothing was imported has none.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`partner_shares`; also if no window fits.

    Examples
    --------
    >>> import flows as fl
    >>> windows = rolling_partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2015, end=2020, years=5
    ... )
    >>> [(one.start, one.frame["partner"].iloc[0]) for one in windows]
    [(2015, 'ISR'), (2016, 'ISR')]
    """
    asked = {"country": country, "of": of, "dataset": dataset, "counting": counting}
    windows = rolling_windows(table, start=start, end=end, years=years, **asked)  # type: ignore[arg-type]
    return tuple(
        partner_shares(table, start=first, end=last, top=top, **asked)  # type: ignore[arg-type]
        for first, last in windows
    )


def rolling_windows(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    years: int,
    of: Of,
    dataset: str | None,
    counting: Counting,
) -> Iterator[tuple[int, int]]:
    """
    Yield the first and the last year of every window in which there is a total.

    Parameters
    ----------
    table, country, start, end, years, of, dataset, counting
        As in :func:`rolling_partner_shares`.

    Yields
    ------
    first, last : int
        Windows one year apart.

    Raises
    ------
    ValueError
        If no window of so many years fits.
    PeriodError, SchemaError, CountryError
        As :func:`partner_shares`.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> asked = {"country": "AZE", "of": "imports", "dataset": None, "counting": ALL}
    >>> list(rolling_windows(arms, start=2015, end=2020, years=5, **asked))
    [(2015, 2019), (2016, 2020)]
    """
    if not 1 <= years <= end - start + 1:
        raise ValueError(f"years: expected 1 to {end - start + 1}, found {years}")
    near, _ = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    filled = near[near["admitted"] & (near["value"] != 0)]
    for first in range(start, end - years + 2):
        last = first + years - 1
        if ((filled["first"] <= last) & (filled["last"] >= first)).any():
            yield first, last


def add_by_partner(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Add up rows by partner.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``partner`` and ``value``.

    Returns
    -------
    pandas.DataFrame
        ``partner``, ``value`` and ``share`` (0 to 1), the largest first, equal ones by code.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"partner": ["RUS", "ISR", "RUS"], "value": [1.0, 6.0, 1.0]})
    >>> add_by_partner(rows).to_numpy().tolist()
    [['ISR', 6.0, 0.75], ['RUS', 2.0, 0.25]]
    """
    sums = rows.groupby("partner", sort=True)["value"].agg(exact_sum).reset_index()
    total = exact_sum(sums["value"])
    ordered = sums.sort_values(["value", "partner"], ascending=[False, True], ignore_index=True)
    return ordered.assign(share=ordered["value"] / total if total else math.nan)


def _ranked(partners: pd.DataFrame, total: float, top: int | None) -> pd.DataFrame:
    is_unknown = partners["partner"].isin([*UNKNOWN, UNNAMED])
    named = partners[~is_unknown].reset_index(drop=True)
    shown = named.head(len(named) if top is None else top)
    rest = named.iloc[len(shown) :]
    records = [
        {"rank": rank, "partner": code, "kind": "named", "partners": 1, "value": value}
        for rank, (code, value) in enumerate(zip(shown["partner"], shown["value"], strict=True), 1)
    ]
    if len(rest):
        value = exact_sum(rest["value"])
        records.append({"partner": OTHERS, "kind": OTHERS, "partners": len(rest), "value": value})
    for code, value in partners.loc[is_unknown, ["partner", "value"]].itertuples(index=False):
        records.append({"partner": code, "kind": "unknown", "partners": 1, "value": value})
    columns = ["rank", "partner", "name", "kind", "partners", "value", "share"]
    frame = pd.DataFrame(records).reindex(columns=columns)
    names = [code if code == OTHERS else country_name(code) for code in frame["partner"]]
    return frame.assign(
        rank=frame["rank"].astype("Int64"), name=names, share=frame["value"] / total
    )
