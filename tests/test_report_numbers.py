"""Numbers as JSON and as LaTeX macros, and how they are printed."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_findings import bounded, findings, number

from flows.errors import ReportError
from flows.findings import Findings, Number, print_alike, print_bounds, print_value
from flows.report.numbers import numbers_json, numbers_tex, read_numbers
from flows.results import print_with_unit


def test_the_json_file_gives_back_every_field(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(numbers_json(findings()), encoding="utf-8")
    assert read_numbers(path) == {
        one.id: one for one in sorted(findings().numbers, key=lambda one: one.id)
    }


def test_a_report_without_numbers_has_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(numbers_json(Findings()), encoding="utf-8")
    assert read_numbers(path) == {}


def test_not_a_number_is_null_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(numbers_json(Findings(numbers=(number(value=math.nan),))), encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8"))["arms.share.2025-03"]["value"] is None
    assert math.isnan(read_numbers(path)["arms.share.2025-03"].value)


@given(
    st.builds(
        number,
        value=st.floats(allow_nan=False, allow_infinity=False),
        about=st.text(),
        code=st.lists(st.text()).map(tuple),
        rows=st.dictionaries(st.text(), st.lists(st.integers()).map(tuple)),
    )
)
def test_any_number_survives_the_json_file(
    tmp_path_factory: pytest.TempPathFactory, one: Number
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "numbers.json"
    path.write_text(numbers_json(Findings(numbers=(one,))), encoding="utf-8")
    assert read_numbers(path) == {one.id: one}


def test_lines_that_follow_one_another_are_written_as_a_run(tmp_path: Path) -> None:
    path, rows = tmp_path / "numbers.json", {"a@1": (2, 3, 4, 9)}
    path.write_text(numbers_json(Findings(numbers=(number(rows=rows),))), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    assert '"rows": {"a@1": [[2, 4], 9]}' in text
    assert read_numbers(path)["arms.share.2025-03"].rows == rows
    path.write_text(text.replace("[[2, 4], 9]", "[2, 3, 4, 9]"), encoding="utf-8")
    assert read_numbers(path)["arms.share.2025-03"].rows == rows, "as files had it before"


@pytest.mark.parametrize("lines", ["[[4, 2]]", "[[2, 4, 6]]", '["2"]', "[[1, 99999999999]]", "7"])
def test_lines_in_another_form_are_refused(tmp_path: Path, lines: str) -> None:
    path = tmp_path / "numbers.json"
    text = numbers_json(Findings(numbers=(number(rows={"a@1": (2,)}),)))
    path.write_text(text.replace("[2]", lines), encoding="utf-8")
    with pytest.raises(ReportError, match="expected rows as lines"):
        read_numbers(path)


@pytest.mark.parametrize(
    "change",
    [
        {"value": math.inf},
        {"high": math.nan, "spread": "bounds"},
        {"code": ({1, 2},)},
    ],
)
def test_what_json_cannot_hold_stops_with_the_id(change: dict[str, object]) -> None:
    with pytest.raises(ReportError, match=r"number 'arms\.share\.2025-03': expected what JSON"):
        numbers_json(Findings(numbers=(number(**change),)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{\n "s": }', r"numbers\.json:2: expected JSON"),
        ('{"s": {"value": 1}}', r"number 's': expected the fields value, .*found value"),
        ("[]", r"numbers\.json: expected an object"),
    ],
)
def test_a_broken_file_is_named_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ReportError, match=message):
        read_numbers(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"numbers\.json: expected the numbers .* found no file"):
        read_numbers(tmp_path / "numbers.json")


def test_macros_define_value_unit_and_bounds_by_id() -> None:
    defined = {
        (match[1], match[2]): match[3]
        for match in re.finditer(
            r"^\\flowsdefine\{([^{}]*)\}\{([^{}]*)\}\{(.*)\}$",
            numbers_tex(findings()),
            re.MULTILINE,
        )
    }
    share, gap, report, growth = (
        {field: text for (name, field), text in defined.items() if name == wanted}
        for wanted in ("arms.share.2025-03", "mirror.gap", "mirror.report", "trend.growth")
    )
    assert share == {
        "value": "67.74",
        "value with unit": r"67.74\%",
        "unit": r"\%",
        "low": "64.16",
        "high": "68.26",
        "bounds": "64.16 to 68.26",
        "bounds with unit": r"64.16 to 68.26\%",
        "between": "between 64.16 and 68.26",
        "between with unit": r"between 64.16 and 68.26\%",
    }
    assert gap == {
        "value": r"\ensuremath{-}1,068.2",
        "value with unit": r"USD~\ensuremath{-}1,068.2~million",
        "unit": "USD million",
    }
    assert report["between with unit"] == r"at least 412\%"
    assert "high" not in report
    assert growth["level"] == r"95\%"


def test_macros_are_ascii_with_balanced_braces_and_no_package() -> None:
    tex = numbers_tex(findings())
    code = re.sub(r"(?m)^%.*$", "", tex)
    assert tex.isascii()
    assert code.count("{") == code.count("}")
    assert "usepackage" not in code
    for macro in ("flowsnumber", "flowsunit", "flowslow", "flowshigh"):
        assert rf"\gdef\{macro}{{" in code


@pytest.mark.parametrize("name", ["share of {A}", "a%b", "a#b", "", "é"])
def test_an_id_that_a_macro_cannot_name_is_refused(name: str) -> None:
    with pytest.raises(ReportError, match=r"expected letters, digits"):
        numbers_tex(Findings(numbers=(number(id=name),)))


@pytest.mark.parametrize(
    ("unit", "printed"),
    [
        ("%", "67.74%"),
        ("% a year", "67.74% a year"),
        ("USD million", "USD 67.74 million"),
        ("TIV", "67.74 million TIV"),
        ("ratio", "67.74"),
        ("count", "67.74"),
        ("months", "67.74 months"),
    ],
)
def test_units_stand_where_a_reader_expects_them(unit: str, printed: str) -> None:
    assert print_with_unit("67.74", unit).replace("\N{NO-BREAK SPACE}", " ") == printed


@pytest.mark.parametrize(
    ("low", "high", "printed"),
    [
        (64.162, 68.258, "64.16 to 68.26"),
        (-0.001, 1.0, "0.00 to 1.00"),
        (-1.5, -0.5, "−1.50 to −0.50"),
        (412.0, None, "at least 412.00"),
        (None, 0.5, "at most 0.50"),
    ],
)
def test_bounds_are_printed_like_their_value(
    low: float | None, high: float | None, printed: str
) -> None:
    assert print_bounds(bounded(low=low, high=high)) == printed


@pytest.mark.parametrize(
    ("pattern", "printed"), [("1,029.6", "12,345.7"), ("1029.6", "12345.7"), ("−412", "12346")]
)
def test_thousands_and_decimals_follow_the_printed_value(pattern: str, printed: str) -> None:
    assert print_alike(number(printed=pattern), 12345.678) == printed


def test_a_number_without_bounds_has_none_to_print() -> None:
    with pytest.raises(ReportError, match=r"'arms\.share\.2025-03': expected a low or a high"):
        print_bounds(number())


def test_bounds_of_a_number_in_words_cannot_be_printed() -> None:
    with pytest.raises(ReportError, match=r"expected a decimal number .* found '<0\.001'"):
        print_bounds(bounded(printed="<0.001"))


def test_a_typed_minus_becomes_a_minus_sign() -> None:
    assert print_value(number(printed="-0.5")) == "−0.5"
    assert print_value(number(printed="2-3")) == "2-3"
