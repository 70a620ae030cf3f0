"""A project whose claims, titles and raw lines hold scripts: pages show them, and none runs."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import visit
from hostile import HOSTILE
from toy_project import ToyStudy, edit, make_project, raw_file

from flows.findings import Findings
from flows.pipeline.build import build_report
from flows.report import manifest, render
from flows.studies import STUDIES

SHORT = [
    one for one in HOSTILE if len(one.text) < 200 and not re.search("[\ud800-\udfff]", one.text)
]
ALL = " ".join(one.text for one in SHORT)
IN_A_LINE = " ".join(re.sub(r"[\x00\x0a-\x0d\x1c-\x1e\x85\u2028\u2029]", " ", ALL).split())
"""For a cell of a raw file, whose lines the loader counts."""

SCRIPT = next(one.text for one in SHORT if one.name == "script")
TEXT = json.dumps(ALL)
CLAIMED = json.dumps(" ".join(one.text for one in SHORT if "quote" not in one.name))
"""For claims, which hold what is not in quotation marks against the numbers of the report."""

CLAIM = f"""[[claim]]
id = "imports"
quote = {CLAIMED}
citation = "https://example.org"
number = "trade.total"
compare = "between"
low = 0
high = 1e6
unit = "USD million"
tolerance = {CLAIMED}
says = {CLAIMED}
counts = {CLAIMED}
assumes = {CLAIMED}
wording = "imports of {{trade.total}}"
"""


class HostileStudy(ToyStudy):
    """Findings whose words hold scripts."""

    def find(
        self, name: str, *, data: Mapping[str, Any], question: Mapping[str, Any], **rest: object
    ) -> Findings:
        found = super().find(name, data=data, question=question, **rest)
        return replace(found, numbers=tuple(replace(number, about=ALL) for number in found.numbers))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the report of such a project."""
    root = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", HostileStudy())
        patch.setattr(manifest, "package_sha256", lambda: "the package as it is")
        for write in ("write_pdf", "write_docx"):
            patch.setattr(render, write, lambda _text, path, **_: path.write_bytes(b""))
        make_project(root)
        _add_column(raw_file(root), IN_A_LINE)
        source = raw_file(root).parent / "source.toml"
        for words in ("A statistics office", "Trade", "A few rows."):
            edit(source, f'= "{words}"', f"= {TEXT}")
        (root / "reports/claims.toml").write_text(CLAIM, encoding="utf-8")
        edit(root / "reports/appendix.md", '{{ table("trade-total") }}', '{{ table("claims") }}')
        build_report(root)
        yield root / "reports"


def _add_column(file: Path, words: str) -> None:
    """Add a column to a raw file, and its new hash to the description."""
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    header, *lines = file.read_text(encoding="utf-8-sig").splitlines()
    cell = '"' + words.replace('"', '""') + '"'
    rows = [f'{header},"remark"', *(f"{line},{cell}" for line in lines)]
    file.write_text("\n".join(rows), encoding="utf-8-sig")
    after = hashlib.sha256(file.read_bytes()).hexdigest()
    edit(file.parent / "source.toml", before, after)


_ACTING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]"
)


def pages(folder: Path) -> list[Path]:
    """Return the pages that the build made."""
    return sorted(folder.glob("*.html"))


def test_no_script_of_the_data_runs(browser: Any, hostile: Path) -> None:
    assert pages(hostile)
    for file in pages(hostile):
        with visit(browser, file) as (page, requests, complaints):
            for number in page.locator("a[href^='#number-']:visible").all():
                number.click()
            assert page.evaluate("window.ran") is None
            shown = page.evaluate("document.body.innerText")
            assert shown.count(SCRIPT) > 0
            assert "\\u202eevitagen" in shown
            assert not _ACTING.search(page.evaluate("document.documentElement.outerHTML"))
            assert (requests, complaints) == ([], [])


def test_no_link_of_the_data_runs(browser: Any, hostile: Path) -> None:
    for file in pages(hostile):
        with visit(browser, file) as (page, *_):
            links = page.locator("[href], [src]").evaluate_all(_LINKS)
        assert not [link for link in links if link.startswith("javascript:")]


_LINKS = "all => all.map(e => e.getAttribute('href') ?? e.getAttribute('src'))"
