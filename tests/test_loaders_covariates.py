"""Beside the flows: dated events, CEPII's covariates of pairs, shares that SIPRI published."""

from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError, SchemaError
from flows.geography import check_covariates
from flows.loaders import load
from flows.loaders.covariates import (
    check_events,
    check_gravity,
    check_shares,
    normalise_events,
    normalise_gravity,
    normalise_published_shares,
    read_events,
    read_gravity,
    read_published_shares,
)
from flows.loaders.examples import example_path


def test_events_of_one_id_are_refused() -> None:
    table = normalise_events(read_events(example_path("events")))
    with pytest.raises(
        SchemaError, match=r"expected each id once; rows at fault: events\.csv lines 3, 2"
    ):
        check_events(table.assign(id="ban"))


def test_two_rows_of_one_pair_and_year_are_refused() -> None:
    table = normalise_gravity(read_gravity(example_path("gravity")))
    with pytest.raises(
        SchemaError,
        match=r"expected each pair and year once; rows at fault: gravity\.csv lines 2, 3",
    ):
        check_gravity(table.assign(year=2019))


def test_a_share_above_100_is_refused() -> None:
    table = normalise_published_shares(read_published_shares(example_path("published_shares")))
    with pytest.raises(
        SchemaError,
        match=r"expected no share above 100; rows at fault: published_shares\.csv lines 2, 3",
    ):
        check_shares(table.assign(share_pct=101.0))


EVENTS = example_path("events")


def test_events_stand_in_the_order_of_their_days_and_may_have_no_end() -> None:
    events = normalise_events(read_events(EVENTS))
    assert events["id"].tolist() == ["agreement", "ban"]
    assert events["start"].tolist() == [pd.Timestamp("2019-10-27"), pd.Timestamp("2021-01-01")]
    assert events["end"].isna().tolist() == [True, False]
    assert events["line"].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("2021-12-31", "2020-12-31", SchemaError, "expected start to be no later than end"),
        (
            "agreement,2019",
            "ban,2019",
            SchemaError,
            "expected each id once; rows at fault: .* 3, 2",
        ),
        ("2021-01-01", "1 January", LayoutError, "csv:2: column start: expected a day"),
        ("2021-01-01", "", LayoutError, "csv:2: column start: expected a day"),
        ("2021-12-31", "soon", LayoutError, "csv:2: column end: expected a day"),
        ("example.org/ban", "", LayoutError, "csv:2: column address"),
    ],
)
def test_a_fault_of_events_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_events(read_events(changed(tmp_path, EVENTS, old, new)))


GRAVITY = example_path("gravity")


def test_covariates_are_numbers_and_missing_ones_stay_missing() -> None:
    pairs = load(GRAVITY)
    assert pairs["year"].tolist() == [2019, 2020]
    assert pairs["dist"].tolist() == [786, 786]
    assert pairs["gdp_o"].isna().tolist() == [False, True]
    assert pairs["rta_type"].isna().all()
    assert pairs.attrs["report"]["left_out"] == {
        "rows of countries that did not exist in the year": 1
    }


def test_the_stata_file_gives_the_same(tmp_path: Path) -> None:
    frame = pd.read_csv(GRAVITY)
    frame["rta_type"] = frame["rta_type"].astype("float64")
    path = tmp_path / "gravity.dta"
    frame.to_stata(path, write_index=False)
    own = ["dataset", "line"]
    stata = load(path).drop(columns=own)
    assert stata.equals(load(GRAVITY).drop(columns=own))


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("780.4,786", "780.4,near", LayoutError, "csv:2: column dist"),
        ("IRN,ARM,364", "IRQ?,ARM,364", CountryError, r"IRQ\?.*csv line 2"),
        ("2020,IRN", "2019,IRN", SchemaError, "lines 2, 3"),
        ("iso3_d,", "iso3,", LayoutError, "csv:1: .* 'iso3' .* is 'iso3_d' but for one"),
    ],
)
def test_a_fault_of_covariates_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_gravity(read_gravity(changed(tmp_path, GRAVITY, old, new)))


def test_a_file_that_is_none_of_stata_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gravity.dta"
    path.write_bytes(b"<stata_dta>")
    with pytest.raises(LayoutError, match="expected a Stata file"):
        read_gravity(path)


PUBLISHED = example_path("published_shares")


def test_a_window_has_its_first_and_last_day() -> None:
    shares = normalise_published_shares(read_published_shares(PUBLISHED))
    assert shares["exporter"].tolist() == ["ISR", "RUS"]
    assert shares["share_pct"].tolist() == [69, 17]
    assert shares["start"].unique().tolist() == [pd.Timestamp("2016-01-01")]
    assert shares["end"].unique().tolist() == [pd.Timestamp("2020-12-31")]
    assert shares["line"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (",69,", ",169,", SchemaError, "expected no share above 100; rows at fault: .* line 2"),
        (",RUS,", ",ISR,", SchemaError, "expected each share once; rows at fault: .* lines 2, 3"),
        ("2016,2020", "2020,2016", SchemaError, "expected start to be no later than end"),
        (",69,", ",69 %,", LayoutError, "csv:2: column share_pct"),
        (",ISR,", ",Izrael,", CountryError, "Izrael.*shares.csv line 2"),
    ],
)
def test_a_fault_of_published_shares_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_published_shares(read_published_shares(changed(tmp_path, PUBLISHED, old, new)))


GEODIST = example_path("geodist")


def test_codes_of_geodist_are_those_of_today_or_of_states_that_are_no_more() -> None:
    pairs = load(GEODIST)
    assert " ".join(pairs["exporter"]) == "IRN IRN GBR ROU COD PSE ANT CCK NLD"
    assert " ".join(pairs["importer"]) == "ARM IRN USA SCG TLS ISR NLD ARM ANT"
    assert pairs.loc[0, ["dist", "distcap", "distw", "distwces"]].tolist() == [
        789.0012,
        789.0012,
        908.7886,
        752.3473,
    ]
    assert pairs["distw"].isna().tolist() == [False] * 7 + [True, False]
    assert pairs.attrs["report"]["warnings"] == [
        "distances of states that are no more (ANT, SCG), and none of their successors"
    ]


@pytest.mark.parametrize("program", ["dta", "xlsx"])
def test_geodist_is_the_same_from_every_program(tmp_path: Path, program: str) -> None:
    frame = pd.read_csv(GEODIST, na_values=".")
    path = tmp_path / f"dist_cepii.{program}"
    if program == "dta":
        frame.to_stata(path, write_index=False)
    else:
        frame.to_excel(path, index=False)
    own = ["dataset", "line"]
    assert load(path).drop(columns=own).equals(load(GEODIST).drop(columns=own))


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("908.7886", "far", LayoutError, "csv:2: column distw: expected a number"),
        ("IRN,ARM", "IRN,", CountryError, r"csv line 2"),
        ("GBR,USA", "IRN,ARM", SchemaError, "expected each pair once; .* lines 2, 4"),
        ("distwces", "distwcess", LayoutError, "'distwcess' .* is 'distwces' but for one"),
    ],
)
def test_a_fault_of_geodist_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, GEODIST, old, new))


def test_geodist_is_a_frame_of_covariates() -> None:
    pairs = load(GEODIST)
    assert check_covariates(pairs, needed=["contig", "dist"]).equals(pairs)
