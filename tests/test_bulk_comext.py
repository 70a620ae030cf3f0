"""Comext in bulk: parts of a statement are one, what is hidden stays, and engines do as loaders."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from engine_files import load_by_name, read_flows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flows as fl
from flows.bulk.blocks import read_blocks
from flows.bulk.convert import convert
from flows.bulk.engines import EngineName
from flows.errors import CountryError, DoubleCountError, FlowsError, LayoutError, SchemaError
from flows.loaders import load

HERE: list[EngineName] = ["pandas", "duckdb"]
NOW = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,"
    "PRODUCT_BEC5,PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,"
    "QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)
FORMER = (
    "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,"
    "PRODUCT_CPA2002,PRODUCT_CPA2008,PRODUCT_CPA2_1,PRODUCT_BEC,PRODUCT_SECTION,FLOW,STAT_REGIME,"
    "SUPP_UNIT,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY\n"
)


def row(
    codes: str = "AT,AM,E",
    product: str = "85423110",
    *,
    flow: str = "2",
    procedure: str = "1",
    period: str = "202408",
    value: object = 100,
    weight: object = 5,
    unit: str = "NO_SU",
    sitc: str = "77649",
) -> str:
    return (
        f"{codes},{product},{sitc},2611,2611,530,313110,16,{flow},{procedure},{unit},{period},"
        f"{value},{value},{weight},0\n"
    )


def former(
    iso: str,
    codes: str = "038,{},0077,{}",
    *,
    regime: str = "1",
    period: str = "200001",
    value: int = 100,
    product: str = "85423110",
) -> str:
    declarant, partner = iso.split(",")
    return (
        f"{codes.format(declarant, partner)},E,{product},77649,3210,2611,26110,530,16,2,{regime},A,"
        f"{period},{value},5,1\n"
    )


def month(folder: Path, *rows: str, header: str = NOW, name: str = "full_202408.dat") -> Path:
    path = folder / name
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def assert_as_loaded(path: Path, out: Path, engine: EngineName) -> None:
    done = convert([path], out, engine=engine)
    table = load_by_name(path)
    pd.testing.assert_frame_equal(read_flows(out), table, rtol=1e-12)
    report = table.attrs["report"]
    assert (done.rows_in, done.rows_out, dict(done.left_out)) == (
        report["rows_in"], report["rows_out"], report["left_out"],
    )  # fmt: skip
    assert done.total == pytest.approx(table["value"].sum(), rel=1e-12)
    assert done.unit == "/".join(table["unit"].unique())


def test_procedures_and_hidden_codes_are_parts_of_one_statement(tmp_path: Path) -> None:
    table = load(
        month(
            tmp_path,
            row(procedure="1", value=100, weight=5),
            row(procedure="2", value=30, weight=1),
            row(product="39XXXXXX", sitc="582XX", value=7),
            row(product="39XXXXXX", sitc="583XX", value=8),
        )
    )
    assert table[["product", "value", "parts", "line"]].to_numpy().tolist() == [
        ["85423110", 130.0, 2.0, 2],
        ["39XXXXXX", 15.0, 2.0, 4],
    ]
    assert table["quantity_kg"].tolist() == [6.0, 10.0]
    assert set(table["coverage"]) == {"all goods"}


def test_the_total_over_procedures_is_left_out_where_its_parts_are(tmp_path: Path) -> None:
    rows = [former("AT,AM", regime=regime, value=value) for regime, value in (("1", 60), ("4", 60))]
    table = load(month(tmp_path, *rows, header=FORMER))
    assert table["value"].tolist() == [60.0]
    assert table.attrs["report"]["left_out"] == {"rows of the total over statistical procedures": 1}


def test_goods_without_a_supplementary_unit_have_no_quantity_of_zero(tmp_path: Path) -> None:
    table = load(month(tmp_path, row(), row(product="87032319", unit="p/st")))
    assert table["supplementary_quantity"].isna().tolist() == [True, False]


def test_the_kind_of_trade_says_what_the_partner_of_an_import_is(tmp_path: Path) -> None:
    codes = ["AT,DE,I", "AT,CN,E", "AT,GB,K", "AT,XU,M", "AT,XI,L"]
    table = load(month(tmp_path, *(row(code, flow="1") for code in codes)))
    assert table[["exporter", "partner_basis", "valuation"]].to_numpy().tolist() == [
        ["DEU", "consignment", "CIF"],
        ["CHN", "origin", "CIF"],
        ["GBR", "origin", "CIF"],
    ]
    assert table.attrs["report"]["left_out"] == {"rows of parts of the United Kingdom": 2}


def test_all_exports_are_there_and_imports_are_no_one_total(tmp_path: Path) -> None:
    months = [f"2023{number:02}" for number in range(1, 13)]
    rows = [
        row(code, flow=flow, period=period)
        for code in ("AT,DE,I", "AT,AM,E")
        for flow in "12"
        for period in months
    ]
    table = load(month(tmp_path, *rows))
    asked = {"supplier": "AUT", "importer": "ARM", "start": 2023, "end": 2023}
    share = fl.share(table, of="exports", **asked)
    assert (share.value, share.scope) == (0.5, "all partners")
    with pytest.raises(DoubleCountError, match="one partner_basis"):
        fl.share(table, supplier="ARM", importer="AUT", start=2023, end=2023)


def test_a_year_beside_its_months_is_not_added(tmp_path: Path) -> None:
    table = load(month(tmp_path, row(period="202401"), row(period="202452", value=1000)))
    assert table["end"].dt.strftime("%m-%d").tolist() == ["01-31", "12-31"]
    assert fl.series(table, exporter="AUT", importer="ARM", freq="year").tolist() == [1000.0]
    path = month(tmp_path, row(period="202401"), row(period="202452", value=1000))
    with pytest.raises(DoubleCountError, match="expected one period in each sum, found months"):
        convert([path], tmp_path / "out.parquet", by=["exporter", "importer", "year"])


def test_total_beside_its_codes_is_not_added(tmp_path: Path) -> None:
    path = month(tmp_path, row(), row(product="TOTAL", value=100))
    with pytest.raises(DoubleCountError, match="expected one classification in each sum"):
        convert([path], tmp_path / "out.parquet", by=["exporter", "importer", "year"])
    convert([path], tmp_path / "out.parquet", by=["exporter", "importer", "classification"])
    assert pd.read_parquet(tmp_path / "out.parquet")["value"].tolist() == [100.0, 100.0]


@pytest.mark.parametrize("engine", HERE)
def test_sums_by_hand(tmp_path: Path, engine: EngineName) -> None:
    path = month(
        tmp_path,
        row(value=100),
        row(procedure="2", value=30),
        row(product="01012100", value=5),
        row("AT,KZ,E", value=7),
        row("AT,XU,M", value=9),
    )
    out = tmp_path / "out.parquet"
    done = convert([path], out, engine=engine, by=["exporter", "importer", "year"])
    sums = pd.read_parquet(out)
    assert sums[["importer", "value", "statements", "unit"]].to_numpy().tolist() == [
        ["ARM", 135.0, 3, "EUR"],
        ["KAZ", 7.0, 1, "EUR"],
    ]
    assert (done.rows_in, done.total, done.unit) == (5, 142.0, "EUR")


def test_months_together_and_a_revision_of_one_refused(tmp_path: Path) -> None:
    paths = [
        month(tmp_path, row(period=period, value=value), name=f"full_{period}.dat")
        for period, value in (("202407", 10), ("202408", 20))
    ]
    out = tmp_path / "out.parquet"
    convert(paths, out, by=["exporter", "importer", "year"])
    assert pd.read_parquet(out)["value"].tolist() == [30.0]
    revised = month(tmp_path, row(period="202408", value=21), name="full_202408_revised.dat")
    with pytest.raises(DoubleCountError, match="in one file, found it in"):
        convert([*paths, revised], out, by=["exporter", "importer", "year"])


@pytest.mark.parametrize("engine", HERE)
def test_a_row_that_stands_there_twice_is_named(
    tmp_path: Path, engine: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [row(f"AT,{partner},E") for partner in ("CN", "US", "JP", "KR", "IN", "BR")]
    path = month(tmp_path, row(), *others, row(value=7))
    with pytest.raises(SchemaError, match="lines 2, 9"):
        load(path)
    monkeypatch.setattr(read_blocks, "__kwdefaults__", {"size": 200})
    for by in ([], ["exporter", "importer", "year"]):
        with pytest.raises(SchemaError, match=r"full_202408\.dat lines 2, 9"):
            convert([path], tmp_path / "out.parquet", engine=engine, by=by)


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize(
    ("line", "error", "fault"),
    [
        (row("AT,ZQ,E"), CountryError, r"'ZQ' in flows/crosswalks/comext.csv"),
        (row("AT,AM,Z"), LayoutError, r":3: column TRADE_TYPE: expected I .*found 'Z'"),
        (row(product="1XXXXXX"), LayoutError, r":3: column PRODUCT_NC: .*found '1XXXXXX'"),
        (row(flow="3"), LayoutError, r":3: column FLOW: .*found '3'"),
        (row(procedure="8"), LayoutError, r":3: column STAT_PROCEDURE: .*found '8'"),
        (row(period="202413"), FlowsError, r":3: column PERIOD: month of .* found 13"),
        (row(value=""), LayoutError, r":3: column VALUE_EUR: expected a number"),
        (row(value=-5), LayoutError, r":3: column VALUE_EUR: .*not negative"),
        (row(weight="x"), LayoutError, r":3: column QUANTITY_KG: .*found 'x'"),
    ],
)
def test_errors_are_those_of_the_loader(
    tmp_path: Path, line: str, error: type[FlowsError], fault: str, engine: EngineName
) -> None:
    path = month(tmp_path, row("AT,CN,E"), line)
    for work in (load, lambda here: convert([here], tmp_path / "out.parquet", engine=engine)):
        with pytest.raises(error, match=fault):
            work(path)


@pytest.mark.parametrize("engine", HERE)
def test_what_a_program_changed_is_read_as_the_loader_reads_it(
    tmp_path: Path, engine: EngineName
) -> None:
    path = month(tmp_path, row(product="1012100"), row(" AT ,CN,E"), row("AT,US,E", value="1e2"))
    assert_as_loaded(path, tmp_path / "out.parquet", engine)


@pytest.mark.parametrize("engine", HERE)
def test_belgium_with_luxembourg_and_codes_of_the_past(tmp_path: Path, engine: EngineName) -> None:
    rows = [
        former(iso, period=period) for iso in ("BE,RU", "DE,YU") for period in ("199812", "199901")
    ]
    path = month(tmp_path, *rows, header=FORMER)
    assert load(path)["exporter"].tolist() == ["XBL", "BEL", "DEU", "DEU"]
    assert_as_loaded(path, tmp_path / "out.parquet", engine)


def test_areas_that_share_a_code_are_added(tmp_path: Path) -> None:
    rows = [former("AT,AM", codes=f"038,{{}},{area},{{}}") for area in ("0077", "0078")]
    table = load(month(tmp_path, *rows, header=FORMER))
    assert table[["value", "parts"]].to_numpy().tolist() == [[200.0, 2.0]]


def test_a_packed_month_is_the_month(tmp_path: Path) -> None:
    path = month(tmp_path, row(), row("AT,KZ,E"))
    packed = tmp_path / "full_202408.dat.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    own = ["dataset"]
    pd.testing.assert_frame_equal(load(packed).drop(columns=own), load(path).drop(columns=own))
    for name in (path, packed):
        convert([name], tmp_path / f"{name.name}.parquet")
    ours, theirs = (load(tmp_path / f"{name.name}.parquet") for name in (path, packed))
    pd.testing.assert_frame_equal(ours.drop(columns=own), theirs.drop(columns=own))


@pytest.mark.parametrize("engine", HERE)
def test_a_file_of_fewer_columns_is_as_loaded(tmp_path: Path, engine: EngineName) -> None:
    path = month(tmp_path, row(), row("AT,KZ,E", procedure="2"))
    few = pd.read_csv(path, dtype="str").drop(columns=["SUPPL_UNIT", "QUANTITY_SUPPL_UNIT"])
    few.to_csv(path, index=False)
    assert_as_loaded(path, tmp_path / "out.parquet", engine)


def test_a_code_with_and_without_its_zero_is_one_code(tmp_path: Path) -> None:
    path = month(tmp_path, row(product="01012100"), row(product="1012100"))
    for work in (load, lambda here: convert([here], tmp_path / "out.parquet")):
        with pytest.raises(SchemaError, match="lines 2, 3"):
            work(path)


def test_a_converted_month_is_converted_again(tmp_path: Path) -> None:
    path = month(tmp_path, row(value=100), row(procedure="2", value=30), row("AT,KZ,E"))
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    convert([path], first)
    done = convert([first], second)
    assert (done.rows_in, done.rows_out, done.total, done.unit) == (2, 2, 230.0, "EUR")
    own = ["dataset"]
    pd.testing.assert_frame_equal(load(second).drop(columns=own), load(first).drop(columns=own))
    convert([first], second, by=["importer"])
    assert pd.read_parquet(second)["value"].tolist() == [130.0, 100.0]


rows_of_month = st.dictionaries(
    st.tuples(
        st.sampled_from(["AT,DE,I", "AT,AM,E", "BE,AM,E", "GR,GB,E", "AT,XU,M"]),
        st.sampled_from(["85423110", "01012100", "39XXXXXX", "TOTAL"]),
        st.sampled_from("12"),
        st.sampled_from("1239"),
        st.sampled_from(["202408", "202452", "200001"]),
    ),
    st.tuples(st.integers(0, 10**10), st.sampled_from(["", "0", "17"])),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize("engine", HERE)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of_month)
def test_any_month_is_as_loaded(
    tmp_path: Path, engine: EngineName, rows: dict[tuple[str, ...], tuple[int, str]]
) -> None:
    lines = [
        row(codes, product, flow=flow, procedure=procedure, period=period, value=value, weight=kg)
        for (codes, product, flow, procedure, period), (value, kg) in rows.items()
    ]
    assert_as_loaded(month(tmp_path, *lines), tmp_path / "out.parquet", engine)
