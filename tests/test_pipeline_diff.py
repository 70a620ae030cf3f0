"""What a new vintage changes: the data, the report's shares, and how both are told."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from statements import delivery, flow_table, months, statement

from flows.cli import main
from flows.compare.vintages import compare_vintages
from flows.errors import SchemaError, UnknownNameError
from flows.findings import Findings, Number
from flows.loaders import LAYOUTS
from flows.loaders.examples import example_path
from flows.loaders.known import layouts
from flows.pipeline.diff import Diff, MovedShare, describe_diff, diff_json, diff_vintages
from flows.report.numbers import numbers_json
from flows.sources import file_sha256

OLD, NEW = "sipri-deal-years@2024-03", "sipri-deal-years@2025-03"

_SOURCE = """id = "{id}"
publisher = "SIPRI"
title = "Arms transfers"
vintage = "{vintage}"
retrieved = 2025-02-25
address = "https://example.org"
citation = "SIPRI"
licence = "Open"
allows = "Everything."
redistribute = true
coverage = "A few rows."
loader = "sipri_deal_years"
remarks = ""

[files]
"deals.csv" = "{sha256}"
"""

_SIX = ("AZE", "IND", "POL", "EGY", "KAZ", "ARM")
ASKED: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", "start": 2011, "end": 2017}


def number(name: str, value: float = 65.0, unit: str = "%", **parameters: Any) -> Number:
    asked = {**ASKED, **parameters}
    dataset, counting = asked.pop("dataset", OLD), asked.pop("counting", None)
    arguments = [f"{argument}={given!r}" for argument, given in asked.items()]
    if counting is not None:
        chosen = ", ".join(f"{field}={given!r}" for field, given in counting.items())
        arguments.append(f"counting=fl.Counting({chosen})")
    code = (f"arms = fl.load({dataset!r})", f"share = fl.share(arms, {', '.join(arguments)})")
    return Number(name, value, unit, str(value), "A share.", code, {dataset: (12,)})


def add_vintage(root: Path, name: str, content: str) -> None:
    source, _, vintage = name.partition("@")
    folder = root / "data" / "raw" / source / vintage
    folder.mkdir(parents=True)
    raw = folder / "deals.csv"
    raw.write_text(content, encoding="utf-8")
    description = _SOURCE.format(id=name, vintage=vintage, sha256=file_sha256(raw))
    (folder / "source.toml").write_text(description, encoding="utf-8")


def report(root: Path, *numbers: Number) -> None:
    (root / "reports").mkdir(exist_ok=True)
    text = numbers_json(Findings(numbers=numbers))
    (root / "reports" / "numbers.json").write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two releases: Israel delivers 20 of 30.4 TIV in the old one, 20 of 40 in the new one."""
    text = example_path("sipri_deal_years").read_text(encoding="utf-8")
    add_vintage(tmp_path, OLD, text)
    add_vintage(tmp_path, NEW, text.replace("0.4,10.4,", "0.4,20.0,"))
    return tmp_path


def shares_of(project: Path, *numbers: Number) -> list[MovedShare]:
    report(project, *numbers)
    return list(diff_vintages(OLD, NEW, root=project).shares)


def test_the_example_has_the_deliveries_that_are_expected(project: Path) -> None:
    change = diff_vintages(OLD, NEW, root=project).change
    assert (change.total_old, change.total_new) == pytest.approx((30.4, 40.0))
    assert list(change.changed["exporter"]) == ["BLR"]


def test_a_share_is_computed_again_from_the_new_vintage(project: Path) -> None:
    [moved] = shares_of(project, number("arms.share"))
    assert moved.value == pytest.approx(50.0)
    assert moved.difference == pytest.approx(-15.0)
    assert moved.reason == ""


def test_a_share_keeps_the_counting_that_it_was_made_with(project: Path) -> None:
    moved = shares_of(
        project,
        number("arms.certain", counting={"year_estimated": False}),
        number("arms.without", counting={"without_deals": ("2",)}),
        number("arms.orders", start=2010, counting={"by": "order"}),
        number("arms.local", counting={"local_production": False}),
    )
    values = {one.number.id: one.value for one in moved}
    assert values["arms.certain"] == pytest.approx(100 * 12.5 / 32.5)
    # All that is left, all whose order is dated, and nothing that was not built there.
    assert (values["arms.without"], values["arms.orders"], values["arms.local"]) == (100, 100, 0)
    assert {one.number.id for one in moved if one.revision is None} == {"arms.orders"}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (
            {"counting": {"without_deals": ("7",)}},
            f"{NEW}: expected deal '7', found none; there are: '1', '2'",
        ),
        ({"counting": {"year": 1}}, "unexpected keyword argument 'year'"),
        (
            {"start": 2009},
            (
                f"{NEW}: expected the years 2009-2017, found a data set of 2010-2021; "
                "choose years inside it"
            ),
        ),
        ({"importer": "ARM"}, "expected rows with importer 'ARM', found none; there are: 'AZE'"),
        ({"level": 0.9, "draws": 5}, "it was made with draws, level"),
    ],
)
def test_a_share_that_cannot_be_computed_says_why(
    project: Path, parameters: dict[str, Any], reason: str
) -> None:
    [moved] = shares_of(project, number("arms.share", **parameters))
    assert (moved.value, moved.difference) == (None, None)
    assert moved.reason.endswith(reason)


def test_shares_of_any_vintage_of_the_source_are_meant_and_no_others(project: Path) -> None:
    moved = shares_of(
        project,
        number("a", dataset=OLD),
        number("b", dataset=NEW),
        number("c", dataset="sipri-tiv-table@2025-03"),
        number("d", unit="TIV"),
        Number("e", 1.0, "%", "1", "Growth.", ("trend = fl.fit_trend(y)",), {OLD: (12,)}),
    )
    assert [one.number.id for one in moved] == ["a", "b"]


def test_without_a_report_the_data_are_compared(project: Path) -> None:
    assert diff_vintages(OLD, NEW, root=project).shares == ()


def test_files_need_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLOWS_ROOT", raising=False)
    path = str(example_path("armstat"))
    found = diff_vintages(path, path)
    assert found.change.tidy().empty
    assert found.shares == ()


def test_a_name_that_is_nothing_has_neighbours(project: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"no file or data set 'sipri-deal-years'; the nearest: sipri-deal"
    ):
        diff_vintages("sipri-deal-years", NEW, root=project)


def test_what_is_no_flow_table_is_not_compared(project: Path) -> None:
    with pytest.raises(SchemaError):
        diff_vintages(str(example_path("published_shares")), NEW, root=project)


def diff_of(*rows: dict[str, Any], shares: tuple[MovedShare, ...] = ()) -> Diff:
    """Compare the rows with a table that has one row, which is in both."""
    same = statement(exporter="GEO", value=0.0, start=rows[0]["start"], end=rows[0]["end"])
    kept = same | {"unit": rows[0]["unit"], "dataset": rows[0]["dataset"]}
    return Diff(compare_vintages(flow_table(kept), flow_table(kept, *rows)), shares)


def test_a_change_is_told_on_one_line() -> None:
    months_of_2023 = months("2023-03", [1500.0, 20.0], exporter="IRN", product="271121")
    lines = list(describe_diff(diff_of(*months_of_2023), most=1))
    changes = [line.split() for line in lines if "IRN to ARM" in line]
    assert " ".join(changes[0]) == (
        "+1,500.00 none to 1,500.00 IRN to ARM 2023-03 (ARM), 271121, all goods, origin, CIF"
    )
    assert len(changes) == 1


def test_deals_are_told_by_name_and_a_corrected_supplier_by_both() -> None:
    old = flow_table(delivery("USA", 2020, 6.0, deal="7", designation="Kidd"))
    new = flow_table(delivery("TUR", 2020, 6.0, deal="7", designation="Kidd"))
    told = list(describe_diff(Diff(compare_vintages(old, new), ()), most=5))
    assert any(
        line.endswith("TUR to AZE 2020 (SIPRI), major arms, Kidd, deal 7: exporter USA to TUR")
        for line in told
    )
    assert told[-1] == "\nno share in a report was made from sipri@2025-03"


def test_only_revisions_are_listed_where_both_count_the_same_years() -> None:
    old = flow_table(delivery("TUR", 2020, 6.0), delivery("ISR", 2020, 2.0))
    new = flow_table(delivery("TUR", 2020, 7.0), delivery("TUR", 2021, 99.0))
    told = "\n".join(describe_diff(Diff(compare_vintages(old, new), ()), most=5))
    assert "the largest 2 of 2 changes in 2020-2020" in told
    assert "99.00 " not in told.partition("the largest")[2]
    assert "-2.00              2.00 to none" in told


def test_shares_are_told_in_percent() -> None:
    shares = (
        MovedShare(number("arms.share", 65.789), 50.0),
        MovedShare(number("arms.other", 10.0), None, "no rows"),
    )
    told = list(describe_diff(diff_of(statement(exporter="IRN"), shares=shares), most=0))
    assert told[-2].split() == ["arms.share", "65.79", "50.00", "-15.79"]
    assert told[-1].endswith("10.00  not computable: no rows")


def test_a_period_that_is_no_month_or_year_is_told_by_its_days() -> None:
    odd = statement(exporter="IRN", start=dt.date(2023, 3, 21), end=dt.date(2024, 3, 19))
    assert any("2023-03-21..2024-03-19" in line for line in describe_diff(diff_of(odd), most=1))


def test_json_has_no_value_that_is_not_a_number() -> None:
    content = diff_json(diff_of(statement(exporter="IRN", value=float("nan"))), most=5)
    [change] = content["changes"]
    assert (change["kind"], change["value_old"], change["value_new"]) == ("added", None, None)
    assert (change["start"], change["line_old"], change["line_new"]) == ("2023-01-01", None, 7)
    json.dumps(content, allow_nan=False)


def test_json_has_every_part_and_share(project: Path) -> None:
    report(project, number("arms.share"))
    content = diff_json(diff_vintages(OLD, NEW, root=project), most=0)
    assert content["changes"] == []
    assert [part["kind"] for part in content["parts"]] == ["added", "gone", "changed"]
    [share] = content["shares"]
    assert share["id"] == "arms.share"
    assert share["difference"] == pytest.approx(-15.0)


def run(root: Path, *arguments: str) -> int:
    return main(["--root", str(root), *arguments])


def test_the_command_prints_totals_changes_and_shares(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(project, number("arms.share"))
    assert run(project, "diff", OLD, NEW) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{OLD} to {NEW}, TIV"
    assert lines[2].split() == ["old", "3", "30.40"]
    [share] = [line for line in lines if "arms.share" in line]
    assert share.split() == ["arms.share", "65.00", "50.00", "-15.00"]


def test_the_command_prints_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "diff", OLD, NEW, "--json", "--most", "1") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["changes"][0]["value_new"] == 20.0
    assert content["years"] == [2010, 2021]


def test_an_unknown_side_is_wrong_usage(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "diff", OLD, "sipri-deal-years@2026-03") == 2
    assert "the nearest: " in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run(project, "diff", OLD, NEW, "--most", "-1")


def test_every_layout_is_listed_with_publisher_content_and_header() -> None:
    listed = layouts()
    assert list(listed["key"]) == list(LAYOUTS)
    assert (listed[["publisher", "content", "header"]] != "").to_numpy().all()


def test_the_command_lists_layouts_without_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "list", "--layouts") == 0
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("armstat: Armstat, trade of Armenia by country and month")
    columns = "    country, year, month, export, import_origin, import_consignment, date"
    assert lines[place + 1] == columns
    assert run(tmp_path, "list", "--layouts", "--json") == 0
    assert [one["key"] for one in json.loads(capsys.readouterr().out)] == list(LAYOUTS)


def test_releases_of_real_export_move_the_share(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (shared_data / "sipri" / "DealsAndTIVs-2022-03.txt").read_text(encoding="utf-8")
    add_vintage(tmp_path, "sipri-deal-years@2022-03", text)
    asked = {"dataset": "sipri-deal-years@2022-03", "start": 2016, "end": 2020}
    report(tmp_path, number("arms.share", 69.4714, **asked))
    new = str(shared_data / "sipri" / "deal-years-2025-03.csv")
    assert run(tmp_path, "diff", "sipri-deal-years@2022-03", new) == 0
    told = capsys.readouterr().out
    [share] = [line for line in told.splitlines() if "arms.share" in line]
    assert "TUR Bayraktar TB-2 armed UAV (number, unit value)" in told
    assert share.split() == ["arms.share", "69.47", "67.74", "-1.73"]


def test_what_moves_a_share_is_told_by_deal(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(
        project, number("arms.share", 100 * 20 / 30.4), number("arms.unmoved", 50.0, dataset=NEW)
    )
    assert run(project, "diff", OLD, NEW) == 0
    told = capsys.readouterr().out.partition("arms.share")[2]
    # Belarus delivers 20.0 in place of 10.4: a numerator of 20 as before, denominator 30.4 to 40.
    assert "+0.00  by the numerator, 20.00 to 20.00" in told
    assert "-15.79  by the denominator, 30.40 to 40.00" in told
    assert "-15.79  BLR Example-2 towed gun (unit value)" in told
    assert told.rstrip().endswith("50.00   50.00   +0.00")


def test_a_share_of_a_third_vintage_is_split_if_it_is_at_hand(project: Path) -> None:
    text = example_path("sipri_deal_years").read_text(encoding="utf-8")
    third = "sipri-deal-years@2023-03"
    add_vintage(project, third, text.replace("0.4,10.4,", "0.4,5.2,"))
    found = shares_of(
        project,
        number("a", dataset=third),
        number("b", dataset="sipri-deal-years@2021-03"),
    )
    assert [one.revision.old.dataset if one.revision else None for one in found] == [third, None]
    [first, _] = diff_json(diff_vintages(OLD, NEW, root=project), most=0)["shares"]
    assert [part["kind"] for part in first["parts"]] == ["unit value"]


def test_a_file_of_one_importer_is_compared_with_that_importer_only() -> None:
    narrow = flow_table(delivery("TUR", 2020, 6.0), delivery("ISR", 2020, 2.0))
    others = [delivery("TUR", 2020, 9.0, importer=code, line=9) for code in ("IND", "POL")]
    wide = flow_table(delivery("TUR", 2020, 7.0), delivery("ITA", 2020, 2.0), *others)
    change = compare_vintages(narrow, wide, common="importer")
    assert (change.scope, change.rows_outside) == ("importer AZE", 2)
    assert change.added["exporter"].tolist() == ["ITA"]
    assert "compared: importer AZE; 2 rows of others left out" in change.summary()
    both = diff_json(Diff(compare_vintages(wide, narrow, common="importer"), ()), most=5)
    assert (both["scope"], both["rows_outside"]) == ("importer AZE", 2)
    assert compare_vintages(narrow, wide).scope == ""
    many = flow_table(*(delivery("TUR", 2020, 1.0, importer=code) for code in _SIX))
    assert compare_vintages(many, many, common="importer").scope == "importer the 6 that both have"


def test_a_side_that_leaves_nothing_or_is_none_is_refused() -> None:
    one, other = flow_table(delivery("TUR", 2020, 6.0)), flow_table(delivery("ISR", 2020, 6.0))
    with pytest.raises(SchemaError, match="expected an exporter that both have, found none in sip"):
        compare_vintages(one, other, common="exporter")
    with pytest.raises(
        ValueError, match="expected common to be one of importer, exporter, found 'deal'"
    ):
        compare_vintages(one, other, common="deal")  # type: ignore[arg-type]


def test_the_command_compares_what_both_have(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "diff", OLD, NEW, "--common", "importer") == 0
    assert "compared: importer AZE; 0 rows of others left out" in capsys.readouterr().out
