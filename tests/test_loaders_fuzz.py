"""No input may raise anything but a FlowsError, or give a table that fails its check."""

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import FlowsError
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path

NASTY = [
    b"",
    b" ",
    b"NA",
    b"nan",
    b"-1",
    b"1e999",
    b"1,5",
    b"1 000",
    b"9" * 30,
    b'"',
    b"\x00",
    b"\xff",
    b"\xc3\xa9",
    "\u0663".encode(),
    b"\r",
    b"\n",
    b"\t",
    b"<br>",
    b"0000",
    b"2199",
    b"9999",
    b"W00",
    b"{",
    b"}",
    b"\\",
]


def outcome(path: Path, layout: str | None = None) -> str:
    """Return what came of a file: the key of its layout, or the class of the error."""
    try:
        table = load(path, layout=layout)
    except FlowsError as error:
        return type(error).__name__
    key: str = table.attrs["report"]["layout"]
    assert LAYOUTS[key].check(table).equals(table)
    return key


def written(content: bytes) -> Path:
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        file.write(content)
    return Path(file.name)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw an example with some of its bytes cut, put in, taken out or written over."""
    key = draw(st.sampled_from(sorted(LAYOUTS)))
    content = example_path(key).read_bytes()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        change = draw(st.sampled_from(["cut", "over", "cell", "line", "twice", "delimiter"]))
        content = CHANGES[change](content, start, end, draw(st.sampled_from(NASTY)))
    return key, content


def _cell(content: bytes, start: int, _: int, new: bytes) -> bytes:
    """Write over the whole cell around a place."""
    left = max(content.rfind(mark, 0, start) for mark in (b",", b";", b"\n", b"\t", b'"')) + 1
    ends = [content.find(mark, start) for mark in (b",", b";", b"\n", b"\t", b'"')]
    right = min((end for end in ends if end >= 0), default=len(content))
    return content[:left] + new + content[right:]


def _line(content: bytes, start: int, end: int, new: bytes) -> bytes:
    lines = content.split(b"\n")
    at = start % len(lines)
    return b"\n".join([*lines[:at], *([new] if end % 2 else []), *lines[at + 1 :]])


CHANGES = {
    "cut": lambda content, start, _, __: content[:start],
    "over": lambda content, start, end, new: content[:start] + new + content[end:],
    "cell": _cell,
    "line": _line,
    "twice": lambda content, start, _, __: content + content[start:],
    "delimiter": lambda content, _, __, new: content.replace(b",", new[:1] or b";"),
}


@given(damaged())
def test_a_damaged_file_gives_a_checked_table_or_a_flows_error(case: tuple[str, bytes]) -> None:
    key, content = case
    path = written(content)
    try:
        assert outcome(path)
        assert outcome(path, layout=key)
    finally:
        path.unlink()


@given(st.binary(max_size=400), st.sampled_from(sorted(LAYOUTS)))
def test_any_bytes_under_any_layout_give_a_flows_error(content: bytes, key: str) -> None:
    path = written(content)
    try:
        assert outcome(path, layout=key).endswith("Error")
    finally:
        path.unlink()


CORPUS = {
    "empty": b"",
    "blank": b" \n\r\n",
    "byte order mark": b"\xef\xbb\xbf",
    "utf-16": "year,value\n2020,1\n".encode("utf-16"),
    "page": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "error": b'{"statusCode": 429, "message": "Rate limit is exceeded."}',
    "deep": b'{"elapsedTime": "0", "data": ' + b"[" * 100_000,
    "null": b"null",
    "nan": b'{"elapsedTime": "0", "data": [{"primaryValue": NaN}]}',
    "xml": b"<Series COUNTERPART_COUNTRY='a'><Obs/></Series><Series>",
    "entities": b"<!DOCTYPE a [<!ENTITY b 'c'>]><Series COUNTERPART_COUNTRY='&b;'/>",
    "rtf": b"{\\rtf1 Transfers of major weapons {\\b A}\\par{\\b R:} B\\par}",
    "one cell": b"t,i,j,k,v,q",
    "header only": b"t,i,j,k,v,q\n",
    "endless line": b"t,i,j,k,v,q\n" + b"1" * 300_000,
    "many columns": b",".join([b"t,i,j,k,v,q"] * 2000) + b"\n" + b"1," * 11_999 + b"1\n",
    "gzip of nothing": gzip.compress(b""),
    "gzip cut": gzip.compress(b"t,i,j,k,v,q\n" * 100)[:30],
    "zip cut": b"PK\x03\x04" + bytes(40),
    "stata cut": b"<stata_dta><header>iso3_o\x00",
    "lone surrogate": b'{"result": "\\ud800,a\\n1,2"}',
}


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_no_table_is_refused_under_every_layout(tmp_path: Path, name: str) -> None:
    path = tmp_path / "download.csv"
    path.write_bytes(CORPUS[name])
    assert outcome(path).endswith("Error")
    for key in LAYOUTS:
        assert outcome(path, layout=key).endswith("Error"), key
