"""Files of a figure: the same bytes every time, fonts inside, no date, the data beside them."""

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import rcParams
from matplotlib.backend_bases import RendererBase
from PIL import Image
from pypdf import PdfReader

from flows.figures.save import render_figure, write_figure
from flows.figures.style import ShownFigure
from flows.findings import Figure

DATA = pd.DataFrame(
    {
        "date": pd.to_datetime(["2020-01-01", "2020-02-01"]),
        "series": ["Türkiye's exports"] * 2,
        "value": [0.12345678, 12.0],
        "fitted": [10.0, 11.0],
        "fitted_low": [9.0, 10.0],
        "fitted_high": [11.0, float("nan")],
    }
)
FINDING = Figure(
    id="trend",
    draw="draw_trend",
    data=DATA,
    options={"unit_label": "USD million", "events": [{"date": "2020-01-15", "name": "Ban"}]},
    caption="Exports.",
    source="Source: statistical office, February 2025.",
    rows={},
)
SCRIPT = """
import pickle
import sys
from test_figures_save import FINDING
from flows.figures.save import render_figure
pickle.dump(render_figure(FINDING), sys.stdout.buffer)
"""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return render_figure(FINDING)


def test_files_are_named_after_the_finding(tmp_path: Path, files: dict[str, bytes]) -> None:
    paths = write_figure(FINDING, tmp_path)
    assert {path.name: path.read_bytes() for path in paths} == files
    assert sorted(files) == ["trend.csv", "trend.pdf", "trend.png", "trend.svg", "trend.text.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_second_drawing_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert render_figure(FINDING) == files


def test_a_figure_is_drawn_once_for_each_of_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    draw = ShownFigure.draw

    def note(canvas: ShownFigure, renderer: RendererBase) -> None:
        drawn.append(type(renderer).__name__)
        draw(canvas, renderer)

    monkeypatch.setattr(ShownFigure, "draw", note)
    pictures = set(render_figure(FINDING)) - {"trend.csv"}
    assert len(drawn) == len(pictures) == 4


def test_another_process_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    here = Path(__file__).parent
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    other = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=True,
        capture_output=True,
        cwd=here,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(here.parent)},
    )
    assert pickle.loads(other.stdout) == files  # noqa: S301 - written by the line above


def test_csv_holds_every_digit_of_the_data(files: dict[str, bytes]) -> None:
    lines = files["trend.csv"].decode().split("\n")
    assert lines[0] == "date,series,value,fitted,fitted_low,fitted_high"
    assert lines[1] == "2020-01-01,Türkiye's exports,0.12345678,10.0,9.0,11.0"
    read = pd.read_csv(io.BytesIO(files["trend.csv"]), parse_dates=["date"])
    pd.testing.assert_frame_equal(read, DATA, check_dtype=False, check_exact=True)


def test_pdf_has_its_fonts_inside_and_no_date(files: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(files["trend.pdf"]))
    (page,) = reader.pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert len(descriptor["/FontFile2"].get_object().get_data()) > 0
    assert not {"/CreationDate", "/ModDate"} & set(reader.metadata or {})


def test_pdf_text_can_be_searched(files: dict[str, bytes]) -> None:
    text = PdfReader(io.BytesIO(files["trend.pdf"])).pages[0].extract_text()
    assert "USD million" in text
    assert "Source: statistical office, February 2025." in text


def test_pdf_is_two_columns_wide(files: dict[str, bytes]) -> None:
    width = float(PdfReader(io.BytesIO(files["trend.pdf"])).pages[0].mediabox.width)
    assert width == pytest.approx(180 / 25.4 * 72, abs=0.01)


def test_svg_needs_no_font_and_has_no_date(files: dict[str, bytes]) -> None:
    svg = files["trend.svg"].decode()
    assert "<text" not in svg
    assert "<dc:date>" not in svg


def test_png_has_300_dots_per_inch_and_no_version(files: dict[str, bytes]) -> None:
    image = Image.open(io.BytesIO(files["trend.png"]))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert image.width == pytest.approx(180 / 25.4 * 300, abs=1)
    assert "Software" not in image.info


def test_settings_of_matplotlib_are_left_alone() -> None:
    before = dict(rcParams)
    render_figure(FINDING)
    assert dict(rcParams) == before


def test_unknown_drawing_function_is_refused_and_nothing_written(tmp_path: Path) -> None:
    unknown = Figure("trend", "draw_pie", DATA, {}, "", "", {})
    with pytest.raises(ValueError, match=r"draw: expected one of draw_.*, found 'draw_pie'"):
        write_figure(unknown, tmp_path)
    assert list(tmp_path.iterdir()) == []
