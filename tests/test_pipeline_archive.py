import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_project import make_project

from flows.errors import ReportError
from flows.findings import Figure, Findings, Number, Table
from flows.pipeline.tasks import datapackage_json, read_findings, read_frame, write_findings
from flows.sources import read_source
from flows.table import check_flows, empty_table

FRAME = pd.DataFrame(
    {
        "year": [2019, 2020],
        "share": [0.3, np.nan],
        "name": ["Türkiye", None],
        "odd": [True, False],
        "day": pd.to_datetime(["2023-03-21", "2024-03-19"]).astype("datetime64[s]"),
        "month": pd.period_range("2023-01", periods=2, freq="M"),
    }
)
NUMBER = Number("s.share", 67.7, "%", "67.7", "Share.", ("value = 67.7",), {"a@1": (2, 3)})
TABLE = Table("s-t", FRAME, {"year": "Year"}, {}, "Caption.", "Note.", {"a@1": (2,)})
FIGURE = Figure("s-f", "draw", FRAME, {"k": [1.5, None]}, "Caption.", "Source.", {})


def files_of(folder: Path) -> dict[str, Any]:
    return {
        "values": folder / "findings.json",
        "figures": {"s-f": folder / "figures" / "s-f.parquet"},
        "tables": {"s-t": folder / "tables" / "s-t.parquet"},
    }


def test_findings_come_back_as_they_were(tmp_path: Path) -> None:
    found = Findings((NUMBER,), (TABLE,), (FIGURE,), {"s.name": "Türkiye"}, {"s.deals": "Text."})
    write_findings(found, files_of(tmp_path))
    back = read_findings(files_of(tmp_path))
    assert back.numbers == found.numbers
    assert back.words == found.words
    assert back.texts == found.texts
    pd.testing.assert_frame_equal(back.tables[0].frame, FRAME)
    pd.testing.assert_frame_equal(back.figures[0].data, FRAME)
    for one, other, frame in ((back.tables[0], TABLE, "frame"), (back.figures[0], FIGURE, "data")):
        for field in fields(one):
            if field.name != frame:
                assert getattr(one, field.name) == getattr(other, field.name)


def test_exhibits_without_a_file_are_left_out(tmp_path: Path) -> None:
    files = {**files_of(tmp_path), "figures": {}}
    write_findings(Findings((), (TABLE,), (FIGURE,)), files)
    assert read_findings(files).figures == ()


def test_a_file_without_an_exhibit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no figure 's-f'; there are: none"):
        write_findings(Findings((), (TABLE,)), files_of(tmp_path))


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_keeps_every_bit(tmp_path: Path, value: float) -> None:
    files = {"values": tmp_path / "findings.json", "figures": {}, "tables": {}}
    number = replace(NUMBER, value=value)
    write_findings(Findings((number,)), files)
    assert read_findings(files).numbers[0].value == number.value


def test_a_flow_table_comes_back_from_parquet_as_it_was(tmp_path: Path) -> None:
    table = empty_table()
    table.attrs["report"] = {"layout": "armstat", "left_out": {}}
    table.to_parquet(tmp_path / "a.parquet", index=False)
    back = read_frame(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(back, table)
    assert back.attrs == table.attrs
    assert check_flows(back).shape == (0, 17)


def test_the_data_package_describes_each_table(tmp_path: Path) -> None:
    source = read_source(make_project(tmp_path) / "data/raw/cow-trade/4.0")
    table = tmp_path / "cow-trade@4.0.parquet"
    empty_table().to_parquet(table, index=False)
    package = json.loads(datapackage_json([source], [table]))
    resource = package["resources"][0]
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    assert resource["path"] == "cow-trade@4.0.parquet"
    assert resource["rows"] == 0
    assert resource["hash"].startswith("sha256:")
    assert resource["licenses"] == [{"title": "Open", "path": "https://example.org"}]
    assert kinds["start"] == "date"
    assert kinds["value"] == "number"
    assert kinds["line"] == "integer"
    assert kinds["estimate"] == "boolean"
    assert kinds["exporter"] == "string"


def test_a_data_package_needs_as_many_tables_as_sources(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        datapackage_json([], [tmp_path])


def test_parquet_is_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        FRAME.to_parquet(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
