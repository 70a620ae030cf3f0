import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_project import built_project, edit, make_project, published, raw_file

from flows.errors import HashError, ReportError, SourceError, VerifyError
from flows.pipeline.catalogue import check_catalogue
from flows.pipeline.compare import first_difference, list_values
from flows.pipeline.steps import UnknownNameError
from flows.pipeline.trace import RawLine, read_raw_lines, split_lines, trace_number
from flows.pipeline.verify import verify_report
from flows.report.manifest import read_environment
from flows.sources import file_sha256


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with built_project(tmp_path_factory.mktemp("built")) as root:
        yield root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A built project that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "project"))


def change_numbers(root: Path, **changes: object) -> None:
    path = root / "reports/numbers.json"
    numbers = json.loads(path.read_text(encoding="utf-8"))
    numbers["trade.total"] |= changes
    path.write_text(json.dumps(numbers), encoding="utf-8")


def record_environment(root: Path, **changes: object) -> None:
    """Make the report one that was built elsewhere, as its files now are."""
    path = root / "reports/manifest.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    recorded["environment"] |= changes
    for name, output in recorded["outputs"].items():
        output["sha256"] = file_sha256(root / name)
    path.write_text(json.dumps(recorded), encoding="utf-8")


def test_a_report_that_is_as_built_is_verified(project: Path) -> None:
    before = published(project)
    found = verify_report(project)
    assert len(found.identical) == 16
    assert found.within == found.not_compared == found.environment == ()
    assert published(project) == before


def test_processed_tables_need_not_be_there(project: Path) -> None:
    shutil.rmtree(project / "data/processed")
    assert len(verify_report(project).identical) == 16


def test_a_changed_digit_is_named(project: Path) -> None:
    change_numbers(project, value=1.002)
    with pytest.raises(
        VerifyError, match=r"numbers\.json: .*trade\.total\.value: expected 1\.002, found 1\.001"
    ):
        verify_report(project)


def test_a_changed_figure_is_named_by_its_cell(project: Path) -> None:
    edit(project / "reports/figures/trade-by-year.csv", "500000", "500001")
    with pytest.raises(VerifyError, match=r"by-year\.csv: .*line 2, value: expected 500001\.0"):
        verify_report(project)


def test_a_changed_picture_is_named(project: Path) -> None:
    (project / "reports/figures/trade-by-year.png").write_bytes(b"png")
    with pytest.raises(VerifyError, match=r"by-year\.png: expected sha256 \w+ as committed"):
        verify_report(project)


def test_a_missing_file_is_named(project: Path) -> None:
    (project / "reports/numbers.tex").unlink()
    with pytest.raises(VerifyError, match=r"reports/numbers\.tex: expected this file"):
        verify_report(project)


def test_a_changed_text_is_named(project: Path) -> None:
    edit(project / "reports/appendix.md", "shows them", "shows it")
    with pytest.raises(VerifyError, match=r"reports/appendix\.md: the report was made from"):
        verify_report(project)


def test_a_report_that_was_never_built_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="expected the manifest of a built report"):
        verify_report(make_project(tmp_path))


def test_elsewhere_values_are_compared_within_the_tolerance(project: Path) -> None:
    change_numbers(project, value=1.001 * (1 + 1e-12))
    (project / "reports/figures/trade-by-year.png").write_bytes(b"png")
    record_environment(project, machine="arm64")
    found = verify_report(project)
    assert found.within == ("reports/numbers.json",)
    assert found.not_compared == ("reports/figures/trade-by-year.png",)
    assert found.environment == (f"machine: arm64 -> {read_environment()['machine']}",)


def test_elsewhere_a_value_beyond_the_tolerance_is_named(project: Path) -> None:
    change_numbers(project, value=1.001 * (1 + 1e-6))
    record_environment(project, machine="arm64")
    with pytest.raises(VerifyError, match=r"beyond the tolerance of 1e-09: trade\.total\.value"):
        verify_report(project)


def test_elsewhere_a_file_that_is_not_as_recorded_is_named(project: Path) -> None:
    record_environment(project, machine="arm64")
    change_numbers(project, value=1.001 * (1 + 1e-12))
    with pytest.raises(VerifyError, match=r"numbers\.json: committed and rebuilt differ"):
        verify_report(project)


def test_values_have_places() -> None:
    content = {"a": [1, {"b": None}], "c": "x"}
    assert list(list_values("", content)) == [("a.0", "1"), ("a.1.b", "null"), ("c", "x")]


@pytest.mark.parametrize(
    ("name", "one", "other", "difference"),
    [
        ("a.csv", "x\n1\n", "x\n1\n", None),
        ("a.csv", "x\n1\n", "x\n1\n2\n", "expected end of file, found line 3, x"),
        ("a.csv", "x\n1\n", "y\n1\n", "expected line 2, x, found line 2, y"),
        ("a.csv", "x\n1\n", "x\n\n", "line 2, x: expected 1, found "),
        ("a.json", "[1, 2]", "[1, 3]", "1: expected 2, found 3"),
        ("a.json", '{"a": "b"}', '{"a": null}', "a: expected b, found null"),
    ],
)
def test_the_first_difference_is_named(
    tmp_path: Path, name: str, one: str, other: str, difference: str | None
) -> None:
    for folder, text in (("one", one), ("other", other)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    assert first_difference(tmp_path / "one" / name, tmp_path / "other" / name) == difference


def test_a_number_is_followed_to_its_raw_lines(project: Path) -> None:
    found = trace_number(project, "trade.total")
    assert found.number.value == pytest.approx(0.500 + 0.501)
    place = "data/raw/armstat-by-country/2025-02/armstat.csv"
    assert found.lines == (
        RawLine("armstat-by-country@2025-02", place, 3, '"Iran",2023,12,0,500,510,"2023-12-01"'),
        RawLine(
            "armstat-by-country@2025-02",
            place,
            4,
            '"Islamic Republic of Iran",2024,1,12,501,511,"2024-01-01"',
        ),
    )


def test_an_unknown_number_has_neighbours(project: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"no number 'trade\.totl'; the nearest: trade\.total"
    ):
        trace_number(project, "trade.totl")


def test_a_trace_does_not_show_lines_of_a_changed_file(project: Path) -> None:
    edit(raw_file(project), "500", "600")
    with pytest.raises(HashError):
        trace_number(project, "trade.total")


def test_a_line_that_is_not_there_is_an_error(project: Path) -> None:
    with pytest.raises(SourceError, match=r"armstat\.csv: expected lines 1 to 4, asked for 5"):
        read_raw_lines(project, "armstat-by-country@2025-02", (2, 5))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))))
def test_lines_are_those_between_line_ends(lines: list[str]) -> None:
    content = "\r\n".join([*lines, "end"]).encode("utf-8")
    assert split_lines(content)[-len(lines) - 1 :] == [*lines, "end"]


def test_lines_that_are_not_utf8_are_latin1() -> None:
    assert split_lines("a;Côte d'Ivoire\nb".encode("latin-1")) == ["a;Côte d'Ivoire", "b"]


def test_the_catalogue_is_checked_to_its_end(project: Path) -> None:
    edit(raw_file(project), "500", "600")
    first, second = check_catalogue(project)
    assert "expected sha256" in first.fault
    assert first.rows == 0
    assert second.source.id == "cow-trade@4.0"
    assert not second.fault
    assert second.rows > 0
