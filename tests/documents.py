"""Documents of a word processor, written part by part, and a small report to fill them from."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib as mpl
from small_findings import draw_figures, findings

from flows.findings import Findings
from flows.report.numbers import numbers_json
from flows.tables.formats import table_html

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" mc:Ignorable="w14"'
)
_STYLES = '<w:style w:type="paragraph" w:styleId="Beschriftung"><w:name w:val="caption"/></w:style>'
_PAGE = """<!DOCTYPE html><html><body>
<figure id="fig-bars"><div><svg role="img" aria-label="Bars of A &amp; B."></svg></div>
<figcaption><p><span class="label">Figure 3.</span> The figure <em>bars</em></p></figcaption>
</figure></body></html>"""


def write_report(root: Path, found: Findings | None = None) -> Path:
    """Write what a build of the small findings leaves; returns the folder of the project."""
    found, folder = found or findings(), root / "reports"
    (root / "data" / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "appendix.toml").touch()
    (folder / "numbers.json").write_text(numbers_json(found), encoding="utf-8")
    for table in found.tables:
        page = folder / "tables" / f"{table.id}.html"
        page.write_text(table_html(table), encoding="utf-8")
    if not (folder / "figures").exists():
        with mpl.rc_context():
            draw_figures(folder / "figures")
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")
    return root


def run(text: str, look: str = "") -> str:
    """Return a run; ``look`` is what stands in its properties."""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    """Return a paragraph of runs, or of texts."""
    return f"<w:p>{''.join(one if one.startswith('<') else run(one) for one in runs)}</w:p>"


def write_docx(path: Path, *blocks: str, others: Mapping[str, str] | None = None) -> Path:
    """Write a document; ``others``: name and content of headers, footers and notes."""
    others = others or {}
    parts = {
        "[Content_Types].xml": _types(others),
        "_rels/.rels": _relations({"officeDocument": "word/document.xml"}),
        "word/document.xml": _part("document", f"<w:body>{''.join(blocks)}<w:sectPr/></w:body>"),
        "word/_rels/document.xml.rels": _relations({name: f"{name}.xml" for name in others}),
        "word/styles.xml": _part("styles", _STYLES),
        **{f"word/{name}.xml": _part(_root(name), content) for name, content in others.items()},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content)
    return path


def read_parts(path: Path) -> dict[str, bytes]:
    """Return the parts of a document."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edit_part(path: Path, name: str, old: str, new: str) -> None:
    """Replace a piece of a part."""
    parts = read_parts(path)
    text = parts[name].decode()
    assert old in text
    write_parts(path, {**parts, name: text.replace(old, new).encode()})


def write_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write a document of these parts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _root(name: str) -> str:
    return {"header1": "hdr", "footer1": "ftr"}.get(name, name)


def _part(root: str, content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:{root} {_NAMES}>{content}</w:{root}>'


def _types(others: Mapping[str, str]) -> str:
    kinds = {"document": "document.main", **{name: name.rstrip("1") for name in others}}
    named = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return f'<Types xmlns="{_PACKAGE}/content-types">{named}</Types>'


def _relations(targets: Mapping[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind.rstrip("1")}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'
