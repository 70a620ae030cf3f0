"""How long orders of arms wait for their delivery, those included that wait still."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from flows.errors import SchemaError
from flows.measure.checks import rows_by_dataset
from flows.models.results import check_level
from flows.models.sample import check_choice
from flows.results import Card, Result, print_between, print_count
from flows.table import Rows

Event = Literal["first", "last"]

ALL_ORDERS = "all"
_QUARTILES = {"quarter": 0.25, "median": 0.5, "three_quarters": 0.75}

_CURVE = ["group", "years", "at_risk", "events", "waiting", "std_error", "low", "high"]
_NOTES = (
    "one year is from a day to two: only the years of order and of delivery are known",
    "orders that were given up without a word in the register count as waiting",
)
_EVENTS = {
    "first": "first delivery of any part",
    "last": "last delivery, when all that was ordered is there",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DeliveryLags(Result):
    """
    Years from order to delivery, by Kaplan and Meier.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a group, ``"all"`` first, then the groups by the number of their orders: ``group``,
        ``orders``, ``delivered``, ``waiting`` (without the event by the end of the register, whose
        wait is longer than seen), ``estimated`` (orders whose year SIPRI flags as an estimate),
        ``quarter``, ``median``, ``three_quarters`` (years after which so many have the event;
        missing where fewer have it), ``median_low`` and ``median_high`` (interval of the median;
        infinite where the upper end is not reached), ``median_certain`` (of orders whose year is
        not flagged).
    curves : pandas.DataFrame
        One row a group and year in which orders have the event: ``group``, ``years`` since the
        order, ``at_risk``, ``events``, ``waiting`` (part that waits longer), ``std_error``
        (Greenwood), ``low``, ``high`` (missing where nobody waits any more).
    left_out : pandas.DataFrame
        Orders that are not counted: ``reason``, ``orders``.
    event : {"first", "last"}
        What ends the wait.
    by : str or None
        The column that makes groups.
    counted_to : int
        The last year of deliveries in the register, in which waits are cut off.
    level : float
        Coverage of intervals.
    dataset : str
        ``source@vintage``.
    rows : Mapping
        Lines of the raw files by data set.
    """

    natural_table = "frame"

    frame: pd.DataFrame
    curves: pd.DataFrame
    left_out: pd.DataFrame
    event: Event
    by: str | None
    counted_to: int
    level: float
    dataset: str
    rows: Rows

    def _card(self) -> Card:
        every = self.frame.iloc[0]
        out = int(self.left_out["orders"].sum())
        return Card(
            title=f"{print_count(int(every['orders']), 'order')} of arms to their delivery",
            facts=(
                ("event", _EVENTS[self.event]),
                ("median", f"{_print_years(every['median'])}, {self._interval(every)}"),
                ("waiting", f"{every['waiting']} at the end of {self.counted_to}"),
                ("year of order", f"estimated in {every['estimated']}"),
                ("data", f"{self.dataset}; {print_count(out, 'order')} left out"),
            ),
            more=tuple(
                (
                    str(row["group"]),
                    f"{print_count(row['orders'], 'order')}, median {_print_years(row['median'])}",
                )
                for row in self.frame.iloc[1:].to_dict("records")
            ),
            notes=_NOTES,
            rows=self.rows,
        )

    def _interval(self, row: "pd.Series[float]") -> str:
        ends = (_print_years(row[f"median_{end}"]) for end in ("low", "high"))
        return f"{print_between(*ends)} ({self.level:.0%} interval)"


def _print_years(years: float) -> str:
    return print_count(int(years), "year") if np.isfinite(years) else "not known"


def delivery_lags(
    orders: pd.DataFrame,
    *,
    by: str | None = None,
    event: Event = "first",
    fewest: int = 20,
    start: int | None = None,
    end: int | None = None,
    level: float = 0.95,
) -> DeliveryLags:
    """
    Return how many years pass from the order of arms to their delivery.

    Parameters
    ----------
    orders : pandas.DataFrame
        Of :func:`flows.load_orders`: orders without a delivery have to be there, or waits come out
        too short.
    by : str, optional
        Column that makes groups, such as ``"exporter"``, ``"importer"``, ``"status"`` or
        ``"description"``; all orders together by default.
    event : {"first", "last"}
        What ends the wait: the first delivery of any part of the order, or the last one where as
        much was delivered as was ordered.
    fewest : int
        Orders that a group needs for a row of its own.
    start, end : int, optional
        First and last year of order that counts.
    level : float
        Coverage of intervals.

    Returns
    -------
    DeliveryLags

    Raises
    ------
    SchemaError
        If a column is missing, or no order is left.
    ValueError
        If ``event`` is unknown, ``fewest`` below 2, or ``level`` not between 0 and 1.

    Notes
    -----
    An order without the event is cut off (censored) at the end of the register: it waits at least
    until then. Left out, and counted, are orders from before the register begins, of which only
    those that waited are in it; orders delivered before the year of their order; and for
    ``event="last"`` those whose number ordered is not known. The median is the first year in which
    less than half wait; its interval is that of the log of minus the log of the part that waits.

    References
    ----------
    .. [1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete
       observations. Journal of the American Statistical Association 53 (282), 457-481.
    .. [2] Brookmeyer, R. and Crowley, J. (1982). A confidence interval for the median survival
       time. Biometrics 38 (1), 29-41.

    Examples
    --------
    >>> orders = pd.DataFrame({
    ...     "exporter": "ISR", "importer": "AZE", "order_year": [2010, 2011, 2012, 2019],
    ...     "order_year_estimated": [False, True, False, False], "number_ordered": 2.0,
    ...     "first_delivery": [2011, 2013, 2013, None], "last_delivery": [2011, 2013, 2014, None],
    ...     "number": [2.0, 2, 2, 0], "counted_from": 1950, "counted_to": 2019,
    ...     "dataset": "register@1", "line": [2, 3, 4, 5],
    ... })
    >>> delivery_lags(orders).frame[["orders", "delivered", "waiting", "median"]].iloc[0].tolist()
    [4.0, 3.0, 1.0, 1.0]
    """
    check_choice("event", event, get_args(Event))
    check_level(level)
    if fewest < 2:  # noqa: PLR2004 - one order has no spread
        raise ValueError(f"fewest: expected at least 2 orders, found {fewest}")
    _check_columns(orders, by)
    waits, left_out = _waits(orders, event, start=start, end=end)
    groups = list(_groups(waits, by, fewest))
    return DeliveryLags(
        frame=pd.DataFrame([_summary(name, rows, level) for name, rows in groups]),
        curves=pd.concat([_curve(name, rows, level) for name, rows in groups], ignore_index=True),
        left_out=left_out,
        event=event,
        by=by,
        counted_to=int(waits["counted_to"].max()),
        level=level,
        dataset=" and ".join(sorted(waits["dataset"].unique())),
        rows=rows_by_dataset(waits),
    )


def _check_columns(orders: pd.DataFrame, by: str | None) -> None:
    needed = [
        *("exporter", "importer", "order_year", "order_year_estimated", "first_delivery"),
        *("last_delivery", "number_ordered", "number", "counted_from", "counted_to", "line"),
        *([] if by is None else [by]),
    ]
    if missing := [name for name in needed if name not in orders.columns]:
        raise SchemaError(
            f"orders: expected the columns of fl.load_orders, found a table without "
            f"{', '.join(missing)}; a flow table has no orders without a delivery"
        )


def _waits(
    orders: pd.DataFrame, event: Event, *, start: int | None, end: int | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return orders with ``lag`` and whether they had the event (``done``), and those left out."""
    delivered = orders[f"{event}_delivery"]
    done = delivered.notna()
    unknown = pd.Series(data=False, index=orders.index)
    if event == "last":
        unknown = orders["number_ordered"].isna() | (done & orders["number"].isna())
        done &= (orders["number"] >= orders["number_ordered"]).fillna(value=False)
    ends = delivered.where(done, orders["counted_to"]).astype("float64")
    waits = orders.assign(lag=ends - orders["order_year"].astype("float64"), done=done)
    ordered = orders["order_year"]
    outside = (ordered < (start or 0)) | (ordered > (end or np.inf))
    reasons = (
        pd.Series("", index=orders.index, dtype="str")
        .mask(waits["lag"] < 0, "delivered before the year of the order")
        .mask(unknown.astype("bool"), "the number ordered or delivered is not known")
        .mask(ordered < orders["counted_from"], "ordered before the register begins")
        .mask(outside, "ordered outside of the years asked for")
    )
    counts = reasons[reasons != ""].value_counts().rename_axis("reason").reset_index(name="orders")
    kept = waits[reasons == ""]
    if kept.empty:
        raise SchemaError("expected orders that can be counted, found none")
    return kept, counts


def _groups(waits: pd.DataFrame, by: str | None, fewest: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield all orders, then those of each group that is large enough, the largest first."""
    yield ALL_ORDERS, waits
    if by is None:
        return
    sizes = waits[by].value_counts().rename_axis("group").reset_index(name="orders")
    large = sizes[sizes["orders"] >= fewest].sort_values(
        ["orders", "group"], ascending=[False, True]
    )
    for group in large["group"]:
        yield str(group), waits[waits[by] == group]


def _summary(name: str, rows: pd.DataFrame, level: float) -> dict[str, object]:
    """Return the quartiles of one group, with the interval of the median."""
    low, high = _median_interval(_curve(name, rows, level))
    certain = rows[~rows["order_year_estimated"].astype("bool")]
    return {
        "group": name,
        "orders": len(rows),
        "delivered": int(rows["done"].sum()),
        "waiting": int((~rows["done"]).sum()),
        "estimated": len(rows) - len(certain),
        **{name: _quantile(rows, part) for name, part in _QUARTILES.items()},
        "median_low": low,
        "median_high": high,
        "median_certain": _quantile(certain, _QUARTILES["median"]),
    }


def _survival(rows: pd.DataFrame) -> SurvfuncRight:
    return SurvfuncRight(rows["lag"].to_numpy(), rows["done"].to_numpy().astype("int64"))


def _quantile(rows: pd.DataFrame, part: float) -> float:
    """Return the first year in which so many have the event; missing where fewer have it."""
    return float(_survival(rows).quantile(part)) if rows["done"].any() else np.nan


def _median_interval(curve: pd.DataFrame) -> tuple[float, float]:
    """Return the first years in which the ends of the interval of the curve are below a half."""
    below = [curve.loc[curve[end] < _QUARTILES["median"], "years"] for end in ("low", "high")]
    low, high = (float(years.iloc[0]) if len(years) else np.inf for years in below)
    return low, high


def _curve(name: str, rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the part of one group that waits longer, with its interval."""
    if not rows["done"].any():
        return pd.DataFrame(columns=_CURVE)
    survival = _survival(rows)
    part = np.asarray(survival.surv_prob, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = np.where(part > 0, survival.surv_prob_se, 0.0)
        log = np.log(part)
        half = stats.norm.ppf(0.5 + level / 2) * std_error / (part * np.abs(log))
        low, high = part ** np.exp(half), part ** np.exp(-half)
    bounded = (part > 0) & (part < 1)
    return pd.DataFrame(
        {
            "group": name,
            "years": np.asarray(survival.surv_times).astype("int64"),
            "at_risk": np.asarray(survival.n_risk).astype("int64"),
            "events": np.asarray(survival.n_events).astype("int64"),
            "waiting": part,
            "std_error": std_error,
            "low": np.where(bounded, low, part),
            "high": np.where(part > 0, np.where(bounded, high, part), np.nan),
        }
    )
