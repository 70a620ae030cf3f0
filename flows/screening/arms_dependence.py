"""On whom every recipient of arms depends, window by window, and what flags cannot exclude."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.canonical import exact_sums
from flows.errors import SchemaError, ScopeError, UnitError
from flows.measure.bounds import check_ways, find_ways
from flows.measure.box_extremes import herfindahl_bounds
from flows.measure.checks import (
    check_one_unit,
    check_one_vintage,
    check_rows,
    check_span,
    check_stated_sizes,
    check_within,
    rows_by_dataset,
    select_flows,
    years_counted,
)
from flows.measure.concentration import box_of, hull
from flows.measure.counting import (
    ALL,
    Counting,
    check_named,
    choose_counted,
    mark_candidates,
)
from flows.measure.covering import (
    NOT_STATED,
    claimed,
    lists_some,
    not_all_partners,
    printed_beside,
    stated_reason,
)
from flows.measure.rules import Rule, Way, check_rules, rule_splits
from flows.results import Card, Result, print_between, print_count, print_percent
from flows.scope import check_all_there
from flows.screening.suppliers import concentrations
from flows.table import TIV, Rows

_WINDOW = ["importer", "year"]
_COLUMNS = [
    *("importer", "start", "end", "total", "suppliers", "main", "main_share"),
    *("main_share_low", "main_share_high", "hhi", "hhi_low", "hhi_high"),
]
_BOUNDS = ["main_share_low", "main_share_high", "hhi_low", "hhi_high"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SupplierDependence(Result):
    """
    The largest supplier of every recipient in every window, with what cannot be excluded.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a recipient and window: ``importer``, ``start``, ``end`` (years), ``total`` (million
        TIV), ``suppliers`` (how many), ``main`` (code of the largest; of equal ones the first in
        the alphabet), ``main_share`` and ``hhi``, both with ``_low`` and ``_high`` (missing without
        rules), ``scope``, as in a share. Where deals of a register cross the edge of a window,
        ``main`` is empty and only ``hhi`` has bounds.
    left_out : pandas.DataFrame
        Recipients of which some suppliers only are there, with the ``reason``.
    window : int
        Years of a window.
    rules : tuple of Rule
        What cannot be excluded.
    counting : Counting
        Which deliveries count, and in which year.
    dataset : str
        ``source@vintage``.
    unsaid : int
        Rows that do not say what the counting asks, in no sum.
    rows : Mapping
        Lines of the raw files by data set.
    """

    natural_table = "frame"

    frame: pd.DataFrame
    left_out: pd.DataFrame
    window: int
    rules: tuple[Rule, ...]
    counting: Counting
    dataset: str
    unsaid: int
    rows: Rows

    def _card(self) -> Card:
        last = self.frame[self.frame["end"] == self.frame["end"].max()]
        over = last[last["main_share"] > 0.5]  # noqa: PLR2004 - more than half
        sure = int((over["main_share_low"] > 0.5).sum())  # noqa: PLR2004 - as above
        half = f"{len(over)} of {len(last)} recipients"
        return Card(
            title=(
                f"of {print_count(self.frame['importer'].nunique(), 'recipient')} of arms in "
                f"windows of {print_count(self.window, 'year')}, {self.frame['start'].min()}-"
                f"{self.frame['end'].max()}"
            ),
            facts=(
                ("over half", f"{half} from one supplier in the last window"),
                ("sure of it", f"{sure} of these under all rules" if self.rules else "no rules"),
                ("counted", self.counting.describe()),
                ("data", self.dataset),
                (
                    "left out",
                    f"{len(self.left_out)} recipients, {print_count(self.unsaid, 'row')}",
                ),
            ),
            more=tuple(
                (str(row["importer"]), _main_in_words(row)) for row in last.to_dict("records")
            ),
            rows=self.rows,
        )


def _main_in_words(row: Mapping[Hashable, Any]) -> str:
    low, high = (print_percent(float(str(row[f"main_share_{end}"]))) for end in ("low", "high"))
    return (
        f"{row['main']} {print_percent(float(str(row['main_share'])))}, {print_between(low, high)}"
    )


def supplier_dependence(
    arms: pd.DataFrame,
    *,
    window: int,
    start: int | None = None,
    end: int | None = None,
    rules: Sequence[Rule] = (),
    counting: Counting = ALL,
    dataset: str | None = None,
) -> SupplierDependence:
    """
    Return the largest supplier and the concentration of suppliers of every recipient of arms.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of arms in TIV.
    window : int
        Years of a window, such as SIPRI's five. Each begins a year after the one before.
    start, end : int, optional
        First year of the first window, last year of the last one; by default all years that the
        data set counts.
    rules : sequence of Rule
        What cannot be excluded, as in :func:`flows.share_bounds`; none by default.
    counting : Counting
        Which deliveries count, and in which year.
    dataset : str, optional
        The vintage to count, where the table holds several.

    Returns
    -------
    SupplierDependence
        Shares and their bounds are those of :func:`flows.share_bounds` for the largest supplier,
        the index and its bounds those of :func:`flows.concentration`, of all recipients at once. A
        window in which nothing was delivered to a recipient is not there.

    Raises
    ------
    UnitError
        If the table is not in TIV: of trade, see :func:`flows.dependence`.
    DoubleCountError, PeriodError, SchemaError, ScopeError
        As :func:`flows.concentration`; also if some suppliers only are there of every recipient.
    ValueError
        If no window fits, or a rule is none.

    Notes
    -----
    Bounds of the index are the extremes over all amounts that the rules allow, found for each
    recipient and window by itself: they take most of the time.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> found = supplier_dependence(
    ...     arms, window=5, start=2015, end=2020, rules=[fl.rules.UncertainYear(within=1)]
    ... )
    >>> found.frame[["start", "main", "main_share", "main_share_low"]].round(4).to_numpy().tolist()
    [[2015, 'ISR', 0.5969, 0.5603], [2016, 'ISR', 0.6774, 0.6416]]
    """
    check_rules(rules)
    rows = select_flows(arms, dataset=dataset)
    if (unit := check_one_unit(rows)) != TIV:
        raise UnitError(f"supplier_dependence: expected arms in TIV, found {unit}; see dependence")
    check_one_vintage(rows)
    check_named(rows, counting)
    kept, unsaid = choose_counted(
        rows.assign(partner=rows["exporter"]).reset_index(drop=True), counting
    )
    scopes, left_out = _scopes(rows)
    kept = kept[kept["importer"].isin(scopes)]
    windows = _windows(rows, window, start=start, end=end)
    _check_kept(rows, None if counting.by == "order" else windows[0])
    marked = [
        mark_candidates(kept, start=first, end=first + window - 1, counting=counting)
        for first in windows
    ]
    frames = [
        _of_window(near, (first, first + window - 1), rules=rules, counting=counting)
        for first, near in zip(windows, marked, strict=True)
        if (near["admitted"] & (near["inside"] | near["crosses"])).any()
    ]
    if not frames:
        raise SchemaError(
            f"expected deliveries in {windows[0]}-{windows[-1] + window - 1}, found none"
        )
    frame = pd.concat(frames, ignore_index=True).sort_values(
        ["importer", "start"], ignore_index=True
    )
    return SupplierDependence(
        frame=frame.assign(scope=frame["importer"].map(scopes)),
        left_out=left_out,
        window=window,
        rules=tuple(rules),
        counting=counting,
        dataset=" and ".join(sorted(rows["dataset"].unique())),
        unsaid=len(unsaid),
        rows=rows_by_dataset(kept),
    )


def _scopes(rows: pd.DataFrame) -> tuple[dict[str, str], pd.DataFrame]:
    """Return what the rows of each recipient are of its imports, and those of whom some lack."""
    scopes, refused = {}, {}
    for importer, own in rows.groupby("importer", sort=True):
        country = str(importer)
        if (claim := claimed(own, country=country, of="imports")) is not None:
            scopes[country] = claim
        elif not lists_some(own) and printed_beside(own, country=country, of="imports").empty:
            scopes[country] = NOT_STATED
        else:
            refused[country] = str(
                not_all_partners(own, country=country, of="imports", periods="any window")
            )
    if not scopes:
        raise ScopeError(next(iter(refused.values())))
    return scopes, pd.DataFrame(list(refused.items()), columns=["importer", "reason"])


def _windows(rows: pd.DataFrame, window: int, *, start: int | None, end: int | None) -> range:
    spans = years_counted(rows).values()
    first = max(span[0] for span in spans) if start is None else start
    last = min(span[1] for span in spans) if end is None else end
    check_span(rows, start=first, end=last)
    if not 1 <= window <= last - first + 1:
        raise ValueError(
            f"window: expected 1 to {last - first + 1} years for windows inside {first}-{last}, "
            f"found {window}"
        )
    return range(first, last - window + 2)


def _check_kept(rows: pd.DataFrame, first: int | None) -> None:
    """Check that no row of a recipient was taken out of the table, of a year from the first on."""
    if stated_reason(rows) is not None:
        return
    recipients = rows["importer"].unique()
    check_all_there(
        rows,
        needed=lambda entries: (
            (entries["end"].dt.year >= (first or 0)) & entries["importer"].isin(recipients)
        ),
        instead="say in the measure what the filter meant: start= and end=, or "
        "counting=fl.Counting(...); if these rows are the whole, fl.state_whole(table, reason=...)",
    )


def _of_window(
    near: pd.DataFrame, window: tuple[int, int], *, rules: Sequence[Rule], counting: Counting
) -> pd.DataFrame:
    """Return the largest suppliers and the indices of all recipients in one window."""
    admitted = near[near["admitted"]]
    check_stated_sizes(admitted)
    check_within(admitted, *window, crossing=rule_splits(rules))
    inside, across = admitted[admitted["inside"]], admitted[admitted["crosses"]]
    counted = pd.concat([inside, across])
    check_rows(counted, of="imports", several_datasets=stated_reason(counted) is not None)
    found = concentrations(inside.assign(year=window[0]), total=_WINDOW, partner="exporter")
    others = sorted(set(across["importer"]) - set(found["importer"]))
    frame = pd.concat([found, pd.DataFrame({"importer": others})], ignore_index=True)
    unknown = frame["importer"].isin(across["importer"])
    frame = frame.assign(
        hhi=frame["hhi"].mask(unknown),
        main_share=frame["main_share"].mask(unknown),
        main=frame["main"].mask(unknown, ""),
        suppliers=frame["partners"].astype("Int64").mask(unknown),
        start=window[0],
        end=window[1],
    )
    return frame.assign(**_bounds(near, frame, rules, window=window, counting=counting))[_COLUMNS]


def _bounds(
    near: pd.DataFrame,
    frame: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    counting: Counting,
) -> dict[str, Any]:
    """Return the lowest and highest share of each largest supplier, and of each index."""
    if not rules:
        return dict.fromkeys(_BOUNDS, np.nan)
    of_frame = near[near["importer"].isin(frame["importer"])]
    ways = find_ways(of_frame, rules, window=window, counting=counting)
    check_ways(of_frame, ways, rules=rules, window=window, of="imports")
    shares = [_share_bounds(way, frame) for way in ways]
    indices = [_index_bounds(ways, importer) for importer in frame["importer"]]
    return {
        "main_share_low": np.fmin.reduce([low for low, _ in shares]),
        "main_share_high": np.fmax.reduce([high for _, high in shares]),
        "hhi_low": [low for low, _ in indices],
        "hhi_high": [high for _, high in indices],
    }


def _share_bounds(way: Way, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the largest suppliers' shares in one way, missing without a total."""
    _, cells = way
    recipients = pd.Index(frame["importer"])
    group = recipients.get_indexer(pd.Index(cells["importer"]))
    main = frame["main"].to_numpy()[group]
    anyone = cells["anyone"].to_numpy()
    ends = [cells[f"amount_{end}"].to_numpy() for end in ("low", "high")]
    found = []
    for highest in (False, True):
        ours = ((cells["partner"].to_numpy() == main) & ~anyone) | (anyone & highest)
        amount = np.where(ours == highest, ends[1], ends[0])
        nothing = exact_sums(amount, group, len(recipients)) == 0
        amount = np.where(nothing[group], ends[1], amount)
        total = exact_sums(amount, group, len(recipients))
        part = exact_sums(np.where(ours, amount, 0.0), group, len(recipients))
        known = (total > 0) & (frame["main"] != "").to_numpy()
        found.append(np.where(known, part / np.where(known, total, 1.0), np.nan))
    return found[0], found[1]


def _index_bounds(ways: Sequence[Way], importer: str) -> tuple[float, float]:
    """Return the bounds of the index of one recipient over all ways."""
    own = [cells[(cells["importer"] == importer).to_numpy()] for _, cells in ways]
    return hull([herfindahl_bounds(box_of(one)) for one in own if (one["amount_high"] > 0).any()])
