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
from flows.scope import TOTAL_COLUMNS, Scope, scope_from

WORLD = "WLD"
"""What stands for the partner in a row that is the total of all partners."""

OTHER_ASIA = {"TWN": "XXA"}
"""What United Nations statistics, and BACI after them, do not name: it is in "Other Asia, nes"."""

_ALL = ("all", "all countries")
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
    """
    Return the unit of the last digit of each number: 0.01 for 5052.55, in the unit of rows.

    Where each has no decimals or a single zero, a program wrote it: 250.0 is as rounded as 250.
    """
    parts = cells.str.extract(rf"^{_DIGITS}$")
    decimals = parts[0].fillna("")
    if decimals.isin(["", "0"]).all():
        decimals = decimals.mask(decimals == "0", "")
    power = parts[1].fillna("0").astype("int64") - decimals.str.len().astype("int64")
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
    totals = scope.totals
    if totals.empty:
        return Control()
    sums, counts = _sums(rows, totals)
    value, digit = totals["value"].to_numpy(), totals["digit"].to_numpy()
    allowed = np.maximum(_ROUNDING * digit * (counts + 1), _TOLERANCE * value)
    whole = scope.partners in ("all", "not stated")
    apart = np.abs(sums - value) if whole else sums - value
    wrong = (counts > 0) & (apart > allowed)
    outside = totals[wrong].assign(sum=sums[wrong]) if wrong.any() else totals.iloc[:0]
    return Control(
        printed=len(totals),
        compared=int((counts > 0).sum()),
        outside=tuple(_in_words(total) for total in outside.to_dict("records")),
        whole=whole,
    )


def _sums(
    rows: pd.DataFrame, totals: pd.DataFrame
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the sum and the number of the rows that stand beside each total."""
    stated = rows[rows["value"].notna()]
    values = stated["value"].to_numpy()
    keys = np.zeros(len(totals) + len(stated), dtype=np.int64)
    for name in _KEYS:
        keys = _with_key(keys, _numbers([totals[name], stated[name]]))
    valuations = _numbers([totals["valuation"], stated["valuation"]])
    countries = _numbers([totals["country"], stated["importer"], stated["exporter"]])
    own, importers, exporters = np.split(countries, [len(totals), len(totals) + len(stated)])
    sums, counts = np.zeros(len(totals)), np.zeros(len(totals), dtype=np.int64)
    for of, country, partner in (
        ("imports", importers, exporters),
        ("exports", exporters, importers),
    ):
        here = (totals["of"] == of).to_numpy()
        numbers = _with_key(keys, np.concatenate([own, country]))
        of_totals, mine = numbers[: len(totals)][here], numbers[len(totals) :]
        # A partner stated twice, such as CIF and FOB, has a total of either.
        beside = np.isin(mine, of_totals)
        pairs = _with_key(mine[beside], partner[beside])
        if len(np.unique(pairs)) < len(pairs):
            numbers = _with_key(numbers, valuations)
            of_totals, mine = numbers[: len(totals)][here], numbers[len(totals) :]
        size = int(numbers.max(initial=-1)) + 1
        counts[here] = np.bincount(mine, minlength=size)[of_totals]
        sums[here] = np.bincount(mine, weights=values, minlength=size)[of_totals]
    return sums, counts


def _numbers(columns: Sequence[pd.Series]) -> npt.NDArray[np.int64]:
    """Return a number for each cell of several columns: the same where they are alike."""
    return pd.factorize(pd.concat(columns, ignore_index=True))[0].astype(np.int64)


def _with_key(numbers: npt.NDArray[np.int64], more: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return numbers that are the same where both are."""
    several = int(more.max(initial=0)) + 1
    return numbers if several == 1 else pd.factorize(numbers * several + more)[0].astype(np.int64)


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
