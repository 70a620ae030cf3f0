"""US Census: months before sums since January, groups by their codes, ports and states refused."""

import json
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.scope import scope_of
from tests.raw_files import changed

EXAMPLE = example_path("us_census")


def reply(folder: Path, *rows: list[str]) -> Path:
    path = folder / "reply.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_groups_are_known_by_their_codes_and_the_total_is_kept() -> None:
    trade = load(EXAMPLE)
    assert trade["importer"].tolist() == ["ARM", "AZE"]
    assert set(trade["valuation"]) == {""}
    assert trade["end"].iloc[0] == pd.Timestamp("2023-01-31")
    scope = scope_of(trade["dataset"].iloc[0])
    assert scope is not None
    assert scope.totals["value"].tolist() == [1e10]


def test_a_csv_of_a_reply_is_the_same(tmp_path: Path) -> None:
    rows = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    path = tmp_path / "saved.csv"
    path.write_text("\n".join(",".join(row[:6]) for row in rows), encoding="utf-8")
    assert load(path)["value"].tolist() == load(EXAMPLE)["value"].tolist()


def test_values_since_january_are_a_year_in_december(tmp_path: Path) -> None:
    header = ["CTY_CODE", "CTY_NAME", "GEN_VAL_YR", "CON_VAL_YR", "time"]
    trade = load(reply(tmp_path, header, ["4631", "ARMENIA", "120", "110", "2023-12"]))
    assert trade[["exporter", "importer", "value", "product"]].to_numpy().tolist() == [
        ["ARM", "USA", 120.0, "TOTAL"]
    ]
    assert trade["start"].iloc[0] == pd.Timestamp("2023-01-01")
    assert "CON_VAL_YR were not read beside GEN_VAL_YR" in trade.attrs["report"]["warnings"]
    with pytest.raises(LayoutError, match=r"json:2: column time: expected 12, since GEN_VAL_YR"):
        load(reply(tmp_path, header, ["4631", "ARMENIA", "120", "110", "2023-11"]))


def test_two_rows_of_palestine_are_one(tmp_path: Path) -> None:
    header = ["CTY_CODE", "CTY_NAME", "ALL_VAL_MO", "time"]
    west = ["5083", "WEST BANK ADMINISTERED BY ISRAEL", "5", "2023-01"]
    gaza = ["5082", "GAZA STRIP ADMINISTERED BY ISRAEL", "7", "2023-01"]
    trade = load(reply(tmp_path, header, west, ["5081", "ISRAEL", "1", "2023-01"], gaza))
    values = trade.set_index("importer")["value"].to_dict()
    assert values == {"ISR": 1.0, "PSE": 12.0}


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (('"9500250"', '"9,5"'), LayoutError, r"json:2: column ALL_VAL_MO: .*found '9,5'"),
        (('"2023","01","87"],', '"2023","13","87"],'), LayoutError, r"json:2: column MONTH: .*'13"),
        (('"2023","01","87"],', '"23","01","87"],'), LayoutError, r"json:2: column YEAR: .*'23'"),
        (
            ('"9500250","87"', '"9500250","8x"'),
            LayoutError,
            r"'E_COMMODITY' as .*line 2: '8x' and '87'",
        ),
        (("ARMENIA", "ARMENNIA"), CountryError, "'ARMENNIA' .*nearest: Armenia ARM.*line 2"),
        (('"CTY_NAME"', '"NAME"'), LayoutError, "json:1: expected the columns CTY_NAME and one of"),
        (('"YEAR"', '"PORT"'), LayoutError, "json:1: .*found rows by PORT; ask for it without"),
        (('"4632","AZERBAIJAN"', '"4631","ARMENIA"'), SchemaError, "lines? 2, 3"),
        (('"9500250",', ""), LayoutError, "json:2: expected 7 cells, found 6"),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit), layout="us_census")
