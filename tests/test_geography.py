"""Facts on pairs of countries: distances, borders and languages, against others' and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import flows as fl
from flows.countries import country_name
from flows.errors import CountryError, SchemaError, UnknownNameError
from flows.geography import (
    EARTH_RADIUS,
    Distance,
    check_covariates,
    known_countries,
    missing_pairs,
    pair_covariates,
)

FACTS = pair_covariates()
HALF_WAY_ROUND = 20_038
"""Half of the equator in km: no two places are further apart."""

IRAN_ON_LAND = {"AFG", "ARM", "AZE", "IRQ", "PAK", "TKM", "TUR"}
ISLANDS = ("AUS", "CUB", "CYP", "ISL", "JPN", "LKA", "MDG", "MLT", "NZL", "PHL", "SGP", "TWN")


def wide(facts: pd.DataFrame, name: str) -> pd.DataFrame:
    return facts.pivot_table(index="exporter", columns="importer", values=name, dropna=False)


def by_pair(facts: pd.DataFrame, name: str) -> pd.Series:
    return facts.set_index(["exporter", "importer"])[name]


def listed(pairs: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(pairs["a"], pairs["b"], strict=True))


def neighbours(country: str) -> set[str]:
    beside = FACTS[(FACTS["exporter"] == country) & (FACTS["border"] == 1)]
    return set(beside["importer"])


def guide(folder: Path) -> pd.DataFrame:
    """Return pairs of the Advanced Guide to Trade Policy Analysis, whose figures are CEPII's."""
    path = folder / "gravity" / "advanced-guide.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is missing: covariates of others for this test lie there")
    pairs = pd.read_csv(path, comment="#").replace({"ROM": "ROU"})
    once = pairs.drop_duplicates(["exporter", "importer"])
    return once[once["exporter"] != once["importer"]]


@pytest.mark.parametrize("distance", ["arithmetic", "harmonic", "capitals"])
def test_distances_are_those_of_a_sphere(distance: Distance) -> None:
    facts = pair_covariates(distance=distance)
    km = wide(facts, "km").to_numpy()
    assert np.array_equal(km, km.T, equal_nan=True)
    known = facts["km"].dropna()
    assert known.between(0, HALF_WAY_ROUND, inclusive="neither").all()
    assert np.array_equal(facts["log_distance"], np.log(facts["km"]), equal_nan=True)


def test_great_circles_keep_the_triangle() -> None:
    km = wide(pair_covariates(distance="capitals").dropna(subset="km"), "km").fillna(0).to_numpy()
    for by_way_of in range(len(km)):
        assert (km <= km[:, [by_way_of]] + km[[by_way_of], :] + 1e-6).all()


def test_half_of_the_equator_by_hand() -> None:
    """Quito and Singapore lie near the equator: the arc of their longitudes is their distance."""
    pair = pair_covariates(["Ecuador", "Singapore"], distance="capitals")
    degrees = 103.85 + 78.52
    assert pair["km"].iloc[0] == pytest.approx(
        np.pi * EARTH_RADIUS * (360 - degrees) / 180, rel=0.01
    )


def test_a_harmonic_mean_is_below_the_arithmetic_one() -> None:
    harmonic = pair_covariates(distance="harmonic")["km"]
    both = FACTS["km"].notna()
    assert both.equals(harmonic.notna())
    assert (harmonic[both] <= FACTS["km"][both]).all()


def test_distances_are_those_of_cepii(shared_reference: Path) -> None:
    """GeoDist has 908.8 km between Iran and Armenia, by population of cities in 2004."""
    pair = pair_covariates(["IRN", "ARM"])
    assert pair["km"].tolist() == pytest.approx([908.8, 908.8], rel=0.001)
    pairs = guide(shared_reference).merge(FACTS, on=["exporter", "importer"], validate="1:1")
    ratio = pairs["km"] / pairs["dist"]
    assert len(pairs) == 68 * 69
    assert ratio.median() == pytest.approx(1, abs=0.003)
    assert ratio.between(0.95, 1.05).mean() > 0.98


def test_borders_are_those_of_cepii_but_for_overseas_parts_and_a_causeway(
    shared_reference: Path,
) -> None:
    pairs = guide(shared_reference).merge(FACTS, on=["exporter", "importer"], validate="1:1")
    other = pairs[(pairs["border"] != pairs["cntg"]) & (pairs["exporter"] < pairs["importer"])]
    assert set(zip(other["exporter"], other["importer"], strict=True)) == {
        ("BRA", "FRA"),
        ("ESP", "MAR"),
        ("MYS", "SGP"),
    }


def test_languages_are_nearly_those_of_cepii(shared_reference: Path) -> None:
    pairs = guide(shared_reference).merge(FACTS, on=["exporter", "importer"], validate="1:1")
    israel = (pairs["exporter"] == "ISR") | (pairs["importer"] == "ISR")
    same = pairs["common_language"] == pairs["lang"]
    assert same[~israel].mean() > 0.995
    assert not same[israel].all(), "CEPII counts English, the CLDR Hebrew and Arabic"


def test_iran_has_seven_neighbours_on_land() -> None:
    assert neighbours("IRN") == IRAN_ON_LAND


@pytest.mark.parametrize(
    ("country", "beside"),
    [
        ("ARM", {"AZE", "GEO", "IRN", "TUR"}),
        ("AZE", {"ARM", "GEO", "IRN", "RUS", "TUR"}),
        ("BWA", {"NAM", "ZAF", "ZMB", "ZWE"}),
        ("CHE", {"AUT", "DEU", "FRA", "ITA", "LIE"}),
        ("GBR", {"IRL"}),
        ("LSO", {"ZAF"}),
        ("MAC", {"CHN"}),
        ("PRK", {"CHN", "KOR", "RUS"}),
        ("USA", {"CAN", "MEX"}),
    ],
)
def test_borders_that_an_atlas_has(country: str, beside: set[str]) -> None:
    assert neighbours(country) == beside


@pytest.mark.parametrize("island", ISLANDS)
def test_an_island_has_no_border_and_not_a_missing_one(island: str) -> None:
    own = FACTS[(FACTS["exporter"] == island) & FACTS["importer"].isin(IRAN_ON_LAND)]
    assert own["border"].tolist() == [0] * len(IRAN_ON_LAND)


@pytest.mark.parametrize("name", ["border", "common_language"])
def test_borders_and_languages_are_shared_by_both(name: str) -> None:
    square = wide(FACTS, name).to_numpy()
    assert np.array_equal(square, square.T, equal_nan=True)
    assert set(FACTS[name].dropna()) == {0.0, 1.0}


def test_only_an_overseas_part_makes_neighbours_of_the_far() -> None:
    beside = FACTS[(FACTS["border"] == 1) & (FACTS["exporter"] < FACTS["importer"])]
    far = beside[beside["km"] > 6500]
    assert set(zip(far["exporter"], far["importer"], strict=True)) == {
        ("BRA", "FRA"),
        ("FRA", "SUR"),
    }


@pytest.mark.parametrize(
    ("pair", "shared"),
    [
        (("GBR", "USA"), 1),
        (("BEL", "NLD"), 1),
        (("CHE", "ITA"), 1),
        (("IRN", "AFG"), 1),
        (("IRN", "ARM"), 0),
        (("JPN", "KOR"), 0),
        (("BRA", "PRT"), 1),
        (("BRA", "ARG"), 0),
    ],
)
def test_languages_that_two_countries_share(pair: tuple[str, str], shared: int) -> None:
    assert pair_covariates(pair)["common_language"].tolist() == [shared, shared]


def test_every_country_is_one_of_the_package_and_meets_every_other_twice() -> None:
    codes = known_countries()
    assert all(country_name(code) for code in codes)
    assert len(FACTS) == len(codes) * (len(codes) - 1)
    assert not FACTS.duplicated(["exporter", "importer"]).any()
    assert not (FACTS["exporter"] == FACTS["importer"]).any()


@given(st.lists(st.sampled_from(known_countries()), min_size=2, max_size=6, unique=True))
def test_facts_of_a_few_are_those_among_all(codes: list[str]) -> None:
    few = pair_covariates(codes)
    among = FACTS[FACTS["exporter"].isin(codes) & FACTS["importer"].isin(codes)]
    pd.testing.assert_frame_equal(few, among.reset_index(drop=True))


def test_years_repeat_the_facts_and_names_are_as_elsewhere() -> None:
    pairs = pair_covariates(["Iran (Islamic Republic of)", "armenia", "ARM"], years=[2019, 2018])
    assert pairs["exporter"].tolist() == ["ARM", "ARM", "IRN", "IRN"]
    assert pairs["year"].tolist() == [2018, 2019, 2018, 2019]
    assert pairs["km"].tolist() == [pairs["km"].iloc[0]] * 4


def test_what_is_not_known_of_a_country_is_missing() -> None:
    pairs = pair_covariates(["ARM", "IRN", "SUN"])
    facts = ["km", "log_distance", "border", "common_language"]
    soviet = (pairs["exporter"] == "SUN") | (pairs["importer"] == "SUN")
    assert pairs.loc[soviet, facts].isna().all(axis=None)
    assert pairs.loc[~soviet, facts].notna().all(axis=None)
    assert missing_pairs(pairs, "km") == "SUN (any partner)"
    with pytest.raises(SchemaError, match=r"expected km of every pair, found none of SUN"):
        check_covariates(pairs, needed=["km"])


@pytest.mark.parametrize(
    ("countries", "error", "message"),
    [
        ("IRN", ValueError, "countries: expected at least two, found IRN"),
        ([], ValueError, "expected at least two, found none"),
        (["IRN", "Armennia"], UnknownNameError, r"did you mean Armenia \(ARM\)"),
    ],
)
def test_countries_that_make_no_pair(
    countries: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        pair_covariates(countries)


def test_an_argument_that_is_none() -> None:
    with pytest.raises(ValueError, match="distance: expected arithmetic, harmonic, capitals"):
        pair_covariates(distance="road")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="years: expected at least one"):
        pair_covariates(years=[])


def own(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "exporter": ["IRN", "ARM", "IRN"],
            "importer": ["ARM", "IRN", "GEO"],
            "tariff": [4, 5, 6],
            "visa": [True, False, True],
        }
    )
    return frame.assign(**changes)


def test_own_covariates_become_numbers() -> None:
    checked = fl.check_covariates(own())
    assert checked["tariff"].tolist() == [4.0, 5.0, 6.0]
    assert checked["visa"].tolist() == [1.0, 0.0, 1.0]
    assert set(checked[["tariff", "visa"]].dtypes) == {np.dtype("float64")}
    assert own()["tariff"].dtype == "int64", "the frame that was handed in stays as it is"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"importer": ["ARM", "IRN", "ARM"]}, r"importer .* once, .*row 0 \(IRN ARM\), row 2"),
        ({"tariff": [4, np.inf, 6]}, r"finite numbers in tariff, found inf: row 1 \(ARM IRN\)"),
        ({"tariff": ["4", "5", "low"]}, r"numbers in tariff, found 'low': row 2 \(IRN GEO\)"),
        ({"tariff": [4, None, 6]}, r"tariff of every pair, found none of ARM to IRN"),
        ({"year": [2018, 2018.5, 2019]}, r"a year like 2019, found 2018.5: row 1 \(ARM IRN"),
        ({"year": [2018, None, 2019]}, r"a year like 2019, found nan: row 1"),
    ],
)
def test_a_fault_of_own_covariates_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        check_covariates(own(**changes), needed=["tariff"])


def test_rows_of_a_file_are_named_by_their_lines() -> None:
    twice = own(importer="ARM", dataset="mine.csv@1", line=[2, 3, 4])
    with pytest.raises(SchemaError, match=r"several rows: mine.csv@1 lines 2, 4"):
        check_covariates(twice)


def test_a_country_by_its_name_is_told_its_code() -> None:
    with pytest.raises(CountryError, match=r"column exporter: .*'Iran'; did you mean IRN\?: row 0"):
        check_covariates(own(exporter=["Iran", "ARM", "IRN"]))


def test_a_pair_may_stand_in_several_years_and_a_column_must_be_there() -> None:
    yearly = own(importer=["ARM", "IRN", "ARM"], year=[2018, 2018, 2019.0])
    assert check_covariates(yearly)["year"].tolist() == [2018, 2018, 2019]
    with pytest.raises(SchemaError, match="found no importer among exporter, tariff, visa"):
        check_covariates(own().drop(columns="importer"))
    with pytest.raises(SchemaError, match="found no wages among"):
        check_covariates(own(), needed=["wages"])


def test_facts_are_those_that_were_handed_over(shared_data: Path) -> None:
    """Each pair of the compiled facts is in the package with the same figures."""
    facts = shared_data / "facts" / "gravity"
    if not facts.is_dir():
        pytest.skip(f"{facts} is missing: the compiled facts lie there")
    cities = pd.read_csv(facts / "distances.csv.gz", comment="#", keep_default_na=False)
    means: dict[str, Distance] = {"km": "arithmetic", "km_harmonic": "harmonic"}
    for column, distance in means.items():
        km = by_pair(pair_covariates(distance=distance), "km")
        assert km.loc[listed(cities)].tolist() == cities[column].tolist()
    borders = pd.read_csv(facts / "borders.csv", comment="#", keep_default_na=False)
    shared = by_pair(FACTS, "border")
    assert (shared.loc[listed(borders)] == 1).all()
    assert shared.sum() == 2 * (len(borders) + 2), "Botswana and Zambia, China and Macao"


def test_a_country_of_one_place_is_as_far_as_that_place() -> None:
    """Gibraltar and Singapore are one city each in the data: the mean is their great circle."""
    cities, capitals = (
        pair_covariates(["GIB", "SGP"], distance=distance)["km"].iloc[0]
        for distance in ("arithmetic", "capitals")
    )
    assert cities == pytest.approx(capitals, rel=0.002)
