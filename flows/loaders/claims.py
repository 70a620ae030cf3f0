"""What the rows of a file make up: its claims, its printed totals, and whether these hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.countries import country_code
from flows.errors import CountryError
from flows.scope import SIDES, TOTAL_COLUMNS, Of, Scope, scope_from

WORLD = "WLD"
"""What stands for the partner in a row that is the total of all partners."""

OTHER_ASIA = {"TWN": "XXA"}
"""What United Nations statistics, and BACI after them, do not name: it is in "Other Asia, nes"."""

_ALL = ("all", "all countries")
_SEVERAL = 2
_KEYS = [
    "reporter",
    "start",
    "end",
    "product",
    "classification",
    "partner_basis",
]
"""What a total and its rows share beside the country."""

_ROUNDING = 0.5
"""Of the last digit that is printed: as much as a figure that was rounded may be away."""

_TOLERANCE = 0.001
"""Of a printed total: what sums may differ from it, however many digits are printed."""

_written: dict[str, Scope] = {}
"""The last text that was written, with its scope: a loader's own is read again at once."""

_SHOWN = 5
_DIGITS = r"[^.eE]*(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?"
"""Of a number: its decimals, and its power of ten."""


def as_text(scope: Scope) -> str:
    """Return claims and totals as the text that a table carries to the end of its loading."""
    text = json.dumps(scope.as_json(), ensure_ascii=False)
    _written.clear()
    _written[text] = scope
    return text


def from_text(text: str) -> Scope:
    """Return the scope that :func:`as_text` wrote."""
    return _written[text] if text in _written else scope_from(json.loads(text))


def about(
    *, imports: Iterable[str] | None = (), exports: Iterable[str] | None = ()
) -> dict[str, tuple[str, ...] | None]:
    """Return whose imports and whose exports rows are about; None: every country's."""
    return {
        side: None if countries is None else tuple(sorted(set(countries)))
        for side, countries in (("imports", imports), ("exports", exports))
    }


def asked_of_sipri(supplier: str, recipient: str) -> Scope:
    """
    Return what rows make up by the supplier and the recipient that the title of a file names.

    All suppliers to one recipient make up its imports, and all recipients of one supplier its
    exports. A name that stands for no country is a group: its members were asked for by name.
    """
    every = [name.casefold() in _ALL for name in (supplier, recipient)]
    try:
        sides = [
            None if of_all else (country_code(name, scheme="sipri"),)
            for of_all, name in zip(every, (supplier, recipient), strict=True)
        ]
    except CountryError:
        return Scope(partners="named")
    exports, imports = sides
    if not any(every):
        return Scope(partners="named", countries=about(imports=imports, exports=exports))
    return Scope(
        partners="all",
        countries=about(imports=imports if every[0] else (), exports=exports if every[1] else ()),
    )


def printed_totals(columns: Mapping[str, Any], lines: pd.Series) -> pd.DataFrame:
    """Return the totals of rows whose partner is the world, from columns of the flow table."""
    rows = pd.DataFrame({**columns, "line": lines}, index=lines.index)
    imports = rows["exporter"] == WORLD
    named = rows.assign(
        of=imports.map({True: "imports", False: "exports"}).astype("str"),
        country=rows["importer"].where(imports, rows["exporter"]),
    )
    printed = named.loc[named["value"].notna(), list(TOTAL_COLUMNS)]
    if printed.duplicated(["start", "value"]).any():
        printed = printed.drop_duplicates(printed.columns.drop("line").tolist())
    return printed.reset_index(drop=True)


def last_digit(cells: pd.Series, *, unit: float = 1.0) -> pd.Series:
    """Return the unit of the last digit of each number: 0.01 for 5052.55, in the unit of rows."""
    parts = cells.str.extract(rf"^{_DIGITS}$")
    power = parts[1].fillna("0").astype("int64") - parts[0].str.len().fillna(0).astype("int64")
    return unit * 10.0 ** power.astype("float64")


def overridden(scope: Scope, claims: Mapping[str, Any]) -> Scope:
    """Return a scope with what the description of a data set states instead of its loader."""
    every = {
        of: None if claims.get(of) == "every" else tuple(claims.get(of, ()))
        for of in ("imports", "exports")
    }
    # Partners named out of the largest are still of those.
    largest = claims.get("largest", scope.largest)
    return replace(scope, partners=claims["partners"], countries=every, largest=largest)


@dataclass(frozen=True, slots=True)
class Control:
    """
    How the rows of a data set compare with the totals that are printed beside them.

    ``printed``: totals; ``compared``: those that have rows; ``outside``: those that the rows do
    not add up to, in words; ``whole``: whether the rows are meant to be all partners.
    """

    printed: int = 0
    compared: int = 0
    outside: tuple[str, ...] = ()
    whole: bool = True

    def warnings(self) -> list[str]:
        """Return what to beware of: the first totals that do not hold, and how many more."""
        more = len(self.outside) - _SHOWN
        rest = f"{more} more printed totals are not the sum of their partners"
        return [*self.outside[:_SHOWN], *([rest] if more > 0 else [])]

    def to_json(self) -> dict[str, object]:
        """Return the counts, and the totals that do not hold, for programs."""
        return {
            "printed": self.printed,
            "compared": self.compared,
            "outside": list(self.outside),
        }

    def in_words(self) -> str:
        """Return whether the totals hold, in one line."""
        if not self.printed:
            return "no printed totals"
        held = self.compared - len(self.outside)
        how = "the sum of their rows" if self.whole else "not below the sum of their rows"
        return f"{held} of {self.compared} printed totals are {how}"


def hold_against_totals(rows: pd.DataFrame, scope: Scope) -> Control:
    """
    Compare sums over partners with the totals that the publisher prints.

    A sum may be away by what rounding each row and the total to the digits printed can do, or by
    0.1 %. Rows that leave partners out by intention can only add up to too much.
    """
    if scope.totals.empty:
        return Control()
    sums = _sums(rows, scope.totals)
    compared = scope.totals.loc[sums.index].assign(**sums).sort_index()
    apart = compared["sum"] - compared["value"]
    rounding = _ROUNDING * compared["digit"] * (compared["rows"] + 1)
    allowed = rounding.clip(lower=_TOLERANCE * compared["value"])
    whole = scope.partners in ("all", "not stated")
    wrong = (apart.abs() if whole else apart) > allowed
    return Control(
        printed=len(scope.totals),
        compared=len(compared),
        outside=tuple(_in_words(total) for total in compared[wrong].to_dict("records")),
        whole=whole,
    )


def _sums(rows: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Return the ``sum`` and the number of ``rows`` that stand beside each total, on its index."""
    stated = rows[rows["value"].notna()]
    numbers = _numbered([(totals[key], stated[key]) for key in _KEYS])
    parts = [_sums_of(stated, totals, numbers, of=of) for of in SIDES]
    return pd.concat([part for part in parts if len(part)] or parts[:1])


def _sums_of(
    stated: pd.DataFrame, totals: pd.DataFrame, numbers: npt.NDArray[np.int64], *, of: Of
) -> pd.DataFrame:
    """Return the sums beside the totals of one side; ``numbers``: what totals and rows share."""
    country, partner = SIDES[of]
    here = (totals["of"] == of).to_numpy()
    printed = totals[here]
    there = stated[country].isin(printed["country"].unique()).to_numpy()
    beside = stated[there]
    height = len(printed)
    keys = _with_key(numbers[np.concatenate([here, there])], printed["country"], beside[country])
    # A partner stated twice, such as CIF and FOB, has a total of either.
    if pd.DataFrame({"key": keys[height:], "partner": beside[partner].array}).duplicated().any():
        keys = _with_key(keys, printed["valuation"], beside["valuation"])
    size = int(keys.max(initial=-1)) + 1
    of_totals, mine = keys[:height], keys[height:]
    counts = np.bincount(mine, minlength=size)[of_totals]
    added = np.bincount(mine, weights=beside["value"].to_numpy(), minlength=size)[of_totals]
    sums = pd.DataFrame({"sum": added, "rows": counts}, index=printed.index)
    return sums[counts > 0]


def _numbered(columns: Sequence[tuple[pd.Series, pd.Series]]) -> npt.NDArray[np.int64]:
    """Return numbers of totals, then of rows stated: the same where all columns are alike."""
    first, second = columns[0]
    numbers = np.zeros(len(first) + len(second), dtype=np.int64)
    for printed, stated in columns:
        numbers = _with_key(numbers, printed, stated)
    return numbers


def _with_key(
    numbers: npt.NDArray[np.int64], printed: pd.Series, stated: pd.Series
) -> npt.NDArray[np.int64]:
    """Return numbers that tell apart by one more column of totals and of rows."""
    places, values = pd.factorize(pd.concat([printed, stated], ignore_index=True))
    if len(values) < _SEVERAL:
        return numbers
    return pd.factorize(numbers * len(values) + places)[0].astype(np.int64)


def _in_words(total: Mapping[Any, Any]) -> str:
    start, end = total["start"], total["end"]
    year = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
    whole = year and start.year == end.year
    period = f"{start:%Y}" if whole else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"
    product = "" if total["product"] == "TOTAL" else f", {total['product']}"
    printed, added = total["value"], total["sum"]
    share = f"{100 * added / printed:.1f} % of the printed total" if printed else "not the total"
    return (
        f"{total['of']} of {total['country']} {period}{product}: partners add up to {share} "
        f"(line {total['line']}): {added:,.10g}, printed {printed:,.10g}"
    )
