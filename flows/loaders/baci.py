"""BACI of CEPII: reconciled trade by exporter, importer, year and product, thousand dollars FOB."""

import re
from pathlib import Path

import pandas as pd

from flows.engine.baci import CONSTANTS, DIGITS, THOUSAND
from flows.errors import LayoutError
from flows.loaders.cells import numbers, texts
from flows.loaders.meanings import calendar_year, codes, spans, translate
from flows.loaders.raw import RawTable, read_delimited
from flows.loaders.rows import with_columns
from flows.loaders.statements import state
from flows.products import classification_name

COLUMNS = ("t", "i", "j", "k", "v", "q")

BACI_YEAR = re.compile(r"BACI_HS([0-9]{2})_Y[0-9]{4}_V([0-9]{6}[a-z]?)")
"""How CEPII names the files of a release: revision of HS, year, release."""

_CODE = re.compile(r"[0-9]{1,6}")
_ZEROS = r"^0+(?=[0-9])"
"""CEPII writes 4 where the United Nations write 004, which other programs put back."""

MISSING = ("NA", "")
"""What stands where BACI has no quantity."""


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
    raw = read_delimited(path, COLUMNS, dataset=dataset)
    named = BACI_YEAR.match(path.name)
    if named is None:
        return raw
    header = {"revision": classification_name(f"HS{named[1]}"), "release": named[2]}
    return RawTable(raw.path, raw.dataset, header, raw.rows)


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
    revision = raw.header.get("revision", "HS")
    quantity = texts(raw, "q")
    weighed = with_columns(raw, q=quantity.mask(quantity.isin(MISSING), ""))
    plain = with_columns(
        raw, **{name: texts(raw, name).replace(_ZEROS, "", regex=True) for name in "ij"}
    )
    columns = {
        "exporter": codes(plain, "i", scheme="baci"),
        "importer": codes(plain, "j", scheme="baci"),
        **spans(translate(raw, "t", calendar_year)),
        "product": translate(raw, "k", _product),
        "classification": revision,
        "value": numbers(raw, "v") * THOUSAND,
        **CONSTANTS,
        "quantity_t": numbers(weighed, "q", blank=True),
    }
    return state(
        raw,
        columns,
        rows_in=len(raw.rows),
        warnings=[] if revision != "HS" else ["the file's name does not say its revision of HS"],
    )


def _product(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of six digits, found {cell!r}")
    return cell.zfill(DIGITS)
