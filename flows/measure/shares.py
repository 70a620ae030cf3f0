"""Shares of partners in what a country imports or exports, and their ranks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import SchemaError
from flows.measure.checks import rows_by_dataset, select_flows, years_counted
from flows.measure.counting import (
    ALL,
    Counted,
    Counting,
    count_flows,
    counted_facts,
    find_candidates,
)
from flows.measure.covering import check_known
from flows.measure.drawn_shares import ranks_drawing
from flows.measure.groups import are_of, check_member, is_group, members_between
from flows.renamed import country_by_side
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_amount,
    print_count,
    print_percent,
)
from flows.scope import Of
from flows.table import Rows

OTHERS = "others"

UNNAMED_BEGIN = "XX"
"""How the codes begin of unknown suppliers and recipients and of areas that are not specified."""

_SHOWN = 3
_NO_SUMS = "not known: deals cross the edge of the window"

_COLUMNS = ["rank", "partner", "name", "kind", "partners", "value", "share"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Share(Result):
    """
    A share and the statements that it was made from.

    Parameters
    ----------
    value : float
        Numerator divided by denominator, 0 to 1.
    numerator, denominator : float
        What the supplier delivered to the importer, and what the importer received from all
        suppliers (or the supplier delivered to all customers), in ``unit``.
    unit : str
        ``"TIV"`` (million) or ``"USD"``.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year of the window.
    dataset : str
        ``source@vintage``.
    rows : pandas.DataFrame
        Every row of the denominator; the column ``counted`` is true for those of the numerator.
    of : {"imports", "exports"}
        Whether it is a share of the importer's imports or of the supplier's exports.
    counting : Counting
        Which rows count, and in which year.
    left_out : pandas.DataFrame
        Rows that are in neither sum since the source does not say what the counting asks;
        ``missing`` names the column.
    total_lines : Mapping
        Lines of the raw file on which a printed total stands that is the denominator; else empty.
    scope : str
        What the denominator is: ``"all partners"``, the sum of the rows; ``"printed total"``, what
        the publisher prints, where the rows are some partners only; ``"scope not stated"``, the sum
        of rows of which nobody says whether they are all; or what the caller stated by
        :func:`flows.state_whole`.
    members : tuple of str
        The members of a group that delivered, or received; empty where it is of one country.
    among : str, optional
        The group whose members alone are in the denominator; none where all partners are.
    """

    value: float
    numerator: float
    denominator: float
    unit: str
    supplier: str
    importer: str
    start: int
    end: int
    dataset: str
    rows: pd.DataFrame
    of: Of
    counting: Counting
    left_out: pd.DataFrame
    total_lines: Rows
    scope: str
    members: tuple[str, ...]
    among: str | None = None

    @property
    def lines(self) -> Rows:
        """Every line of the raw files that is in the share: rows, and the printed total."""
        total = [(dataset, line) for dataset, lines in self.total_lines.items() for line in lines]
        printed = pd.DataFrame(total, columns=["dataset", "line"])
        return rows_by_dataset(pd.concat([self.rows, printed]))

    def tidy(self) -> pd.DataFrame:
        """
        Return the share as a table.

        Returns
        -------
        pandas.DataFrame
            One row: ``supplier``, ``importer``, ``of``, ``among``, ``start``, ``end``, ``share`` (0
            to 1), ``numerator``, ``denominator``, ``unit``, ``dataset``, ``scope``.
        """
        fields = ("supplier", "importer", "of", "among", "start", "end")
        sums = ("numerator", "denominator", "unit", "dataset", "scope")
        row = {name: getattr(self, name) for name in fields} | {"share": self.value}
        return pd.DataFrame([row | {name: getattr(self, name) for name in sums}])

    def _card(self) -> Card:
        partner, country = self.supplier, self.importer
        if self.of == "exports":
            partner, country = country, partner
        open_ends = math.isnan(self.value)
        parts = (print_amount(part, self.unit) for part in (self.numerator, self.denominator))
        return Card(
            title=f"{partner}{_among(self)} in the {self.of} of {country}, {self.start}-{self.end}",
            facts=(
                ("share", print_percent(self.value)),
                ("made of", _NO_SUMS if open_ends else " of ".join(parts)),
                *counted_facts(self),
            ),
            more=(("members", ", ".join(self.members)),) if self.members else (),
            rows=self.lines,
        )


def share(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    of: Of = "imports",
    among: str | None = None,
    dataset: str | None = None,
    counting: Counting = ALL,
) -> Share:
    """
    Return the share of one supplier in a country's imports over a window of years.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit. Arms are counted in the year of delivery, as SIPRI counts them.
    supplier, importer : str
        Alpha-3 codes. The partner (the supplier, or with ``of="exports"`` the importer) may be a
        group of countries, such as ``"EU"``, ``"CIS"`` or ``"EU27_2020"``, see :func:`series`: a
        row counts if its country was a member on all of its days, and is not the other country
        itself.
    start, end : int
        First and last year, both included.
    of : {"imports", "exports"}
        Share of the importer's imports, or share that this customer has in the supplier's exports.
    among : str, optional
        A group of countries, such as ``"EU27_2020"``: the share in what its members together
        deliver (or receive), by their own reports or by the country's. All partners by default.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year: all in their own period by default.

    Returns
    -------
    Share

    Raises
    ------
    UnitError
        If the rows have two units.
    DoubleCountError
        If a flow is stated more than once, a deal counts twice in a period, or the flows are not of
        one data set, reporter, partner basis, valuation, coverage and classification.
    PeriodError
        If the data set does not count every year of the window, or only a part of one, a year of
        trade has no rows and nothing says that it was empty, a member joined or left a group within
        a row, or a row crosses the edge of the window, such as a deal of a register with deliveries
        inside and outside: its share has bounds (:func:`flows.share_bounds`) and no value.
    ScopeError
        If rows of the window were filtered out of the table, if they are some partners only and no
        printed total is at hand, or if the supplier is not among those.
    SchemaError
        If there are no rows in the window or their sum is 0, the data set does not name partners,
        or it has no column or no value that the counting asks for.
    CountryError
        If ``supplier`` is no code: a mistyped one would have a share of zero.
    ValueError
        If ``end`` is before ``start``, or ``of`` is neither.

    Examples
    --------
    >>> from flows.table import check_flows
    >>> rows = [
    ...     {"exporter": supplier, "value": tiv, "line": line}
    ...     for line, (supplier, tiv) in enumerate([("ISR", 30.0), ("RUS", 10.0)], start=1)
    ... ]
    >>> arms = check_flows(pd.DataFrame(rows).assign(
    ...     importer="AZE", reporter="SIPRI", start="2016-01-01", end="2016-12-31",
    ...     product="TOTAL", classification="TOTAL", unit="TIV", low=0.0, high=40.0, valuation="",
    ...     partner_basis="", coverage="major arms", estimate=False, dataset="sipri@2022-03",
    ... ))
    >>> share(arms, supplier="ISR", importer="AZE", start=2016, end=2016).value
    0.75
    >>> cis = share(arms, supplier="CIS", importer="AZE", start=2016, end=2016)
    >>> cis.value, cis.members
    (0.25, ('RUS',))
    """
    country, partner = (importer, supplier) if of == "imports" else (supplier, importer)
    if not is_group(partner):
        country_name(partner)
    counted = count_flows(
        table,
        country=country,
        start=start,
        end=end,
        of=of,
        dataset=dataset,
        counting=counting,
        among=among,
    )
    if among is not None:
        check_member(partner, among, start=start, end=end)
    return share_counted(counted, supplier=supplier, importer=importer)


def share_counted(counted: Counted, *, supplier: str, importer: str) -> Share:
    """Return the share of what was counted; without a value where deals cross the window's edge."""
    of, country = counted.of, counted.country
    partner = supplier if of == "imports" else importer
    of_partner = are_of(counted.rows, partner, country=country)
    rows = counted.rows.assign(counted=of_partner).drop(columns="partner")
    either = pd.concat([rows, counted.crossing])
    window = (pd.Timestamp(counted.start, 1, 1), pd.Timestamp(counted.end, 12, 31))
    several = members_between(partner, *window) if is_group(partner) else [partner]
    for code in several:
        if code != country or not is_group(partner):
            check_known(either, counted.cover, partner=code, country=country, of=of)
    numerator = exact_sum(rows.loc[rows["counted"], "value"])
    printed = counted.cover.total
    denominator = exact_sum(rows["value"]) if printed is None else printed
    if len(counted.crossing):
        numerator = denominator = math.nan
    if denominator == 0:
        raise SchemaError(
            f"expected {of} of {country} in {counted.start}-{counted.end}, found a sum of 0"
        )
    return Share(
        value=numerator / denominator,
        numerator=numerator,
        denominator=denominator,
        unit=counted.unit,
        supplier=supplier,
        importer=importer,
        start=counted.start,
        end=counted.end,
        dataset=counted.dataset,
        rows=rows,
        of=of,
        counting=counted.counting,
        left_out=counted.left_out.drop(columns="partner"),
        total_lines=counted.cover.lines,
        scope=counted.cover.how,
        members=tuple(sorted(counted.rows.loc[of_partner, "partner"].unique()))
        if is_group(partner)
        else (),
        among=counted.among,
    )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PartnerShares(Result):
    """
    What each supplier or customer has of one country's total in one window.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a partner, the largest first, then the others together, then the unknown, each
        under its code: ``rank`` (equal values share the better one; missing for others and
        unknown), ``partner``, ``name``, ``kind``
        (``"named"``, ``"others"``, ``"unknown"``), ``partners`` (how many the row holds),
        ``value`` in ``unit``, ``share`` (0 to 1).
    total : float
        Sum, in ``unit``.
    importer, exporter : str or None
        Whose total is shared out: its imports among suppliers, or its exports among customers. The
        other is None.
    unit, dataset, start, end, counting, rows, left_out
        As in :class:`flows.measure.counting.Counted`.
    scope : str
        What the total is, as in :class:`Share`. Where it is a printed total, what no row names is
        among the others, which count no partners for it.
    among : str, optional
        The group whose members alone are the partners; none where all are.
    """

    natural_table = "frame"

    frame: pd.DataFrame
    total: float
    unit: str
    dataset: str
    importer: str | None
    exporter: str | None
    start: int
    end: int
    counting: Counting
    rows: pd.DataFrame
    left_out: pd.DataFrame
    scope: str
    among: str | None = None

    def _card(self) -> Card:
        partners = "customers" if self.importer is None else "suppliers"
        columns = self.frame[["name", "share", "value"]].itertuples(index=False, name=None)
        return Card(
            title=(
                f"{partners} of {self.importer or self.exporter}{_among(self)}, "
                f"{self.start}-{self.end}"
            ),
            facts=(
                ("largest", _largest(self.frame)),
                ("total", print_amount(self.total, self.unit)),
                *counted_facts(self),
            ),
            more=tuple(
                (str(name), f"{print_percent(share)}, {print_amount(value, self.unit)}")
                for name, share, value in columns
            ),
            rows=rows_by_dataset(self.rows),
        )


@country_by_side
def partner_shares(
    table: pd.DataFrame,
    *,
    importer: str | None = None,
    exporter: str | None = None,
    start: int,
    end: int,
    among: str | None = None,
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
    importer, exporter : str, optional
        Alpha-3 code of the importer whose suppliers, or of the exporter whose customers are asked
        for: one of the two.
    start, end : int
        First and last year, both included.
    among : str, optional
        A group of countries, such as ``"EU27_2020"``, whose members alone are the partners.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year.
    top : int, optional
        How many partners are named; the rest is one row of others. All by default.

    Returns
    -------
    PartnerShares
        The shares add up to 1.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`share`; also if both or neither of importer and exporter are given, or ``top`` is
        below 1.

    Examples
    --------
    >>> import flows as fl
    >>> suppliers = partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", start=2016, end=2020, top=2
    ... ).frame
    >>> suppliers["partner"].tolist(), suppliers["share"].round(3).tolist()
    (['ISR', 'RUS', 'others', 'XXU'], [0.677, 0.164, 0.155, 0.004])
    """
    if top is not None and top < 1:
        raise ValueError(f"top: expected at least 1 partner, found {top}")
    country, of = country_asked(importer, exporter)
    counted = count_flows(
        table,
        country=country,
        start=start,
        end=end,
        of=of,
        dataset=dataset,
        counting=counting,
        among=among,
    )
    partners = add_by_partner(counted.rows)
    named = exact_sum(partners["value"])
    total = named if counted.cover.total is None else counted.cover.total
    if total == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    return PartnerShares(
        frame=_ranked(partners, total, top, rest=exact_sum([total, -named])),
        total=total,
        unit=counted.unit,
        dataset=counted.dataset,
        importer=importer,
        exporter=exporter,
        start=start,
        end=end,
        counting=counting,
        rows=counted.rows,
        left_out=counted.left_out,
        scope=counted.cover.how,
        among=among,
    )


def _among(shares: Share | PartnerShares) -> str:
    return "" if shares.among is None else f" among {shares.among}"


def _largest(frame: pd.DataFrame) -> str:
    """Print the shares of the largest partners."""
    top = frame.head(_SHOWN)[["name", "share"]].itertuples(index=False, name=None)
    return ", ".join(f"{name} {print_percent(share, digits=1)}" for name, share in top)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RollingShares(Drawn, Sequence[PartnerShares]):
    """
    The shares of all partners in windows that follow one another: a sequence of them.

    Parameters
    ----------
    windows : tuple of PartnerShares
        In the order of time; a window without a total has none.
    """

    natural_table = "frame"

    windows: tuple[PartnerShares, ...]

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.windows)

    def __getitem__(self, place: Any) -> Any:
        """Return the windows at a place or a slice of places."""
        return self.windows[place]

    @property
    def frame(self) -> pd.DataFrame:
        """
        All windows as one table.

        One row a window and partner: ``window`` (``"2016-2020"``), ``start``, ``end`` (years), and
        the columns of :class:`PartnerShares`, by window and in its order.
        """
        return pd.concat(
            [
                window.frame.assign(
                    window=f"{window.start}-{window.end}", start=window.start, end=window.end
                )[["window", "start", "end", *_COLUMNS]]
                for window in self.windows
            ],
            ignore_index=True,
        )

    def drawing(self) -> DrawingCall:
        """
        Return the rank of each supplier in every window, the last first one highlighted.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_supplier_ranks`.

        Raises
        ------
        ValueError
            If it is customers that are ranked, or the amounts are no TIV: the figure is one of
            the suppliers of arms.
        """
        return ranks_drawing(self.frame, self.windows[-1])

    def _card(self) -> Card:
        first, last = self.windows[0], self.windows[-1]
        partners = "customers" if first.importer is None else "suppliers"
        return Card(
            title=(
                f"{partners} of {first.importer or first.exporter} in "
                f"{print_count(len(self), 'window')}"
            ),
            facts=(
                (f"{first.start}-{first.end}", _largest(first.frame)),
                (f"{last.start}-{last.end}", _largest(last.frame)),
                ("counted", first.counting.describe()),
                ("data", f"{first.dataset}, {first.scope}"),
            ),
            more=tuple(
                (f"{window.start}-{window.end}", _largest(window.frame))
                for window in self.windows[1:-1]
            ),
            rows=rows_by_dataset(pd.concat([window.rows for window in self.windows])),
        )


@country_by_side
def rolling_partner_shares(
    table: pd.DataFrame,
    *,
    importer: str | None = None,
    exporter: str | None = None,
    start: int | None = None,
    end: int | None = None,
    years: int,
    dataset: str | None = None,
    counting: Counting = ALL,
    top: int | None = None,
) -> RollingShares:
    """
    Return the shares of all partners in every window of some years.

    Parameters
    ----------
    table, importer, exporter, dataset, counting, top
        As in :func:`partner_shares`.
    start, end : int, optional
        First year of the first window, last year of the last one; by default all years that the
        data set counts.
    years : int
        Length of a window; SIPRI prints five years. Each begins a year after the one before.

    Returns
    -------
    RollingShares
        ``windows``, and all of them as one table, ``frame``. A window in which nothing was imported
        has no shares and is not there.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`partner_shares`; also if no window fits, or none has a total.

    Examples
    --------
    Who was the largest supplier of each five years, and when did that change?

    >>> import flows as fl
    >>> shares = rolling_partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", start=2010, end=2020, years=5
    ... ).frame
    >>> shares[shares["rank"] == 1].drop_duplicates("partner")[["window", "partner"]].to_numpy()
    array([['2010-2014', 'RUS'],
           ['2015-2019', 'ISR']], dtype=object)
    """
    country, of = country_asked(importer, exporter)
    windows = rolling_windows(
        table,
        country=country,
        of=of,
        start=start,
        end=end,
        years=years,
        dataset=dataset,
        counting=counting,
    )
    return RollingShares(
        tuple(
            partner_shares(
                table,
                importer=importer,
                exporter=exporter,
                start=first,
                end=last,
                dataset=dataset,
                counting=counting,
                top=top,
            )
            for first, last in windows
        )
    )


def country_asked(importer: str | None, exporter: str | None) -> tuple[str, Of]:
    """Return the country whose total is asked for, and which."""
    match importer, exporter:
        case str(), None:
            return importer, "imports"
        case None, str():
            return exporter, "exports"
    raise ValueError(
        f"expected importer= (its suppliers) or exporter= (its customers), found "
        f"importer={importer!r} and exporter={exporter!r}"
    )


def rolling_windows(
    table: pd.DataFrame,
    *,
    country: str,
    of: Of,
    start: int | None,
    end: int | None,
    years: int,
    dataset: str | None,
    counting: Counting,
) -> list[tuple[int, int]]:
    """Return the first and the last year of every window in which there is a total."""
    spans = years_counted(select_flows(table, dataset=dataset)).values()
    start = max((first for first, _ in spans), default=0) if start is None else start
    end = min((last for _, last in spans), default=0) if end is None else end
    if not 1 <= years <= end - start + 1:
        raise ValueError(
            f"years: expected a length of 1 to {end - start + 1} for windows inside {start}-{end}, "
            f"found {years}"
        )
    near, _ = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    filled = near[near["admitted"] & (near["value"] != 0)]
    firsts = range(start, end - years + 2)
    windows = [
        (first, first + years - 1)
        for first in firsts
        if ((filled["first"] < first + years) & (filled["last"] >= first)).any()
    ]
    if not windows:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    return windows


def add_by_partner(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up rows by partner."""
    sums = rows.groupby("partner", sort=True)["value"].agg(exact_sum).reset_index()
    total = exact_sum(sums["value"])
    ordered = sums.sort_values(["value", "partner"], ascending=[False, True], ignore_index=True)
    return ordered.assign(share=ordered["value"] / total if total else math.nan)


def _ranked(partners: pd.DataFrame, total: float, top: int | None, *, rest: float) -> pd.DataFrame:
    is_named = are_named(pd.Index(partners["partner"]))
    named = partners[is_named].assign(
        rank=rank_suppliers(partners.set_index("partner")["value"])[is_named].array, kind="named"
    )
    shown = named.head(len(named) if top is None else top)
    behind = named.iloc[len(shown) :]
    others = pd.DataFrame(
        {
            "partner": [OTHERS],
            "kind": OTHERS,
            "partners": len(behind),
            "value": exact_sum([*behind["value"], rest]),
        }
    ).head(1 if rest or len(behind) else 0)
    unknown = partners[~is_named].assign(kind="unknown")
    frame = pd.concat([shown, others, unknown], ignore_index=True)
    names = [code if code == OTHERS else country_name(code) for code in frame["partner"]]
    return frame.assign(
        rank=frame["rank"].astype("Int64"),
        name=names,
        partners=frame["partners"].fillna(1).astype("int64"),
        share=frame["value"] / total,
    )[_COLUMNS]


def rank_suppliers(amounts: pd.Series) -> pd.Series:
    """Rank suppliers by what they delivered, the largest first."""
    if not amounts.index.is_unique:
        twice = amounts.index[amounts.index.duplicated()][0]
        raise ValueError(f"amounts: expected one amount a supplier, found several of {twice}")
    named = amounts[are_named(amounts.index)]
    return named.rank(method="min", ascending=False).reindex(amounts.index).astype("Int64")


def are_named(codes: pd.Index) -> npt.NDArray[np.bool_]:
    """Say which codes stand for a country, an organisation or a group that the source names."""
    return np.array([not code.startswith(UNNAMED_BEGIN) for code in codes], dtype=np.bool_)


def supplier_totals(rows: pd.DataFrame) -> pd.Series:
    """Return what each supplier delivered, as a sum that does not depend on the order of rows."""
    return rows.groupby("exporter", sort=True)["value"].agg(exact_sum).astype("float64")
