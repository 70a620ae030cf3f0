"""BACI of CEPII: the tables of country and product codes that come with a release."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from flows.errors import SchemaError
from flows.loaders.cells import integers, texts
from flows.loaders.meanings import codes
from flows.loaders.raw import RawTable, find_header, make_table
from flows.loaders.statements import with_report
from flows.loaders.text import Record, read_text, split_records
from flows.table import where

COUNTRY_NAMES = ("country_name", "country_name_abbreviation", "country_name_full")
"""What the column of names is called, by release."""

_DIGITS = 6
# Text in one encoding read as another: a capital with an accent inside a word.
_BROKEN = re.compile("[A-Za-z][À-ÖØ-Þ]")


def read_baci_codes(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a table of codes of any release.

    Parameters
    ----------
    path : pathlib.Path
        ``country_codes_V202401b.csv`` or ``product_codes_HS22_V202401b.csv``; separated by commas
        or semicolons.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns under the names of the release.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_baci_codes(example_path("baci_countries")).rows["iso_2digit_alpha"].tolist()
    ['AM', 'NA', 'N/A']
    """
    text = read_text(path, latin1=True)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    records = list(split_records(text, path=str(path), delimiter=delimiter))
    wanted = ["code"] if "description" in first else ["country_code"]
    find_header(records[:1], wanted, path=str(path))
    return make_table(records[0].cells, records[1:], path=str(path), dataset=dataset)


def normalise_baci_countries(raw: RawTable) -> pd.DataFrame:
    """
    Return the country codes of a release.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_baci_codes`.

    Returns
    -------
    pandas.DataFrame
        Columns ``code`` (text, without zeros in front), ``alpha3`` (of the crosswalk, by code),
        ``name``, ``dataset``, ``line``. The report warns of names whose accents are broken, as in
        tables that went through a spreadsheet.

    Raises
    ------
    LayoutError
        If a code is not a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a code stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_baci_countries(read_baci_codes(example_path("baci_countries")))
    >>> table["code"].tolist(), table["alpha3"].tolist()[:2]
    (['51', '516', '490'], ['ARM', 'NAM'])
    """
    _require(raw, ["country_code"])
    name = next((one for one in COUNTRY_NAMES if one in raw.rows), raw.rows.columns[1])
    frame = pd.DataFrame(
        {
            "code": integers(raw, "country_code").astype("str"),
            "alpha3": codes(raw, "country_code", scheme="baci"),
            "name": texts(raw, name),
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    )
    warnings = [
        f"line {line}: {printed!r} has broken accents; {code} is known by its code"
        for line, printed, code in zip(frame["line"], frame["name"], frame["alpha3"], strict=True)
        if _BROKEN.search(printed) and not printed.isupper()
    ]
    return check_codes(with_report(frame, raw, rows_in=len(raw.rows), warnings=warnings))


def normalise_baci_products(raw: RawTable) -> pd.DataFrame:
    """
    Return the product codes of a release.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_baci_codes`.

    Returns
    -------
    pandas.DataFrame
        Columns ``code`` (six digits, zeros put back), ``name``, ``dataset``, ``line``.

    Raises
    ------
    SchemaError
        If a code stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_baci_products(read_baci_codes(example_path("baci_products")))
    >>> table["code"].tolist()
    ['010121', '271121', '9999AA']
    """
    _require(raw, ["code", "description"])
    frame = pd.DataFrame(
        {
            "code": texts(raw, "code").str.zfill(_DIGITS),
            "name": texts(raw, "description"),
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    )
    return check_codes(with_report(frame, raw, rows_in=len(raw.rows)))


def check_codes(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return a table of codes unchanged, or say which code stands there twice.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``code``, ``dataset``, ``line``.

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Raises
    ------
    SchemaError
        If a code stands there twice.

    Examples
    --------
    >>> check_codes(pd.DataFrame({"code": ["1", "1"], "dataset": "a@1", "line": [2, 3]}))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected each code once, found twice at a@1 lines 2, 3
    """
    twice = frame["code"].duplicated(keep=False)
    if twice.any():
        raise SchemaError(f"expected each code once, found twice at {where(frame[twice])}")
    return frame


def _require(raw: RawTable, columns: Sequence[str]) -> None:
    find_header([Record(1, list(raw.rows.columns))], columns, path=raw.path)
