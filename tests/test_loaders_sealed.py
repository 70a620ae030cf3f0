"""Parquet that the package writes: each damage is refused with the file's name, before a row."""

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from engine_files import baci_text, written

import flows
import flows as fl
from flows.bulk.convert import convert
from flows.bulk.series import stream_series
from flows.cli import main
from flows.errors import FlowsError, LayoutError
from flows.loaders.examples import example_path
from flows.loaders.parquet import read_parquet
from flows.loaders.sealed import check_seal, seal_file, write_parquet

MARK = b"\nflows: sha256 of all bytes but this line: "
ROWS = [(2022, 364, 51, 10121, 1.5), (2022, 364, 51, 271121, 2.5), (2022, 792, 51, 10121, 4.0)]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """Three rows as ``flows convert`` writes them."""
    out = tmp_path / "three-rows.parquet"
    convert([written(tmp_path, baci_text(ROWS))], out)
    return out


def damaged(content: bytes) -> Iterator[bytes]:
    """Yield a file with each of its bytes changed, cut at each length, and in many places."""
    rng = Random(21)
    for place, byte in enumerate(content):
        yield content[:place] + bytes([byte ^ rng.randrange(1, 256)]) + content[place + 1 :]
    cuts = [*range(0, len(content) - 700, 5), *range(len(content) - 700, len(content))]
    yield from (content[:length] for length in cuts)
    for _ in range(1000):
        several = bytearray(content)
        for _ in range(rng.randint(2, 20)):
            several[rng.randrange(len(several))] ^= rng.randrange(1, 256)
        yield bytes(several)
        start, length = rng.randrange(len(content)), rng.choice([16, 64, 512])
        yield content[:start] + b"\xff" * length + content[start + length :]
    yield from (content + b"\n", content[1:], content + content, content[:99] + content[98:])


def test_no_damage_is_read(sealed: Path) -> None:
    content = sealed.read_bytes()
    for other in damaged(content):
        if other == content:
            continue
        sealed.write_bytes(other)
        with pytest.raises(FlowsError, match="three-rows"):
            fl.load(sealed)
    sealed.write_bytes(content)
    assert fl.load(sealed)["value"].sum() == 8000.0


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("share", range(1, 10, 2))
def test_engines_read_no_damage(sealed: Path, engine: str, share: int) -> None:
    content = bytearray(sealed.read_bytes())
    content[len(content) * share // 10] ^= 0x10
    sealed.write_bytes(content)
    out = sealed.parent / "out.parquet"
    for by in ([], ["exporter", "importer", "year"]):
        with pytest.raises(LayoutError, match="three-rows"):
            convert([sealed], out, by=by, engine=engine, layout="flow_table")  # type: ignore[arg-type]
    with pytest.raises(LayoutError, match="three-rows"):
        list(stream_series([sealed], engine=engine))  # type: ignore[arg-type]
    assert not out.exists()


def test_the_seal_is_the_digest_of_all_other_bytes(sealed: Path) -> None:
    content = sealed.read_bytes()
    assert content.count(MARK) == 1
    before, _, behind = content.partition(MARK)
    digest, footer = behind[:64], behind[65:]
    assert hashlib.sha256(before + footer).hexdigest() == digest.decode()
    assert check_seal(sealed)


def test_other_programs_read_a_sealed_file(sealed: Path) -> None:
    assert pd.read_parquet(sealed)["value"].tolist() == [1500.0, 2500.0, 4000.0]
    assert ds.dataset(sealed).to_table()["value"].to_pylist() == [1500.0, 2500.0, 4000.0]
    query = f"select sum(value) from '{sealed}' where product = '010121'"  # noqa: S608 - own path
    assert duckdb.sql(query).fetchall() == [(5500.0,)]


def test_pages_have_checksums_that_other_programs_can_look_at(sealed: Path) -> None:
    content = bytearray(sealed.read_bytes())
    with pq.ParquetFile(sealed) as file:
        chunk = file.metadata.row_group(0).column(file.schema_arrow.names.index("value"))
        first = chunk.dictionary_page_offset or chunk.data_page_offset
    content[first + chunk.total_compressed_size - 2] ^= 0x40
    sealed.write_bytes(content)
    with pytest.raises(OSError, match="CRC checksum"):
        pq.read_table(sealed, columns=["value"], page_checksum_verification=True)


def test_what_other_programs_write_of_it_is_read_without_a_claim(sealed: Path) -> None:
    again = sealed.parent / "again.parquet"
    whole = fl.load(sealed)
    for write in (
        lambda: pq.write_table(pq.read_table(sealed).slice(1), again),
        lambda: pd.read_parquet(sealed).iloc[1:].to_parquet(again),
        lambda: duckdb.sql(f"copy (from '{sealed}' offset 1) to '{again}'"),
    ):
        write()
        assert not check_seal(again)
        assert fl.load(again)["value"].tolist() == whole["value"].tolist()[1:]


def test_the_same_table_is_the_same_bytes(tmp_path: Path) -> None:
    table = fl.load(example_path("armstat"))
    for name in ("one.parquet", "two.parquet"):
        write_parquet(table, tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "one.parquet"), table)


def test_all_that_is_written_is_sealed(tmp_path: Path, sealed: Path) -> None:
    convert([sealed], tmp_path / "sums.parquet", by=["exporter", "importer", "year"])
    convert([example_path("armstat")], tmp_path / "loaded.parquet")
    for name, engine in (("memory", []), ("large", ["--engine", "duckdb"])):
        assert main(["screen", str(sealed), "-o", str(tmp_path / name), *engine]) == 0
    files = sorted(tmp_path.rglob("*.parquet"))
    assert len(files) > 10
    assert [path.name for path in files if not check_seal(path)] == []


def test_a_screen_that_was_damaged_is_refused(tmp_path: Path, sealed: Path) -> None:
    assert main(["screen", str(sealed), "-o", str(tmp_path / "out")]) == 0
    path = tmp_path / "out" / "series.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=r"series\.parquet: expected the bytes that were written"):
        read_parquet(path)


def test_parquet_is_written_and_opened_in_one_place() -> None:
    package = Path(flows.__file__).parent
    names = {"to_parquet", "read_parquet", "ParquetFile", "ParquetWriter", "write_table"}
    names |= {"read_schema", "read_metadata", "read_table"}
    elsewhere = [
        f"{path.relative_to(package)}: {node.func.value.id}.{node.func.attr}"
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.attr in names
        and path.name != "sealed.py"
    ]
    assert elsewhere == ["loaders/parquet.py: pd.read_parquet"]


HOSTILE = """
import json, sys, warnings
from pathlib import Path
from random import Random
import flows as fl
from flows.bulk.convert import convert
from flows.errors import FlowsError
from flows.loaders.sealed import seal_file
warnings.simplefilter("ignore")
whole, place, seed, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
content, rng, counts = whole.read_bytes(), Random(seed), {"read": 0, "refused": 0, "other": []}
footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
for number in range(times):
    other = bytearray(content)
    begin = 4 if number % 2 else footer
    for _ in range(rng.choice([1, 1, 2, 5])):
        other[rng.randrange(begin, len(other) - 8)] ^= rng.randrange(1, 256)
    place.write_bytes(other)
    seal_file(place)
    for work in (fl.load, lambda path: convert([path], path.with_name("out.parquet"))):
        try:
            work(place)
        except FlowsError as error:
            counts["refused"] += 1
            if place.name not in str(error):
                counts["other"].append(repr(error))
        except BaseException as error:
            counts["other"].append(repr(error))
        else:
            counts["read"] += 1
print(json.dumps(counts))
"""


def test_a_file_that_is_built_to_harm_is_read_or_refused(tmp_path: Path, sealed: Path) -> None:
    """A stranger can seal what he has changed: what Arrow makes of it is a table or an error."""
    plain = tmp_path / "plain.parquet"
    table = pq.read_table(sealed)
    pq.write_table(pa.concat_tables([table] * 3), plain, use_dictionary=["exporter"])
    arguments = [str(plain), str(tmp_path / "harm.parquet"), "5", "400"]
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["other"] == []
    assert counts["refused"] > 100


def test_what_has_no_end_is_not_sealed(tmp_path: Path) -> None:
    path = tmp_path / "half.parquet"
    for content in (b"", b"PAR1", b"PAR1\xff\xff\xff\xffPAR1", b"x" * 100):
        path.write_bytes(content)
        assert not check_seal(path)
        with pytest.raises(LayoutError, match="expected Parquet that was written"):
            seal_file(path)
