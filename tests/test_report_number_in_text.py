"""A number in a notebook: it prints as the report prints it, in an f-string and by itself."""

from pathlib import Path

import pytest
from documents import write_report
from small_findings import bounded, findings

import flows as fl
from flows.errors import UnknownNameError
from flows.findings import Number
from flows.report.appendices import FIRST
from flows.report.manuscripts.built import BuiltReport


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("report"))


@pytest.fixture(autouse=True)
def inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWS_ROOT", str(root))


def test_a_number_prints_as_the_report_does() -> None:
    share, growth = fl.number("arms.share.2025-03"), fl.number("trend.growth")
    assert f"{share}" == str(share) == share._repr_markdown_() == "67.74%"
    assert f"{share:n}" == "67.74"
    assert f"{share:bounds}" == "64.16 to 68.26"
    assert f"{share:between}" == "between 64.16 and 68.26%"
    assert f"{growth:level}" == "95%"
    assert f"{share:.1f}" == "67.7"
    assert f"{fl.number('mirror.gap')}" == "USD\u00a0−1,068.2\u00a0million"
    assert repr(share).startswith("Number: arms.share.2025-03")


@pytest.mark.parametrize("number", findings().numbers, ids=lambda number: number.id)
def test_a_notebook_and_a_manuscript_print_the_same(root: Path, number: Number) -> None:
    report = BuiltReport(root, FIRST)
    asked = report.read(f'{{{{ n("{number.id}", unit=True) }}}}')
    assert f"{fl.number(number.id)}" == asked.printed


def test_what_cannot_be_printed_is_said() -> None:
    with pytest.raises(ValueError, match="expected a low or a high, found neither"):
        f"{fl.number('mirror.gap'):bounds}"
    with pytest.raises(ValueError, match="expected an interval with a level, found none"):
        f"{bounded():level}"


def test_a_wrong_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no number 'arms.share'; the nearest: arms"):
        fl.number("arms.share")
    with pytest.raises(UnknownNameError, match="no appendix 'other'"):
        fl.number("arms.share.2025-03", appendix="other")
