"""
Load or convert a file of each kind of layout at the size that such files have: time and memory.

Run as ``python tests/benchmarks/largest_files.py`` on Linux; it takes some minutes and half a
gigabyte of the temporary folder. The files are synthetic: a row of the package's own example with
other codes, each statement once, and values of chance. What is too large for an afternoon is cut,
and says so. Each file is worked on in a process of its own. Prints a table for docs/loading.md.
"""

import argparse
import csv
import io
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from baci_years import write_years
from comext_month import write_month
from markdown_table import markdown_table
from own_process import report, run_apart
from workbooks_speed import write_form

from flows.countries import Scheme, entries
from flows.loaders.examples import example_path

SEED = 20261126
_TEXT = "long.csv"
_TODAY = date(2022, 7, 1)

Choices = Sequence[Mapping[str, str]]
"""Cells that change together: a country's code and its name."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows that are made, what they stand for, and how a file of them is written in a folder."""

    rows: int
    like: str
    write: Callable[[Path, int], list[Path]]
    way: str = "load"


def countries(scheme: Scheme, *, letters: int = 0) -> list[str]:
    """Return a name, or a code of some letters, of each country of today in a scheme."""
    names = {
        entry[-1].alpha3: name
        for name, entry in entries(scheme).items()
        if entry[-1].start <= _TODAY <= entry[-1].end
        and (len(name) == letters if letters else len(name) > len("ARM") and name.isascii())
    }
    return [names[code] for code in sorted(names) if not code.startswith("X")]


def column(name: str, cells: Iterable[object]) -> Choices:
    """Return cells that a column has."""
    return [{name: str(cell)} for cell in cells]


def like_example(key: str, value: str, *varied: Choices) -> Callable[[Path, int], list[Path]]:
    """Return what writes rows like the first of an example, for all that varies."""

    def write(folder: Path, rows: int) -> list[Path]:
        lines = example_path(key).read_text(encoding="utf-8-sig").splitlines()
        head = next(at for at, line in enumerate(lines) if value in line.replace('"', ""))
        end = ";" if lines[head].endswith(";") else ""
        names, first = csv.reader(line.removesuffix(end) for line in lines[head : head + 2])
        path = folder / f"{key}.csv"
        amounts = np.round(np.random.default_rng(SEED).lognormal(6, 2.5, rows), 3).tolist()
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\n" for line in lines[: head + 1])
            for cells, amount in zip(itertools.product(*varied), amounts, strict=False):
                row = dict(zip(names, first, strict=False))
                for changed in cells:
                    row.update(changed)
                row[value] = str(amount)
                file.write(f"{_line(row.values())}{end}\n")
        return [path]

    return write


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _described(form: str, *, text: bool = False) -> Callable[[Path, int], list[Path]]:
    """Return what writes a described table, as a workbook or as text."""

    def write(folder: Path, rows: int) -> list[Path]:
        book, description = write_form(folder, form, rows)
        if not text:
            return [book, description]
        import pandas as pd  # noqa: PLC0415 - not in the processes that are timed

        path = folder / _TEXT
        pd.read_excel(book, engine="calamine", dtype={"HS code": "str"}).to_csv(path, index=False)
        return [path, description]

    return write


def _month(folder: Path, rows: int) -> list[Path]:
    path = folder / "full_202408.dat"
    write_month(path, rows)
    return [path]


def sizes() -> dict[str, Size]:
    """Return the largest file of each kind by what it is called in the table."""
    iso3 = countries("iso", letters=3)
    codes = [f"{code:06}" for code in range(10_121, 970_000, 170)]
    supplied = itertools.product(countries("sipri"), countries("sipri"))
    deals = [
        {"SIPRI AT Database ID": str(number), "Supplier": supplier, "Recipient": recipient}
        for number, (supplier, recipient) in enumerate(supplied, start=1)
        if supplier != recipient
    ]
    numbers = [code for code in countries("comtrade", letters=3) if code.isdigit()]
    return {
        "BACI, a tenth of a year": Size(
            1_100_000,
            "11 million a year",
            lambda folder, rows: write_years(folder, range(2022, 2023), rows=rows),
            "convert",
        ),
        "Comext, a tenth of a month": Size(500_000, "5 million a month", _month, "convert"),
        "UN Comtrade, bulk": Size(
            500_000,
            "a large reporter's year",
            like_example(
                "comtrade_v1",
                "primaryValue",
                column("cmdCode", codes),
                column("flowCode", ["M", "X"]),
                column("partnerCode", numbers),
            ),
            "convert",
        ),
        "Armstat, months by country": Size(
            25_000,
            "2007 to now",
            like_example(
                "armstat",
                "import_origin",
                [
                    {"year": str(year), "month": str(month), "date": f"{year}-{month:02}-01"}
                    for year in range(2007, 2025)
                    for month in range(1, 13)
                ],
                column("country", countries("armstat")[:116]),
            ),
        ),
        "SIPRI, deals by year": Size(
            30_000,
            "the whole register",
            like_example("sipri_deal_years", "TIV delivery values", deals),
        ),
        "WITS, advanced query": Size(
            100_000,
            "the most that WITS gives",
            like_example(
                "wits_query",
                "TradeValue in 1000 USD",
                column("ProductCode", codes),
                column("PartnerName", [name for name in countries("wits") if name != "Armenia"]),
            ),
        ),
        "ITPD-E, cut": Size(
            500_000,
            "72 million",
            like_example(
                "itpd",
                "trade",
                column("year", range(1990, 2020)),
                column("exporter_iso3", iso3),
                column("importer_iso3", iso3),
            ),
        ),
        "FAOSTAT, trade matrix, cut": Size(
            500_000,
            "a country's rows, of 50 million",
            like_example(
                "faostat",
                "Value",
                [{"Item Code": str(item), "Item": f"Item {item}"} for item in range(15, 1015)],
                [{"Year Code": str(year), "Year": str(year)} for year in range(1992, 2023)],
                _partners(),
            ),
        ),
        "TRADHIST, cut": Size(
            500_000,
            "1.9 million",
            like_example(
                "tradhist",
                "FLOW",
                column("year", range(1970, 2015)),
                column("iso_o", iso3[:100]),
                column("iso_d", iso3[100:]),
            ),
        ),
        "described, text": Size(100_000, "ten columns", _described("long", text=True)),
        "described, workbook": Size(100_000, "ten columns", _described("long")),
        "described, years as columns": Size(100_000, "seven years", _described("wide")),
    }


def _partners() -> Choices:
    """Return partners as FAOSTAT calls them: its number, M49's and a name."""
    m49 = {codes[-1].alpha3: name for name, codes in entries("m49").items() if name.isdigit()}
    named = {codes[-1].alpha3: name for name, codes in entries("fao").items() if name[0].isalpha()}
    return [
        {
            "Partner Country Code": str(number),
            "Partner Country Code (M49)": f"'{m49[code]}",
            "Partner Countries": named[code],
        }
        for number, code in enumerate(sorted({*m49} & {*named} - {"ARM", "CHN"}), start=1)
        if entries("fao")[named[code]][-1].end > _TODAY
    ][:60]


def work(way: str, paths: Sequence[str]) -> int:
    """Load a file with its description, if it has one, or convert it; return the rows."""
    if way == "load":
        from flows.loaders import load  # noqa: PLC0415 - counted in the process

        return len(load(paths[0], layout=paths[1] if len(paths) > 1 else None))
    from flows.bulk import choose_allocator  # noqa: PLC0415 - as the command line does

    choose_allocator()
    from flows.bulk.convert import convert  # noqa: PLC0415 - behind the choice

    with tempfile.TemporaryDirectory() as folder:
        return convert(paths, Path(folder) / "out.parquet", engine="duckdb").rows_out


def main() -> None:
    """Write each file, work on it in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the rows, to try it out")
    parser.add_argument("--work", nargs="+", metavar="WAY", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        report(lambda: work(asked.work[0], asked.work[1:]))
        return
    rows = []
    for name, size in sizes().items():
        with tempfile.TemporaryDirectory() as folder:
            paths = size.write(Path(folder), int(size.rows * asked.share))
            megabytes = paths[0].stat().st_size / 1e6
            run = run_apart(__file__, ["--work", size.way, *map(str, paths)])
        seconds = (f"{run.clock:.1f}", f"{run.busy:.1f}", f"{run.peak:.0f}")
        rows.append([name, size.like, size.way, f"{megabytes:.0f}", f"{run.rows:,}", *seconds])
    sys.stdout.write(f"{os.cpu_count()} processors.\n\n")
    heading = ["file", "in practice", "by", "MB", "rows out", "seconds", "of processors", "peak MB"]
    sys.stdout.write(f"{markdown_table(heading, rows)}\n")


if __name__ == "__main__":
    main()
