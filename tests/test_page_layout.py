"""The pages of the reports at three widths, light and dark, in print: nothing is cut off."""

from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, SCHEMES, WIDTHS, narrow_columns, page_name, picture, visit, width_faults

EACH = pytest.mark.parametrize("file", PAGES, ids=page_name)


@EACH
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_or_wider_than_the_window(
    browser: Any, file: Path, width: int, scheme: str
) -> None:
    with visit(browser, file, width=width, scheme=scheme) as (page, *_):
        picture(page, f"{page_name(file)}-{width}-{scheme}")
        if scheme == "light":
            picture(page, f"{page_name(file)}-{width}-whole", whole=True)
        assert not (faults := width_faults(page)), "\n".join(faults)


@EACH
def test_no_column_of_sentences_is_a_word_wide(browser: Any, file: Path) -> None:
    with visit(browser, file, width=1600) as (page, *_):
        assert not (faults := narrow_columns(page)), "\n".join(faults)


@EACH
def test_paper_takes_the_whole_page(browser: Any, file: Path) -> None:
    with visit(browser, file, width=718) as (page, *_):  # A4 within margins of a centimetre
        page.emulate_media(media="print")
        assert not (faults := width_faults(page)), "\n".join(faults)
        assert page.pdf(format="A4").startswith(b"%PDF")
