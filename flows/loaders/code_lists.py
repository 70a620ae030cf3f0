"""The list of codes that an office publishes beside its tables, as names of their partners."""

from collections.abc import Mapping
from pathlib import Path

from flows.countries import country_name
from flows.errors import CountryError, LayoutError
from flows.loaders.text import find_header, make_table, read_text, split_records

LIST_KEYS = ("file", "name", "alpha3")
"""What a description says of such a list: the file, and two of its columns."""


def listed_codes(
    path: Path, columns: Mapping[str, str], *, encoding: str, delimiter: str, described: str
) -> dict[str, str]:
    """
    Return an office's codes, or names, to alpha-3 codes.

    Entries without a code of a country are no names (areas that are not specified, stores of
    ships): a table that has them says where, and its description decides.
    """
    if not path.is_file():
        raise LayoutError(
            f"{described}: code_list: expected a file beside the description, found none at {path}"
        )
    name, alpha3 = columns["name"], columns["alpha3"]
    text = read_text(path, encoding=encoding).text
    records = list(split_records(text, path=str(path), delimiter=delimiter))
    try:
        head = find_header(records, [name, alpha3], path=str(path))
    except LayoutError as error:
        raise LayoutError(f"{error}, as code_list in {described} has it") from error
    rows = make_table(records[head].cells, records[head + 1 :], path=str(path)).rows
    pairs = dict(zip(rows[name].str.strip(), rows[alpha3].str.strip(), strict=True))
    if len(pairs) < len(rows):
        twice = rows[rows[name].str.strip().duplicated()].iloc[0]
        raise LayoutError(
            f"{path}:{twice['line']}: column {name}: expected each code once, found "
            f"{twice[name].strip()!r} again"
        )
    return {printed: code for printed, code in pairs.items() if _is_country(code)}


def _is_country(code: str) -> bool:
    try:
        country_name(code)
    except CountryError:
        return False
    return True
