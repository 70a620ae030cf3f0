"""Engines and loader understand each file alike, however odd it is: one table, or both refuse."""

from pathlib import Path

import pytest
from engine_files import difference, written
from odd_files import BULK_KEYS, CHANGES, OddFile, odd_files

from flows.bulk.blocks import is_plain, read_blocks
from flows.bulk.convert import convert
from flows.bulk.engines import EngineName
from flows.loaders import load
from flows.loaders.examples import example_path

HERE: list[EngineName] = ["pandas", "duckdb"]
NAMES = {"baci": "BACI_HS22_Y2022_V202401b"}


def disagreement(folder: Path, odd: OddFile, number: int, engine: EngineName) -> str:
    """Return what was done to a file and what came of it, where engine and loader disagree."""
    own = folder / str(number)  # Spark keeps what it has seen at a place
    own.mkdir()
    path = written(own, odd.content, f"{NAMES.get(odd.key, odd.key)}.{odd.ending}")
    layout = odd.key if number % 2 else None
    found = difference(
        path, folder / "out.parquet", engine=engine, layout=layout, summed=number % 3 == 0
    )
    return found and f"{odd.key}, {odd.done}, layout {layout}, {engine}: {found}"


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("key", BULK_KEYS)
def test_odd_files_are_read_alike(tmp_path: Path, key: str, engine: EngineName) -> None:
    seed, times = HERE.index(engine), len(CHANGES) + 1
    step = 1 if engine == "pandas" else 3  # what differs is the reading, which both have in common
    files = list(enumerate(odd_files(key, seed=seed, number=times)))[::step]
    found = [disagreement(tmp_path, odd, at, engine) for at, odd in files]
    assert len(found) >= times // step
    assert [line for line in found if line] == []


@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_reads_odd_files_alike(tmp_path: Path) -> None:
    files = list(odd_files("baci", seed=2, number=len(CHANGES)))[::9]
    found = [disagreement(tmp_path, odd, at, "spark") for at, odd in enumerate(files)]
    assert [line for line in found if line] == []


def test_the_generator_gives_the_same_files_and_makes_each_change() -> None:
    files = list(odd_files("baci", seed=5, number=len(CHANGES)))
    assert files == list(odd_files("baci", seed=5, number=len(CHANGES)))
    assert [odd.done.split("; ")[0] for odd in files] == list(CHANGES)
    assert len({odd.content for odd in files}) > len(files) * 0.9


@pytest.mark.parametrize("size", [16, 64, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n", b"\n\r"])
def test_lines_are_counted_as_the_loader_counts_them(tmp_path: Path, size: int, end: bytes) -> None:
    content = example_path("comext_bulk").read_bytes().replace(b"\n", end)
    path = written(tmp_path, content, "comext.csv")
    blocks = list(read_blocks(path, size=size))
    assert b"".join(block.content for block in blocks) == content
    expected = load(path, layout="comext_bulk")["line"].tolist()
    convert([path], tmp_path / "out.parquet", layout="comext_bulk", engine="pandas")
    assert load(tmp_path / "out.parquet")["line"].tolist() == expected


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b'1,"a",2\n', True),
        (b'"a","b"\r\n"c",""\n', True),
        (b'1,"a"', True),
        (b'1,"a"x,2\n', False),
        (b'1, "a",2\n', False),
        (b'1,a"b,c"d\n', False),
        (b'1,"a""b",2\n', False),
        (b'1,"a,2\n', False),
        (b"1,a\r2,b\n", False),
        (b"1,a\0\n", False),
        (b"1," + b"x" * 131_072 + b"\n", False),
        (b"1," + b"x" * 1000 + b"\n" + b"2,y\n" * 100_000, True),
        (b"2,y\n" * 100_000 + b"1," + b"x" * 131_072, False),
    ],
)
def test_what_arrow_would_read_in_another_way_is_left_to_the_loader(
    content: bytes,
    plain: bool,  # noqa: FBT001 - a case
) -> None:
    assert is_plain(content, ",") == plain
