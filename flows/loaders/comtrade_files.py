"""UN Comtrade: reading its CSV and tab-separated files and the replies of its interface."""

from collections.abc import Sequence
from pathlib import Path

from flows.errors import LayoutError
from flows.loaders.raw import RawTable, find_header, make_table
from flows.loaders.replies import read_json, records_of
from flows.loaders.text import Record, read_text, split_records

NAMES = {
    "period": ("period", "Period", "Year"),
    "flow": ("flowCode", "Trade Flow Code"),
    "reporter": ("reporterCode", "Reporter Code"),
    "partner": ("partnerCode", "Partner Code"),
    "classification": ("classificationCode", "Classification"),
    "product": ("cmdCode", "Commodity Code"),
    "value": ("primaryValue", "Trade Value (US$)", "Value"),
}
"""What every layout has, under one of these names."""

OPTIONAL = {
    "type": ("typeCode",),
    "partner2": ("partner2Code", "2nd Partner Code"),
    "customs": ("customsCode", "Customs Proc. Code"),
    "transport": ("motCode", "Mode of Transport Code"),
    "supply": ("mosCode",),
    "cif": ("cifvalue", "cifValue", "CIF Trade Value (US$)"),
    "fob": ("fobvalue", "fobValue", "FOB Trade Value (US$)"),
    "weight": ("netWgt", "Netweight (kg)"),
}
"""What only some of them have."""


def read_comtrade(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a file of the site, of its bulk downloads or of the site until 2022.

    Parameters
    ----------
    path : pathlib.Path
        Comma- or tab-separated, UTF-8 or Latin-1, packed or not.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns under the names of the file. The site's CSV ends every row, but not its header,
        with a comma; that empty cell is no column.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade(example_path("comtrade_v1")).rows.loc[1, "cmdCode"]
    '010121'
    """
    text = read_text(path, latin1=True)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    records = list(split_records(text, path=str(path), delimiter=delimiter))
    header = [cell.strip() for cell in records[0].cells]
    find_columns(header, path=str(path))
    width = len(header)
    rows = [
        Record(line, cells[:-1] if len(cells) == width + 1 and not cells[-1] else cells)
        for line, cells in records[1:]
    ]
    return make_table(header, rows, path=str(path), dataset=dataset)


def read_comtrade_api(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply of Comtrade's programming interface.

    Parameters
    ----------
    path : pathlib.Path
        JSON with the rows under ``data``.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an object, numbers as text.

    Raises
    ------
    LayoutError
        If the reply is an error, is empty, or is of another endpoint.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade_api(example_path("comtrade_api")).rows.loc[0, "partnerCode"]
    '364'
    """
    text, reply = read_json(path)
    if not isinstance(reply, dict) or not isinstance(reply.get("data"), list):
        raise LayoutError(f"{path}:1: expected a reply with data, found {_said(reply)}")
    if reply.get("error"):
        raise LayoutError(f"{path}:1: expected data, found the error {reply['error']!r}")
    if not reply["data"]:
        raise LayoutError(f"{path}:1: expected rows under data, found an empty reply")
    names, records = records_of(reply["data"], text, path=str(path))
    find_columns(names, path=str(path))
    header = {"elapsedTime": str(reply.get("elapsedTime", ""))}
    return make_table(names, records, path=str(path), dataset=dataset, header=header)


def find_columns(header: Sequence[str], *, path: str) -> None:
    """
    Check that a header has every column of :data:`NAMES` under one of its names.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    path : str
        The file as errors name it.

    Raises
    ------
    LayoutError
        If one is missing.

    Examples
    --------
    >>> find_columns(["Year", "Value"], path="my.csv")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.csv:1: expected a header with 'Year', 'flowCode', ...
    """
    wanted = [
        next((name for name in spellings if name in header), spellings[0])
        for spellings in NAMES.values()
    ]
    find_header([Record(1, list(header))], wanted, path=path)


def _said(reply: object) -> str:
    if isinstance(reply, dict):
        return f"{reply.get('message') or ', '.join(map(str, reply)) or 'an empty object'}"[:80]
    return type(reply).__name__
