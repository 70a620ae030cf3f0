"""IMF: Direction of Trade in the old JSON, its successor IMTS in SDMX 3 and from the portal."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pandas as pd

from flows.errors import FlowsError, LayoutError
from flows.file_limits import beyond, limits
from flows.loaders.cells import (
    codes,
    fail,
    filled,
    integers,
    melt,
    numbers,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.evenness import check_places, check_repeated
from flows.loaders.grids import grid_of
from flows.loaders.json_records import read_json
from flows.loaders.layout import Layout, matches, starts_with
from flows.loaders.records import read_delimited
from flows.loaders.text import RawTable, Record, find_header, make_table, read_text
from flows.loaders.year_columns import year_columns
from flows.periods import Period
from flows.scope import Scope, no_totals

_INDICATORS = {
    "TXG_FOB_USD": ("export", "FOB"),
    "TMG_CIF_USD": ("import", "CIF"),
    "TMG_FOB_USD": ("import", "FOB"),
    "XG_FOB_USD": ("export", "FOB"),
    "MG_CIF_USD": ("import", "CIF"),
    "MG_FOB_USD": ("import", "FOB"),
}
"""Indicator, old or new, to flow and valuation."""

# Countries have two letters in the old data and three in the new; groups have digits (B0, W00,
# G001, 1C_080) or more letters.
_COUNTRY = r"[A-Z]{2,3}"
_WORLD = ("W00", "G001")
_EMPTY = ("", "NaN")
_PERIOD = re.compile(r"([0-9]{4})(?:-(?:M?([0-9]{1,2})|Q([1-4])))?")
_HEADING = re.compile(r"([0-9]{4}(?:-(?:M?[0-9]{1,2}|Q[1-4]))?)(?:\.0+)?")
_ATTRIBUTE = r"(?i:[A-Z]+(?:_[A-Z]+)+|DATASET|COUNTRY|INDICATOR|FREQUENCY|SCALE|PRECISION)"
"""A column of the portal's table that is none of a period."""

_MONTHS = 3
_MOST = 12

_AREAS = {True: ("REF_AREA", "COUNTERPART_AREA"), False: ("COUNTRY", "COUNTERPART_COUNTRY")}

_OLD = ("FREQ", "REF_AREA", "INDICATOR", "COUNTERPART_AREA", "UNIT_MULT")
"""Attributes of a series in Direction of Trade."""

NEW = ("COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY")
"""Attributes of a series in IMTS."""

_OBSERVATION = ("TIME_PERIOD", "OBS_VALUE")

PORTAL = ("SERIES_CODE", *NEW, "SCALE")
"""Columns of the portal's table, beside those of periods."""

_SERIES = r"([^.]+)\.([^.]+)\.([^.]+)\.([^.]+)"
_SCALES = {"Units": "0", "Thousands": "3", "Millions": "6", "Billions": "9"}
"""How the portal says the power of ten; in SDMX it is a number, and a remark."""


def normalise_imf(raw: RawTable) -> pd.DataFrame:
    """
    Return what countries reported to the IMF as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of one of the readers of :mod:`flows.loaders.imf`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, indicator and period. In the old data values are multiplied
        by ten to the power of ``UNIT_MULT``; in the new data they are in dollars already, and
        ``SCALE`` only says how the IMF prints them. Groups of countries, other indicators and empty
        observations are left out, and counted in the report; trade with the world is kept as the
        total of a country.

    Raises
    ------
    LayoutError
        If a cell is not a number or a period.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.imf import read_imf_compact
    >>> table = normalise_imf(read_imf_compact(example_path("imf_compact")))
    >>> table.loc[0, ["exporter", "importer", "value", "valuation"]].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'value': 84000000.0, 'valuation': 'FOB'}
    """
    area, counterpart = _AREAS["REF_AREA" in raw.rows]
    left_out, kept = _kept(raw, area, counterpart)
    columns = _columns(kept, area, codes(kept, counterpart, scheme="iso"))
    reporters = columns["reporter"]
    scope = Scope(
        countries=about(imports=reporters, exports=reporters),
        totals=_world_totals(_of_world(raw, area, counterpart), area),
    )
    return state(kept, columns, rows_in=len(raw.rows), left_out=left_out, scope=scope)


def _columns(kept: RawTable, area: str, partner: pd.Series) -> dict[str, Any]:
    """Return what observations state, as columns of the flow table."""
    exports = texts(kept, "INDICATOR").map(lambda code: _INDICATORS[code][0]) == "export"
    reporter = codes(kept, area, scheme="iso")
    return {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **spans(translate(kept, "TIME_PERIOD", _period)),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": numbers(kept, "OBS_VALUE") * 10.0 ** _multiplier(kept),
        "unit": "USD",
        "valuation": texts(kept, "INDICATOR").map(lambda code: _INDICATORS[code][1]),
        "partner_basis": "",
        "coverage": "all goods",
    }


def _world_totals(world: RawTable, area: str) -> pd.DataFrame:
    """Return what observations of trade with the world print, in dollars."""
    if world.rows.empty:
        return no_totals()
    columns = _columns(world, area, pd.Series(WORLD, world.rows.index, dtype="str"))
    digit = last_digit(texts(world, "OBS_VALUE")) * 10.0 ** _multiplier(world)
    return printed_totals({**columns, "digit": digit}, world.rows["line"])


def _of_world(raw: RawTable, area: str, counterpart: str) -> RawTable:
    """Return the observations of a country's trade with the world."""
    counted = texts(raw, "INDICATOR").isin(list(_INDICATORS))
    world = texts(raw, counterpart).isin(_WORLD) & texts(raw, area).str.fullmatch(_COUNTRY)
    return select(raw, counted & world & ~texts(raw, "OBS_VALUE").isin(_EMPTY))


def _kept(raw: RawTable, area: str, counterpart: str) -> tuple[dict[str, int], RawTable]:
    other = ~texts(raw, "INDICATOR").isin(list(_INDICATORS))
    group = ~(
        texts(raw, area).str.fullmatch(_COUNTRY) & texts(raw, counterpart).str.fullmatch(_COUNTRY)
    )
    empty = texts(raw, "OBS_VALUE").isin(_EMPTY)
    left_out = {
        "observations of other indicators": int(other.sum()),
        "observations of groups of countries": int((group & ~other).sum()),
        "observations without a value": int((empty & ~group & ~other).sum()),
    }
    return left_out, select(raw, ~other & ~group & ~empty)


def _multiplier(raw: RawTable) -> pd.Series:
    """Return the power of ten that values are multiplied by: in the new data none is stated."""
    if "UNIT_MULT" not in raw.rows:
        return pd.Series(0.0, raw.rows.index)
    unstated = texts(raw, "UNIT_MULT") == ""
    if unstated.any():
        fail(
            raw,
            unstated,
            "UNIT_MULT",
            "the power of ten that values are in (6 for millions), without which 84 may be 84 "
            "dollars or 84 million; download the series again",
        )
    power = integers(raw, "UNIT_MULT")
    wrong = power > _MOST
    if wrong.any():
        fail(raw, wrong, "UNIT_MULT", f"a power of ten up to {_MOST}")
    return power.astype("float64")


def _period(cell: str) -> Period:
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a period as 2023, 2023-M01 or 2023-Q1, found {cell!r}")
    year, month, quarter = match.groups()
    if month:
        return Period.month(int(year), int(month))
    if not quarter:
        return Period.year(int(year))
    last = int(quarter) * _MONTHS
    first = Period.month(int(year), last - _MONTHS + 1)
    return Period(first.start, Period.month(int(year), last).end, cell, "gregorian")


def normalise_imf_portal(raw: RawTable) -> pd.DataFrame:
    """
    Return what the portal of the IMF saved as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_imf_portal`.

    Returns
    -------
    pandas.DataFrame
        As :func:`normalise_imf`. Countries and indicators are those of the series' code, since the
        columns have names; values are multiplied by ``SCALE``.

    Raises
    ------
    LayoutError
        If a series or a scale is not written as the portal writes it, there is no column of a
        period, or a cell is not a number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_imf_portal(read_imf_portal(example_path("imf_portal")))
    >>> table.loc[0, ["exporter", "importer", "value", "valuation"]].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'value': 94550250.0, 'valuation': 'FOB'}
    """
    if set(_OBSERVATION) <= set(raw.rows.columns):
        return normalise_imf(_coded(raw))
    raw, periods = year_columns(raw, known=_ATTRIBUTE, text=True, pattern=_HEADING)
    coded = _coded(raw)
    if not periods:
        raise LayoutError(
            f"{raw.path}:1: expected columns named by periods, as 2023, 2023-Q1 or 2023-M01, "
            "found none"
        )
    cells = melt(coded, periods, name="TIME_PERIOD", keep=[*NEW, "UNIT_MULT"])
    values = filled(cells)
    named = with_columns(values, OBS_VALUE=values.rows["cell"])
    table = normalise_imf(replace(named, headings={"OBS_VALUE": "TIME_PERIOD"}))
    report = table.attrs["report"]
    empty = {"empty cells": len(cells.rows) - len(values.rows)}
    left_out = {**report["left_out"], **{why: count for why, count in empty.items() if count}}
    table.attrs["report"] = {**report, "rows_in": len(raw.rows), "left_out": left_out}
    return table


def _coded(raw: RawTable) -> RawTable:
    """Return rows with the codes of their series for names, and the power of ten for a word."""
    parts = texts(raw, "SERIES_CODE").str.extract(f"^{_SERIES}$")
    if parts.isna().any(axis=None):
        fail(raw, parts.isna().any(axis=1), "SERIES_CODE", "a series as ARM.XG_FOB_USD.IRN.A")
    scale = texts(raw, "SCALE")
    known = scale.isin(list(_SCALES))
    if not known.all():
        fail(raw, ~known, "SCALE", f"one of {', '.join(_SCALES)}")
    codes_of_series = {name: parts[place] for place, name in enumerate(NEW)}
    return with_columns(raw, **codes_of_series, UNIT_MULT=scale.map(_SCALES))


def read_imf_portal(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read IMTS as the portal data.imf.org saves it: names, and periods side by side or below.

    Parameters
    ----------
    path : pathlib.Path
        CSV in UTF-8, or the same as workbook.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_imf_portal(example_path("imf_portal")).rows.loc[0, "COUNTRY"]
    'Armenia, Republic of'
    """
    return read_delimited(path, PORTAL, dataset=dataset, optional=[*NEW, *_OBSERVATION])


def read_imf_compact(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply of the interface that the IMF switched off in 2025: CompactData as JSON.

    Parameters
    ----------
    path : pathlib.Path
        JSON.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an observation, with the attributes of its series.

    Raises
    ------
    LayoutError
        If the reply has no series, or an observation lacks its period or value.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_imf_compact(example_path("imf_compact")).rows.loc[0, "UNIT_MULT"]
    '6'
    """
    text, reply = read_json(path)
    data_set = _inside(reply, ("CompactData", "DataSet"), path=str(path))
    read = _Observations(str(path), len(text))
    for series in _mappings(data_set.get("Series") if isinstance(data_set, Mapping) else None):
        read.begin(_attributes(series))
        for point in _mappings(dict(series).get("Obs")):
            read.add(_attributes(point))
    return read.table((*_OLD, *_OBSERVATION), dataset=dataset)


def read_imf_sdmx_json(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read IMTS as SDMX-JSON: series and observations are keys into lists of values.

    Parameters
    ----------
    path : pathlib.Path
        JSON.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an observation, with the dimensions of its series.

    Raises
    ------
    LayoutError
        If the reply has no series, or a key points to nothing.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_imf_sdmx_json(example_path("imf_sdmx_json")).rows.loc[0, "OBS_VALUE"]
    '94550000'
    """
    text, reply = read_json(path)
    data = _inside(reply, ("data",), path=str(path))
    read = _Observations(str(path), len(text))
    try:
        _read_keyed(data, read)
    except FlowsError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise LayoutError(
            f"{path}:1: expected the parts of SDMX-JSON, "
            f"found a reply in which {error} is missing or is another thing; download it again"
        ) from error
    return read.table((*NEW, *_OBSERVATION), dataset=dataset)


def read_imf_sdmx_csv(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read IMTS as SDMX-CSV: one row an observation.

    Parameters
    ----------
    path : pathlib.Path
        CSV in UTF-8.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_imf_sdmx_csv(example_path("imf_sdmx_csv")).rows.loc[0, "COUNTRY"]
    'ARM'
    """
    return read_delimited(path, [*NEW, *_OBSERVATION], dataset=dataset)


def read_imf_sdmx_xml(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read IMTS as structure-specific SDMX-ML: elements ``Series`` with elements ``Obs``.

    Parameters
    ----------
    path : pathlib.Path
        XML; an excerpt without its root is read as well.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an observation, with the attributes of its series.

    Raises
    ------
    LayoutError
        If it is not XML, declares entities, or an observation lacks its period or value.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_imf_sdmx_xml(example_path("imf_sdmx_xml")).rows["line"].tolist()
    [4, 5, 8]
    """
    text = read_text(path).text
    read = _Observations(str(path), len(text))
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limits().depth:
            raise beyond("depth", "more", place=f"{path}:{parser.CurrentLineNumber}")
        local = name.rpartition(":")[2]
        if local == "Series":
            read.begin(attributes)
        elif local == "Obs":
            read.add(attributes, line=parser.CurrentLineNumber)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise LayoutError(
            f"{path}:{parser.CurrentLineNumber}: expected XML without a DOCTYPE, "
            "found one; it can pull in other files: remove it"
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse
    excerpt = text.lstrip().startswith("<Series")
    try:
        parser.Parse(f"<excerpt>{text}</excerpt>" if excerpt else text, True)
    except expat.ExpatError as error:
        raise LayoutError(f"{path}:{error.lineno}: expected XML, found: {error}") from error
    return read.table((*NEW, *_OBSERVATION), dataset=dataset)


class _Observations:
    """Observations as they are read; what they share with their series is held once."""

    def __init__(self, path: str, size: int) -> None:
        self._path, self._size = path, size
        self._series: Mapping[str, str] = {}
        self._rows: list[tuple[Mapping[str, str], Mapping[str, str]]] = []
        self._lines: list[int] = []
        self._names: dict[str, None] = {}
        self._filled = self._each = self._signs = 0

    def begin(self, series: Mapping[str, str]) -> None:
        """Take the attributes of a series, which the observations that follow have."""
        self._series, self._each = dict(series), sum(map(len, series.values()))

    def add(self, own: Mapping[str, str], *, line: int = 1) -> None:
        """Take an observation."""
        if not self._rows or self._rows[-1][0] is not self._series:
            self._names |= dict.fromkeys(self._series)
        self._names |= dict.fromkeys(own)
        self._rows.append((self._series, own))
        self._lines.append(line)
        self._filled += len(self._series) + len(own)
        self._signs += self._each + sum(map(len, own.values()))
        place = f"{self._path}:{line}"
        check_places(len(self._names), len(self._rows), self._filled, place=place)
        check_repeated(self._signs, self._filled, self._size, place=place)

    def table(self, wanted: Sequence[str], *, dataset: str | None) -> RawTable:
        """Return the observations as a table that has these columns."""
        if not self._rows:
            raise LayoutError(f"{self._path}:1: expected observations, found none")
        names = list(self._names)
        find_header([Record(1, names)], wanted, path=self._path)
        records = grid_of(
            (line, [own.get(name, series.get(name, "")) for name in names])
            for line, (series, own) in zip(self._lines, self._rows, strict=True)
        )
        return make_table(names, records, path=self._path, dataset=dataset)


def _inside(reply: object, keys: Sequence[str], *, path: str) -> Any:
    for key in keys:
        if not isinstance(reply, Mapping) or key not in reply:
            raise LayoutError(
                f"{path}:1: expected {'/'.join(keys)} in the reply, found nothing under {key!r}"
            )
        reply = reply[key]
    return reply


def _mappings(content: object) -> list[Mapping[str, object]]:
    """Return what the IMF writes as a list, or as a single object where there is only one."""
    listed = content if isinstance(content, list) else [content]
    return [element for element in listed if isinstance(element, Mapping)]


def _attributes(element: Mapping[str, object]) -> dict[str, str]:
    return {key[1:]: str(value) for key, value in element.items() if key.startswith("@")}


def _read_keyed(data: Mapping[str, Any], read: _Observations) -> None:
    dimensions = data["structures"][0]["dimensions"]
    periods = [_id(value) for value in dimensions["observation"][0]["values"]]
    for key, content in data["dataSets"][0]["series"].items():
        read.begin(
            {
                dimension["id"]: _id(_at(dimension["values"], place))
                for dimension, place in zip(dimensions["series"], key.split(":"), strict=True)
            }
        )
        for place, observation in content["observations"].items():
            value = "" if observation[0] is None else str(observation[0])
            read.add({"TIME_PERIOD": _at(periods, place), "OBS_VALUE": value})


def _at(values: Sequence[Any], place: str) -> Any:
    """Return the value that a key of SDMX-JSON points to; Python would count -1 from the end."""
    if not (place.isascii() and place.isdigit()):
        raise ValueError(f"a place in a list of {len(values)} values, {place!r},")
    return values[int(place)]


def _id(value: Mapping[str, object]) -> str:
    return str(value.get("id", value.get("value")))


def _is_sdmx_csv(beginning: str) -> bool:
    """The portal's table has the same columns, and that of the series' codes."""
    return starts_with([*NEW, *_OBSERVATION])(beginning) and not starts_with(PORTAL)(beginning)


LAYOUTS = (
    Layout(
        "imf_compact",
        "IMF Direction of Trade",
        "JSON of the old interface",
        matches(r'\A\{\s*"CompactData"'),
        read_imf_compact,
        normalise_imf,
    ),
    Layout(
        "imf_sdmx_json",
        "IMF trade in goods by partner (IMTS)",
        "SDMX-JSON",
        matches(r'\A\{(?s:.*)"dataSets"(?s:.*)"COUNTERPART_COUNTRY"'),
        read_imf_sdmx_json,
        normalise_imf,
    ),
    Layout(
        "imf_sdmx_xml",
        "IMF trade in goods by partner (IMTS)",
        "SDMX-ML",
        matches(r"\A\s*<(?s:.*)<Series\b[^>]*\bCOUNTERPART_COUNTRY=|\A<Series\b"),
        read_imf_sdmx_xml,
        normalise_imf,
    ),
    Layout(
        "imf_sdmx_csv",
        "IMF trade in goods by partner (IMTS)",
        "SDMX-CSV",
        _is_sdmx_csv,
        read_imf_sdmx_csv,
        normalise_imf,
    ),
    Layout(
        "imf_portal",
        "IMF trade in goods by partner (IMTS)",
        "CSV of the portal data.imf.org",
        starts_with(PORTAL),
        read_imf_portal,
        normalise_imf_portal,
        documented="https://data.imf.org",
    ),
)
