"""Which deals carry a share: each left out in turn, and how many have to go before it falls."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.measure.counting import ALL, Counting
from flows.measure.covering import check_all_partners
from flows.measure.posterior import weighed_units
from flows.measure.shares import Share, are_named, share, supplier_totals
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_between,
    print_count,
    print_own,
    print_percent,
)

_DRAWN = 10
_POINTS = 100.0


@dataclass(frozen=True, slots=True, repr=False)
class Removal(Result):
    """
    The fewest deals without which something no longer holds.

    Parameters
    ----------
    deals : tuple of str
        Deals of the supplier, the largest first; none where it does not hold with all of them.
    value : float
        What they delivered in the window, in the unit of the share.
    share_without : float
        The share without all of them, 0 to 1.
    """

    deals: tuple[str, ...]
    value: float
    share_without: float

    def _card(self) -> Card:
        return Card(
            title=print_count(len(self.deals), "deal") + " left out",
            facts=(
                ("deals", ", ".join(self.deals) or "none"),
                ("delivered", print_own(self.value)),
                ("share then", print_percent(self.share_without)),
            ),
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DealInfluence(Drawn):
    """
    A share without each of its deals.

    Parameters
    ----------
    share : Share
        The share with all deals.
    deals : pandas.DataFrame
        One row a deal of any supplier, the one whose absence moves the share most first: ``place``
        (1, 2, ...), ``supplier``, ``deal``, ``designation`` and ``description`` where the data set
        has them, ``value`` (in the unit of the share), ``rows`` (how many), ``share_without`` (0 to
        1), ``change_points`` (percentage points, negative where the deal raises the share).
    jackknife_error : float
        Standard deviation of a jackknife over deals, 0 to 1: as with a bootstrap over deals, a
        measure of how unequally the share is spread and no error of measurement.
    to_lose_first : Removal, optional
        The fewest deals without which another named supplier delivers more; none if no other named
        supplier delivers anything.
    below : float, optional
        The share that was asked about.
    to_fall_below : Removal, optional
        The fewest deals without which the share is less than that; none if nothing was asked, or
        nobody else delivers anything.
    """

    share: Share
    deals: pd.DataFrame
    jackknife_error: float
    to_lose_first: Removal | None
    below: float | None
    to_fall_below: Removal | None

    @property
    def value(self) -> float:
        """The share with all deals, 0 to 1."""
        return self.share.value

    @property
    def rows(self) -> pd.DataFrame:
        """Every row of the denominator, as in the share."""
        return self.share.rows

    def tidy(self) -> pd.DataFrame:
        """
        Return the ranked table of deals.

        Returns
        -------
        pandas.DataFrame
            A copy of ``deals``.
        """
        return self.deals.copy()

    def summary(self) -> str:
        """
        Return the share, what it takes to change it, and the deals, as text.

        Returns
        -------
        str
            Without date or time.
        """
        measured = self.share
        without = self.deals["share_without"]
        head = (
            f"{measured.supplier} in the imports of {measured.importer}, "
            f"{measured.start}-{measured.end} ({measured.dataset}): {self.value:.4f}; "
            f"without one deal {without.min():.4f} to {without.max():.4f} "
            f"({len(without)} deals, jackknife {self.jackknife_error:.4f})"
        )
        lines = [head, f"another supplier delivers more: {_removal_words(self.to_lose_first)}"]
        if self.below is not None:
            lines.append(f"share below {self.below:g}: {_removal_words(self.to_fall_below)}")
        return "\n".join([*lines, self.deals.to_string(index=False)])

    def drawing(self) -> DrawingCall:
        """
        Return the share without each of the deals that move it most.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_tornado`.
        """
        shown = self.deals.head(_DRAWN)
        titles = pd.Series([deal_title(deal) for _, deal in shown.iterrows()], dtype="str")
        twice = titles.duplicated(keep=False).to_numpy()
        names = titles.where(~twice, titles + " (" + shown["deal"].astype("str").to_numpy() + ")")
        data = pd.DataFrame(
            {
                "deal": names.to_numpy(),
                "supplier": [country_name(code) for code in shown["supplier"]],
                "share_pct": 100 * self.value,
                "without_pct": 100 * shown["share_without"].to_numpy(),
            }
        )
        whose = {"supplier": self.share.supplier, "importer": self.share.importer}
        return DrawingCall(
            "draw_tornado", data, {side: country_name(code) for side, code in whose.items()}
        )

    def _card(self) -> Card:
        share = self.share._card()  # noqa: SLF001 - of its own kind
        counted = dict(share.facts)
        without = self.deals["share_without"]
        ends = print_between(print_percent(without.min()), print_percent(without.max()))
        return Card(
            title=share.title,
            facts=(
                ("share", counted["share"]),
                ("without one deal", f"{ends} ({print_count(len(without), 'deal')})"),
                ("another leads", _removal_words(self.to_lose_first)),
                ("data", counted["data"]),
                ("left out", counted["left out"]),
            ),
            more=tuple(
                (
                    f"{deal['supplier']} {deal_title(deal)}",
                    f"{print_percent(deal['share_without'])} without it",
                )
                for _, deal in self.deals.iterrows()
            ),
            rows=share.rows,
        )


def deal_title(deal: pd.Series) -> str:
    """Return what was delivered; where the source does not say it, the number of the deal."""
    parts = [deal.get(name) for name in ("designation", "description")]
    return " ".join(str(part) for part in parts if part and not pd.isna(part)) or str(deal["deal"])


def deal_influence(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    below: float | None = None,
    dataset: str | None = None,
    counting: Counting = ALL,
) -> DealInfluence:
    r"""
    Return a share without each of its deals in turn, and how many deals carry it.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit, by deal.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year, both included.
    below : float, optional
        A share, above 0 and at most 1: how many deals have to go until the share is less?
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year: all in their own period by default.

    Returns
    -------
    DealInfluence
        Deals by what their absence changes, and the fewest deals that have to go.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, CountryError
        As :func:`flows.share` does.
    SchemaError
        As there, or if rows do not say of which deal they are, or fewer than two deals delivered
        anything.
    ValueError
        If the window ends before it starts, or ``below`` is no share.

    Notes
    -----
    The fewest deals are found by leaving out the supplier's largest one after the other, and no
    search can do with fewer: with :math:`S` of the supplier and :math:`T` of all, leaving out
    :math:`r` of the supplier gives :math:`(S-r)/(T-r)`, which falls in :math:`r`; any :math:`k`
    deals have at most the :math:`r` of the :math:`k` largest; and a deal of somebody else that is
    left out makes the share larger and the others smaller.

    The jackknife is :math:`\sqrt{\frac{n-1}{n} \sum_i (\theta_{(i)} - \bar\theta)^2}` over
    all :math:`n` deals, with :math:`\theta_{(i)}` the share without deal :math:`i`.

    References
    ----------
    .. [1] Efron, B. (1982). The Jackknife, the Bootstrap and Other Resampling Plans. SIAM,
       chapter 3.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> israel = fl.deal_influence(arms, supplier="ISR", importer="AZE", start=2016, end=2020)
    >>> israel.deals.loc[0, "designation"], f"{israel.deals.loc[0, 'share_without']:.4f}"
    ('OPV-62 FAC -', '0.5524')
    >>> len(israel.to_lose_first.deals)
    6
    """
    if below is not None and not 0 < below <= 1:
        raise ValueError(f"below: expected a share above 0 and at most 1, found {below}")
    measured = share(
        table,
        supplier=supplier,
        importer=importer,
        start=start,
        end=end,
        dataset=dataset,
        counting=counting,
    )
    check_all_partners(measured.scope, measure="deal_influence")
    units = weighed_units(measured, unit="deal")
    deals = _without_each(units, measured)
    own = units[units["supplier"] == supplier].sort_values(
        ["value", "deal"], ascending=[False, True]
    )
    others = units.loc[units["supplier"] != supplier, ["supplier", "value"]]
    rival = _largest_named(others)
    rest = exact_sum(others["value"])
    return DealInfluence(
        share=measured,
        deals=deals,
        jackknife_error=_jackknife_error(deals["share_without"]),
        to_lose_first=_remove_until(own, rest, lambda left: left < rival),
        below=below,
        to_fall_below=None
        if below is None
        else _remove_until(own, rest, lambda left: left / (left + rest) < below),
    )


def _without_each(units: pd.DataFrame, measured: Share) -> pd.DataFrame:
    """Return the deals with the share without each, the one that moves it most first."""
    own = units["value"].where(units["supplier"] == measured.supplier, 0.0)
    without = [
        exact_sum(own.drop(deal)) / exact_sum(units["value"].drop(deal)) for deal in units.index
    ]
    changed = units.assign(
        share_without=without,
        change_points=[_POINTS * (left - measured.value) for left in without],
    )
    ordered = changed.assign(size=changed["change_points"].abs()).sort_values(
        ["size", "supplier", "deal"], ascending=[False, True, True], ignore_index=True
    )
    ordered.insert(0, "place", ordered.index + 1)
    return ordered.drop(columns="size")


def _jackknife_error(without: pd.Series) -> float:
    mean = math.fsum(without) / len(without)
    squares = math.fsum((left - mean) ** 2 for left in without)
    return math.sqrt((len(without) - 1) / len(without) * squares)


def _largest_named(others: pd.DataFrame) -> float:
    """Return what the largest of the other suppliers delivered that the source names."""
    amounts = supplier_totals(others.rename(columns={"supplier": "exporter"}))
    return float(amounts[are_named(amounts.index)].max()) if len(amounts) else 0.0


def _remove_until(own: pd.DataFrame, rest: float, holds: Callable[[float], bool]) -> Removal | None:
    """Leave out the supplier's deals, the largest first, until what is left of them fits."""
    if rest == 0:
        return None
    for count in range(len(own) + 1):
        gone, left = own.iloc[:count], exact_sum(own["value"].iloc[count:])
        if holds(left):
            return Removal(
                deals=tuple(gone["deal"]),
                value=exact_sum(gone["value"]),
                share_without=left / (left + rest),
            )
    return None


def _removal_words(removal: Removal | None) -> str:
    """Say how many deals have to go."""
    if removal is None:
        return "without no choice of deals"
    if not removal.deals:
        return "with all deals"
    word = "deal" if len(removal.deals) == 1 else "deals"
    return (
        f"without {len(removal.deals)} {word} ({', '.join(removal.deals)}; {removal.value:g} in "
        f"all), the share then {removal.share_without:.4f}"
    )
