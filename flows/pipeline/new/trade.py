"""The plan about the trade of a pair of countries, from whatever is stated about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.errors import SourceError
from flows.origin import Made, given
from flows.pipeline.new.draft import Draft, Tried, ask, try_draft
from flows.scope import SIDES, scope_of
from flows.studies.profile import IN_FULL
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.sides import asymmetry_table
from flows.studies.profile.stated import TOTAL, Statement, preferred
from flows.table import COLUMNS, TIV, join_flows

PAIR, FLOW, MIRROR = "pair", "flow", "mirror"

_TOLD_APART = ("reporter", "partner_basis", "product", "dataset")
"""Arguments of a trend that say which statement of a flow is meant."""

_FEWEST_MONTHS = 24
_NEGLIGIBLE = 0.01
_ABOUT = {
    "period": "The year in which the two reports are compared.",
    "cif_fob_ratio": "Lowest and highest ratio of the value with freight and insurance (CIF) to\n"
    "that without (FOB). An assumption that moves the result: take one that fits the pair.",
    "months": "Which of the two publishes months.",
    "basis": "Partner basis of the imports of the side with months.",
    "reporter": "Whose statement is looked at.",
    "negligible": "Up to this share of what is stated, another statement counts as none.",
}


def draft_trade(
    exporter: str, importer: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[Tried], list[str]]:
    """
    Draft the studies of a pair from tables by the id of their data set.

    Returns them with remarks on data sets that are of no use here.

    Raises
    ------
    SourceError
        If no data set states anything about the pair.
    """
    used, remarks = _about_pair(exporter, importer, tables)
    profile = Draft(
        PAIR,
        "profile",
        _ids(list(used)),
        {"exporter": exporter, "importer": importer},
        {section: {} for section in IN_FULL},
    )
    everything = {"trade": _joined("trade", list(used.values()))}
    pair: PairQuestion = ask(profile, everything)
    remarks += [
        f"{name} is an older release: the profile of the pair names it, the rest leaves it out"
        for name in pair.older
    ]
    studies = [try_draft(profile, everything, asked=pair)]
    for draft in (
        *_mirror(exporter, importer, pair.statements, [name for name in used if _is_world(name)]),
        *_trend(exporter, importer, pair.statements, used),
    ):
        data = {
            argument: _joined(argument, [used[name] for name in _listed(wanted)])
            for argument, wanted in draft.data.items()
        }
        studies.append(try_draft(draft, data))
    return studies, remarks


def wanted_trade(exporter: str, importer: str, *, vintage: str) -> Draft:
    """Return the draft where there are no data yet."""
    return Draft(
        PAIR,
        "profile",
        {"trade": f"comtrade-v1@{vintage}"},
        {"exporter": exporter, "importer": importer},
        {"lead": {}, "statements": {}},
    )


def _about_pair(
    exporter: str, importer: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the tables that state something about the pair, and remarks on the others."""
    pair, names = {exporter, importer}, f"{country_name(exporter)} and {country_name(importer)}"
    used, remarks = {}, []
    for name, table in tables.items():
        if not set(COLUMNS) <= set(table.columns) or table["unit"].eq(TIV).all():
            continue
        if (table["exporter"].isin(pair) & table["importer"].isin(pair)).any():
            used[name] = table
        else:
            remarks.append(f"{name} is not used: it states no trade between {names}")
    if not used:
        raise SourceError(
            f"expected statements of trade between {names}, found none in {', '.join(tables)}"
        )
    return used, remarks


def _ids(names: Sequence[str], argument: str = "trade") -> dict[str, str | list[str]]:
    return {argument: list(names) if len(names) > 1 else names[0]} if names else {}


def _listed(wanted: str | list[str]) -> list[str]:
    return [wanted] if isinstance(wanted, str) else wanted


def _joined(argument: str, tables: Sequence[pd.DataFrame]) -> Made[pd.DataFrame]:
    return given(argument, join_flows(tables) if len(tables) > 1 else tables[0])


def _is_world(dataset: str) -> bool:
    """Say whether a data set counts the trade of all pairs of countries."""
    scope = scope_of(dataset)
    return (
        scope is not None
        and scope.partners == "all"
        and all(scope.countries.get(side, ()) is None for side in SIDES)
    )


def _mirror(
    exporter: str, importer: str, statements: Sequence[Statement], world: Sequence[str]
) -> Iterator[Draft]:
    """Yield the study of both reports of the flow; where one side is silent, that of the other."""
    flow = [
        statement
        for statement in preferred(statements)
        if (statement.exporter, statement.importer) == (exporter, importer)
        and statement.classification == TOTAL
        and len(statement.years)
    ]
    sides = {
        side: [statement for statement in flow if statement.reporter == side]
        for side in (exporter, importer)
    }
    pair = {"exporter": exporter, "importer": importer}
    if all(sides.values()):
        both = asymmetry_table(flow)
        told_alike = both["importer_says"].str.partition(",")[0] == both["exporter_says"]
        both = both[told_alike] if told_alike.any() else both
        if len(both):
            yield _two_reports(pair, sides, both.iloc[-1], world)
    elif any(sides.values()):
        (own,) = [own for own in sides.values() if own]
        statement = max(own, key=lambda stated: (stated.rows["end"].max(), len(stated.rows)))
        period = {"calendar": statement.calendar, "year": int(str(statement.years.index[-1]))}
        yield Draft(
            MIRROR,
            "mirror",
            _ids([statement.dataset]),
            {**pair, "period": period},
            {"silence": {"reporter": statement.reporter, "negligible": _NEGLIGIBLE}},
            _ABOUT,
        )


def _two_reports(
    pair: Mapping[str, str],
    sides: Mapping[str, Sequence[Statement]],
    year: pd.Series,
    world: Sequence[str],
) -> Draft:
    told = {
        pair["exporter"]: (year["exporter_says"], ""),
        pair["importer"]: (
            str(year["importer_says"]).partition(",")[0],
            year["importer_basis"],
        ),
    }
    chosen = {
        side: next(own for own in sides[side] if own.dataset == told[side][0]) for side in sides
    }
    parameters: dict[str, Any] = {
        **pair,
        "period": {"calendar": str(year["calendar"]), "year": int(year["year"])},
        "cif_fob_ratio": [1.06, 1.10],
    }
    monthly = [side for side, statement in chosen.items() if statement.by == "month"]
    if monthly:
        parameters["months"] = monthly[-1]
    if basis := str(year["importer_basis"]):
        parameters["basis"] = basis
    sections: dict[str, Mapping[str, Any]] = {
        **({"reports": {}} if monthly else {}),
        "bridge": {},
        "choices": {},
        "history": {},
        "gravity": {},
    }
    datasets = sorted({statement.dataset for statement in chosen.values()})
    data = {**_ids(datasets), **_ids(world, "world")}
    return Draft(MIRROR, "mirror", data, parameters, sections, _ABOUT)


def _trend(
    exporter: str,
    importer: str,
    statements: Sequence[Statement],
    used: Mapping[str, pd.DataFrame],
) -> Iterator[Draft]:
    """Yield the study of growth of the longest statement of the flow."""
    flow = [
        statement
        for statement in preferred(statements)
        if (statement.exporter, statement.importer) == (exporter, importer) and len(statement.years)
    ]
    if not flow:
        return
    longest = max(flow, key=lambda statement: (statement.by == "month", len(statement.rows)))
    rows = used[longest.dataset]
    stated = rows[(rows["exporter"] == exporter) & (rows["importer"] == importer)]
    which = {
        column: str(longest.rows[column].iloc[0])
        for column in _TOLD_APART
        if len(set(stated[column])) > 1 and len(set(longest.rows[column])) == 1
    }
    monthly = longest.by == "month" and len(longest.rows) >= _FEWEST_MONTHS
    parameters: dict[str, Any] = {
        "exporter": exporter,
        "importer": importer,
        "freqs": ["month", "year"] if monthly else ["year"],
        **which,
    }
    if longest.calendar != "gregorian":
        parameters["calendar"] = longest.calendar
    yield Draft(
        FLOW,
        "trend",
        _ids([longest.dataset]),
        parameters,
        {"growth": {}, "breaks": {}, "forecast": {}},
        without=("break-path",),
    )
