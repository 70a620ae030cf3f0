"""Lines as columns of cells: what blocks and short lines do not change, and numbers as text."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_workbooks import workbook

from flows.errors import LayoutError
from flows.loaders.grids import grid_of
from flows.loaders.text import Record, make_table
from flows.loaders.workbook_parts import readable
from flows.loaders.workbooks import read_sheet

CELLS = st.lists(st.sampled_from(["", " ", "a", "b c", "\u00a0"]), max_size=4)


@given(st.lists(CELLS, max_size=30))
def test_lines_come_back_as_they_were(rows: list[list[str]]) -> None:
    lines = [(2 * at + 1, cells) for at, cells in enumerate(rows)]
    grid = grid_of(lines)
    assert grid.rows() == lines
    assert grid[2:5].rows() == lines[2:5]
    filled = np.array([any(cell.strip() for cell in cells) for cells in rows], dtype=np.bool_)
    assert grid.where(filled).rows() == [
        line for line, kept in zip(lines, filled, strict=True) if kept
    ]
    assert (grid.filled().any(axis=0) == filled).all()
    assert (grid.written() == [any(cells) for cells in rows]).all()


def test_lines_of_many_blocks_of_different_width() -> None:
    lines = [(at, ["x"] * (1 + at // 3000)) for at in range(1, 9000)]
    assert grid_of(lines).rows() == lines


def test_no_line_is_a_grid_as_well() -> None:
    grid = grid_of([])
    assert (len(grid), grid.rows(), grid.filled().shape) == (0, [], (0, 0))


def test_the_first_row_at_fault_is_told() -> None:
    records = [Record(2, ["2020", "1"]), Record(3, ["year", "value"]), Record(5, ["2021"])]
    with pytest.raises(LayoutError, match=r"my.csv:3: expected a row, found the header again"):
        make_table(["year", "value"], records, path="my.csv")
    with pytest.raises(LayoutError, match=r"my.csv:5: expected 2 cells, found 1: 2021"):
        make_table(["year", "value"], [records[0], records[2]], path="my.csv")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_are_written_with_all_their_digits(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    rows = "".join(f"<row><c><v>{value!r}</v></c></row>" for value in values)
    path = workbook(tmp_path_factory.mktemp("numbers") / "my.xlsx", rows)
    written = [cell for _, [cell] in read_sheet(path, decimal=",")]
    assert [float(cell.replace(",", ".")) for cell in written] == values
    whole = [str(int(value)) for value in values if value.is_integer()]
    assert [
        cell for cell, value in zip(written, values, strict=True) if value.is_integer()
    ] == whole


@pytest.mark.parametrize("value", [0.1, 1e-4, 9.9e-5, 123.456, 9999999999.5, 1e10 + 0.5, 5e-324])
def test_a_number_is_written_as_python_does(tmp_path: Path, value: float) -> None:
    path = workbook(tmp_path / "my.xlsx", f"<row><c><v>{value!r}</v></c><c><v>2</v></c></row>")
    assert list(read_sheet(path)) == [(1, [repr(value), "2"])]


def test_a_column_of_everything(tmp_path: Path) -> None:
    cells = ['t="str"><v>x', "><v>1.50", 't="b"><v>0', 't="e"><v>#N/A', "><v>3", 's="1"><v>44927']
    rows = "".join(f"<row><c {cell}</v></c></row>" for cell in cells)
    column = [cell for _, [cell] in read_sheet(workbook(tmp_path / "my.xlsx", rows))]
    assert column == ["x", "1.5", "false", "#N/A", "3", "2023-01-01"]


def test_errors_of_a_long_sheet_are_found_wherever_it_is_cut(tmp_path: Path) -> None:
    errors = "".join(
        f'<row r="{row}"><c r="B{row}" s="0" t="e"><v>#DIV/0!</v></c></row>'
        for row in range(1, 60_001)
    )
    path = workbook(tmp_path / "my.xlsx", errors)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("xl/worksheets/sheet1.xml").file_size > 3 * 1024**2
    assert {tuple(cells) for _, cells in read_sheet(path)} == {("#DIV/0!",)}


def test_a_workbook_without_faults_is_read_from_its_own_file(tmp_path: Path) -> None:
    path = workbook(tmp_path / "my.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>')
    with readable(path) as file:
        assert file == path
