"""
Makes flows/crosswalks/hs_correlation.csv, hs_legacy.csv and tests/reference/hs_correlation.json.

    python tests/reference/hs_correlation.py FOLDER

FOLDER holds the workbooks of the United Nations Statistics Division under their own names
(https://unstats.un.org/unsd/classifications/Econ, "Correspondences", and the list of codes of
UN Comtrade). Pairs are taken from the sheets of correlations, where a code may have several
partners, never from those of conversions, which name one each.
"""

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[2]
CROSSWALKS = ROOT / "flows" / "crosswalks"

YEARS = ("1992", "1996", "2002", "2007", "2012", "2017", "2022")
TITLE = "Correlation and conversion tables.xls"
BOOKS = {
    "1996": {"1992": f"HS1996 to HS1992 - {TITLE}"},
    "2002": {old: f"HS2002 to HS{old} - {TITLE}" for old in YEARS[:2]},
    "2007": {old: f"HS 2007 to HS {old} {TITLE}" for old in YEARS[:3]},
    "2012": {old: f"HS 2012 to HS {old} {TITLE}" for old in YEARS[:4]},
    "2017": {old: f"HS2017toHS{old}ConversionAndCorrelationTables.xlsx" for old in YEARS[:5]},
    "2022": {old: f"HS2022toHS{old}ConversionAndCorrelationTables.xlsx" for old in YEARS[:6]},
}
COMPLETE = "CompleteCorrelationsOfHS-SITC-BEC_20170606.xlsx"
CODES = "UN Comtrade Commodity Classifications.xlsx"

LEGACY = "LEGACY NON-WCO CODE"
OILS = "271000"
"""The one code that heading 2710 had when legacy codes stood beside it."""

Pairs = set[tuple[str, str]]


def text(cell: object) -> str:
    """Return a code as text; one cell of 1996 to 1992 holds it as a number."""
    return str(int(cell)).zfill(6) if isinstance(cell, float) else str(cell).strip()


def sheet(book: Path, word: str) -> list[list[object]]:
    workbook = CalamineWorkbook.from_path(book)
    name = next(name for name in workbook.sheet_names if word in name.lower())
    return workbook.get_sheet_by_name(name).to_python()


def pairs_of(book: Path) -> Pairs:
    """Return (code, successor) from a sheet of correlations, which has the later code first."""
    pairs = set()
    for row in sheet(book, "correlation"):
        codes = [text(cell) for cell in row if re.fullmatch(r"[0-9]{6}", text(cell))]
        if len(codes) == 2:
            pairs.add((codes[1], codes[0]))
    return pairs


def complete_pairs(book: Path) -> dict[tuple[str, str], Pairs]:
    """Return the same from the one table of all classifications, which ends with HS2017."""
    header, *rows = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    columns = {year: header.index(f"HS{year[2:]}") for year in YEARS[:-1]}
    return {
        (old, new): {
            (str(row[columns[old]]), str(row[columns[new]]))
            for row in rows
            if "NULL" not in (row[columns[old]], row[columns[new]])
        }
        for old, new in pairwise(YEARS[:-1])
    }


def digest(pairs: Iterable[tuple[str, ...]]) -> str:
    lines = "".join(f"{','.join(pair)}\n" for pair in sorted(pairs))
    return hashlib.sha256(lines.encode()).hexdigest()


def write(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (CROSSWALKS / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *sorted(rows)])


def composed(steps: dict[tuple[str, str], Pairs], old: str, new: str) -> Pairs:
    """Return what is linked over all steps between two revisions."""
    first, last = YEARS.index(old), YEARS.index(new)
    linked = steps[old, YEARS[first + 1]]
    for place in range(first + 1, last):
        following: dict[str, set[str]] = {}
        for code, successor in steps[YEARS[place], YEARS[place + 1]]:
            following.setdefault(code, set()).add(successor)
        linked = {(code, end) for code, middle in linked for end in following.get(middle, ())}
    return linked


def main(folder: Path) -> None:
    complete = complete_pairs(folder / COMPLETE)
    steps: dict[tuple[str, str], Pairs] = {}
    compared = []
    for old, new in pairwise(YEARS):
        book = folder / BOOKS[new][old]
        pairs = pairs_of(book)
        second = complete.get((old, new))
        added = sorted((second or set()) - pairs)
        steps[old, new] = pairs | set(added)
        compared.append(
            {
                "from": old,
                "to": new,
                "workbook": book.name,
                "workbook_sha256": hashlib.sha256(book.read_bytes()).hexdigest(),
                "pairs": len(pairs),
                "pairs_sha256": digest(pairs),
                "complete_table_pairs": second and len(second),
                "complete_table_sha256": second and digest(second),
                "added_from_complete_table": added,
                "only_in_workbook": sorted(pairs - second) if second else None,
            }
        )
    direct = []
    for new, books in BOOKS.items():
        for old, name in list(books.items())[:-1]:
            stated, linked = pairs_of(folder / name), composed(steps, old, new)
            direct.append(
                {
                    "from": old,
                    "to": new,
                    "workbook": name,
                    "workbook_sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
                    "pairs": len(stated),
                    "pairs_sha256": digest(stated),
                    "not_over_the_steps": sorted(stated - linked),
                    "only_over_the_steps": sorted(linked - stated),
                }
            )
    listed: dict[str, set[str]] = {}
    legacy = set()
    for scheme, code, words, *_ in sheet(folder / CODES, "2017"):
        if re.fullmatch(r"H[0-5]", str(scheme)) and len(str(code)) == 6:
            year = YEARS[int(str(scheme)[1])]
            if LEGACY in str(words) and str(code)[:4] == OILS[:4]:
                legacy.add((f"HS{year}", str(code), OILS))
            elif LEGACY not in str(words):
                listed.setdefault(year, set()).add(str(code))
    write(
        "hs_correlation.csv",
        ("from", "to", "code", "successor"),
        ((old, new, *pair) for (old, new), pairs in steps.items() for pair in pairs),
    )
    write("hs_legacy.csv", ("classification", "code", "subheading"), legacy)
    result = {
        "complete_table": COMPLETE,
        "complete_table_sha256": hashlib.sha256((folder / COMPLETE).read_bytes()).hexdigest(),
        "steps": compared,
        "direct": direct,
        "codes_of_comtrade": {
            year: {"codes": len(codes), "codes_sha256": digest((code,) for code in codes)}
            for year, codes in listed.items()
        },
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
