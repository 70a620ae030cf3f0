"""The essential of a pair in a sentence for each direction."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from flows.countries import country_name
from flows.findings import MINUS
from flows.studies.dyad import Dyad
from flows.studies.dyad_choice import preferred
from flows.studies.dyad_exhibits import MILLION
from flows.studies.dyad_statements import Dynamics, Statement
from flows.table import ORGANISATIONS

_AMOUNT = {"USD": "USD {} million", "TIV": "{} million TIV"}


def lead_sentences(dyad: Dyad) -> list[str]:
    """
    Say of each direction who states what, since when, its last level, growth and the gap.

    Parameters
    ----------
    dyad : Dyad
        Of :func:`flows.studies.dyad.describe_dyad`.

    Returns
    -------
    list of str
        Two sentences, each beginning with the direction.

    Raises
    ------
    CountryError
        If a code has no name.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.studies.dyad import describe_dyad
    >>> pair = describe_dyad(fl.load("irica-press@2024-09"), exporter="IRN", importer="ARM")
    >>> for part in lead_sentences(pair)[1].split("; "):
    ...     print(part)
    Armenia to Iran: Iran states USD 45.0 million for 1402 (solar hijri, since 1395)
    Armenia states nothing in this catalogue.
    """
    return [_sentence(dyad, exporter, importer) for exporter, importer in dyad.directions]


def _sentence(dyad: Dyad, exporter: str, importer: str) -> str:
    countries = (exporter, importer)
    sides = [_last_stated(dyad, exporter, importer, side) for side in countries]
    stated = [one for one in sides if one]
    parts = [_statement(dyad, one) for one in stated]
    if len(stated) == len(countries):
        parts += _gap(dyad, *stated)
    else:
        parts.append(
            _silence(dyad, [s for s, one in zip(countries, sides, strict=True) if not one])
        )
    several = [_last_stated(dyad, exporter, importer, name) for name in ORGANISATIONS]
    parts += [_statement(dyad, one) for one in several if one and (one.unit == "TIV" or not stated)]
    return f"{country_name(exporter)} to {country_name(importer)}: {'; '.join(parts)}."


def _silence(dyad: Dyad, countries: Sequence[str]) -> str:
    if len(countries) > 1:
        return f"neither country states it in {dyad.place}"
    return f"{country_name(countries[0])} states nothing in {dyad.place}"


def _last_stated(dyad: Dyad, exporter: str, importer: str, reporter: str) -> Statement | None:
    """Return what a reporter states of a flow to the latest day, the longer where two do."""
    own = [
        one
        for one in preferred(dyad.statements)
        if (one.exporter, one.importer, one.reporter) == (exporter, importer, reporter)
        and len(one.years)
    ]
    return max(own, key=lambda one: (one.rows["end"].max(), len(one.years)), default=None)


def _statement(dyad: Dyad, one: Statement) -> str:
    first, last = str(one.years.index[0]), str(one.years.index[-1])
    words = [
        one.calendar.replace("-", " ") if one.calendar != "gregorian" else "",
        f"since {first}" if first != last else "",
    ]
    since = f" ({', '.join(filter(None, words))})" if any(words) else ""
    moved = dyad.dynamics[dyad.statements.index(one)]
    return f"{one.says} states {amount(one)} for {last}{since}{_growth(moved)}"


def amount(one: Statement) -> str:
    """
    Return the last yearly level of a statement with its unit.

    Parameters
    ----------
    one : Statement
        With at least one whole year.

    Returns
    -------
    str
        ``more than USD 412.0 million`` where the source leaves it open upward.

    Raises
    ------
    IndexError
        If it has no whole year.
    """
    level = _AMOUNT[one.unit].format(f"{one.years.iloc[-1] / MILLION[one.unit]:,.1f}")
    return f"more than {level}" if math.isinf(one.high.iloc[-1]) else level


def _growth(moved: Dynamics) -> str:
    if math.isnan(moved.growth):
        return ""
    if moved.low <= 0 <= moved.high:
        how = f"without a clear trend: {moved.growth:.1f}% a year"
    elif moved.growth > 0:
        how = f"growing {moved.growth:.1f}% a year"
    else:
        how = f"falling {-moved.growth:.1f}% a year"
    ends = f"{moved.low:.1f} to {moved.high:.1f}"
    return f", {how} (95% interval {ends})".replace("-", MINUS)


def _gap(dyad: Dyad, said: Statement, heard: Statement) -> Iterator[str]:
    """Yield how far the two sides are apart in the last year that both state."""
    both = one_basis(dyad)
    of_flow = both[both["flow"] == said.title]
    if len(of_flow):
        last = of_flow.iloc[-1]
        ratio = f"{last['ratio']:.2f}"
        yield f"for {last['year']} {heard.says} states {ratio} times what {said.says} does"


def one_basis(dyad: Dyad) -> pd.DataFrame:
    """
    Return the asymmetries of one pair of statements a flow and year.

    Parameters
    ----------
    dyad : Dyad
        Of :func:`flows.studies.dyad.describe_dyad`.

    Returns
    -------
    pandas.DataFrame
        By flow and year, without imports by consignment where imports by origin are stated.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    frame = dyad.asymmetries
    by_origin = frame[~frame["importer_says"].str.endswith("consignment")]
    kept = by_origin if len(by_origin) else frame
    one_each = kept.drop_duplicates(["flow", "calendar", "year"], keep="last")
    return one_each.sort_values("year", kind="stable")
