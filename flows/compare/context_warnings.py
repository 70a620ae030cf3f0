"""What a reader has to know before a flow is judged by what a model predicts of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from flows.measure.groups import printed_name
from flows.results import print_count, print_date, print_estimate, print_with_unit

DIFFER = 1.25
"""Ratio of two statements of a flow above which they differ by more than freight explains."""

SHRUNK = 0.75
"""Part of a country's usual share of world trade below which its effect is called shrunk."""

_MILLION = 1e6
_BASES = {"origin": "by origin", "consignment": "by consignment", "destination": "by destination"}
_TRADE = {"exporter": "exports", "importer": "imports"}


class Warned(NamedTuple):
    """A sentence and its kind."""

    kind: str
    words: str


def print_money(value: float, unit: str) -> str:
    """
    Print a value with four digits, in millions where it is large.

    >>> print_money(301.504e6, "USD").replace("\N{NO-BREAK SPACE}", " ")
    'USD 301.5 million'
    """
    if value == 0:
        return print_with_unit("0", unit)
    if abs(value) >= _MILLION:
        return print_with_unit(print_estimate(value / _MILLION), f"{unit} million")
    return print_with_unit(print_estimate(value), unit)


def name_statement(source: pd.Series) -> str:
    """Name a statement by who makes it, how it counts, and its period if it is another one."""
    reporter = str(source["reporter"])
    who = reporter if source["side"] == "compiled" else printed_name(reporter)
    told = [_BASES.get(str(source["partner_basis"]), ""), str(source["valuation"])]
    if source["coverage"] != "all goods":
        told.append(str(source["coverage"]))
    if not source["whole_year"]:
        first, last = (print_date(str(source[edge].date())) for edge in ("start", "end"))
        told.append(f"{first} to {last}")
    words = ", ".join(word for word in told if word)
    return f"{who} ({words})" if words else who


def print_statement(source: pd.Series, unit: str) -> str:
    """Print what a source states."""
    return ("more than " if source["bound"] else "") + print_money(float(source["value"]), unit)


def warn_of_mirrors(sources: pd.DataFrame, unit: str) -> Iterator[Warned]:
    """Say which statements of the flow differ by more than freight explains."""
    of_year = sources[sources["whole_year"] & ~sources["bound"]].sort_values("value")
    low, high = of_year.iloc[0], of_year.iloc[-1]
    if high["value"] > DIFFER * low["value"]:
        times = (
            f", {print_estimate(high['value'] / low['value'])} times as much"
            if low["value"] > 0
            else ""
        )
        yield Warned(
            "mirrors differ",
            f"{name_statement(low)} states {print_statement(low, unit)} and "
            f"{name_statement(high)} {print_statement(high, unit)}{times}: quote neither of them "
            "alone.",
        )
    for _, other in sources[~sources["whole_year"]].iterrows():
        yield Warned(
            "another period",
            f"{name_statement(other)} states {print_statement(other, unit)}; no calendar year of "
            "that source is at hand.",
        )


def warn_of_silence(
    sources: pd.DataFrame,
    mirrors: Sequence[pd.DataFrame],
    *,
    exporter: str,
    importer: str,
    year: int,
) -> Iterator[Warned]:
    """Say which of the two countries does not state the flow itself, as far as is known."""
    unheard: list[str] = []
    for side, code in (("exporter", exporter), ("importer", importer)):
        if (sources["reporter"] == code).any():
            continue
        others = sum(_rows_of(table[table["reporter"] == code], year) for table in mirrors)
        if others:
            yield Warned(
                f"{side} silent",
                f"{printed_name(code)} states other flows of {year} "
                f"({print_count(others, 'row')}) and not this one.",
            )
        else:
            unheard.append(side)
    if unheard:
        names = {"exporter": printed_name(exporter), "importer": printed_name(importer)}
        yield Warned(
            "both silent" if len(unheard) > 1 else f"{unheard[0]} silent",
            f"{' and '.join(names[side] for side in unheard)}: no statement of their own of {year} "
            "is at hand. Whether they report is not known from a table that puts both sides' "
            "reports together; where one does not, the figure is what its partner says."
            if len(unheard) > 1
            else f"{names[unheard[0]]}: no statement of its own of {year} is at hand. Whether it "
            "reports is not known from a table that puts both sides' reports together; where it "
            "does not, the figure is what its partner says.",
        )


def _rows_of(rows: pd.DataFrame, year: int) -> int:
    """Count the rows that lie in a year."""
    return int(((rows["start"].dt.year == year) & (rows["end"].dt.year == year)).sum())


def warn_of_size(sizes: pd.DataFrame, year: int, unit: str) -> Iterator[Warned]:
    """Say whose trade with all countries is far below what it is in the other years."""
    for side, size in sizes.iterrows():
        if size["share"] < SHRUNK * size["usual_share"]:
            yield Warned(
                f"{side} shrunk",
                f"{printed_name(str(size['country']))} has {print_estimate(100 * size['share'])}% "
                f"of the world's {_TRADE[str(side)]} in {year}: "
                f"{size['share'] / size['usual_share']:.0%} of its usual share (mean of "
                f"{size['years']}). Whatever shrank it, such as sanctions, war or prices, lowers "
                "what is predicted of every partner, so that a flow that merely stays looks large; "
                f"at the usual share about {print_money(size['predicted_at_usual'], unit)} would "
                "be predicted.",
            )


def warn_of_events(events: pd.DataFrame | None, year: int) -> Iterator[Warned]:
    """Name the events that were in force in the year."""
    if events is None:
        return
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    current = events[(events["start"] <= last) & (events["end"].isna() | (events["end"] >= first))]
    for _, event in current.sort_values(["start", "id"]).iterrows():
        until = "" if pd.isna(event["end"]) else f" to {print_date(str(event['end'].date()))}"
        yield Warned(
            "event",
            f"In force in {year}: {event['name']} ({event['kind']}, from "
            f"{print_date(str(event['start'].date()))}{until}).",
        )


def standing_warnings(source: pd.Series) -> Iterator[Warned]:
    """Say what totals by pair cannot show, and on whose figures all rests."""
    yield Warned(
        "transit",
        "Re-exports and goods in transit are counted where the sources record them: totals by pair "
        "do not show them.",
    )
    yield Warned(
        "compiled",
        f"The flow and all others that it is held against are those of {source['reporter']} "
        f"({source['dataset']}): what its source says of its release holds for every figure here.",
    )


def as_series(warned: Iterable[Warned]) -> pd.Series:
    """Return the sentences with their kinds as the index."""
    found = list(warned)
    kinds = pd.Index([one.kind for one in found], dtype="str", name="kind")
    return pd.Series([one.words for one in found], index=kinds, dtype="str", name="warning")
