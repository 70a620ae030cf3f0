"""How much a share hangs on few deals: Rubin's bootstrap over the deals of a window."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError
from flows.measure.counting import ALL, Counting
from flows.measure.covering import check_all_partners
from flows.measure.drawn_shares import share_drawn
from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.shares import (
    Share,
    are_named,
    rank_suppliers,
    share,
    supplier_totals,
)
from flows.progress import track
from flows.renamed import renamed_arguments
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    print_between,
    print_estimate,
    print_percent,
)
from flows.table import where

_INDICES: Mapping[str, Callable[[Iterable[float]], float]] = {
    "hhi": herfindahl,
    "effective_number": effective_number,
    "cr1": lambda amounts: concentration_ratio(amounts, 1),
    "cr3": lambda amounts: concentration_ratio(amounts, 3),
    "entropy": entropy,
}

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CHUNK = 1000
"""Draws at a time: all of them at once would not fit in memory for an importer of many deals."""

Unit = Literal["deal", "row"]

_DESCRIBING = ("designation", "description")
_FEWEST = 2
_ROW_KEY = ["exporter", "start", "end", "product"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SharePosterior(Drawn):
    """
    A share, its interval under random weights of the deals, and what else those weights move.

    Parameters
    ----------
    share : Share
        The share as the data have it.
    low, high : float
        Ends of the interval of the share, with equal tails.
    level : float
        Part of the draws between them.
    prob_largest : float
        Part of the draws in which the supplier delivers most; draws with two largest suppliers
        count for both in equal parts.
    effective_deals : float
        Kish's number of equal deals that would weigh as unequally: of all suppliers together.
    suppliers : pandas.DataFrame
        One row a supplier, the largest first: ``supplier``, ``value`` (in the unit of the share),
        ``share``, ``low``, ``high``, ``prob_largest``, ``rank``, ``rank_low``, ``rank_high``.
        Suppliers that the source cannot name have a share and neither rank nor a chance to be the
        largest.
    concentration : pandas.DataFrame
        One row an index: ``measure`` (``hhi``, ``effective_number``, ``cr1``, ``cr3``,
        ``entropy``), ``value``, ``low``, ``high``. Unnamed suppliers count as one.
    deals : pandas.DataFrame
        What was weighed: each deal with all that it delivered in the window.
    unit : {"deal", "row"}
        What a row of ``deals`` is.
    draws : int
        How many draws.
    """

    share: Share
    low: float
    high: float
    level: float
    prob_largest: float
    effective_deals: float
    suppliers: pd.DataFrame
    concentration: pd.DataFrame
    deals: pd.DataFrame
    unit: Unit
    draws: int

    @property
    def value(self) -> float:
        """The share itself, 0 to 1."""
        return self.share.value

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, 0 to 1."""
        return self.low, self.high

    @property
    def rows(self) -> pd.DataFrame:
        """Every row of the denominator, as in the share."""
        return self.share.rows

    @property
    def meaning(self) -> str:
        """What the interval does and does not say, for the text beside it."""
        unit, many = self.unit, len(self.deals)
        return (
            f"The {many} {unit}s of the window are all that the source found, not a sample of "
            f"them. The interval at level {self.level:g} is therefore no error of sampling, no "
            "error of measurement and no bound on what was delivered. It says how much the share "
            f"hangs on few {unit}s: each {unit} is weighted anew at random, as if the {unit}s were "
            f"exchangeable draws from one process that makes {unit}s, and {self.level:.0%} of the "
            f"shares so weighted lie between its ends, given the {unit}s that there were. As the "
            "interval of that process it would be too short: of intervals called 95 %, 78 to 89 % "
            "hold the share of the process with 35 deals of very unequal size, 74 to 93 % with 8. "
            "What flags, rounding and unknown suppliers leave open is another matter: see the "
            "bounds of the share."
        )

    def tidy(self) -> pd.DataFrame:
        """
        Return every value with its interval as one table.

        Returns
        -------
        pandas.DataFrame
            One row a quantity and supplier: ``quantity`` (``share``, ``rank`` or an index),
            ``supplier`` (empty for an index), ``value``, ``low``, ``high``, ``level``.
        """
        table = self.suppliers
        ranks = table[table["rank"].notna()]
        ends = {"low": ranks["rank_low"], "high": ranks["rank_high"]}
        parts = [
            table.assign(quantity="share", value=table["share"]),
            ranks.assign(quantity="rank", value=ranks["rank"], **ends),
            self.concentration.rename(columns={"measure": "quantity"}).assign(supplier=""),
        ]
        columns = ["quantity", "supplier", "value", "low", "high"]
        numbers = dict.fromkeys(columns[2:], "float64")
        tidied = pd.concat([part[columns].astype(numbers) for part in parts], ignore_index=True)
        return tidied.assign(level=self.level)

    def drawing(self) -> DrawingCall:
        """
        Return the share as a point and its interval as a whisker.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_share_bounds`.

        Raises
        ------
        ValueError
            If the amounts are no TIV: the figure is one of arms.
        """
        return share_drawn(
            self.share, interval=self.interval, interval_label=f"{self.level:.0%} of the draws"
        )

    def summary(self) -> str:
        """
        Return the interval, the suppliers and the indices as text.

        Returns
        -------
        str
            Without date or time; ends with what the interval means.
        """
        measured = self.share
        head = (
            f"{measured.supplier} in the imports of {measured.importer}, "
            f"{measured.start}-{measured.end} ({measured.dataset}): {self.value:.4f}, "
            f"interval {self.low:.4f} to {self.high:.4f} at level {self.level:g}; "
            f"largest supplier in {self.prob_largest:.1%} of {self.draws} draws; "
            f"{len(self.deals)} {self.unit}s, effective number {self.effective_deals:.1f}"
        )
        tables = [self.suppliers, self.concentration]
        return "\n\n".join(
            [head, *(table.to_string(index=False) for table in tables), self.meaning]
        )

    def _card(self) -> Card:
        share = self.share._card()  # noqa: SLF001 - of its own kind
        counted = dict(share.facts)
        effective = print_estimate(self.effective_deals)
        table = self.suppliers[["supplier", "share", "low", "high"]]
        return Card(
            title=share.title,
            facts=(
                ("share", counted["share"]),
                ("interval", f"{_between(self.low, self.high)} ({self.level:.0%} of the draws)"),
                ("largest", f"in {print_percent(self.prob_largest, digits=1)} of the draws"),
                (f"{self.unit}s", f"{len(self.deals)}, worth {effective} of equal size"),
                ("data", counted["data"]),
            ),
            more=tuple(
                (str(supplier), _with_ends(value, low, high))
                for supplier, value, low, high in table.itertuples(index=False, name=None)
            ),
            notes=(self.meaning,),
            rows=share.rows,
        )


@renamed_arguments(seed="rng")
def share_posterior(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    draws: int,
    rng: np.random.Generator | int,
    level: float,
    unit: Unit = "deal",
    dataset: str | None = None,
    counting: Counting = ALL,
) -> SharePosterior:
    r"""
    Return a share with its interval by the Bayesian bootstrap over deals.

    The deals of a window are a census: SIPRI lists all that it found, and there is no larger number
    of deals that they were drawn from. The interval is not an error of measurement and does not say
    how wrong the share may be. It says how much the share hangs on few deals, as if the deals were
    exchangeable draws from a process that makes deals: a share that rests on one large deal has a
    wide interval, one that rests on many equal ones a narrow one.

    It is no confidence interval of that process: a deal larger than any that was seen has no weight
    in it. In simulations intervals called 95 % hold the share of the process in 92 to 98 % of
    samples where deals are equal; where they are as unequal as those of the example below or more
    so, in 78 to 89 % with 35 deals, 74 to 93 % with 8 and 85 to 92 % with 140
    (docs/monte-carlo.md).

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit, by deal.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year, both included.
    draws : int
        How often the deals are weighted anew.
    rng : numpy.random.Generator or int
        What draws the weights, or its seed: the same seed gives the same interval, whatever the
        order of rows.
    level : float
        Part of the draws inside the interval, between 0 and 1.
    unit : {"deal", "row"}
        What has a weight of its own: a deal with all its deliveries in the window, or each row.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year: all in their own period by default.

    Returns
    -------
    SharePosterior
        Interval of the share, chance to be the largest supplier, intervals of ranks and of indices
        of concentration.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, CountryError
        As :func:`flows.share` does.
    SchemaError
        As there, or if rows do not say of which deal they are, fewer than two deals delivered
        anything, or none is of the supplier.
    ValueError
        If the window ends before it starts, the level is not between 0 and 1, or there are too few
        draws for it.

    Notes
    -----
    With :math:`w` uniform on the simplex of the deals (Dirichlet with all parameters 1), the share
    in a draw is :math:`\sum_{i \in s} w_i x_i / \sum_i w_i x_i`, where :math:`x_i` is what deal
    :math:`i` delivered in the window. Of :math:`n` equal deals, :math:`k` of the supplier, it is
    :math:`\mathrm{Beta}(k, n-k)`. The share in the data is the draw with equal weights; where deals
    are unequal it is not the mean of the draws.

    References
    ----------
    .. [1] Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9 (1), 130-134.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> israel = fl.share_posterior(
    ...     arms, supplier="ISR", importer="AZE", start=2016, end=2020,
    ...     draws=2000, rng=1, level=0.9,
    ... )
    >>> len(israel.deals), round(israel.effective_deals, 1), round(israel.value, 4)
    (35, 9.4, 0.6774)
    >>> israel.low < israel.value < israel.high
    True
    """
    measured = share(
        table,
        supplier=supplier,
        importer=importer,
        start=start,
        end=end,
        dataset=dataset,
        counting=counting,
    )
    check_all_partners(measured.scope, measure="share_posterior")
    deals = weighed_units(measured, unit=unit)
    amounts = supplier_totals(deals.rename(columns={"supplier": "exporter"}))
    if supplier not in amounts.index:
        raise SchemaError(
            f"expected {unit}s of {supplier} in {start}-{end}, found none: nothing to weigh"
        )
    drawn = draw_shares(
        deals["value"].to_numpy(),
        amounts.index.get_indexer(pd.Index(deals["supplier"])),
        draws=draws,
        rng=np.random.default_rng(rng),
    )
    suppliers = supplier_table(amounts, drawn, level=level)
    row = suppliers[suppliers["supplier"] == supplier].iloc[0]
    return SharePosterior(
        share=measured,
        low=float(row["low"]),
        high=float(row["high"]),
        level=level,
        prob_largest=float(row["prob_largest"]),
        effective_deals=effective_number(deals["value"]),
        suppliers=suppliers,
        concentration=_index_table(amounts, drawn, level=level),
        deals=deals,
        unit=unit,
        draws=draws,
    )


def supplier_table(amounts: pd.Series, drawn: FloatArray, *, level: float) -> pd.DataFrame:
    """Return share and rank of every supplier, each with its interval."""
    named = are_named(amounts.index)
    low, high = equal_tails(drawn, level=level)
    ranks = draw_ranks(drawn[:, named])
    rank_low, rank_high = equal_tails(ranks, level=level)
    first = ranks == 1
    chances = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    codes = amounts.index[named]
    table = pd.DataFrame(
        {
            "value": amounts,
            "share": amounts / math.fsum(amounts),
            "low": pd.Series(low, index=amounts.index),
            "high": pd.Series(high, index=amounts.index),
            "prob_largest": pd.Series(chances, index=codes),
            "rank": rank_suppliers(amounts),
            "rank_low": pd.Series(rank_low, index=codes, dtype="Int64"),
            "rank_high": pd.Series(rank_high, index=codes, dtype="Int64"),
        }
    )
    named_columns = table.rename_axis("supplier").reset_index()
    return named_columns.sort_values(
        ["value", "supplier"], ascending=[False, True], ignore_index=True
    )


def _index_table(amounts: pd.Series, drawn: FloatArray, *, level: float) -> pd.DataFrame:
    """Return every index of concentration with its interval."""
    ends = {name: equal_tails(values, level=level) for name, values in draw_indices(drawn).items()}
    return pd.DataFrame(
        [
            {"measure": name, "value": index(amounts), "low": float(low), "high": float(high)}
            for name, index in _INDICES.items()
            for low, high in [ends[name]]
        ]
    )


def draw_shares(
    values: FloatArray, groups: IntArray, *, draws: int, rng: np.random.Generator
) -> FloatArray:
    """
    Draw the shares of groups of units, each unit with a random weight.

    The weights are Dirichlet with all parameters 1. They are drawn as exponential variables, whose
    sum cancels in a share. Groups are summed in their order and not by a matrix product, whose last
    digits depend on the machine.

    Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9 (1), 130-134.
    """
    if len(values) != len(groups):
        raise ValueError(
            f"groups: expected one for each of {len(values)} values, found {len(groups)}"
        )
    if draws < 1:
        raise ValueError(f"draws: expected at least 1, found {draws}")
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    shares = np.empty((draws, len(starts)))
    chunks = range(0, draws, _CHUNK)
    for first in track(chunks, "draws of the deals", total=len(chunks)):
        count = min(_CHUNK, draws - first)
        weighted = rng.standard_exponential((count, len(values))) * values
        amounts = np.add.reduceat(weighted, starts, axis=1)
        shares[first : first + count] = amounts / amounts.sum(axis=1, keepdims=True)
    return shares


def draw_ranks(shares: FloatArray) -> IntArray:
    """Rank the groups in every draw, the largest first; equals share the better rank."""
    ranks = np.ones(shares.shape, dtype=np.int64)
    for group in range(shares.shape[1]):
        ranks[:, group] += (shares > shares[:, [group]]).sum(axis=1)
    return ranks


def draw_indices(shares: FloatArray) -> dict[str, FloatArray]:
    """Return the indices of concentration in every draw."""
    squares = (shares**2).sum(axis=1)
    largest_first = -np.sort(-shares, axis=1)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return {
        "hhi": squares,
        "effective_number": 1 / squares,
        "cr1": largest_first[:, 0],
        "cr3": largest_first[:, :3].sum(axis=1),
        "entropy": -(shares * logs).sum(axis=1),
    }


def equal_tails(draws: FloatArray | IntArray, *, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the interval that leaves as much out below as above."""
    if not 0 < level < 1:
        raise ValueError(f"level: expected between 0 and 1, found {level}")
    tail = (1 - level) / 2
    if len(draws) * tail < 1:
        raise ValueError(
            f"draws: expected at least {math.ceil(1 / tail)} for an interval at level {level:g}, "
            f"so that one lies beyond each end, found {len(draws)}"
        )
    whole = np.issubdtype(draws.dtype, np.integer)
    low, high = np.quantile(
        draws, [tail, 1 - tail], axis=0, method="inverted_cdf" if whole else "linear"
    )
    return low, high


def weighed_units(measured: Share, *, unit: Unit) -> pd.DataFrame:
    """Return the deals of a share, each with all that it delivered in the window."""
    if unit not in get_args(Unit):
        raise ValueError(f"unit: expected one of {', '.join(get_args(Unit))}, found {unit!r}")
    rows = _with_deals(measured) if unit == "deal" else _with_numbers(measured)
    described = {name: (name, "first") for name in _DESCRIBING if name in rows.columns}
    units = rows.groupby(["exporter", "deal"], sort=True, as_index=False).agg(
        **described,
        value=("value", exact_sum),
        rows=("value", "size"),
    )
    delivered = int((units["value"] > 0).sum())
    if delivered < _FEWEST:
        raise SchemaError(
            f"expected imports of {measured.importer} in {measured.start}-{measured.end} by at "
            f"least {_FEWEST} {unit}s, found {delivered}"
        )
    return units.rename(columns={"exporter": "supplier"})


def _with_deals(measured: Share) -> pd.DataFrame:
    """Return the rows of the share, of which each has a deal and each deal one supplier."""
    rows = measured.rows
    if "deal" not in rows.columns or rows["deal"].isna().any():
        without = rows[rows["deal"].isna()] if "deal" in rows.columns else rows
        raise SchemaError(
            f"expected the deal of every row, found none at {where(without)}; tables of totals "
            "have no deals: load deliveries by deal and year, or ask for unit='row'"
        )
    suppliers = rows.drop_duplicates(["deal", "exporter"])
    shared = suppliers[suppliers["deal"].duplicated(keep=False)].sort_values(["deal", "exporter"])
    if len(shared):
        deal = shared["deal"].iloc[0]
        same = shared[shared["deal"] == deal]
        raise SchemaError(
            f"deal {deal}: expected one supplier, found {', '.join(same['exporter'])} "
            f"({where(same)})"
        )
    # Of a deal, the first year names the weapon.
    return rows.sort_values(["deal", *_ROW_KEY])


def _with_numbers(measured: Share) -> pd.DataFrame:
    """Return the rows of the share with their number in ``deal``, the same in every order."""
    key = [*_ROW_KEY, *(["deal"] if "deal" in measured.rows.columns else [])]
    rows = measured.rows.sort_values(key)
    width = len(str(len(rows)))
    return rows.assign(deal=[f"{number:0{width}d}" for number in range(1, len(rows) + 1)])


def _between(low: float, high: float) -> str:
    return print_between(print_percent(low), print_percent(high))


def _with_ends(share: float, low: float, high: float) -> str:
    return f"{print_percent(share)}, {_between(low, high)}"
