"""Workbooks (.xlsx) of one sheet, written part by part."""

import zipfile
from pathlib import Path

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
PARTS = {
    "_rels/.rels": f'<Relationships {PACKAGE}><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE}>"
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
    # Style 1 shows a date, style 2 two decimals.
    "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="14"/><xf numFmtId="2"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>Georgia</t></si>"
    "<si><r><t>Ar</t></r><r><t>menia</t></r></si></sst>",
}


def workbook(path: Path, rows: str, **changes: str) -> Path:
    """Write a workbook whose sheet has these rows; ``after`` stands behind them."""
    sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{changes.pop('after', '')}</worksheet>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (PARTS | {"xl/worksheets/sheet1.xml": sheet} | changes).items():
            archive.writestr(name, part)
    return path
