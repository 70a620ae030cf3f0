"""How files are compared: what is the same, what is within, and what is said of the rest."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flows.pipeline.compare import compare_contents, is_within, list_values
from flows.report.manifest import TOLERANCE

FRACTIONS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) > 1e-3)


def text(file: str, report: str, rebuilt: str) -> str:
    difference = compare_contents(file, report.encode(), rebuilt.encode())
    assert difference is not None
    return difference.text


def picture(size: tuple[int, int], *, dots: int = 0) -> bytes:
    pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    pixels.reshape(-1, 3)[:dots] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def archive(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def test_values_have_places() -> None:
    content = {"a": [1, {"b": None}], "c": "x", "d": {}}
    assert list(list_values("", content)) == [
        ("a.0", "1"),
        ("a.1.b", "null"),
        ("c", "x"),
        ("d", "{}"),
    ]


@pytest.mark.parametrize(
    ("name", "report", "rebuilt", "expected"),
    [
        ("a.csv", "x\n1\n", "x\n1\n2\n", "1 of 2 values differs (line 3, x: none -> 2)"),
        ("a.csv", "x\n1\n", "y\n1\n", "2 of 2 values differ (line 2, x: 1 -> none)"),
        (
            "a.csv",
            "x\n1\n",
            "x\n4\n",
            "1 of 1 values differs, by 0.75 of itself (line 2, x: 1 -> 4)",
        ),
        (
            "a.csv",
            "x\n1\n",
            "x\n-1\n",
            "1 of 1 values differs, by 2 of itself (line 2, x: 1 -> -1)",
        ),
        (
            "a.csv",
            "x\n1\n",
            'x\n"1"\n',
            "the same values, 1 of 2 lines differs (line 2: '1' -> '\"1\"')",
        ),
        (
            "a.csv",
            "x\n1\n",
            "x\r\n1\r\n",
            "the same values, 2 of 2 lines differ (line 1: 'x\\n' -> 'x\\r\\n')",
        ),
        ("a.json", "[1, 2]", "[1, 4]", "1 of 2 values differs, by 0.5 of itself (1: 2 -> 4)"),
        ("a.json", '{"a": "b"}', '{"a": null}', "1 of 1 values differs (a: b -> null)"),
        ("a.json", '{"a": 1}', '{"a": 1, "a": 1}', "the same values, 1 of 1 lines differs"),
        (
            "a.json",
            '["a", 2]',
            '["b", 4]',
            "2 of 2 values differ, by up to 0.5 of themselves (0: a -> b)",
        ),
        ("a.json", "[1]", "[1", "1 of 1 lines differs (line 1: '[1]' -> '[1')"),
        ("a.tex", "a\nb\n", "a\nc\nd\n", "2 -> 3 lines (line 2: 'b' -> 'c')"),
        ("a.html", f"{'x' * 90}1", f"{'x' * 90}2", f"(line 1: '…{'x' * 24}1' -> '…{'x' * 24}2')"),
        ("a.html", "a\x1b[0m", "a", "(line 1: 'a\\x1b[0m' -> 'a')"),
        ("a.csv", "x\n1\n", "x\n\x1b\n", "(line 2, x: 1 -> '\\x1b')"),
        ("a.pdf", "abc", "abd!", "3 -> 4 bytes, other ones from byte 3 on"),
        ("a.docx", "no archive", "nor this", "10 -> 8 bytes, other ones from byte 3 on"),
        ("a.png", "no picture", "nor this", "10 -> 8 bytes, other ones from byte 3 on"),
    ],
)
def test_what_differs_is_said(name: str, report: str, rebuilt: str, expected: str) -> None:
    assert expected in text(name, report, rebuilt)
    assert compare_contents(name, report.encode(), report.encode()) is None


def test_text_that_is_not_utf8_is_compared_as_bytes() -> None:
    difference = compare_contents("a.tex", b"a\xff", b"a\xfe")
    assert difference is not None
    assert difference.text == "2 -> 2 bytes, other ones from byte 2 on"


def test_the_files_inside_a_docx_are_compared() -> None:
    def said(one: bytes, other: bytes) -> str:
        difference = compare_contents("a.docx", one, other)
        assert difference is not None
        assert not difference.within
        return difference.text

    first = archive(style="bold", **{"word/document.xml": "67.74"})
    other = archive(style="thin", **{"word/document.xml": "97.74"})
    assert said(first, other) == (
        "2 of 2 files inside differ "
        "(word/document.xml: 1 of 1 lines differs (line 1: '67.74' -> '97.74'))"
    )
    assert said(archive(a="1", b="2"), archive(a="1")) == (
        "1 of 2 files inside differs (b: there -> none)"
    )
    assert said(archive(a="1", b="2"), archive(b="2", a="1")).startswith("the same files inside,")


def test_the_pixels_of_a_picture_are_counted() -> None:
    def said(one: bytes, other: bytes) -> str:
        difference = compare_contents("a.png", one, other)
        assert difference is not None
        assert not difference.within
        return difference.text

    assert said(picture((4, 3)), picture((4, 3), dots=2)) == "2 of 12 pixels differ"
    assert said(picture((4, 3)), picture((4, 3), dots=1)) == "1 of 12 pixels differs"
    assert said(picture((4, 3)), picture((5, 3))) == "4 x 3 -> 5 x 3 pixels"
    assert said(picture((4, 3)), picture((4, 3)) + b" ").startswith("the same pixels, written")


@given(FRACTIONS)
def test_the_last_bits_of_a_fraction_are_within(value: float) -> None:
    report, rebuilt = f"a,{float(value)!r}\n", f"a,{float(np.nextafter(value, 0))!r}\n"
    assert is_within(report, rebuilt)


@given(FRACTIONS, st.floats(3 * TOLERANCE, 1))
def test_a_larger_difference_is_not_within(value: float, relative: float) -> None:
    other = value * (1 - relative)
    assert not is_within(json.dumps([value]), json.dumps([other]))


@pytest.mark.parametrize(
    ("report", "rebuilt"),
    [
        ("1000000000001", "1000000000002"),  # a code
        ("0.50", "0.50 "),
        ("0.5,a", "0.5,b"),
        ("0.5,0.25", "0.25,0.5"),
        ("0.5", "0.5,0.5"),
        ("1", "1.0"),
        ("0.5", "-0.5"),
        ("x", "0.5"),
    ],
)
def test_all_but_fractions_is_the_same_text(report: str, rebuilt: str) -> None:
    assert not is_within(report, rebuilt)
    assert not is_within(rebuilt, report)


def test_only_values_are_ever_within() -> None:
    report, rebuilt = b"[\n0.5\n]\n", b"[\n0.50000000000001\n]\n"
    found = {
        suffix: compare_contents(f"a.{suffix}", report, rebuilt)
        for suffix in ("csv", "json", "tex", "typ", "html", "svg", "md", "pdf", "docx", "png")
    }
    assert [suffix for suffix, one in found.items() if one and one.within] == ["csv", "json"]
