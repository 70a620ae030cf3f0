"""
Files that a stranger makes to fill a memory or to waste an hour, and what loading each one takes.

    python tests/hostile_files.py            every file, in processes of their own: a table
    python tests/hostile_files.py KIND ...   only those whose name contains one of the words
"""

import gzip
import io
import json
import os
import resource
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from small_workbooks import MAIN, workbook

from flows.errors import FlowsError
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path

MEGABYTE = 1_000_000

TIMES_THE_FILE = 10
"""Memory that loading may take beside what the program itself needs: so many times the file."""

ASIDE = 100 * MEGABYTE
"""What the program itself needs while it loads a file of any size: libraries, tables of names."""

_LONGEST = 20
_SLOW = 3
_ADDRESS_SPACE = 6 * 1024**3


class Hostile(NamedTuple):
    """A file by the name of its kind, its content, and the layout it is read as, if named."""

    kind: str
    content: bytes
    layout: str | None = None
    name: str = "hostile.csv"


class Cost(NamedTuple):
    """What loading a file took, and what came of it."""

    seconds: float
    memory: int
    outcome: str


def allowed_memory(content: bytes) -> int:
    """Return the bytes that loading a file may take; of a packed file its unpacked bytes count."""
    return TIMES_THE_FILE * len(content) + ASIDE


def _rows(key: str) -> tuple[bytes, list[bytes], bytes]:
    """Return the header of an example, its rows and what stands between cells."""
    content = example_path(key).read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = content.rstrip(b"\r\n").split(b"\n")
    sign = max((b",", b";", b"\t"), key=lines[-1].count)
    return b"\n".join(lines[:-1]), [lines[-1]], sign


TEXTS = [key for key in sorted(LAYOUTS) if example_path(key).suffix in {".csv", ".tsv", ".txt"}]


def texts(key: str, size: int) -> Iterator[Hostile]:
    """Yield tables of text of a layout, each about as large as asked."""
    above, (row,), sign = _rows(key)
    head, *rows = above.split(b"\n")
    cells = row.split(sign)
    width = len(cells)
    many = size // 2

    def table(*lines: bytes) -> bytes:
        return b"\n".join([above, row, *lines, b""])

    yield Hostile("rows again", table(*[row] * (size // len(row))), key)
    yield Hostile("cell without an end", table(b"a" * size), key)
    yield Hostile("quote without an end", table(b'"' + row * (size // len(row))), key)
    yield Hostile("line of cells", table(sign.join([b"1"] * many)), key)
    yield Hostile("line of empty cells", table(sign * size), key)
    names = sign.join(b"c%d" % at for at in range(size // 8))
    yield Hostile("names without an end", b"\n".join([head + sign + names, *rows, row, b""]), key)
    wide = sign.join([row] + [b"1"] * (size // 16))
    ragged = [wide] + [row] * (size // 2 // len(row))
    yield Hostile(
        "wide and narrow lines",
        b"\n".join([head + sign + names[: size // 4], *rows, *ragged, b""]),
        key,
    )
    yield Hostile(
        "narrow rows under a wide header",
        b"\n".join([head + sign + names[: size // 2], *rows, *[b"1"] * (size // 4), b""]),
        key,
    )
    yield Hostile("blank lines", table(b"\n" * size, row), key)
    yield Hostile("short lines", table(*[b"a"] * many), key)
    yield Hostile("lines of delimiters", table(*[sign * (width - 1)] * (size // width)), key)
    yield Hostile("quotes", table(b'"' * size), key)
    yield Hostile("quoted quotes", table(b'"' + b'""' * many + b'"'), key)
    yield Hostile("accents", table(*[b"\xe9\xe8" * 40] * (size // 80)), key)
    yield Hostile(
        "returns alone", table(row).replace(b"\n", b"\r") + (row + b"\r") * (size // len(row)), key
    )
    yield Hostile(
        "UTF-16", table(*[row] * (size // 2 // len(row))).decode("latin-1").encode("utf-16"), key
    )
    emoji = "\U0001f600".encode()
    yield Hostile("one sign of four bytes", table(emoji, *[row] * (size // len(row))), key)
    different = (
        sign.join(b"%d" % (at * width + n) for n in range(width))
        for at in range(size // (7 * width))
    )
    yield Hostile("cells all different", table(*different), key)
    short = (
        sign.join(b"%02d" % (n % 100) for n in range(width)) for _ in range(size // (3 * width))
    )
    yield Hostile("short cells", table(*short), key)
    yield Hostile("lost letters", table(*["\ufffd".encode()] * (size // 4)), key)
    digits = sign.join([*cells[:-1], b"9" * 100_000])
    yield Hostile("numbers without an end", table(*[digits] * (size // 100_000)), key)
    yield Hostile("white space", table(b" " * size + row), key)


def packed(size: int) -> Iterator[Hostile]:
    """Yield packed files of which each unpacks to far more than it is."""
    above, (row,), _ = _rows("baci")
    rows = b"\n".join([above, *[row] * (200 * size // len(row)), b""])
    yield Hostile("gz of blanks", gzip.compress(b" " * (1000 * size)))
    yield Hostile("gz of one row again", gzip.compress(rows))
    yield Hostile("gz of blank lines", gzip.compress(above + b"\n" * (60 * MEGABYTE)))
    yield Hostile("gz of gz", gzip.compress(gzip.compress(rows)))
    yield Hostile("gz of many gz", gzip.compress(row) * (size // 40))
    yield Hostile("zip of one row again", zipped({"a.csv": rows}))
    yield Hostile("zip in zip", zipped({"a.zip": zipped({"a.csv": rows})}))
    yield Hostile("zip of many files", zipped({f"{at}.csv": b"" for at in range(size // 100)}))
    yield Hostile("bzip2 in zip", zipped({"a.csv": rows}, zipfile.ZIP_BZIP2))
    yield Hostile("lzma in zip", zipped({"a.csv": rows}, zipfile.ZIP_LZMA))


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return file.getvalue()


def jsons(size: int) -> Iterator[Hostile]:
    """Yield replies of services whose objects are many, deep or all different."""
    heads = {
        "comtrade_api": (b'{"elapsedTime": "0", "data": [', b"]}"),
        "comtrade_legacy_api": (b'{"validation": {}, "dataset": [', b"]}"),
        "oec": (b'{"data": [', b"]}"),
        "us_census": (b"[", b"]"),
        "imf_compact": (b'{"CompactData": {"DataSet": {"Series": [', b"]}}}"),
        "imf_sdmx_json": (
            b'{"data": {"dataSets": [{"series": {"0:0:0:0": {"observations": {"0": [',
            b"]}}}}]}}",
        ),
    }
    for key, (head, tail) in heads.items():
        for kind, one in {
            "empty objects": b"{}",
            "empty lists": b"[]",
            "small objects": b'{"a":1}',
            "floats": b"1e5",
            "short texts": b'"ab"',
            "nested objects": b'{"a":{"b":{}}}',
        }.items():
            content = head + b",".join([one] * (size // (len(one) + 1))) + tail
            yield Hostile(f"JSON of {kind}", content, key, "hostile.json")
        names = b",".join(b'{"k%d":1}' % at for at in range(size // 12))
        yield Hostile("JSON of names all different", head + names + tail, key, "hostile.json")
        keys = b"{" + b",".join(b'"k%d":1' % at for at in range(size // 10)) + b"}"
        yield Hostile(
            "JSON of one wide object",
            head + keys + b"," + b",".join([b'{"k0":1}'] * 20_000) + tail,
            key,
            "hostile.json",
        )
        yield Hostile("JSON that nests", head + b"[" * size, key, "hostile.json")
        yield Hostile(
            "JSON with one long text", head + b'"' + b"a" * size + b'"' + tail, key, "hostile.json"
        )
        yield Hostile("JSON with a long number", head + b"1" * size + tail, key, "hostile.json")
        for mark in (b'{"result": "', b'{"bytes": "'):
            yield Hostile("envelope", mark + b"A" * size + b'"}', key, "hostile.json")
    reply = json.loads(example_path("imf_sdmx_json").read_text())
    data = reply["data"]
    dimensions = data["structures"][0]["dimensions"]
    dimensions["series"][0]["values"][0]["id"] = "A" * (size // 2)
    key = next(iter(data["dataSets"][0]["series"]))
    observations = {"0": ["1"]} | {str(at): ["1"] for at in range(size // 40)}
    dimensions["observation"][0]["values"] *= size // 40
    data["dataSets"][0]["series"] = {key: {"observations": observations}}
    yield Hostile(
        "SDMX with one long code", json.dumps(reply).encode(), "imf_sdmx_json", "hostile.json"
    )
    compact = json.loads(example_path("imf_compact").read_text())
    series = compact["CompactData"]["DataSet"]["Series"]
    series = series[0] if isinstance(series, list) else series
    series |= {f"@A{at}": "x" for at in range(size // 30)}
    series["Obs"] = [{"@TIME_PERIOD": "2020", "@OBS_VALUE": "1"}] * (size // 80)
    compact["CompactData"]["DataSet"]["Series"] = series
    yield Hostile(
        "series of many attributes", json.dumps(compact).encode(), "imf_compact", "hostile.json"
    )
    series_long = {k: v for k, v in series.items() if not k.startswith("@A")} | {
        "@NOTE": "x" * (size // 2)
    }
    compact["CompactData"]["DataSet"]["Series"] = series_long
    yield Hostile(
        "series of one long attribute", json.dumps(compact).encode(), "imf_compact", "hostile.json"
    )


def xmls(size: int) -> Iterator[Hostile]:
    """Yield SDMX-ML whose attributes are many, long or all different."""
    series = (
        '<Series COUNTRY="ARM" INDICATOR="XG_FOB_USD" COUNTERPART_COUNTRY="IRN" FREQUENCY="A"{}>'
    )
    obs = '<Obs TIME_PERIOD="2020" OBS_VALUE="1"{}/>'
    key = "imf_sdmx_xml"

    def content(*parts: str) -> bytes:
        return f"<a>{''.join(parts)}</Series></a>".encode()

    each = [obs.format(f' A{at}="x"') for at in range(size // 50)]
    yield Hostile(
        "XML with an attribute an observation", content(series.format(""), *each), key, "a.xml"
    )
    many = "".join(f' A{at}="x"' for at in range(size // 20))
    half = [obs.format("")] * (size // 80)
    yield Hostile(
        "XML series of many attributes", content(series.format(many), *half), key, "a.xml"
    )
    long = f' NOTE="{"x" * (size // 2)}"'
    yield Hostile(
        "XML series of one long attribute", content(series.format(long), *half), key, "a.xml"
    )
    code = series.replace("ARM", "A" * (size // 2)).format("")
    yield Hostile("XML series of one long code", content(code, *half), key, "a.xml")
    yield Hostile(
        "XML of small observations",
        content(series.format(""), "<Obs/>" * (size // 6)),
        key,
        "a.xml",
    )
    yield Hostile("XML that nests", content(series.format(""), "<a>" * (size // 3)), key, "a.xml")
    yield Hostile(
        "XML observations",
        content(series.format(""), *[obs.format("")] * (size // 40)),
        key,
        "a.xml",
    )
    yield Hostile(
        "XML tag without an end", content(series.format(""), "<" + "a" * size), key, "a.xml"
    )
    yield Hostile("XML comments", content(series.format(""), "<!---->" * (size // 7)), key, "a.xml")


def rtfs(size: int) -> Iterator[Hostile]:
    """Yield registers in RTF with groups, tabs and names without an end."""
    text = example_path("sipri_rtf").read_text("latin-1")
    head = text[: text.index("\\par")]
    key = "sipri_rtf"
    entry = "{\\b R: }Armenia" + "\\tab 1" * 8 + "\\par\n"
    for kind, body in {
        "groups": "{" * size,
        "open blocks": "{\\b " * (size // 4),
        "blocks without an end": "{\\b a}" * (size // 6),
        "tabs": "{\\b A}\\par{\\b R: }" + "\\tab " * (size // 5) + "\\par",
        "words": "{\\b A}\\par" + "\\a" * (size // 2),
        "escapes": "{\\b " + "\\'8e" * (size // 4) + "}\\par",
        "long supplier": "{\\b " + "A" * (size // 2) + "}\\par" + entry * (size // 2 // len(entry)),
        "entries": "{\\b A}\\par" + entry * (size // len(entry)),
        "generated": "Information generated:\\b0 " * (size // 26),
        "title": "Transfers of major weapons: " * (size // 28),
        "blanks": "Information generated:\\b0" + " " * size,
        "R blanks": "{\\b R:" + " " * size + "}\\par",
    }.items():
        yield Hostile(f"RTF of {kind}", (head + body + "}").encode("latin-1"), key, "a.rtf")


def books(size: int, folder: Path) -> Iterator[Hostile]:
    """Yield workbooks whose parts say one thing many times, or whose cells lie far apart."""

    def book(kind: str, rows: str, **changes: str) -> Hostile:
        path = workbook(folder / "made.xlsx", rows, **changes)
        return Hostile(kind, path.read_bytes(), None, "a.xlsx")

    def strings(long: str) -> dict[str, str]:
        return {"xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{long}</t></si></sst>"}

    def row(at: int, cells: str) -> str:
        return f'<row r="{at}">{cells}</row>'

    cell = '<c r="{}"><v>1</v></c>'
    shared, format_ = '<c t="s"><v>0</v></c>', '<xf numFmtId="14"/>'
    yield book(
        "book of one long text",
        "".join(row(at, shared * 10) for at in range(1, size // 500)),
        **strings("a" * 30_000),
    )
    yield book(
        "book of one longer text",
        "".join(row(at, shared) for at in range(1, size // 100)),
        **strings("a" * size),
    )
    yield book(
        "book of many texts",
        row(1, shared),
        **{"xl/sharedStrings.xml": f"<sst {MAIN}>{'<si><t/></si>' * (size // 2)}</sst>"},
    )
    yield book(
        "book of far cells",
        row(1, cell.format("A1")) + row(1_048_576, cell.format("XFD1048576")),
    )
    yield book(
        "book of far rows",
        row(1, cell.format("A1")) + row(1_048_576, cell.format("AT1048576")),
    )
    yield book("book of empty rows", "<row/>" * size)
    yield book("book of empty cells", row(1, "<c/>" * size))
    yield book(
        "book of numbers", "".join(row(at, "<c><v>1</v></c>" * 20) for at in range(1, size // 30))
    )
    yield book("book of comments", "<!---->" * size)
    yield book(
        "book of formats",
        row(1, "<c><v>1</v></c>"),
        **{"xl/styles.xml": f"<styleSheet {MAIN}><cellXfs>{format_ * size}</cellXfs></styleSheet>"},
    )
    sheets = "".join(
        f'<sheet name="S{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, size // 100)
    )
    yield book(
        "book of many sheets",
        row(1, "<c><v>1</v></c>"),
        **{
            "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>'
        },
    )
    yield book(
        "book that merges",
        row(1, "<c><v>1</v></c>"),
        after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * (size // 10) + "</mergeCells>",
    )
    yield book(
        "book of a cell without an end",
        row(1, f'<c t="inlineStr"><is><t>{"a" * (20 * size)}</t></is></c>'),
    )
    yield book(
        "book of runs",
        row(1, shared),
        **{"xl/sharedStrings.xml": f"<sst {MAIN}><si>{'<r><t>a</t></r>' * size}</si></sst>"},
    )


def columns(size: int, folder: Path) -> Iterator[Hostile]:
    """Yield Parquet and Stata of few bytes that stand for many cells."""

    def parquet(kind: str, table: pa.Table, **how: object) -> Hostile:
        pq.write_table(table, folder / "made.parquet", **how)
        return Hostile(kind, (folder / "made.parquet").read_bytes(), None, "a.parquet")

    rows = 3_000_000
    yield parquet(
        "Parquet of one value",
        pa.table({name: pa.repeat("a" * 100, rows) for name in "tijkvq"}),
        compression="zstd",
    )
    long = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(size // 10, np.int32)), pa.array(["a" * size])
    )
    yield parquet("Parquet of one long value", pa.table(dict.fromkeys("tijkvq", long)))
    yield parquet(
        "Parquet of many columns",
        pa.table({f"c{at}": pa.repeat(1, 10_000) for at in range(5_000)}),
        compression="zstd",
    )
    yield parquet(
        "Parquet of empty columns",
        pa.table({f"c{at}": pa.nulls(rows, pa.string()) for at in range(60)}),
        compression="zstd",
    )
    yield parquet(
        "Parquet of lists", pa.table({"t": pa.array([[0] * 10_000_000])}), compression="zstd"
    )
    nested = pa.array([1])
    for _ in range(200):
        nested = pa.ListArray.from_arrays([0, 1], nested)
    yield parquet("Parquet that nests", pa.table({"t": nested}))
    yield parquet(
        "Parquet metadata",
        pa.table({"t": [1]}).replace_schema_metadata({"PANDAS_ATTRS": "[" * size}),
    )
    path = folder / "made.dta"
    pd.DataFrame({"a": ["x" * 200] * (size // 200)}).to_stata(path, write_index=False)
    content = path.read_bytes()
    yield Hostile("Stata", content, None, "a.dta")
    frame = pd.DataFrame({"iso3_o": ["x" * 100_000] * 20_000, "b": ["a"] * 20_000})
    frame.to_stata(path, write_index=False, version=117, convert_strl=["iso3_o"])
    yield Hostile("Stata of one long text", path.read_bytes(), None, "a.dta")


def all_files(size: int, folder: Path) -> Iterator[Hostile]:
    for key in TEXTS:
        yield from texts(key, size)
    yield from packed(size // 20)
    yield from jsons(size)
    yield from xmls(size)
    yield from rtfs(size)
    yield from books(size // 5, folder)
    yield from columns(size, folder)


def cost(path: Path, read: Callable[[], object]) -> Cost:
    """Return what a call takes in a process of its own, which may not take much."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading) as report:
            said = report.read()
        os.waitpid(child, 0)
        if not said:
            return Cost(_LONGEST, _ADDRESS_SPACE, "killed")
        seconds, memory, outcome = said.split("\t", 2)
        return Cost(float(seconds), int(memory), outcome)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    signal.alarm(_LONGEST)
    Path("/proc/self/clear_refs").write_text("5")
    before, begun = _peak(), time.perf_counter()
    try:
        read()
        outcome = "loaded"
    except FlowsError as error:
        outcome = f"{type(error).__name__}: {error}"
    except BaseException as error:  # noqa: BLE001 - whatever comes is the finding
        outcome = f"!! {type(error).__name__}: {error}"
    took, memory = time.perf_counter() - begun, _peak() - before
    place = str(path.parent) + "/"
    outcome = outcome.replace(place, "").replace("\n", " ")
    os.write(writing, f"{took:.2f}\t{memory}\t{outcome[:200]}".encode("utf-8", "replace"))
    os._exit(0)


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main(words: list[str]) -> None:
    size = int(os.environ.get("SIZE", MEGABYTE))
    for key in LAYOUTS:
        load(example_path(key))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in all_files(size, folder):
            if words and not any(word in f"{file.layout}/{file.kind}" for word in words):
                continue
            path = folder / file.name
            path.write_bytes(file.content)
            took = cost(path, lambda path=path, file=file: load(path, layout=file.layout))
            over = "OVER" if took.memory > allowed_memory(file.content) else ""
            slow = "SLOW" if took.seconds > _SLOW else ""
            print(  # noqa: T201
                f"{file.layout or '-':20} {file.kind:38} {len(file.content) / 1e6:7.2f} MB "
                f"{took.memory / 1e6:8.1f} MB {took.seconds:6.2f} s {over:4} {slow:4} "
                f"{took.outcome[:110]}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
