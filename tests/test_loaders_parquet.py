"""What was converted loads as what it was: the same rows, data set, scope and shares."""

from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from engine_files import BACI_NAME, baci_text, written

import flows as fl
from flows import scope
from flows.bulk.convert import convert
from flows.bulk.engines import EngineName
from flows.errors import FlowsError, LayoutError, ScopeError
from flows.loaders.examples import example_path
from flows.loaders.text import is_parquet
from flows.scope import Scope, scope_of

ONE_AND_WORLD = Path(__file__).parent / "fixtures" / "comtrade-v1-one-partner-and-world.csv"
FIVE = Path(__file__).parent / "fixtures" / "wits-top5-share.csv"
LOCAL = [name for name in get_args(EngineName) if name != "spark"]


def through(path: Path, folder: Path, **options: Any) -> pd.DataFrame:
    convert([path], folder / "out.parquet", **options)
    return fl.load(folder / "out.parquet")


def scope_of_table(table: pd.DataFrame) -> Scope:
    scope = scope_of(str(table["dataset"].iloc[0]))
    assert scope is not None
    return scope


def assert_same_scope(one: pd.DataFrame, other: pd.DataFrame) -> None:
    first, second = scope_of_table(one), scope_of_table(other)
    for name in ("partners", "countries", "largest", "years", "unnamed"):
        assert getattr(first, name) == getattr(second, name)
    pd.testing.assert_frame_equal(first.totals, second.totals)
    assert len(second.entries) == len(one)


def outcome(table: pd.DataFrame, **asked: Any) -> tuple[object, ...]:
    """Return a share with what it rests on, or the error in words, whatever the file is called."""
    name = str(table["dataset"].iloc[0])
    try:
        share = fl.share(table, **asked)
    except FlowsError as error:
        return (type(error), str(error).replace(name, "the file"))
    return (share.value, share.scope, dict(share.lines)[name])


@pytest.mark.parametrize("engine", LOCAL)
@pytest.mark.parametrize(
    "layout", ["comtrade_v1", "comtrade_legacy", "comtrade_legacy_bulk", "baci"]
)
def test_the_scope_of_a_file_that_is_streamed_is_that_of_the_loader(
    layout: str, engine: EngineName, tmp_path: Path
) -> None:
    path = example_path(layout)
    loaded, back = fl.load(path), through(path, tmp_path, engine=engine)
    assert_same_scope(loaded, back)
    assert back["dataset"].iloc[0].startswith(f"{path.name}@")
    assert back.attrs["report"]["layout"] == layout
    pd.testing.assert_frame_equal(
        back.drop(columns="dataset"), loaded.drop(columns="dataset"), check_dtype=True
    )


@pytest.mark.parametrize("layout", ["armstat", "sipri_tiv_table", "sipri_register", "wits_summary"])
def test_a_file_that_is_loaded_keeps_its_data_set(layout: str, tmp_path: Path) -> None:
    loaded, back = fl.load(example_path(layout)), through(example_path(layout), tmp_path)
    assert_same_scope(loaded, back)
    pd.testing.assert_frame_equal(back, loaded)
    assert back.attrs["report"] == loaded.attrs["report"]


@pytest.mark.parametrize("supplier", ["TUR", "CHN", "TWN"])
def test_the_printed_total_is_the_denominator_after_a_conversion(
    supplier: str, tmp_path: Path
) -> None:
    raw = fl.load(ONE_AND_WORLD)
    asked = {
        "supplier": supplier,
        "importer": str(raw["importer"].iloc[0]),
        "start": int(raw["start"].dt.year.min()),
        "end": int(raw["end"].dt.year.max()),
    }
    partner = str(raw["exporter"].iloc[0])
    for code in (partner, supplier):
        expected = outcome(raw, **asked | {"supplier": code})
        assert outcome(through(ONE_AND_WORLD, tmp_path), **asked | {"supplier": code}) == expected
    share = fl.share(through(ONE_AND_WORLD, tmp_path), **asked | {"supplier": partner})
    assert share.scope == "printed total"


def test_the_largest_partners_stay_the_largest(tmp_path: Path) -> None:
    asked = {"supplier": "IRN", "importer": "ARM", "start": 2019, "end": 2019}
    assert outcome(through(FIVE, tmp_path), **asked) == outcome(fl.load(FIVE), **asked)


def test_a_country_that_is_not_named_is_pointed_to_after_a_conversion(tmp_path: Path) -> None:
    path = written(tmp_path, baci_text([(2022, 490, 51, 10121, 5.0), (2022, 156, 51, 10121, 5.0)]))
    asked = {"supplier": "TWN", "importer": "ARM", "start": 2022, "end": 2022}
    expected = outcome(fl.load(path), **asked)
    assert expected[0] is ScopeError
    assert outcome(through(path, tmp_path), **asked) == expected


def test_years_of_a_release_are_one_data_set(tmp_path: Path) -> None:
    years = [
        written(tmp_path, baci_text([(year, 156, 51, 10121, 5.0)]), name)
        for year, name in ((2022, BACI_NAME), (2023, BACI_NAME.replace("2022", "2023")))
    ]
    convert(years, tmp_path / "both.parquet")
    table = fl.load(tmp_path / "both.parquet")
    assert table["file"].tolist() == [path.name for path in years]
    share = fl.share(table, supplier="CHN", importer="ARM", start=2022, end=2023)
    assert (share.value, share.scope) == (1.0, "all partners")
    assert share.dataset.startswith("both.parquet@")


def test_a_conversion_of_a_conversion_keeps_the_scope(tmp_path: Path) -> None:
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    convert([ONE_AND_WORLD], first)
    convert([first], second)
    assert_same_scope(fl.load(first), fl.load(second))


def test_rows_that_were_filtered_before_they_were_written_are_not_the_whole(
    tmp_path: Path,
) -> None:
    arms = fl.load(example_path("sipri_tiv_table"))
    name = str(arms["dataset"].iloc[0])
    israel = arms[arms["exporter"] == "ISR"]
    assert israel.attrs["scope"] == arms.attrs["scope"]
    israel.to_parquet(tmp_path / "israel.parquet")
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2018}
    with pytest.raises(ScopeError, match="rows that this counts are not in the table any more"):
        fl.share(fl.load(tmp_path / "israel.parquet"), **asked)
    scope._known.pop(name)
    with pytest.raises(ScopeError, match="expected a file that was loaded in this session"):
        fl.share(fl.load(tmp_path / "israel.parquet"), **asked)


def test_a_table_of_codes_comes_back(tmp_path: Path) -> None:
    codes = fl.load(example_path("baci_countries"))
    pd.testing.assert_frame_equal(through(example_path("baci_countries"), tmp_path), codes)


def test_totals_that_do_not_hold_are_said_of_the_parquet_too(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    text = ONE_AND_WORLD.read_text(encoding="utf-8")
    assert "World" in text
    wrong.write_text(text, encoding="utf-8")
    raw, back = fl.load(wrong), through(wrong, tmp_path)
    assert [line for line in raw.attrs["report"]["warnings"] if "partners add up" in line]
    assert back.attrs["report"]["warnings"] == raw.attrs["report"]["warnings"]


def test_parquet_that_is_no_flow_table_is_refused(tmp_path: Path) -> None:
    sums, broken = tmp_path / "sums.parquet", tmp_path / "broken.parquet"
    convert([ONE_AND_WORLD], sums, by=["exporter", "importer", "year"])
    with pytest.raises(LayoutError, match="since sums of BACI alone are a flow table"):
        fl.load(sums)
    broken.write_bytes(b"PAR1 and no more")
    with pytest.raises(LayoutError, match="expected sound Parquet"):
        fl.load(broken)
    assert is_parquet(broken)
    assert not is_parquet(tmp_path)
