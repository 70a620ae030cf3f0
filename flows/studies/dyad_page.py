"""The profile of a pair on one page: short tables, small figures, a sentence for each direction."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.findings import MINUS, Findings, Table
from flows.studies.dyad import Dyad
from flows.studies.dyad_choice import short_name
from flows.studies.dyad_exhibits import MILLION, union_of
from flows.studies.dyad_figures import level_figures
from flows.studies.dyad_lead import lead_sentences, one_basis
from flows.studies.dyad_statements import FEWEST, Dynamics, Statement

_LAST = 5
_NO_MIRROR = "No year of a flow is stated by both countries, so nothing can be compared. "
_PERCENT = 100
_UNBROKEN, _JOINER = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"


def page_of(dyad: Dyad, *, name: str) -> Findings:
    """
    Return what stands on the page of a pair.

    Parameters
    ----------
    dyad : Dyad
        Of :func:`flows.studies.dyad.describe_dyad`.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Table ``stated`` and, where the data have them, ``mirror``, ``balances`` and ``place``, the
        last five years each; figures of levels; words ``pair``, ``out``, ``back`` (a sentence for
        each direction), ``place``, ``silent``, ``older`` and ``mirror`` (why there is none).

    Raises
    ------
    CountryError
        If a code has no name.
    """
    out, back = lead_sentences(dyad)
    tables = [_stated(dyad, name)]
    if len(dyad.asymmetries):
        tables.append(_mirror(dyad, name))
    if (dyad.balances["unit"] == "USD").any():
        tables.append(_balances(dyad, name))
    if len(dyad.partners):
        tables.append(_place(dyad, name))
    return Findings(
        tables=tuple(tables),
        figures=tuple(level_figures(dyad.statements, name=name)),
        words={
            f"{name}.pair": dyad.pair,
            f"{name}.out": out,
            f"{name}.back": back,
            f"{name}.place": dyad.place,
            f"{name}.silent": dyad.silent,
            f"{name}.older": ", ".join(dyad.older) or "none",
            f"{name}.mirror": "" if len(dyad.asymmetries) else _NO_MIRROR,
        },
    )


def _stated(dyad: Dyad, name: str) -> Table:
    columns = {
        "flow": "Flow",
        "says": "Stated by",
        "source": "Source",
        "basis": "Counts",
        "span": "Years",
        "gaps": "Gaps",
        "year": "Last",
        "level": "Million",
        "growth": "Growth, %",
        "breaks": "Breaks",
    }
    both = zip(dyad.statements, dyad.dynamics, strict=True)
    frame = pd.DataFrame([_entry(one, moved) for one, moved in both], columns=list(columns))
    if not frame["breaks"].any():
        del columns["breaks"]
    return Table(
        id=f"{name}-stated",
        frame=_said_once(frame, ["flow", "says"]),
        labels=columns,
        formats={},
        caption="Who states what.",
        note=(
            "Years of the reporter’s calendar; gaps between them are not stated. Level of the last "
            "whole year. Growth in percent a year, log-linear, with its 95% interval: of at least "
            f"{FEWEST['month']} months or {FEWEST['year']} years, none of them zero, else a dash. "
            "Breaks: first periods of a new regime, months where months are stated."
        ),
        rows=union_of(one.lines for one in dyad.statements),
    )


def _entry(one: Statement, moved: Dynamics) -> dict[str, str]:
    return {
        "flow": one.title,
        "says": one.says,
        "source": _unbroken(short_name(one.dataset)),
        "basis": one.basis.replace("five largest partners only", "if of five largest"),
        "span": _span(one),
        "gaps": _unbroken(_gaps(one)),
        "year": str(one.years.index[-1]) if len(one.years) else "",
        "level": _unbroken(_level(one)),
        "growth": _unbroken(_growth(moved)),
        "breaks": ", ".join(moved.breaks),
    }


def _unbroken(text: str) -> str:
    return text.replace(" ", _UNBROKEN)


def _span(one: Statement) -> str:
    """Return from when to when, in the years of the statement."""
    ends = [str(one.rows["start"].min().year), str(one.rows["end"].max().year)]
    if one.calendar != "gregorian" and len(one.years):
        ends = [str(one.years.index[0]), str(one.years.index[-1])]
    return f"\N{EN DASH}{_JOINER}".join(dict.fromkeys(ends))


def _gaps(one: Statement) -> str:
    return f"{one.gaps} {one.by}{'s' * (one.gaps > 1)}" if one.gaps else ""


def _level(one: Statement) -> str:
    if not len(one.years):
        return ""
    more = "> " if math.isinf(one.high.iloc[-1]) else ""
    return f"{more}{one.unit} {one.years.iloc[-1] / MILLION[one.unit]:,.1f}"


def _growth(moved: Dynamics) -> str:
    if math.isnan(moved.growth):
        return "\N{EN DASH}"
    printed = f"{moved.growth:.1f} ({moved.low:.1f} to {moved.high:.1f})"
    return printed.replace("-", MINUS)


def _said_once(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Leave a cell empty where it and all to the left of it repeat the row above."""
    blank = frame.copy()
    for place, column in enumerate(columns, start=1):
        blank.loc[frame.duplicated(columns[:place]), column] = ""
    return blank


def _mirror(dyad: Dyad, name: str) -> Table:
    both = one_basis(dyad)
    recent = both.groupby("flow").tail(_LAST)
    order = {
        f"{country_name(one)} to {country_name(other)}": at
        for at, (one, other) in enumerate(dyad.directions)
    }
    recent = recent.assign(place=recent["flow"].map(order)).sort_values(["place", "year"])
    scale = recent["unit"].map(MILLION)
    columns = {
        "flow": "Flow",
        "year": "Year",
        "exporter_report": "Exporter",
        "importer_report": "Importer",
        "ratio": "Ratio",
    }
    frame = recent.assign(
        exporter_report=recent["exporter_report"] / scale,
        importer_report=recent["importer_report"] / scale,
    )
    return Table(
        id=f"{name}-mirror",
        frame=_said_once(frame[list(columns)].reset_index(drop=True), ["flow"]),
        labels=columns,
        formats={"exporter_report": ",.1f", "importer_report": ",.1f", "ratio": ".2f"},
        caption="The two reports of one flow, USD million.",
        note="Importer’s report divided by exporter’s, in the years of the side that states years.",
        rows=union_of(recent["rows"]),
    )


def _balances(dyad: Dyad, name: str) -> Table:
    recent = pd.concat(_own_balances(dyad)).groupby("country", sort=False).tail(_LAST)
    scale = recent["unit"].map(MILLION)
    columns = {
        "says": "Of",
        "year": "Year",
        "exports": "Exports",
        "imports": "Imports",
        "balance": "Balance",
        "import_share": "Imports, %",
    }
    frame = recent.assign(
        says=recent["country"].map(country_name),
        **{column: recent[column] / scale for column in ("exports", "imports", "balance")},
        import_share=recent["import_share"] * _PERCENT,
    )
    sources = recent.drop_duplicates("country")[["country", "dataset"]]
    told = ", ".join(
        f"of {country_name(country)} by {short_name(dataset)}"
        for country, dataset in sources.itertuples(index=False)
    )
    unbounded = np.isinf(recent[["balance_low", "balance_high"]]).any(axis=None)
    return Table(
        id=f"{name}-balances",
        frame=_said_once(frame[list(columns)].reset_index(drop=True), ["says"]),
        labels=columns,
        formats={**dict.fromkeys(("exports", "imports", "balance"), ",.1f"), "import_share": ".1f"},
        caption="Balance of trade, USD million.",
        note=f"Exports less imports; imports in % of both; {told}."
        + (" Where a source states “more than”, the balance is open." if unbounded else ""),
        rows=union_of(recent["rows"]),
    )


def _own_balances(dyad: Dyad) -> Iterator[pd.DataFrame]:
    """Yield the balances of each country, its own before others', where most years are stated."""
    priced = dyad.balances[dyad.balances["unit"] == "USD"]
    own = priced[priced["reporter"] == priced["country"]]
    for _, stated in (own if len(own) else priced).groupby("country", sort=False):
        years = {str(dataset): len(rows) for dataset, rows in stated.groupby("dataset")}
        yield stated[stated["dataset"] == max(years, key=lambda dataset: years[dataset])]


def _place(dyad: Dyad, name: str) -> Table:
    frame = dyad.partners[~dyad.partners["dataset"].str.endswith("consignment")]
    columns = {
        "says": "Reporter",
        "flow": "Flow",
        "year": "Year",
        "share": "Share, %",
        "rank": "Rank",
        "herfindahl": "Herfindahl",
    }
    shown = frame.assign(
        says=frame["reporter"].map(country_name),
        share=frame["share"] * _PERCENT,
        rank=[
            f"{rank} of {count}"
            for rank, count in zip(frame["rank"], frame["partners"], strict=True)
        ],
    )
    return Table(
        id=f"{name}-place",
        frame=_said_once(shown[list(columns)].reset_index(drop=True), ["says"]),
        labels=columns,
        formats={"share": ".1f", "herfindahl": ".3f"},
        caption="The other among all partners.",
        note=(
            "Herfindahl index of the partners’ shares. Trade intensity and revealed advantage need "
            "the trade of the world, which these data do not hold."
        ),
        rows=union_of(frame["rows"]),
    )
