"""
Time described workbooks of 100,000 rows here and where peers only read their cells.

Run as ``python tests/benchmarks/workbooks_speed.py [--rows N] [--runs N]`` on Linux. Each run is a
process of its own, libraries with it; the package makes a checked flow table of the cells, its
peers a list or a frame. Prints a table for docs/loading.md, the best of the runs.
"""

import argparse
import itertools
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from markdown_table import markdown_table
from own_process import Run, best, report, run_apart

ROWS = 100_000
SEED = 20261126
_YEARS = range(2017, 2024)

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'

_ABOUT = """\
reporter = "GEO"
unit = "USD"
multiplier = 1000
calendar = "gregorian"
coverage = "all goods"
scheme = "iso"

[columns]
partner = "Country"
product = "HS code"
flow = "Flow"
"""
_FLOWS = """
[flows]
Export = { direction = "export", valuation = "FOB", partner_basis = "destination" }
Import = { direction = "import", valuation = "CIF", partner_basis = "origin" }
"""

DESCRIPTIONS = {
    "long": _ABOUT + 'year = "Year"\nmonth = "Month"\nvalue = "Value"\n' + _FLOWS,
    "wide": _ABOUT + 'value = "{year}"\n' + _FLOWS,
}
"""Forms of a table of ten columns: a figure a row, or seven years side by side."""

Cell = str | int | float


def write_form(folder: Path, form: str, rows: int, *, seed: int = SEED) -> tuple[Path, Path]:
    """Write a workbook of one form with its description, and return the paths of both."""
    book, description = folder / f"{form}.xlsx", folder / f"{form}.toml"
    description.write_text(DESCRIPTIONS[form], encoding="utf-8")
    columns = _columns(form, rows, np.random.default_rng(seed))
    write_workbook(book, [tuple(columns), *zip(*columns.values(), strict=True)])
    return book, description


def _columns(form: str, rows: int, rng: np.random.Generator) -> Mapping[str, Sequence[Cell]]:
    """Return ten columns; each statement stands there once."""
    from flows.countries import entries  # noqa: PLC0415 - not in the processes of peers

    countries = {entry[0].alpha3: name for name, entry in entries("iso").items()}
    names = [countries[code] for code in sorted(countries)][:110]
    products = [f"{code:06}" for code in sorted(rng.choice(970_000, 2_000, replace=False) + 10_000)]
    months = range(1, 13) if form == "long" else [0]
    keys = [
        *itertools.islice(itertools.product(products, months, ["Export", "Import"], names), rows)
    ]
    product, month, flow, partner = zip(*keys, strict=True)
    amounts = np.round(rng.lognormal(6, 2.5, (rows, len(_YEARS))), 3).T.tolist()
    sides = {"Country": partner, "HS code": product, "Flow": flow}
    if form == "wide":
        return {**sides, **{str(year): amounts[at] for at, year in enumerate(_YEARS)}}
    return {
        "Year": [2023] * rows,
        "Month": month,
        **sides,
        "Office": [f"Office {number}" for number in rng.integers(1, 30, rows)],
        "Mode": rng.choice(["road", "rail", "sea", "air"], rows).tolist(),
        "Weight": amounts[0],
        "Quantity": rng.integers(1, 100_000, rows).tolist(),
        "Value": amounts[1],
    }


def write_workbook(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    """Write a workbook of one sheet as spreadsheets do: each text once, beside the sheet."""
    texts: dict[str, int] = {}
    parts = {
        "_rels/.rels": f'<Relationships {_PACKAGE}><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {_PACKAGE}>"
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}><sheetData>"
        + "".join(_row(number, row, texts) for number, row in enumerate(rows, start=1))
        + "</sheetData></worksheet>",
    }
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f"<sst {_MAIN}>{shared}</sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def _row(number: int, row: Sequence[Cell], texts: dict[str, int]) -> str:
    return f'<row r="{number}">{"".join(_cells(number, row, texts))}</row>'


def _cells(number: int, row: Sequence[Cell], texts: dict[str, int]) -> Iterator[str]:
    for at, cell in enumerate(row):
        place = f"{chr(ord('A') + at)}{number}"
        if isinstance(cell, str):
            yield f'<c r="{place}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'
        else:
            yield f'<c r="{place}"><v>{cell!r}</v></c>'


def of_flows(book: Path, description: Path) -> int:
    """Load with this package: a checked flow table."""
    import flows  # noqa: PLC0415 - not in the processes of peers

    return len(flows.load(book, layout=str(description)))


def of_calamine(book: Path, _: Path) -> int:
    """Read the cells with calamine, which this package and pandas use."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - not in the process of flows

    return len(CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python())


def of_pandas(book: Path, _: Path) -> int:
    """Read a frame with pandas on calamine; codes as text, so that they keep their zeros."""
    import pandas as pd  # noqa: PLC0415 - not in the processes of others

    return len(pd.read_excel(book, engine="calamine", dtype={"HS code": "str"}))


WORKS: dict[str, Callable[[Path, Path], int]] = {
    "flows, a checked table": of_flows,
    "calamine, cells alone": of_calamine,
    "pandas on calamine": of_pandas,
}


def table(form: str, runs: Mapping[str, Run]) -> list[list[str]]:
    """Return what each work took, and the ratio of the package to it."""
    own = next(iter(runs.values()))
    return [
        [
            form,
            name,
            f"{run.rows:,}",
            f"{run.busy:.2f}",
            f"{run.peak:.0f}",
            f"{own.busy / run.busy:.2f}",
        ]
        for name, run in runs.items()
    ]


def main() -> None:
    """Write a workbook of each form, take the runs in turns and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", nargs=3, metavar=("WORK", "BOOK", "TOML"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        name, book, description = asked.work
        report(lambda: WORKS[name](Path(book), Path(description)))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for form in DESCRIPTIONS:
            paths = [str(path) for path in write_form(Path(folder), form, asked.rows)]
            several = [
                {name: run_apart(__file__, ["--work", name, *paths]) for name in WORKS}
                for _ in range(asked.runs)
            ]
            rows += table(form, {name: best(run[name] for run in several) for name in WORKS})
    sys.stdout.write(
        f"{asked.rows:,} rows of ten columns, best of {asked.runs} runs; {os.cpu_count()} "
        "processors.\n\n"
    )
    heading = ["form", "what", "rows out", "seconds of processors", "peak MB", "flows / this"]
    sys.stdout.write(f"{markdown_table(heading, rows)}\n")


if __name__ == "__main__":
    main()
