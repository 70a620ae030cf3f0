"""A small TOML that says how the table of a statistics office is to be read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from flows.errors import LayoutError, PeriodError
from flows.periods import Calendar, rules_of
from flows.table import PARTNER_BASES, UNITS, VALUATIONS

SCHEMES = ("iso", "m49", "comtrade", "wits", "armstat")
COLUMNS = ("partner", "year", "month", "flow", "product", "value")


@dataclass(frozen=True, slots=True)
class Flow:
    """
    What a word in the column of flows, or a column of values, stands for.

    Parameters
    ----------
    direction : {"export", "import"}
        Of the reporter.
    valuation : {"FOB", "CIF", ""}
        As the office states it.
    partner_basis : {"origin", "consignment", "destination", ""}
        As the office states it.
    """

    direction: Literal["export", "import"]
    valuation: str = ""
    partner_basis: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """
    How to read one table of a statistics office.

    Parameters
    ----------
    path : str
        The description as errors name it.
    reporter : str
        Alpha-3 code of the country that makes the statements.
    unit : {"USD"}
        Currency; the table's multiple of it is ``multiplier``.
    calendar : str
        Of the years and months; see :data:`flows.periods.Calendar`. Months of a fiscal year are
        counted from its first.
    coverage : str
        What the office counts, ``"all goods"``.
    columns : Mapping
        ``partner`` and ``year`` to names of columns; also ``month``, ``product``, and ``flow``
        together with ``value``.
    flows : Mapping
        Word in the column ``flow`` to its meaning; without that column, name of a column of values
        to its meaning.
    multiplier : float
        1000 for a table in thousands.
    scheme : str
        Whose names or codes the partners are.
    names : Mapping
        Partners of this table to alpha-3 codes, before the scheme is asked.
    leave_out : tuple of str
        Partners that are sums.
    encoding, delimiter, decimal, thousands : str
        Of a text file.
    header_line : int
        Line of the names of the columns, counted from 1.
    sheet : str
        Of a workbook.
    product, classification : str
        Where the table has no column of products.
    """

    path: str
    reporter: str
    unit: str
    calendar: Calendar
    coverage: str
    columns: Mapping[str, str]
    flows: Mapping[str, Flow]
    multiplier: float = 1.0
    scheme: Literal["iso", "m49", "comtrade", "wits", "armstat"] = "iso"
    names: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    header_line: int = 1
    sheet: str = ""
    product: str = "TOTAL"
    classification: str = "TOTAL"


def read_description(path: Path) -> Description:
    """
    Read a description and check it.

    Parameters
    ----------
    path : pathlib.Path
        TOML with the keys of :class:`Description`.

    Returns
    -------
    Description

    Raises
    ------
    LayoutError
        If it is not TOML, a key is missing or unknown, or a value is none that the key can have.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_description(example_path("customs_description")).flows["Exports"].valuation
    'FOB'
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: expected TOML, found: {error}") from error
    known = {field.name for field in fields(Description)} - {"path"}
    needed = {"reporter", "unit", "calendar", "coverage", "columns", "flows"}
    if unknown := sorted(content.keys() - known):
        raise LayoutError(f"{path}: expected {', '.join(sorted(known))}; found {unknown[0]}")
    if missing := sorted(needed - content.keys()):
        raise LayoutError(f"{path}: expected the keys {', '.join(missing)}, found none of them")
    _check_types(content, path=path)
    _check(content, path=path)
    flows = {word: _flow(word, meaning, path=path) for word, meaning in content["flows"].items()}
    leave_out = tuple(content.get("leave_out", ()))
    return Description(path=str(path), **content | {"flows": flows, "leave_out": leave_out})


def _check_types(content: Mapping[str, Any], *, path: Path) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "multiplier": (int, float),
        "header_line": int,
        "leave_out": list,
        "columns": dict,
        "flows": dict,
        "names": dict,
    }
    for key, value in content.items():
        if not isinstance(value, kinds.get(key, str)) or isinstance(value, bool):
            raise LayoutError(f"{path}: {key}: expected another kind of value, found {value!r}")
    words = [*content["columns"].values(), *content.get("names", {}).values()]
    if not all(isinstance(word, str) for word in [*words, *content.get("leave_out", [])]):
        raise LayoutError(f"{path}: expected text in [columns], [names] and leave_out")
    if not 0 < content.get("multiplier", 1) < float("inf"):
        raise LayoutError(f"{path}: multiplier: expected a number above 0")


def _flow(word: str, meaning: object, *, path: Path) -> Flow:
    allowed = {
        "direction": ("export", "import"),
        "valuation": VALUATIONS,
        "partner_basis": PARTNER_BASES,
    }
    if not isinstance(meaning, dict) or meaning.get("direction") not in allowed["direction"]:
        raise LayoutError(f"{path}: flow {word!r}: expected direction export or import")
    for key, value in meaning.items():
        if key not in allowed or value not in allowed[key]:
            raise LayoutError(
                f"{path}: flow {word!r}: expected {allowed.get(key)}, found {key} {value!r}"
            )
    return Flow(**meaning)


def _check(content: Mapping[str, Any], *, path: Path) -> None:
    columns = content["columns"]
    choices = {
        "unit": (content["unit"], UNITS),
        "scheme": (content.get("scheme", "iso"), SCHEMES),
        "decimal": (content.get("decimal", "."), (".", ",")),
        "thousands": (content.get("thousands", ""), ("", ".", ",", " ", "'", "\u00a0")),
        "delimiter": (content.get("delimiter", ","), (",", ";", "\t", "|")),
    }
    for key, (value, allowed) in choices.items():
        if value not in allowed:
            raise LayoutError(f"{path}: {key}: expected one of {allowed}, found {value!r}")
    try:
        rules_of(content["calendar"])
    except PeriodError as error:
        raise LayoutError(f"{path}: {error}") from error
    if not {"partner", "year"} <= columns.keys() <= set(COLUMNS):
        raise LayoutError(f"{path}: [columns]: expected partner, year and any of {COLUMNS}")
    if ("flow" in columns) != ("value" in columns):
        raise LayoutError(f"{path}: [columns]: expected flow and value together")
    if not content["flows"]:
        raise LayoutError(f"{path}: [flows]: expected at least one flow")
