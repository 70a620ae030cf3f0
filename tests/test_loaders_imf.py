"""IMF: the scale multiplies in the old data and is a remark in the new."""

import json
from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, PeriodError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path

OWN = ["dataset", "line"]


def test_the_old_data_are_multiplied_by_their_scale() -> None:
    trade = load(example_path("imf_compact"))
    assert trade["value"].tolist() == [84e6, 269.2e6, 22.5e6]
    assert trade["exporter"].tolist() == ["ARM", "IRN", "IRN"]
    assert trade["valuation"].tolist() == ["FOB", "CIF", "CIF"]
    assert trade["end"].tolist()[2] == pd.Timestamp("2019-01-31")
    assert trade.attrs["report"]["left_out"] == {"observations of groups of countries": 1}


def test_the_new_data_are_dollars_already() -> None:
    trade = load(example_path("imf_sdmx_xml"))
    assert trade["value"].tolist() == [94_550_000, 24_385_000]
    assert trade["start"].tolist()[1] == pd.Timestamp("2024-01-01")
    assert trade["end"].tolist()[1] == pd.Timestamp("2024-03-31")


def test_three_notations_of_the_new_data_agree() -> None:
    tables = [load(example_path(f"imf_sdmx_{kind}")).iloc[[0]] for kind in ("xml", "json", "csv")]
    assert tables[0].drop(columns=OWN).equals(tables[1].drop(columns=OWN))
    assert tables[0].drop(columns=OWN).equals(tables[2].drop(columns=OWN))


@pytest.mark.parametrize(
    ("key", "change", "error", "message"),
    [
        ("imf_compact", ('"IR"', '"QQ"'), CountryError, "QQ"),
        ("imf_compact", ('"6"', '"600"'), LayoutError, "expected a power of ten up to 12"),
        ("imf_compact", ('"84"', '"84,0"'), LayoutError, "OBS_VALUE: .* found '84,0'"),
        ("imf_compact", ('"DataSet"', '"Data"'), LayoutError, "found nothing under 'DataSet'"),
        ("imf_sdmx_xml", ("2024-Q1", "2024-Q5"), LayoutError, "xml:5: column TIME_PERIOD"),
        ("imf_sdmx_xml", ("2024-Q1", "2024-M13"), PeriodError, "xml:5: column TIME_PERIOD"),
        ("imf_sdmx_xml", ("2024-Q1", "2023"), SchemaError, "lines 4, 5"),
        ("imf_sdmx_xml", ("</message:DataSet>", ""), LayoutError, "xml:10: expected XML"),
        (
            "imf_sdmx_xml",
            ("<message:Str", "<!DOCTYPE a [<!ENTITY b 'c'>]><message:Str"),
            LayoutError,
            "xml:2: expected XML without a DOCTYPE",
        ),
        ("imf_sdmx_csv", ("38645407.68", "-5"), LayoutError, "csv:3: .* not negative"),
        (
            "imf_sdmx_json",
            ('"0:0:0:0"', '"0:0:9:0"'),
            LayoutError,
            "expected the parts of SDMX-JSON",
        ),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, key: str, change: tuple[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, example_path(key), *change))


def test_an_observation_without_a_value_is_counted(tmp_path: Path) -> None:
    path = changed(tmp_path, example_path("imf_compact"), ', "@OBS_VALUE": "84"', "")
    assert load(path).attrs["report"]["left_out"]["observations without a value"] == 1


def test_a_reply_without_series_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text(json.dumps({"CompactData": {"DataSet": {}}}), encoding="utf-8")
    with pytest.raises(LayoutError, match="expected observations, found none"):
        load(path)


def test_real_replies_give_groups_of_countries_only(shared_data: Path) -> None:
    old = load(shared_data / "imf" / "dots_compactdata_US_exports_W00_B0_2020_2023.json")
    assert old.attrs["report"]["left_out"] == {"observations of groups of countries": 8}
    new = load(shared_data / "imf" / "imts_sdmx3_US_2023_2024_excerpt.xml")
    assert new.attrs["report"]["left_out"] == {"observations of groups of countries": 4}


def test_real_replies_agree_on_us_exports_of_2023_once_scaled(
    shared_data: Path, tmp_path: Path
) -> None:
    name = "dots_compactdata_US_exports_W00_B0_2020_2023.json"
    old = (shared_data / "imf" / name).read_text(encoding="utf-8")
    new = (shared_data / "imf" / "imts_sdmx3_US_2023_2024_excerpt.xml").read_text(encoding="utf-8")
    (tmp_path / "old.json").write_text(old.replace('"W00"', '"IR"'), encoding="utf-8")
    (tmp_path / "new.xml").write_text(new.replace("G001", "IRN"), encoding="utf-8")
    before, after = load(tmp_path / "old.json"), load(tmp_path / "new.xml")
    in_2023 = [
        table.loc[table["start"].dt.year == 2023, "value"].item() for table in (before, after)
    ]
    assert in_2023[0] == pytest.approx(in_2023[1], abs=1)
