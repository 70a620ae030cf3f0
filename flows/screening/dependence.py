"""Which importers depend on few suppliers for which products, and how lasting that is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.canonical import TIE
from flows.errors import ScopeError
from flows.measure.pair_years import whole_years
from flows.results import Card, Result, print_between, print_count, print_percent
from flows.scope import SIDES
from flows.screening import churn
from flows.screening.churn import Grid
from flows.screening.importer_products import (
    TOTAL,
    outside,
    rows_asked,
    side_of,
    supplier_cells,
    with_exports,
    world_cells,
    years_reported,
)
from flows.screening.suppliers import CELL, counts_all_exports

_ENDS = ("low", "high")


@dataclass(frozen=True, slots=True)
class DependenceRule:
    """
    When an importer depends on others for a product: every threshold that is given is exceeded.

    Parameters
    ----------
    hhi : float, optional
        Herfindahl-Hirschman index of the importer's suppliers, 0 to 1.
    world_hhi : float, optional
        The same index of the exporters of the product in the whole world.
    imports_to_exports : float, optional
        The importer's imports divided by its own exports; infinite where it exports none.
    outside_share : float, optional
        Part of a group's imports that comes from outside; 1 for a country by itself.
    years, of : int
        In how many of how many years up to the one in question all of this has to hold.
    exports : {"all", "outside"}
        Exports of a group that its imports are divided by: all, trade among its members included,
        or those to others.
    source : str
        Where the rule is from; stands in the notes of every result.

    Raises
    ------
    ValueError
        If no threshold is given, ``years`` is not 1 to ``of``, or ``exports`` is neither.

    Examples
    --------
    >>> DependenceRule.geodep()
    DependenceRule(hhi=0.4, world_hhi=0.4, imports_to_exports=1.0, outside_share=None, years=2, ...
    """

    hhi: float | None = None
    world_hhi: float | None = None
    imports_to_exports: float | None = None
    outside_share: float | None = None
    years: int = 1
    of: int = 1
    exports: Literal["all", "outside"] = "outside"
    source: str = "own thresholds"

    def __post_init__(self) -> None:
        if not self.thresholds:
            raise ValueError("expected a threshold, found none")
        if not 1 <= self.years <= self.of:
            raise ValueError(
                f"expected 1 <= years <= of, found years={self.years} and of={self.of}"
            )
        if self.exports not in ("all", "outside"):
            raise ValueError(f"exports: expected all or outside, found {self.exports!r}")

    @classmethod
    def geodep(cls) -> "DependenceRule":
        """
        Return the four criteria of CEPII's data base GeoDep.

        Returns
        -------
        DependenceRule
            Suppliers and world exports are concentrated (HHI above 0.4), imports exceed exports,
            and all three hold in two of three years.

        References
        ----------
        .. [1] Lefebvre, K. and Wibaux, P. (2024). Import dependencies: where does the EU stand?
           CEPII Policy Brief 2024-47; https://cepii.fr/cepii/en/bdd_modele/bdd_modele_item.asp?id=41
        """
        return cls(
            hhi=0.4,
            world_hhi=0.4,
            imports_to_exports=1.0,
            years=2,
            of=3,
            source="GeoDep of CEPII (Lefebvre and Wibaux 2024)",
        )

    @classmethod
    def commission(cls) -> "DependenceRule":
        """
        Return the core indicators of the European Commission (2021), CDI1 to CDI3, year by year.

        Returns
        -------
        DependenceRule
            For ``group="EU27_2020"``: imports from outside are concentrated (HHI above 0.4), are
            more than half of all imports, and exceed all exports of the members. CEPII Policy
            Brief 2023-41 applies them to each year from 1996 on.

        References
        ----------
        .. [1] European Commission (2021). Strategic dependencies and capacities. SWD(2021) 352.
        .. [2] Vicard, V. and Wibaux, P. (2023). EU strategic dependencies: a long view. CEPII
           Policy Brief 2023-41.
        """
        return cls(
            hhi=0.4,
            outside_share=0.5,
            imports_to_exports=1.0,
            exports="all",
            source="core indicators of the European Commission (SWD(2021) 352)",
        )

    @property
    def thresholds(self) -> dict[str, float]:
        """The column of each threshold that is given, and the threshold."""
        names = ("hhi", "world_hhi", "imports_to_exports", "outside_share")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def describe(self) -> str:
        """
        Say in words what has to hold.

        Returns
        -------
        str
            For a note under a table.
        """
        words = [f"{name} above {bound:g}" for name, bound in self.thresholds.items()]
        lasting = f" in {self.years} of {self.of} years" if self.of > 1 else ""
        return f"{' and '.join(words)}{lasting}"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Dependence(Result):
    """
    How concentrated the suppliers of every importer and product are, and who depends on them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an importer, product and year with imports: ``importer``, ``product``, ``year``,
        ``imports`` (in ``unit``), ``suppliers`` (how many), ``hhi``, ``main`` (code of the largest
        supplier), ``main_share``, ``exports`` (the importer's own), ``imports_to_exports``
        (infinite where it exports none), ``outside_share``, ``world_hhi``, ``meets`` (all
        thresholds are exceeded in this year), ``dependent`` (so in as many years as the rule asks)
        and ``scope``, as in a share. What is not known is missing: over a printed total of some
        partners, the index of suppliers; with exports of some countries only, that of the world.
    churn : pandas.DataFrame
        One row a flag (``"year"``: ``meets``; ``"rule"``: ``dependent``), horizon and year, and one
        for all years, whose ``year`` is missing: ``known`` (importers and products whose flag is
        known), ``dependent`` (flagged), ``probability`` of being flagged, ``followed`` (flagged,
        and known ``horizon`` years later), ``gone`` (not flagged any more), ``without_imports``
        (of these, nothing was imported), ``gone_share``; both shares with Wilson's interval in
        ``_low`` and ``_high``.
    transitions : pandas.DataFrame
        One row a flag, horizon and pair of states, all years together: ``from``, ``to``, ``count``,
        ``probability`` with ``_low`` and ``_high``.
    left_out : pandas.DataFrame
        Importers, products and years without a row, with the ``reason``.
    rule : DependenceRule
        The thresholds.
    group : str or None
        The group that counts as one country.
    unit, dataset : str
        Of the imports; ``source@vintage``.
    level : float
        Coverage of the intervals. They take importers and products for independent of one
        another, which they are not: they are too narrow.
    notes : tuple of str
        Where the rule is from, and what is not known.
    """

    natural_table = "frame"

    frame: pd.DataFrame
    churn: pd.DataFrame
    transitions: pd.DataFrame
    left_out: pd.DataFrame
    rule: DependenceRule
    group: str | None
    unit: str
    dataset: str
    level: float
    notes: tuple[str, ...]

    def _card(self) -> Card:
        frame = self.frame
        first, last = frame["year"].min(), frame["year"].max()
        now = frame[(frame["year"] == last) & frame["dependent"].notna()]
        importers, products = (frame[name].nunique() for name in TOTAL[:2])
        return Card(
            title=(
                f"of {print_count(importers, 'importer')} on suppliers of "
                f"{print_count(products, 'product')}, {first}-{last}"
            ),
            facts=(
                ("rule", self.rule.describe()),
                (
                    f"in {last}",
                    f"{int(now['dependent'].sum())} of {len(now)} importers and products",
                ),
                *self._lasting()[:1],
                ("data", f"{self.dataset}, {', '.join(sorted(frame['scope'].unique()))}"),
                ("left out", f"{len(self.left_out)} importers, products and years"),
            ),
            more=tuple(self._lasting()[1:]),
            notes=self.notes,
        )

    def _lasting(self) -> list[tuple[str, str]]:
        """Print the part of the flagged that is gone, at each horizon, by the rule."""
        together = self.churn[self.churn["year"].isna() & (self.churn["flag"] == "rule")]
        return [
            (
                "gone later",
                f"{print_percent(row['gone_share'])} of {row['followed']} after "
                f"{print_count(row['horizon'], 'year')}, "
                + print_between(*(print_percent(row[f"gone_share_{end}"]) for end in _ENDS)),
            )
            for row in together.to_dict("records")
            if row["followed"]
        ]


def dependence(
    table: pd.DataFrame,
    *,
    rule: DependenceRule,
    start: int | None = None,
    end: int | None = None,
    importers: Collection[str] = (),
    group: str | None = None,
    dataset: str | None = None,
    horizons: Sequence[int] = (1,),
    level: float = 0.95,
) -> Dependence:
    """
    Return for every importer and product on how few suppliers it depends, and for how long.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit: of an organisation that states every flow, such as BACI, or of many
        reporters, whose own imports and own exports count. Of a product, all rows have to be there.
    rule : DependenceRule
        The thresholds, such as ``fl.DependenceRule.geodep()``. No default: they decide who depends.
    start, end : int, optional
        First and last year, both included; all years that are there as a whole by default.
    importers : collection of str, optional
        Those that are returned; all by default. World exports are of all exporters in any case.
    group : str, optional
        A group of countries that counts as one country, such as ``"EU27_2020"``: trade among its
        members is neither import nor export, but for ``outside_share``.
    dataset : str, optional
        The vintage to count, where the table holds several.
    horizons : sequence of int
        After how many years it is asked whether what was flagged still is.
    level : float
        Coverage of the intervals of proportions.

    Returns
    -------
    Dependence
        The indices are those of :func:`flows.concentration`, the largest supplier's share is that
        of :func:`flows.partner_shares`, of all importers and products at once.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, ScopeError
        As :func:`flows.concentration`; also if rows of a product were filtered out of the table,
        two classifications of products meet in one year, or the rows are known to be some partners
        of every importer.
    ValueError
        If one of start and end is given, ``level`` is not between 0 and 1, a horizon is below 1, or
        ``group`` is none.

    Notes
    -----
    A year in which an importer buys nothing of a product is one in which it does not depend. A
    flag is the crossing of a threshold by figures that move from year to year, so that some flags
    come and go without any change of suppliers: ``churn`` says how many. Reported imports may
    include freight (CIF) where exports do not.

    References
    ----------
    .. [1] Vicard, V. and Wibaux, P. (2023). EU strategic dependencies: a long view. CEPII Policy
       Brief 2023-41.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> found = fl.dependence(
    ...     arms, rule=fl.DependenceRule(hhi=0.4), start=2016, end=2020, importers=["AZE"]
    ... )
    >>> year = found.frame[found.frame["year"] == 2018]
    >>> year[["product", "main", "dependent"]].head(2).to_numpy().tolist()
    [['aircraft', 'XXU', False], ['armoured vehicles', 'RUS', True]]
    """
    horizons = _checked_horizons(horizons)
    rows = rows_asked(table, start=start, end=end, dataset=dataset)
    used, years_out = whole_years(rows, "gregorian")
    imports, exports = (side_of(used, of=of, group=group) for of in SIDES)
    years = range(int(used["year"].min()), int(used["year"].max()) + 1)
    abroad = outside(exports, group)
    world = counts_all_exports(rows)
    cells = supplier_cells(imports, importers=importers, group=group)
    cells = with_exports(cells, exports if rule.exports == "all" else abroad, rows)
    cells = cells.merge(world_cells(abroad, known=world), on=CELL, how="left")
    cells = cells.assign(meets=_meets(cells, rule))
    refused = cells["refused"] != ""
    if refused.all():
        raise ScopeError(str(cells["refused"].iloc[0]))
    grid = Grid(cells, years, reported=years_reported(imports, rows))
    marks = {"year": grid.marks(cells["meets"])}
    marks["rule"] = churn.lasting(marks["year"], years=rule.years, of=rule.of)
    kept = cells.assign(dependent=grid.read(marks["rule"]))[~refused].reset_index(drop=True)
    each = [(flag, horizon) for flag in marks for horizon in horizons]
    return Dependence(
        frame=kept[_COLUMNS],
        churn=_flagged(
            (flag, churn.churn(marks[flag], years, horizon=horizon, level=level))
            for flag, horizon in each
        ),
        transitions=_flagged(
            (flag, churn.transitions(marks[flag], horizon=horizon, level=level))
            for flag, horizon in each
        ),
        left_out=_left_out(cells[refused], years_out),
        rule=rule,
        group=group,
        unit=str(rows["unit"].iloc[0]),
        dataset=" and ".join(sorted(rows["dataset"].unique())),
        level=level,
        notes=_notes(kept, rule, rows, world=world),
    )


_COLUMNS = [
    *TOTAL,
    *("imports", "suppliers", "hhi", "main", "main_share", "exports", "imports_to_exports"),
    *("outside_share", "world_hhi", "meets", "dependent", "scope"),
]


def _checked_horizons(horizons: Sequence[int]) -> tuple[int, ...]:
    if not horizons or min(horizons) < 1:
        raise ValueError(f"horizons: expected years of at least 1, found {list(horizons)}")
    return tuple(horizons)


def _meets(cells: pd.DataFrame, rule: DependenceRule) -> pd.Series:
    """Say which cells exceed every threshold by more than rounding; missing where not known."""
    meets = pd.Series(data=True, index=cells.index, dtype="boolean")
    for column, bound in rule.thresholds.items():
        above = (cells[column] > bound + TIE * abs(bound)).astype("boolean")
        meets &= above.mask(cells[column].isna())
    return meets


def _flagged(tables: Iterable[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Put tables of each flag below each other."""
    parts = [frame.assign(flag=flag) for flag, frame in tables]
    joined = pd.concat(parts, ignore_index=True)
    first = [name for name in ("flag", "horizon", "year") if name in joined.columns]
    return joined[[*first, *joined.columns.difference(first, sort=False)]]


def _left_out(refused: pd.DataFrame, years_out: pd.Series) -> pd.DataFrame:
    """Return totals that are refused, and years of a reporter that are not whole."""
    totals = refused[[*TOTAL, "refused"]].rename(columns={"refused": "reason"})
    years = years_out.reset_index().rename(columns={"reporter": "importer"})
    return pd.concat([totals, years.assign(product="")], ignore_index=True)[[*TOTAL, "reason"]]


def _notes(
    kept: pd.DataFrame, rule: DependenceRule, rows: pd.DataFrame, *, world: bool
) -> tuple[str, ...]:
    """Say where the rule is from, and what is not known."""
    missing = {column: int(kept[column].isna().sum()) for column in rule.thresholds}
    several = sorted(rows["classification"].unique())
    return (
        f"rule: {rule.source}",
        *((_SEVERAL.format(", ".join(several)),) if len(several) > 1 else ()),
        *(() if world else (_WORLD_UNKNOWN,)),
        *(
            f"{column}, which the rule needs, is missing in {number} of {len(kept)} rows"
            for column, number in missing.items()
            if number
        ),
    )


_SEVERAL = (
    "products are of several classifications ({}): a code may stand for other goods in another "
    "one, and flags come and go with it; fl.harmonise_products makes them comparable"
)
_WORLD_UNKNOWN = (
    "world_hhi is missing: the data set does not hold the exports of all countries, and those of "
    "the world are not known from it"
)
