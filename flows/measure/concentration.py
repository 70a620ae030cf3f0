"""How concentrated a country's suppliers or customers are, and what cannot be excluded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError
from flows.measure.bound_rules import Rule
from flows.measure.bounds import check_ways, find_ways
from flows.measure.box_extremes import (
    Box,
    Interval,
    entropy_bounds,
    herfindahl_bounds,
    ratio_bounds,
)
from flows.measure.checks import Of
from flows.measure.counting import ALL, Counting, count_flows, find_candidates
from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.shares import add_by_partner, rolling_windows

MEASURES = ("hhi", "effective_number", "cr1", "cr3", "entropy")


@dataclass(frozen=True, slots=True, eq=False)
class Concentration:
    """
    Concentration of one country's suppliers or customers in one window.

    Parameters
    ----------
    hhi : float
        Herfindahl-Hirschman index, 1/n to 1; an unknown supplier counts as one supplier.
    effective_number : float
        Suppliers of equal size with the same index: 1 / ``hhi``.
    cr1, cr3 : float
        Share of the largest supplier, on whom the country depends most, and of the three largest.
    entropy : float
        Of the shares, in nats: 0 for one supplier.
    main : str
        Code of the largest supplier; of equal ones the first in the alphabet.
    bounds : Mapping
        Measure to the lowest and the highest value that the rules cannot exclude; empty without
        rules.
    partners : pandas.DataFrame
        One row a supplier or customer, the largest first: ``partner``, ``value``, ``share``.
    total : float
        Sum, in ``unit``.
    unit, dataset, country, of, start, end, counting, rows, left_out
        As in :class:`flows.measure.counting.Counted`.
    rules : tuple of Rule
        What cannot be excluded.
    """

    hhi: float
    effective_number: float
    cr1: float
    cr3: float
    entropy: float
    main: str
    bounds: Mapping[str, Interval]
    partners: pd.DataFrame
    total: float
    unit: str
    dataset: str
    country: str
    of: Of
    start: int
    end: int
    counting: Counting
    rules: tuple[Rule, ...]
    rows: pd.DataFrame
    left_out: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """
        Return one row a measure.

        Returns
        -------
        pandas.DataFrame
            ``measure``, ``value``, and ``low`` and ``high``, missing without rules.
        """
        nothing = (math.nan, math.nan)
        ends = [self.bounds.get(name, nothing) for name in MEASURES]
        return pd.DataFrame(
            {
                "measure": MEASURES,
                "value": [getattr(self, name) for name in MEASURES],
                "low": [low for low, _ in ends],
                "high": [high for _, high in ends],
            }
        )


def concentration(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    rules: Sequence[Rule] = (),
) -> Concentration:
    """
    Return how concentrated a country's suppliers are, or an exporter's customers.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    country : str
        Alpha-3 code: the importer, or the exporter where ``of="exports"``.
    start, end : int
        First and last year, both included.
    of : {"imports", "exports"}
        Its imports by supplier, or its exports by customer.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year.
    rules : sequence of Rule
        What cannot be excluded, as in :func:`flows.measure.bounds.share_bounds`; none by default.

    Returns
    -------
    Concentration

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`flows.measure.shares.share` and :func:`flows.measure.bounds.share_bounds`.

    Notes
    -----
    Bounds are exact: the extremes of each index over all amounts that the rules allow, not the
    index of extreme amounts. Rows are independent of one another, definitions are one choice for
    the whole sum. Under :class:`~flows.measure.bound_rules.UnknownPartner` each row of an unknown
    supplier is one supplier's as a whole, named or not.

    Examples
    --------
    >>> import flows as fl
    >>> found = concentration(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2016, end=2020
    ... )
    >>> round(found.hhi, 3), found.main, round(found.cr1, 4)
    (0.492, 'ISR', 0.6774)
    """
    counted = count_flows(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    partners = add_by_partner(counted.rows)
    amounts = partners["value"].tolist()
    if math.fsum(amounts) == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    near, _ = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    return Concentration(
        hhi=herfindahl(amounts),
        effective_number=effective_number(amounts),
        cr1=concentration_ratio(amounts, 1),
        cr3=concentration_ratio(amounts, 3),
        entropy=entropy(amounts),
        main=str(partners["partner"].iloc[0]),
        bounds=_bound_measures(near, rules, window=(start, end), of=of, counting=counting),
        partners=partners,
        total=exact_sum(amounts),
        unit=counted.unit,
        dataset=counted.dataset,
        country=country,
        of=of,
        start=start,
        end=end,
        counting=counting,
        rules=tuple(rules),
        rows=counted.rows,
        left_out=counted.left_out,
    )


def rolling_concentration(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    years: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    rules: Sequence[Rule] = (),
) -> tuple[Concentration, ...]:
    """
    Return the concentration of every window of some years: dependence and how it changes.

    Parameters
    ----------
    table, country, of, dataset, counting, rules
        As in :func:`concentration`.
    start, end : int
        First year of the first window, last year of the last one.
    years : int
        Length of a window.

    Returns
    -------
    tuple of Concentration
        In the order of time; a window in which nothing was imported has none.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`concentration`; also if no window fits.

    Examples
    --------
    >>> import flows as fl
    >>> windows = rolling_concentration(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2011, end=2020, years=5
    ... )
    >>> [(one.start, one.main, round(one.hhi, 2)) for one in windows[::5]]
    [(2011, 'RUS', 0.64), (2016, 'ISR', 0.49)]
    """
    asked = {"country": country, "of": of, "dataset": dataset, "counting": counting}
    windows = rolling_windows(table, start=start, end=end, years=years, **asked)  # type: ignore[arg-type]
    return tuple(
        concentration(table, start=first, end=last, rules=rules, **asked)  # type: ignore[arg-type]
        for first, last in windows
    )


def tabulate_concentration(several: Sequence[Concentration]) -> pd.DataFrame:
    """Return concentrations as a table, one row each."""
    told = ("dataset", "country", "of", "start", "end", "total", "main")
    records = []
    for one in several:
        record = {name: getattr(one, name) for name in told}
        for row in one.tidy().itertuples(index=False):
            ends = {f"{row.measure}_low": row.low, f"{row.measure}_high": row.high}
            record |= {str(row.measure): row.value, **ends}
        records.append(record)
    return pd.DataFrame(records)


def _bound_measures(
    near: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    of: Of,
    counting: Counting,
) -> dict[str, Interval]:
    """Return the lowest and the highest value of each measure."""
    if not rules:
        return {}
    ways = find_ways(near, rules, window=window, counting=counting)
    check_ways(near, ways, window=window, of=of)
    boxes = [_box(cells) for _, cells in ways if (cells["amount_high"] > 0).any()]
    hhi = _hull([herfindahl_bounds(box) for box in boxes])
    return {
        "hhi": hhi,
        "effective_number": (1 / hhi[1], 1 / hhi[0]),
        "cr1": _hull([ratio_bounds(box, 1) for box in boxes]),
        "cr3": _hull([ratio_bounds(box, 3) for box in boxes]),
        "entropy": _hull([entropy_bounds(box) for box in boxes]),
    }


def _box(cells: pd.DataFrame) -> Box:
    possible = cells[cells["amount_high"] > 0]
    named = possible[~possible["anyone"]].groupby("partner", sort=True)
    unknown = possible[possible["anyone"]].sort_values(["amount_low", "amount_high"])
    return Box(
        low=tuple(named["amount_low"].agg(math.fsum)),
        high=tuple(named["amount_high"].agg(math.fsum)),
        anyone=tuple(zip(unknown["amount_low"], unknown["amount_high"], strict=True)),
    )


def _hull(several: Sequence[Interval]) -> Interval:
    return min(low for low, _ in several), max(high for _, high in several)
