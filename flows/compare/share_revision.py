"""Why a share differs between two releases: the change, split exactly into deals."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, get_args

import pandas as pd

from flows.canonical import exact_sum, print_value
from flows.countries import country_name
from flows.errors import SchemaError, UnitError
from flows.measure.checks import rows_by_dataset, select_flows, years_counted
from flows.measure.shares import Share, share
from flows.models.sample import check_choice
from flows.results import Card, DrawingCall, Drawn, print_count, print_percent
from flows.scope import release_of
from flows.table import Rows, where

_COLUMNS = ["deal", "name", "exporter", "kind", "counted", "total"]
_SUMS = ["counted", "total", "from_numerator", "from_denominator", "points"]

_KINDS = ("new", "gone", "number", "unit value", "time", "supplier", "value", "ambiguous")
"""How a release can change what a deal delivered in a window."""

Match = Literal["id", "attributes"]

_ATTRIBUTES = ("exporter", "importer", "order_year", "designation", "product")
"""What tells a deal from others where the publisher gives no id."""

_BY_LINE = "line "
_ABOUT = ("designation", "description")

_DRAWN = 5
_WITHOUT_DEALS = "all deliveries"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ShareRevision(Drawn):
    """
    The change of a share between two releases, and what it is made of.

    Parameters
    ----------
    old, new : Share
        The share in each release.
    match : {"id", "attributes"}
        How deals were matched.
    years : tuple of int
        First and last year that both releases count; what lies outside is not compared.
    deals : pandas.DataFrame
        One row a deal and kind of change, largest effect first: ``deal``, ``name``, ``exporter``
        (as the later of the two has it), ``kind`` (``new``, ``gone``, ``number``, ``unit value``,
        ``time``, ``supplier``, ``value`` where the number of items is not stated, ``ambiguous``),
        ``counted`` and ``total`` (what it adds to numerator and denominator, in the unit of the
        shares), ``from_numerator``, ``from_denominator`` and ``points`` (percentage points of the
        share; the third is the sum of the first two). ``points`` adds up to ``change``.
    ambiguous : pandas.DataFrame
        Rows of both releases whose deal could not be told from another: ``deal``, ``dataset``,
        ``line``, ``value``. Empty where deals are matched by id.
    """

    old: Share
    new: Share
    match: Match
    years: tuple[int, int]
    deals: pd.DataFrame
    ambiguous: pd.DataFrame

    @property
    def change(self) -> float:
        """By how much the share moves, in percentage points."""
        return 100 * (self.new.value - self.old.value)

    @property
    def rows(self) -> Rows:
        """Lines of the raw files that went in, by data set."""
        return rows_by_dataset(pd.concat([self.old.rows, self.new.rows]))

    def parts(self) -> pd.DataFrame:
        """
        Return the change by kind.

        Returns
        -------
        pandas.DataFrame
            Index ``kind``, those that occur; ``deals`` (how many), and the sums of the columns of
            ``deals``.
        """
        kinds = [kind for kind in _KINDS if (self.deals["kind"] == kind).any()]
        return self._sums("kind").reindex(kinds)

    def by_deal(self) -> pd.DataFrame:
        """
        Return the change by deal, largest effect first.

        Returns
        -------
        pandas.DataFrame
            One row a deal: ``deal``, ``name``, ``exporter``, ``kinds`` (all that changed, by
            comma), and the sums of the columns of ``deals``.
        """
        described = self.deals.groupby("deal", sort=True).agg(
            name=("name", "first"), exporter=("exporter", "first"), kinds=("kind", ", ".join)
        )
        sums = self._sums("deal").drop(columns="deals")
        return _largest_first(described.join(sums).reset_index())

    def tidy(self) -> pd.DataFrame:
        """
        Return all parts as one table.

        Returns
        -------
        pandas.DataFrame
            ``deals``: one row a deal and kind.
        """
        return self.deals.copy()

    def summary(self, *, most: int = 5) -> str:
        """
        Return the change and its largest parts as text.

        Parameters
        ----------
        most : int
            How many deals are named.

        Returns
        -------
        str
            One line for the change, for numerator and denominator, each kind and each deal.
        """
        numerator = math.fsum(self.deals["from_numerator"])
        denominator = math.fsum(self.deals["from_denominator"])
        lines = [
            " to ".join(f"{100 * side.value:.2f} ({side.dataset})" for side in (self.old, self.new))
            + f": {self.change:+z.2f} points",
            _side("numerator", numerator, self.old.numerator, self.new.numerator),
            _side("denominator", denominator, self.old.denominator, self.new.denominator),
            *(f"{row['points']:+z8.2f}  {kind}" for kind, row in self.parts().iterrows()),
            *_deal_lines(self.by_deal(), most),
        ]
        return "\n".join(lines)

    def drawing(self) -> DrawingCall:
        """
        Return the deals that move the share most, then all others, between the two shares.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_revision_waterfall`.
        """
        deals = named_deals(self)
        parts = [
            (f"{country_name(deal['exporter'])}: {deal['name']}", float(deal["points"]))
            for deal in deals.head(_DRAWN).to_dict("records")
        ]
        if len(deals) > _DRAWN:
            rest = math.fsum(deals["points"].iloc[_DRAWN:])
            parts.append((f"{len(deals) - _DRAWN} other deals", rest))
        old, new = 100 * self.old.value, 100 * self.new.value
        at = old
        records = [(f"Release {release_of(self.old.dataset)}", "level", at, at, at)]
        for step, points in parts:
            records.append((step, "change", points, at, at + points))
            at += points
        records.append((f"Release {release_of(self.new.dataset)}", "level", new, new, new))
        whose = f"{country_name(self.new.supplier)}, {self.new.start}-{self.new.end}"
        return DrawingCall(
            "draw_revision_waterfall",
            pd.DataFrame(
                records, columns=["step", "kind", "value", "cumulative_from", "cumulative_to"]
            ),
            {"unit_label": f"Share of {whose}, percent, and changes in points"},
        )

    def _sums(self, by: str) -> pd.DataFrame:
        groups = self.deals.groupby(by, sort=True)
        return groups[_SUMS].agg(math.fsum).assign(deals=groups["deal"].nunique())

    def _card(self) -> Card:
        sides = (self.old, self.new)
        shares = (f"{print_percent(side.value)} ({side.dataset})" for side in sides)
        parts = tuple(
            (str(kind), f"{print_value(points, 2)} points")
            for kind, points in self.parts()["points"].items()
        )
        return Card(
            title=f"{self.new.supplier} in {self.new.importer}, {self.new.start}-{self.new.end}",
            facts=(
                ("share", " to ".join(shares)),
                ("change", f"{print_value(self.change, 2)} points"),
                ("by kind", ", ".join(f"{kind} {points}" for kind, points in parts)),
                ("deals", f"{self.deals['deal'].nunique()}, matched by {self.match}"),
                ("ambiguous", print_count(len(self.ambiguous), "row")),
            ),
            more=tuple(
                (f"{deal} {name}", f"{print_value(points, 2)} points: {kinds}")
                for deal, name, points, kinds in self.by_deal()[
                    ["deal", "name", "points", "kinds"]
                ].itertuples(index=False, name=None)
            ),
            rows=self.rows,
        )


def named_deals(revision: ShareRevision) -> pd.DataFrame:
    """Return the change by deal; where a release has none, each supplier is one."""
    deals = revision.by_deal()
    return deals if has_deals(revision.new.rows) else deals.assign(name=_WITHOUT_DEALS)


def has_deals(rows: pd.DataFrame) -> bool:
    """Say whether rows name their deals."""
    return "deal" in rows.columns and bool(rows["deal"].notna().any())


def share_revision(
    old: pd.DataFrame,
    new: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    match: Match = "id",
) -> ShareRevision:
    r"""
    Split the change of a share between two releases into deals and into what changed in them.

    With numerator :math:`A` and denominator :math:`B`, each the sum over deals, the change is

    .. math:: \frac{A_1}{B_1} - \frac{A_0}{B_0} =
              \sum_i \left[ \frac{B_0 + B_1}{2 B_0 B_1} \Delta A_i
              - \frac{A_0 + A_1}{2 B_0 B_1} \Delta B_i \right],

    the mean over both orders in which numerator and denominator could change, the Shapley value of
    the two [1]_. It is exact, linear in the deals, so that two deals together have the sum of their
    effects, and its own opposite when the releases change places. What is inside a deal is split by
    the same rule over its number of items, their time, their unit value and their supplier.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Flow tables of one release each. Only the years that both count are looked at: a delivery
        that moves into them from outside is new, one that moves out is gone.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year of the window, both included.
    match : {"id", "attributes"}
        How a deal is found in the other release: by the publisher's id, which the files by deal and
        delivery year have, or, for registers, by supplier, recipient, year of order, designation
        and category. A deal that was renamed is then gone and new, and deals that share all of
        these are one row of the kind ``ambiguous``. Without deals suppliers are compared.

    Returns
    -------
    ShareRevision
        Both shares, and the parts of their difference in percentage points.

    Raises
    ------
    SchemaError
        As :func:`flows.share`, or if deals are in one table only or have no id.
    UnitError
        If the two are in different units.
    PeriodError
        If a release does not count every year of the window.
    FlowsError
        For all else that :func:`flows.share` refuses.
    ValueError
        If ``match`` is neither, or ``end`` is before ``start``.

    References
    ----------
    .. [1] Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified
       framework based on the Shapley value. Journal of Economic Inequality 11 (1), 99-126.

    Examples
    --------
    >>> import flows as fl
    >>> revision = share_revision(
    ...     fl.load("sipri-deal-years@2022-03"), fl.load("sipri-deal-years@2025-03"),
    ...     supplier="ISR", importer="AZE", start=2016, end=2020,
    ... )
    >>> round(revision.change, 2), revision.by_deal().loc[0, "name"]
    (-1.73, 'Bayraktar TB-2 armed UAV')
    """
    arguments: dict[str, Any] = {
        "supplier": supplier,
        "importer": importer,
        "start": start,
        "end": end,
    }
    sides = [share(table, **arguments) for table in (old, new)]
    if sides[0].unit != sides[1].unit:
        raise UnitError(f"expected one unit, found {sides[0].unit} and {sides[1].unit}")
    years = _years_of_both(old, new)
    tables = [_inside(select_flows(table, importer=importer), years) for table in (old, new)]
    named = deal_units(tables[0], tables[1], match=match)
    changes = pd.DataFrame(_changes(named[0], named[1], arguments), columns=_COLUMNS)
    moved = changes[(changes["counted"] != 0) | (changes["total"] != 0)]
    return ShareRevision(
        old=sides[0],
        new=sides[1],
        match=match,
        years=years,
        deals=_largest_first(_in_points(moved, sides[0], sides[1])),
        ambiguous=_ambiguous(pd.concat(named)),
    )


def _years_of_both(old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, int]:
    spans = [span for table in (old, new) for span in years_counted(table).values()]
    return max(first for first, _ in spans), min(last for _, last in spans)


def _inside(rows: pd.DataFrame, years: tuple[int, int]) -> pd.DataFrame:
    inside: pd.DataFrame = rows[
        (rows["start"].dt.year >= years[0]) & (rows["end"].dt.year <= years[1])
    ]
    return inside


def _changes(
    old: pd.DataFrame, new: pd.DataFrame, arguments: dict[str, Any]
) -> Iterator[tuple[str, str, str, str, float, float]]:
    """Yield what changed in every deal, one row a kind."""
    window = {name: arguments[name] for name in ("supplier", "start", "end")}
    before, after = (
        {str(unit): rows for unit, rows in table.groupby("unit_id")} for table in (old, new)
    )
    for unit in sorted(before.keys() | after.keys()):
        rows = after[unit] if unit in after else before[unit]
        sides: list[DealSide | None] = [
            _describe_side(table[unit], **window) if unit in table else None
            for table in (before, after)
        ]
        about = (unit, str(rows["unit_name"].iloc[0]), str(rows["exporter"].iloc[0]))
        doubtful = any(
            bool(deals[unit]["ambiguous"].any()) for deals in (before, after) if unit in deals
        )
        for change in split_change(sides[0], sides[1], ambiguous=doubtful):
            yield (*about, *change)


def _in_points(changes: pd.DataFrame, old: Share, new: Share) -> pd.DataFrame:
    """Weigh what a change adds to numerator and denominator by what that does to the share."""
    twice = 2 * old.denominator * new.denominator
    numerator = 100 * changes["counted"] * (old.denominator + new.denominator) / twice
    denominator = -100 * changes["total"] * (old.numerator + new.numerator) / twice
    return changes.assign(
        from_numerator=numerator, from_denominator=denominator, points=numerator + denominator
    )


def _ambiguous(rows: pd.DataFrame) -> pd.DataFrame:
    doubtful = rows.loc[rows["ambiguous"], ["unit_id", "dataset", "line", "value"]]
    ordered = doubtful.sort_values(["unit_id", "dataset", "line"])
    return ordered.rename(columns={"unit_id": "deal"}).reset_index(drop=True)


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["points"].abs()
    return rows.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _side(name: str, points: float, before: float, after: float) -> str:
    return f"{points:+z8.2f}  by the {name}, {before:,.2f} to {after:,.2f}"


def _deal_lines(deals: pd.DataFrame, most: int) -> Iterator[str]:
    for row in deals.head(most).to_dict("records"):
        yield f"{row['points']:+z8.2f}  {row['exporter']} {row['name']} ({row['kinds']})"
    if len(deals) > most:
        rest = deals["points"].iloc[most:]
        yield f"{math.fsum(rest):+z8.2f}  {len(rest)} other deals"


@dataclass(frozen=True, slots=True)
class DealSide:
    """
    What one release says of one deal.

    ``total``: TIV delivered in the window; ``counted``: part of ``total`` that is of the supplier
    in question; ``factors``: items delivered in all years that both releases count, the part of
    them in the window, the TIV an item, and the part that is of the supplier: ``total`` is the
    product of the first three, ``counted`` of all. None where the number of items is not stated.
    """

    total: float
    counted: float
    factors: tuple[float, float, float, float] | None


def _describe_side(rows: pd.DataFrame, *, supplier: str, start: int, end: int) -> DealSide:
    """Return what one release says of one deal."""
    inside = rows[(rows["start"].dt.year >= start) & (rows["end"].dt.year <= end)]
    own = inside[inside["exporter"] == supplier]
    total, counted = exact_sum(inside["value"]), exact_sum(own["value"])
    return DealSide(total, counted, _factors(rows, inside, total, counted, supplier))


def _factors(
    rows: pd.DataFrame, inside: pd.DataFrame, total: float, counted: float, supplier: str
) -> tuple[float, float, float, float] | None:
    if "number" not in rows.columns or rows[["number", "value"]].isna().to_numpy().any():
        return None
    items, items_inside = math.fsum(rows["number"]), math.fsum(inside["number"])
    if items <= 0 or (items_inside <= 0 and total != 0):
        return None
    unit_value = total / items_inside if items_inside > 0 else math.fsum(rows["value"]) / items
    part = counted / total if total else float((rows["exporter"] == supplier).mean())
    return items, items_inside / items, unit_value, part


def split_change(
    before: DealSide | None, after: DealSide | None, *, ambiguous: bool
) -> Iterator[tuple[str, float, float]]:
    """
    Split the change of one deal into what changed in it.

    Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified
    framework based on the Shapley value. Journal of Economic Inequality 11 (1), 99-126.
    """
    nothing = DealSide(0.0, 0.0, None)
    earlier, later = before or nothing, after or nothing
    whole = (later.counted - earlier.counted, later.total - earlier.total)
    if ambiguous:
        yield ("ambiguous", *whole)
    elif before is None:
        yield ("new", *whole)
    elif after is None:
        yield ("gone", *whole)
    elif earlier.factors is None or later.factors is None:
        yield ("value", *whole)
    else:
        counted = shapley_product(earlier.factors, later.factors)
        total = [*shapley_product(earlier.factors[:3], later.factors[:3]), 0.0]
        kinds = ("number", "time", "unit value", "supplier")
        yield from zip(kinds, counted, total, strict=True)


def shapley_product(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Split the change of a product into its factors, the same whatever their order."""
    if len(before) != len(after):
        raise ValueError(f"expected as many factors, found {len(before)} and {len(after)}")
    places = range(len(before))
    return [
        (after[own] - before[own])
        * math.fsum(_weighted(before, after, own, size) for size in range(len(before)))
        for own in places
    ]


def _weighted(before: Sequence[float], after: Sequence[float], own: int, size: int) -> float:
    """Return the products of the other factors, of which ``size`` have changed already."""
    others = [place for place in range(len(before)) if place != own]
    weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(before))
    return weight * math.fsum(
        math.prod(after[place] if place in changed else before[place] for place in others)
        for changed in combinations(others, size)
    )


def deal_units(old: pd.DataFrame, new: pd.DataFrame, *, match: Match) -> tuple[pd.DataFrame, ...]:
    """Give every row of two releases the name of its deal, the same one in both."""
    check_choice("match", match, get_args(Match))
    tables = (old, new)
    with_deals = ["deal" in table.columns and bool(table["deal"].notna().any()) for table in tables]
    if with_deals[0] != with_deals[1]:
        raise SchemaError(
            f"expected deals in both tables or in none, found them in one of "
            f"{where(old, shown=1)} and {where(new, shown=1)}"
        )
    if not with_deals[0]:
        return tuple(_named(table, ["exporter", "importer", "product"]) for table in tables)
    if match == "id":
        return tuple(_by_id(table) for table in tables)
    named = [_named(table, list(_ATTRIBUTES)) for table in tables]
    shared = {unit for table in named for unit in _held_by_several(table)}
    return tuple(table.assign(ambiguous=table["unit_id"].isin(shared)) for table in named)


def _by_id(table: pd.DataFrame) -> pd.DataFrame:
    unnamed = table["deal"].isna() | table["deal"].astype("str").str.startswith(_BY_LINE)
    if unnamed.any():
        raise SchemaError(
            f"expected deals with an id of their publisher, found none at "
            f"{where(table[unnamed])}; match by attributes"
        )
    return table.assign(
        unit_id=table["deal"].astype("str"), unit_name=_names(table), ambiguous=False
    )


def _named(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise SchemaError(
            f"{where(table, shown=1)}: expected the columns {', '.join(columns)}, "
            f"found none of {', '.join(missing)}"
        )
    parts = [table[name].astype("str").fillna("") for name in columns]
    named = _joined(parts, "; ")
    names = _names(table) if "designation" in columns else table["product"]
    return table.assign(unit_id=named, unit_name=names, ambiguous=False)


def _names(table: pd.DataFrame) -> pd.Series:
    """Return what a reader knows the deal by."""
    about = [table[name].astype("str").fillna("") for name in _ABOUT if name in table.columns]
    return _joined(about, " ").str.strip() if about else table["deal"]


def _joined(columns: list[pd.Series], between: str) -> pd.Series:
    texts = [between.join(cells) for cells in zip(*columns, strict=True)]
    return pd.Series(texts, index=columns[0].index, dtype="str")


def _held_by_several(table: pd.DataFrame) -> set[str]:
    deals = table.groupby("unit_id")["deal"].nunique()
    return {str(unit) for unit in deals.index[deals > 1]}
