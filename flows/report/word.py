"""The styles and the page of a docx, which Pandoc takes from a document that is made here."""

import io
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from lxml import etree

_STYLES = Path(__file__).parent / "templates" / "styles.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

_PAGE = {
    "pgSz": {"w": "11906", "h": "16838"},
    "pgMar": {
        "top": "1474",
        "right": "1417",
        "bottom": "1474",
        "left": "1417",
        "header": "720",
        "footer": "720",
        "gutter": "0",
    },
}
"""A4 with about the margins of the PDF, in twentieths of a point."""

_FOOTER = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:ftr xmlns:w="{_W[1:-1]}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>
<w:fldSimple w:instr=" PAGE "><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>
</w:p></w:ftr>"""
"""The number of the page."""

_FOOTER_ID = "rIdFooter"


def reference_docx(default: bytes) -> bytes:
    """
    Return Pandoc's own reference document with our styles and page in it.

    Its files are of the first day of zip: Pandoc copies some with their dates.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(default)) as read, zipfile.ZipFile(made, "w") as written:
        for name in read.namelist():
            content = read.read(name)
            written.writestr(zipfile.ZipInfo(name), _CHANGES.get(name, bytes)(content))
        written.writestr(zipfile.ZipInfo("word/footer1.xml"), _FOOTER)
    return made.getvalue()


def _with_styles(content: bytes) -> bytes:
    """Put our styles in the place of those of the same id, and behind them those that are new."""
    styles = etree.fromstring(content)
    here = {style.get(f"{_W}styleId"): style for style in styles.iter(f"{_W}style")}
    for ours in etree.parse(_STYLES).getroot():
        if ours.tag == f"{_W}docDefaults":
            theirs = styles.find(f"{_W}docDefaults")
        else:
            theirs = here.get(ours.get(f"{_W}styleId"))
        if theirs is None:
            styles.append(deepcopy(ours))
        else:
            styles.replace(theirs, deepcopy(ours))
    return _as_xml(styles)


def _with_page(content: bytes) -> bytes:
    """Give the section our page, with its number at the foot."""
    document = etree.fromstring(content)
    (section,) = document.iter(f"{_W}sectPr")
    for child in list(section):
        section.remove(child)
    footer = {f"{_W}type": "default", f"{_R}id": _FOOTER_ID}
    etree.SubElement(section, f"{_W}footerReference", footer)
    for name, sizes in _PAGE.items():
        own = {f"{_W}{key}": value for key, value in sizes.items()}
        etree.SubElement(section, f"{_W}{name}", own)
    return _as_xml(document)


def _with_footer(content: bytes) -> bytes:
    relations = etree.fromstring(content)
    entry = {"Id": _FOOTER_ID, "Type": f"{_R[1:-1]}/footer", "Target": "footer1.xml"}
    etree.SubElement(relations, f"{{{relations.nsmap[None]}}}Relationship", entry)
    return _as_xml(relations)


def _with_type_of_footer(content: bytes) -> bytes:
    types = etree.fromstring(content)
    entry = {"PartName": "/word/footer1.xml", "ContentType": f"{_OFFICE}.footer+xml"}
    etree.SubElement(types, f"{{{types.nsmap[None]}}}Override", entry)
    return _as_xml(types)


def _as_xml(root: Any) -> bytes:
    return cast("bytes", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


_CHANGES = {
    "word/styles.xml": _with_styles,
    "word/document.xml": _with_page,
    "word/_rels/document.xml.rels": _with_footer,
    "[Content_Types].xml": _with_type_of_footer,
}
