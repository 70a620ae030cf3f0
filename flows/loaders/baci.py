"""BACI of CEPII: trade by exporter, importer, year and product, and the codes of a release."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from flows.countries import Scheme
from flows.errors import SchemaError
from flows.loaders.cells import (
    calendar_year,
    codes,
    codes_of,
    integers,
    numbers,
    repaired,
    rounding,
    spans,
    state,
    texts,
    translate,
    with_columns,
    with_report,
)
from flows.loaders.claims import OTHER_ASIA, about
from flows.loaders.layout import Layout, matches, starts_with
from flows.loaders.records import read_delimited, read_records
from flows.loaders.text import (
    RawTable,
    Record,
    find_header,
    make_table,
)
from flows.products import HS_DIGITS, classification_name, hs_code
from flows.scope import Scope
from flows.table import where

KEYS = ("t", "i", "j", "k")
"""Year, exporter, importer and product, each of them a number."""

STATED = (*KEYS, "v")
"""What makes a statement: ``v`` is its value. A quantity may be missing."""

COLUMNS = (*STATED, "q")

SCHEME: Scheme = "baci"
"""Whose codes the countries have."""

CONSTANTS = {
    "reporter": "CEPII",
    "unit": "USD",
    "valuation": "FOB",
    "partner_basis": "",
    "coverage": "all goods",
}
"""What every statement says: CEPII takes freight and insurance out of what it reconciles."""

THOUSAND = 1000
"""Dollars of one unit of ``v``."""

SCOPE = Scope(partners="all", countries=about(imports=None, exports=None), unnamed=OTHER_ASIA)
"""What the rows of a file make up: the trade of every country with all others."""

MISSING = ("NA", "")
"""What stands where BACI has no quantity."""

UNNAMED = "HS"
"""Classification of a file whose name does not say its revision."""

_FORMER_YEAR = re.compile(r"baci([0-9]{2})_[0-9]{4}")
"""How CEPII named them before 2020."""

BACI_YEAR = re.compile(r"BACI_HS([0-9]{2})_Y[0-9]{4}_V([0-9]{6}[a-z]?)")
"""How CEPII names the files of a release: revision of HS, year, release."""

_ZEROS = (r"^0+([0-9])", r"\1")
"""CEPII writes 4 where the United Nations write 004, which other programs put back."""

FORMER = {"hs6": "k"}
"""What releases before 2020 call the product."""

_COUNTRY_NAMES = ("country_name", "country_name_abbreviation", "country_name_full")
"""What the column of names is called, by release."""

_FIRST = r"\A(?:\W*[,;\t])?\W?{}"
"""How a table of codes begins, with or without a column of row numbers."""

_CODE_COLUMNS = ("country_code", *_COUNTRY_NAMES, "code", "description")
"""Of tables of codes, those of countries and those of products."""

# Text in one encoding read as another: a capital with an accent inside a word.
_BROKEN = re.compile("[A-Za-z][À-ÖØ-Þ]")


def read_baci(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read one year of a release.

    Parameters
    ----------
    path : pathlib.Path
        ``BACI_HS22_Y2022_V202401b.csv``, or that file in the archive of the release:
        ``BACI_HS22_V202401b.zip/BACI_HS22_Y2022_V202401b.csv``.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        Columns ``t``, ``i``, ``j``, ``k``, ``v``, ``q``. The file does not say its revision of HS
        and its release, only its name does: ``header`` has ``revision`` and ``release`` if it is
        still called so.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_baci(example_path("baci")).rows.loc[0, "v"]
    '        0.357'
    """
    raw = read_delimited(path, COLUMNS, dataset=dataset, former=FORMER)
    return replace(raw, header=said_by_name(path))


def said_by_name(path: Path) -> dict[str, str]:
    """Return ``revision`` and ``release`` of a file, if it is called as CEPII calls it."""
    if former := _FORMER_YEAR.match(path.name):
        return {"revision": classification_name(f"HS{former[1]}")}
    named = BACI_YEAR.match(path.name)
    if named is None:
        return {}
    return {"revision": classification_name(f"HS{named[1]}"), "release": named[2]}


def classification_of(path: Path) -> str:
    """Return the classification that the name of a file states."""
    return said_by_name(path).get("revision", UNNAMED)


def normalise_baci(raw: RawTable) -> pd.DataFrame:
    """
    Return one year of BACI as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_baci`.

    Returns
    -------
    pandas.DataFrame
        One row an exporter, importer and product, reporter ``CEPII``, with the column
        ``quantity_t`` (tonnes, missing where BACI has none). CEPII takes freight and insurance out
        of the imports it reconciles: ``valuation`` is FOB. Without its revision in the header, the
        classification is ``HS``, and the report warns.

    Raises
    ------
    LayoutError
        If a cell is not a year, a product or a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_baci(read_baci(example_path("baci")))
    >>> table.loc[1, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '080211', 'value': 2500.0}
    """
    revision = raw.header.get("revision", UNNAMED)
    plain = plain_cells(raw)
    product = translate(plain, "k", partial(hs_code, digits=HS_DIGITS)).astype("str")
    exporter, importer = codes_of(plain, ["i", "j"], scheme=SCHEME)
    columns = {
        "exporter": exporter,
        "importer": importer,
        **spans(translate(plain, "t", calendar_year)),
        "product": product,
        "classification": revision,
        "value": numbers(plain, "v") * THOUSAND,
        **CONSTANTS,
        "quantity_t": numbers(plain, "q", blank=True),
    }
    return state(
        raw,
        columns,
        rows_in=len(raw.rows),
        warnings=[
            *unnamed_warning([revision]),
            *repaired(plain, "k", product),
            *rounding(plain, "v", "q"),
        ],
        scope=SCOPE,
    )


def plain_cells(raw: RawTable) -> RawTable:
    """Return rows whose countries have no zeros in front and whose missing quantities are blank."""
    quantity = texts(raw, "q")
    countries = {name: texts(raw, name).str.replace(*_ZEROS, regex=True) for name in "ij"}
    return with_columns(raw, q=quantity.mask(quantity.isin(MISSING), ""), **countries)


def unnamed_warning(revisions: Iterable[str]) -> list[str]:
    """Return what to beware of, if the name of a file does not say its revision."""
    return ["the file's name does not say its revision of HS"] if UNNAMED in revisions else []


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
    records, warnings, _ = read_records(path, _CODE_COLUMNS, usual=",;")
    wanted = ["code"] if "description" in records[0].cells else ["country_code"]
    find_header(records[:1], wanted, path=str(path))
    return make_table(
        records[0].cells, records[1:], path=str(path), dataset=dataset, warnings=warnings
    )


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
    name = next((column for column in _COUNTRY_NAMES if column in raw.rows), raw.rows.columns[1])
    frame = pd.DataFrame(
        {
            "code": integers(raw, "country_code").astype("str"),
            "alpha3": codes(raw, "country_code", scheme=SCHEME),
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
            "code": texts(raw, "code").str.zfill(HS_DIGITS),
            "name": texts(raw, "description"),
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    )
    return check_codes(with_report(frame, raw, rows_in=len(raw.rows)))


def check_codes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of codes unchanged, or say which code stands there twice."""
    twice = frame["code"].duplicated(keep=False)
    if twice.any():
        raise SchemaError(f"expected each code once, found twice at {where(frame[twice])}")
    return frame


def _require(raw: RawTable, columns: Sequence[str]) -> None:
    find_header([Record(1, list(raw.rows.columns))], columns, path=raw.path)


LAYOUTS = (
    Layout(
        "baci",
        "BACI of CEPII",
        "one year of a release",
        starts_with(COLUMNS, former=FORMER),
        read_baci,
        normalise_baci,
    ),
    Layout(
        "baci_countries",
        "BACI of CEPII",
        "country codes of a release",
        matches(_FIRST.format(r"country_code\W?[,;\t]\W?country_name")),
        read_baci_codes,
        normalise_baci_countries,
        check_codes,
    ),
    Layout(
        "baci_products",
        "BACI of CEPII",
        "product codes of a release",
        matches(_FIRST.format(r"code\W?[,;\t]\W?description")),
        read_baci_codes,
        normalise_baci_products,
        check_codes,
    ),
)
