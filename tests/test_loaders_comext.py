"""Comext of Eurostat: euros, groups as totals, what a partner is, and what is hidden."""

from pathlib import Path

import pandas as pd
import pytest
from raw_files import changed

import flows as fl
from flows.errors import (
    CountryError,
    DoubleCountError,
    FlowsError,
    LayoutError,
    PeriodError,
    SchemaError,
    ScopeError,
    UnitError,
)
from flows.loaders import load
from flows.loaders.comext_cells import as_coverage, as_period, as_product, basis_of, group_of
from flows.loaders.examples import example_path
from flows.periods import Period
from flows.scope import scope_of

WEB = "REPORTER,PARTNER,PRODUCT,FLOW,STAT_PROCEDURE,PERIOD,VALUE_IN_EUR\n"
SDMX = "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
TSV = "freq,reporter,partner,product,flow,indicators\\TIME_PERIOD"
UNION = "European Union - 27 countries (BE, CY)"


def web(folder: Path, *rows: str) -> Path:
    return _written(folder / "web.csv", WEB + "\n".join(rows) + "\n")


def sdmx(folder: Path, *rows: str, data_set: str = "ESTAT:DS-045409(1.0)") -> Path:
    lines = "".join(f"{data_set},15/09/26 11:00:00,M,{row}\n" for row in rows)
    return _written(folder / "sdmx.csv", f"{SDMX},OBS_FLAG\n{lines}")


def tsv(folder: Path, *rows: str, periods: str = "2024-07 \t2024-08 ", name: str = "a.tsv") -> Path:
    return _written(folder / name, f"{TSV}\t{periods}\n" + "\n".join(rows) + "\n")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def totals_of(table: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    scope = scope_of(str(table["dataset"].iloc[0]))
    assert scope is not None
    columns = ["of", "country", "partner_basis", "value"]
    return list(scope.totals[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        ("easycomext-armenia-2024-08.csv", "ARM"),
        ("easycomext-kazakhstan-coded-labels.csv", "KAZ"),
    ],
)
def test_a_real_export_has_the_figures_of_the_facts(
    shared_data: Path, name: str, partner: str
) -> None:
    facts = pd.read_csv(shared_data / "facts" / "eurostat_exports_monthly_2019-01_2024-08.csv")
    here = facts[(facts["partner"] == partner) & (facts["month"] == "2024-08")]
    stated = here.set_index("reporter")["value_eur"]
    table = load(shared_data / "comext" / name)
    exports = table.set_index("exporter")["value"]
    assert exports[exports > 0].to_dict() == stated.drop("EU27_2020").to_dict()
    series = fl.series(table, exporter="EU27_2020", importer=partner, freq="month")
    assert series.tolist() == [stated["EU27_2020"]]
    assert set(table["unit"]) == {"EUR"}
    assert not [text for text in table.attrs["report"]["warnings"] if "add up to 9" in text]


def test_exports_are_fob_to_the_destination_and_imports_cif_by_origin_or_consignment() -> None:
    table = load(example_path("comext_web"))
    kinds = table[["exporter", "importer", "valuation", "partner_basis"]].to_numpy().tolist()
    assert kinds == [
        ["CYP", "ARM", "FOB", "destination"],
        ["BEL", "ARM", "FOB", "destination"],
        ["ARM", "BEL", "CIF", "origin"],
        ["CYP", "BEL", "CIF", "consignment"],
    ]
    assert table.attrs["report"]["left_out"] == {
        "rows of the European Union and the euro area as reporters": 1,
        "rows of one statistical procedure": 1,
    }


@pytest.mark.parametrize(
    ("partner", "period", "basis"),
    [
        ("GBR", Period.month(2020, 1), "consignment"),
        ("GBR", Period.month(2020, 2), "origin"),
        ("GBR", Period.year(2020), ""),
        ("HRV", Period.month(2013, 6), "origin"),
        ("HRV", Period.month(2013, 7), "consignment"),
        ("CHN", Period.year(2020), "origin"),
        ("XNI", Period.month(2024, 1), "consignment"),
        ("XQV", Period.month(2024, 1), "consignment"),
        ("XQZ", Period.month(2024, 1), "origin"),
    ],
)
def test_what_the_partner_of_an_import_is_follows_the_union_of_the_day(
    partner: str, period: Period, basis: str
) -> None:
    assert basis_of("DEU", partner, period.start, period.end) == basis


def test_codes_of_eurostat_are_countries_and_areas(tmp_path: Path) -> None:
    partners = ["EL", "GB", "XS", "XK", "QS", "QZ", "QP"]
    rows = (f"AT,{partner},TOTAL,2,VALUE_IN_EUROS,2024-01,5," for partner in partners)
    table = load(sdmx(tmp_path, *rows))
    assert table["importer"].tolist() == ["GRC", "GBR", "SRB", "XKX", "XQS", "XQZ", "XQP"]


def test_belgium_includes_luxembourg_until_1998(tmp_path: Path) -> None:
    rows = [f"BE,RU,TOTAL,2,VALUE_IN_EUROS,{month},5," for month in ("1998-12", "1999-01")]
    assert load(sdmx(tmp_path, *rows))["exporter"].tolist() == ["XBL", "BEL"]


def test_parts_of_the_united_kingdom_count_only_where_the_whole_is_not_there(
    tmp_path: Path,
) -> None:
    rows = [f"AT,{partner},TOTAL,2,VALUE_IN_EUROS,2024-01,5," for partner in ("XI", "XU", "GB")]
    assert load(sdmx(tmp_path, *rows))["importer"].tolist() == ["GBR"]
    assert load(sdmx(tmp_path, *rows[:2]))["importer"].tolist() == ["XNI", "XGB"]


def test_an_unknown_partner_is_named_with_its_line(tmp_path: Path) -> None:
    path = sdmx(tmp_path, "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,5,", "AT,ZQ,01,2,VALUE_EUR,2024,1,")
    with pytest.raises(CountryError, match=r"'ZQ' in flows/crosswalks/comext.csv.*line 3"):
        load(path)


def test_groups_of_partners_are_totals_and_never_partners(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,5,",
            "AT,WORLD,TOTAL,2,VALUE_IN_EUROS,2024-01,100,",
            "AT,EXT_EU27_2020,TOTAL,2,VALUE_IN_EUROS,2024-01,40,",
            "AT,AM,TOTAL,1,VALUE_IN_EUROS,2024-01,3,",
            "AT,WORLD,TOTAL,1,VALUE_IN_EUROS,2024-01,90,",
            "AT,EXT_EU27_2020,TOTAL,1,VALUE_IN_EUROS,2024-01,30,",
            "AT,INT_EU27_2020,TOTAL,1,VALUE_IN_EUROS,2024-01,60,",
            "AT,EXT_EA20,TOTAL,1,VALUE_IN_EUROS,2024-01,50,",
        )
    )
    assert table["value"].tolist() == [5, 3]
    assert totals_of(table) == [
        ("exports", "AUT", "destination", 100.0),
        ("imports", "AUT", "origin", 30.0),
        ("imports", "AUT", "consignment", 60.0),
    ]
    exports = fl.series(table, exporter="AUT", freq="month")
    assert exports.tolist() == [100.0]
    imports = fl.series(table, importer="AUT", freq="month", partner_basis="origin")
    assert imports.tolist() == [30.0]


def test_the_union_of_2020_is_no_total_of_imports_before_it(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT,AM,TOTAL,1,VALUE_IN_EUROS,2020-01,3,",
            "AT,EXT_EU27_2020,TOTAL,1,VALUE_IN_EUROS,2020-01,30,",
            "AT,EXT_EU,TOTAL,1,VALUE_IN_EUROS,2020-01,20,",
        )
    )
    assert totals_of(table) == [("imports", "AUT", "origin", 20.0)]


def test_a_share_in_a_query_needs_the_printed_total(tmp_path: Path) -> None:
    rows = [f"AT,AM,TOTAL,2,VALUE_IN_EUROS,2023-{month:02},10," for month in range(1, 13)]
    world = [f"AT,WORLD,TOTAL,2,VALUE_IN_EUROS,2023-{month:02},100," for month in range(1, 13)]
    asked = {"supplier": "AUT", "importer": "ARM", "start": 2023, "end": 2023}
    share = fl.share(load(sdmx(tmp_path, *rows, *world)), of="exports", **asked)
    assert (share.value, share.scope) == (pytest.approx(0.1), "printed total")
    with pytest.raises(ScopeError, match="some partners only"):
        fl.share(load(sdmx(tmp_path, *rows)), of="exports", **asked)


def test_figures_of_the_union_are_held_against_its_members(tmp_path: Path) -> None:
    rows = (
        "Belgium,Armenia,TOTAL,2-EXPORT,T-Total,Aug. 2024,60",
        f'"{UNION}",Armenia,TOTAL,2-EXPORT,T-Total,Aug. 2024,{{}}',
    )
    short = load(web(tmp_path, rows[0], rows[1].format(100)))
    (warning,) = short.attrs["report"]["warnings"]
    assert warning == (
        "European Union - 27 countries, exports to ARM from 2024-08-01: printed 100 (line 3), "
        "the 1 members in the file add up to 60.0 % of it"
    )
    whole = load(web(tmp_path, rows[0], rows[1].format(60)))
    assert whole[["exporter", "value", "line"]].to_numpy().tolist() == [
        ["BEL", 60.0, 2],
        ["CYP", 0.0, 3],
    ]
    assert "so that CYP without a row had none: value 0" in whole.attrs["report"]["warnings"][0]


def test_the_union_alone_is_no_exporter(tmp_path: Path) -> None:
    table = load(sdmx(tmp_path, "EU27_2020,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,5,"))
    assert table.empty
    assert "ask for its members as reporters" in " ".join(table.attrs["report"]["warnings"])


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("WORLD", "world"),
        ("EXT_EU", "extra"),
        ("Extra-EU (= 'WORLD' - 'EU_INTRA')", "extra"),
        ("Intra-EU27 (from 2020)", "intra27"),
        ("EA21", "other"),
        ("Euro area - 20 countries (AT, BE)", "other"),
        ("EU27_2020:European Union - 27 countries (from 2020)", "other"),
        ("EE", ""),
        ("Ecuador", ""),
        ("QZ", ""),
    ],
)
def test_groups_are_known_by_code_and_by_name(cell: str, kind: str) -> None:
    assert group_of(cell) == kind


def test_one_procedure_without_its_total_is_not_all_goods(tmp_path: Path) -> None:
    table = load(web(tmp_path, "Austria,Armenia,TOTAL,2-EXPORT,1-NORMAL,Aug. 2024,5"))
    assert table["coverage"].tolist() == ["normal trade"]
    with pytest.raises(LayoutError, match=r"web.csv:2: column STAT_PROCEDURE: .*found '8-NEW'"):
        load(web(tmp_path, "Austria,Armenia,TOTAL,2-EXPORT,8-NEW,Aug. 2024,5"))


@pytest.mark.parametrize("cell", ["T", "Total", "TOTAL", "T-Total", "4", ""])
def test_the_total_over_procedures_is_all_goods(cell: str) -> None:
    assert as_coverage(cell) == "all goods"


def test_levels_of_products_are_not_added(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,50,",
            "AT,AM,85,2,VALUE_IN_EUROS,2024-01,9,",
            "AT,AM,85423110,2,VALUE_IN_EUROS,2024-01,5,",
        )
    )
    assert table["classification"].tolist() == ["TOTAL", "CN", "CN"]
    assert "products of the levels 2, 8, TOTAL (digits)" in table.attrs["report"]["warnings"][0]
    with pytest.raises(DoubleCountError, match="one classification"):
        fl.series(table, exporter="AUT", importer="ARM", freq="month")
    goods = table[table["classification"] == "CN"]
    with pytest.raises(DoubleCountError, match="found 85 and 85423110"):
        fl.series(goods, exporter="AUT", importer="ARM", freq="month")
    whole = fl.series(table, exporter="AUT", importer="ARM", product="TOTAL", freq="month")
    assert whole.tolist() == [50.0]


@pytest.mark.parametrize("cell", ["39XXXXXX", "99RRR100", "27SSSSSS", "27SSS999", "99500000"])
def test_codes_of_hidden_goods_are_kept(cell: str) -> None:
    assert as_product(cell) == cell


@pytest.mark.parametrize("cell", ["Live animals", "X", "3XXXXXX", "0101210000", "010.1"])
def test_what_is_no_code_of_the_combined_nomenclature_stops(cell: str) -> None:
    with pytest.raises(LayoutError, match="expected"):
        as_product(cell)


def test_codes_that_lost_their_zero_get_it_back(tmp_path: Path) -> None:
    table = load(sdmx(tmp_path, "AT,AM,1012100,2,VALUE_IN_EUROS,2024-01,5,"))
    assert table["product"].tolist() == ["01012100"]
    repaired, untried = table.attrs["report"]["warnings"]
    assert repaired == "1 HS codes without their first zero (line 2): it was put back"
    assert "was not tried on a file of the publisher" in untried


def test_eight_digits_over_several_years_are_told(tmp_path: Path) -> None:
    rows = [f"AT,AM,85423110,2,VALUE_IN_EUROS,{year}-01,5," for year in (2023, 2024)]
    warnings = load(sdmx(tmp_path, *rows)).attrs["report"]["warnings"]
    assert "each year's Combined Nomenclature" in " ".join(warnings)


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("202352", Period.year(2023)),
        ("202312", Period.month(2023, 12)),
        ("2023", Period.year(2023)),
        ("2003-04", Period.month(2003, 4)),
        ("Aug. 2024", Period.month(2024, 8)),
        ("May 2024", Period.month(2024, 5)),
        ("Jan.-Dec. 2018", Period.year(2018)),
    ],
)
def test_periods(cell: str, period: Period) -> None:
    assert as_period(cell) == period


@pytest.mark.parametrize("cell", ["202353", "202300", "2023-Q1", "Aug.-Jan. 2024", "week 52", ""])
def test_what_is_no_period_stops(cell: str) -> None:
    with pytest.raises(FlowsError):
        as_period(cell)


def test_a_begun_year_is_no_year_and_not_added_to_its_months(tmp_path: Path) -> None:
    table = load(
        web(
            tmp_path,
            "Austria,Armenia,TOTAL,2-EXPORT,T-Total,Jan.-Aug. 2024,50",
            "Austria,Armenia,TOTAL,2-EXPORT,T-Total,Aug. 2024,5",
        )
    )
    assert table["end"].dt.strftime("%m-%d").tolist() == ["08-31", "08-31"]
    with pytest.raises(PeriodError, match="expected one part for every day"):
        fl.series(table, exporter="AUT", importer="ARM", freq="year")


def test_quantities_stand_beside_their_values_in_kilograms(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT,AM,8703,2,QUANTITY_IN_100KG,2024-01,17.5,",
            "AT,AM,8703,2,VALUE_IN_EUROS,2024-01,9000,",
            "AT,AM,8703,2,SUPPLEMENTARY_QUANTITY,2024-01,1,",
            "AT,KZ,8703,2,QUANTITY_IN_100KG,2024-01,3,",
        )
    )
    assert table[["value", "quantity_kg", "supplementary_quantity"]].to_numpy().tolist() == [
        [9000.0, 1750.0, 1.0]
    ]
    assert table.attrs["report"]["left_out"] == {"quantities without a value beside them": 1}


def test_an_indicator_that_is_not_known_stops(tmp_path: Path) -> None:
    path = sdmx(tmp_path, "AT,AM,TOTAL,2,VALUE_IN_MIO_EUR,2024-01,9,")
    with pytest.raises(LayoutError, match=r":2: column indicators: .*found 'VALUE_IN_MIO_EUR'"):
        load(path)


def test_a_value_that_stands_there_twice_stops(tmp_path: Path) -> None:
    row = "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,9,"
    with pytest.raises(SchemaError, match="lines 2, 3; they are identical"):
        load(sdmx(tmp_path, row, row))


def test_flags_are_kept_or_told_and_confidential_is_not_missing(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-01,9,e",
            "AT,GE,TOTAL,2,VALUE_IN_EUROS,2024-01,8,p",
            "AT,KZ,TOTAL,2,VALUE_IN_EUROS,2024-01,,c",
            "AT,KG,TOTAL,2,VALUE_IN_EUROS,2024-01,:,",
        )
    )
    assert table["estimate"].tolist() == [True, False]
    report = table.attrs["report"]
    assert report["left_out"] == {"confidential rows": 1, "rows without a value": 1}
    assert report["warnings"][:-1] == ["1 values have Eurostat's flag p (line 3)"]


def test_codes_with_labels_are_codes(tmp_path: Path) -> None:
    table = load(
        sdmx(
            tmp_path,
            "AT:Austria,KG:Kyrgyzstan,TOTAL:Total - all products,2:EXPORT,"
            "VALUE_IN_EUROS:VALUE_IN_EUROS,2024-01,5,",
        )
    )
    assert table[["exporter", "importer", "product"]].to_numpy().tolist() == [
        ["AUT", "KGZ", "TOTAL"]
    ]


def test_the_data_set_says_whose_codes_products_have(tmp_path: Path) -> None:
    row = "AT,AM,33,2,VALUE_EUR,2024-01,5,"
    sitc = load(sdmx(tmp_path, row, data_set="ESTAT:DS-018995(1.0)"))
    assert sitc["classification"].tolist() == ["SITC"]
    with pytest.raises(LayoutError, match="DS-059358"):
        load(sdmx(tmp_path, row, data_set="ESTAT:DS-059358(1.0)"))
    series = "M,AT,AM,33,2,VALUE_EUR\t1 \t2 "
    with pytest.raises(LayoutError, match="codes such as 33 are of two classifications"):
        load(tsv(tmp_path, series))
    assert set(load(tsv(tmp_path, series, name="estat_ds-045409.tsv"))["classification"]) == {"CN"}


def test_a_table_of_series_is_that_of_its_observations(tmp_path: Path) -> None:
    wide = load(
        tsv(tmp_path, "M,AT,AM,TOTAL,2,VALUE_IN_EUROS\t7 p\t: c", "M,AT,KZ,TOTAL,2,VALUE_EUR\t:\t8")
    )
    long = load(
        sdmx(
            tmp_path,
            "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-07,7,p",
            "AT,AM,TOTAL,2,VALUE_IN_EUROS,2024-08,,c",
            "AT,KZ,TOTAL,2,VALUE_EUR,2024-07,:,",
            "AT,KZ,TOTAL,2,VALUE_EUR,2024-08,8,",
        )
    )
    own = ["dataset", "line"]
    pd.testing.assert_frame_equal(wide.drop(columns=own), long.drop(columns=own))
    assert wide.attrs["report"]["left_out"] == long.attrs["report"]["left_out"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("M,AT,AM,TOTAL,2,VALUE_EUR\t1 \tn.a.", r"a.tsv:2: column 2024-08: .*found 'n.a.'"),
        ("M,AT,AM,TOTAL,2\t1 \t2", r"a.tsv:2: expected 6 codes and 2 cells, found 5 and 2"),
        ("M,AT,AM,TOTAL,2,VALUE_EUR\t1", r"a.tsv:2: expected 6 codes and 2 cells, found 6 and 1"),
        ("M,AT,AM,TOTAL,3,VALUE_EUR\t1\t2", r"a.tsv:2: column flow: expected 1 or 2"),
        ("M,AT,AM,TOTAL,2,VALUE_EUR\t-1\t2", r"a.tsv:2: column OBS_VALUE: .*not negative"),
    ],
)
def test_a_damaged_table_of_series_names_the_place(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(LayoutError, match=fault):
        load(tsv(tmp_path, row))


def test_euros_are_not_added_to_dollars(tmp_path: Path) -> None:
    euros = load(web(tmp_path, "Austria,Armenia,TOTAL,2-EXPORT,T-Total,Aug. 2024,5"))
    dollars = euros.assign(unit="USD", exporter="DEU", reporter="DEU")
    both = pd.concat([euros, dollars], ignore_index=True)
    with pytest.raises(UnitError, match="EUR and USD"):
        fl.series(both, importer="ARM", freq="month")


def test_a_revision_is_a_new_release(tmp_path: Path) -> None:
    old = web(tmp_path, "Austria,Armenia,TOTAL,2-EXPORT,T-Total,Aug. 2024,100")
    first = load(old).assign(dataset="comext@2024-10")
    new = changed(tmp_path, old, ",100", ",110")
    second = load(new).assign(dataset="comext@2024-11")
    with pytest.raises(DoubleCountError, match="one vintage"):
        fl.series(pd.concat([first, second], ignore_index=True), exporter="AUT", freq="month")
    difference = fl.compare_vintages(first, second)
    assert difference.changed["value_new"].tolist() == [110.0]


def test_an_archive_of_7_zip_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "full_v2_202408.7z"
    path.write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04")
    with pytest.raises(LayoutError, match="an archive of 7-Zip; unpack it"):
        load(path)


def test_blank_lines_of_a_tsv_are_no_rows(tmp_path: Path) -> None:
    text = example_path("eurostat_tsv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    path = tmp_path / "saved.tsv"
    path.write_text("\n".join(["", header, "", *rows, "", ""]), encoding="utf-8")
    again, plain = fl.load(path, layout="eurostat_tsv"), fl.load(example_path("eurostat_tsv"))
    assert again["value"].tolist() == plain["value"].tolist()
    assert again["line"].tolist() == [line + 2 for line in plain["line"]]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(LayoutError, match="expected the dimensions"):
        fl.load(path, layout="eurostat_tsv")
