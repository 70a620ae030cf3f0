"""What a conversion is given: files of one layout, from their names to the frame of an engine."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import narwhals as nw
import pyarrow as pa

from flows.bulk.baci import BACI, clashing
from flows.bulk.comext import COMEXT
from flows.bulk.comtrade import COMTRADE
from flows.bulk.engines import Session
from flows.bulk.flow_parquet import SUMS, as_flow_table, flow_schema, flow_sums
from flows.bulk.naming import SUMMED_BY, Frame, finish, parts_by, repeated, sum_by
from flows.bulk.read import BulkLayout, Tally, Wanted, read_head, stream
from flows.errors import DoubleCountError, LayoutError, UnknownNameError, unknown_name
from flows.loaders import FLOW_TABLE, LAYOUTS, paths_in, recognise_layout
from flows.loaders.baci import STATED, classification_of, said_by_name
from flows.loaders.claims import from_text
from flows.loaders.names import own_names
from flows.loaders.parquet import read_attrs
from flows.loaders.records import beginning_of
from flows.loaders.sealed import check_seal, open_parquet
from flows.loaders.text import archive_of, check_file, is_parquet
from flows.scope import Scope, joined_scope
from flows.sources import NAMES_FILE
from flows.table import COLUMNS, STATEMENT_KEY

BULK: dict[str, BulkLayout] = {BACI.key: BACI, **COMTRADE, **COMEXT}
"""Layouts that the engines read, by key."""

PARQUET_NAMES = (".parquet", ".pq")
"""How the name of a file ends that is written."""

_CODE = re.compile("[0-9A-Z]{1,4}")
"""How countries are written in layouts that the engines read: other names cannot stand there."""

_FILE = pa.field("file", pa.int32())

_SIZE = re.compile(r"[0-9]+(?:KB|MB|GB)")


@dataclass(slots=True)
class Input:
    """
    Files of one layout that are converted together.

    ``key``: of the layout; ``paths``: the files; ``tallies``: one a file, filled while it is read.
    """

    key: str
    paths: tuple[Path, ...]
    tallies: list[Tally] = field(default_factory=list)

    @property
    def layout(self) -> BulkLayout | None:
        """How the files are read; nothing if they are flow tables already."""
        return BULK.get(self.key)

    @property
    def own(self) -> tuple[str, ...]:
        """Columns of the data set after those of the flow table."""
        if self.layout is not None:
            return self.layout.own
        with open_parquet(self.paths[0]) as file:
            return tuple(name for name in file.schema_arrow.names if name not in COLUMNS)

    @property
    def sure(self) -> bool:
        """Whether reading has shown already that no statement stands there twice."""
        return all(
            tally.once or (tally.rising and not clashing(tally.codes)) for tally in self.tallies
        )

    @property
    def left_out(self) -> dict[str, int]:
        """Reason to the number of rows of all files."""
        counts: dict[str, int] = {}
        for tally in self.tallies:
            for reason, count in tally.left_out.items():
                counts[reason] = counts.get(reason, 0) + count
        return counts

    @property
    def warnings(self) -> list[str]:
        """What to beware of, from the names of the files and from what was read of them."""
        named = [] if self.layout is None else self.layout.warn(self.paths)
        read = [
            f"{path.name}: {warning}"
            for path, tally in zip(self.paths, self.tallies, strict=True)
            for warning in tally.warnings.values()
        ]
        return named + read

    def scope(self) -> Scope | None:
        """Return what the rows of all files make up, once they were read; none if nobody says."""
        if self.layout is not None:
            claims = self.layout.scope
            return joined_scope(claims(tally) for tally in self.tallies)
        every = [read_attrs(path) for path in self.paths]
        # Of a table that was filtered before it was written the claims say too much.
        rows = [_count_rows(path) for path in self.paths]
        if not all(
            "scope" in attrs and attrs.get("report", {}).get("rows_out") == count
            for attrs, count in zip(every, rows, strict=True)
        ):
            return None
        return joined_scope(from_text(attrs["scope"]) for attrs in every)

    def frame(self, session: Session, wanted: Wanted) -> Frame:
        """Return the rows of all files, to be read once."""
        flows = SUMS if wanted == "sums" else flow_schema(self.own)
        schema = flows if self.layout is None else self.layout.schema(wanted)
        self.tallies = [Tally() for _ in self.paths]
        readers = [
            FileReader(path, self.key, wanted, number) for number, path in enumerate(self.paths)
        ]
        return session.read(schema.append(_FILE), readers, self.tallies)

    def stated(self, session: Session) -> Frame:
        """Return the flow table."""
        frame = self.frame(session, "rows")
        if self.layout is None:
            return frame.drop("file")
        whole = self.layout.add_parts(frame)
        return finish(self.layout.name(whole, session.lift, self._files()), self.own)

    def summed(self, session: Session, by: Sequence[str]) -> Frame:
        """Return sums by what is asked and by what must stay apart."""
        wanted: Wanted = "numbers" if "product" in by else "sums"
        frame = self.frame(session, wanted)
        if self.layout is not None:
            few = self.layout.condense(frame, by)
            return sum_by(self.layout.name(few, session.lift, self._files()), by)
        counted = frame if wanted == "sums" else frame.with_columns(statements=nw.lit(1))
        return sum_by(counted.with_columns(year=nw.col("start").dt.year()), by)

    def parts(self, session: Session, by: Sequence[str]) -> Frame:
        """Return sums, or rows where sums by product would hardly be fewer."""
        if "product" not in by:
            return self.summed(session, by)
        frame = self.frame(session, "numbers")
        if "statements" not in frame.collect_schema().names():
            frame = frame.with_columns(statements=nw.lit(1))
        if self.layout is None:
            return parts_by(frame.with_columns(year=nw.col("start").dt.year()), by)
        return parts_by(self.layout.name(frame, session.lift, self._files()), by)

    def twice(self, session: Session) -> Frame:
        """Return the statements that stand there more than once, with their lines."""
        frame = self.frame(session, "rows")
        if self.layout is not None:
            return self.layout.repeated(frame, session.lift, self._files())
        return repeated(frame, [*STATEMENT_KEY, "file"])

    def _files(self) -> pa.Table:
        """Return what is the same in all rows of a file."""
        names = [path.name for path in self.paths]
        return pa.table(
            {
                "file": pa.array(range(len(names)), pa.int32()),
                "dataset": names,
                "classification": [classification_of(path) for path in self.paths],
            }
        )


@dataclass(frozen=True, slots=True)
class FileReader:
    """
    Reads a file wherever it is called.

    ``path``: the file; ``key``: of its layout; ``wanted``: which columns, or sums; ``number``: the
    place of the file among all, which its rows carry.
    """

    path: Path
    key: str
    wanted: Wanted
    number: int

    def __call__(self, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the rows that count with the number of their file."""
        for batch in _read_batches(self.path, self.key, tally, self.wanted):
            here = pa.repeat(pa.scalar(self.number, pa.int32()), batch.num_rows)
            yield batch.append_column(_FILE, here)


def _read_batches(path: Path, key: str, tally: Tally, wanted: Wanted) -> Iterator[pa.RecordBatch]:
    if key != FLOW_TABLE:
        yield from stream(path, BULK[key], tally, wanted=wanted)
        return
    if wanted == "sums":
        yield from flow_sums(path, tally)
        return
    tally.rising = False
    with open_parquet(path) as file:
        own = tuple(name for name in file.schema_arrow.names if name not in COLUMNS)
        schema = flow_schema(own)
        for batch in file.iter_batches(columns=schema.names):
            tally.rows_in += batch.num_rows
            with as_flow_table(path):
                batch.validate(full=True)
                table = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
            yield from table.to_batches()


def _count_rows(path: Path) -> int:
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


def check_asked(by: Sequence[str], layout: str | None, memory_limit: str) -> None:
    """Check what a conversion is asked for."""
    if not _SIZE.fullmatch(memory_limit):
        raise UnknownNameError(f"expected a size of memory as 500MB, found {memory_limit!r}")
    for name in by:
        if name not in SUMMED_BY:
            raise unknown_name("column to sum by", name, SUMMED_BY)
    if len(set(by)) < len(by):
        raise UnknownNameError(f"expected each column to sum by once, found {', '.join(by)}")
    if layout is not None and layout not in (*LAYOUTS, FLOW_TABLE):
        raise unknown_name("layout", layout, (*LAYOUTS, FLOW_TABLE))


def input_paths(files: Sequence[str | Path]) -> tuple[Path, ...]:
    """Return the files, the years of BACI in the place of an archive of a release."""
    named = [Path(file) for file in files]
    for path in named:
        check_file(path)
    paths = tuple(path for file in named for path in paths_in(file))
    for path in paths:
        if is_parquet(path):
            check_seal(path)
    names = [path.name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DoubleCountError(f"expected each file once, found {', '.join(twice)} twice")
    return paths


def layout_of(paths: Sequence[Path], layout: str | None) -> str:
    """Return the key of the layout that all files have."""
    if layout is not None:
        return layout
    keys = {_recognised(path): path for path in paths}
    if len(keys) > 1:
        layouts = "; ".join(f"{key} in {path}" for key, path in keys.items())
        raise LayoutError(f"expected files of one layout, found {layouts}")
    return next(iter(keys))


def _recognised(path: Path) -> str:
    if not is_parquet(path):
        return recognise_layout(path).key
    with open_parquet(path) as file:
        names = file.schema_arrow.names
    if set(COLUMNS) <= set(names):
        return FLOW_TABLE
    if set(STATED) <= set(names):
        return BACI.key
    raise LayoutError(
        f"{path}: expected the columns of a flow table or of BACI ({', '.join(STATED)}), "
        f"found {', '.join(names)}"
    )


def loader_alone_reads(paths: Sequence[Path], key: str) -> str:
    """Say what files have that their loader reads and engines do not; empty if nothing."""
    if key not in BULK:
        return ""
    for path in paths:
        if codes := [name for name in own_names(str(path)) if _CODE.fullmatch(name)]:
            return f"{path}: {NAMES_FILE} beside it names the country {codes[0]!r}"
        if fault := _not_as_published(path, BULK[key]):
            return f"{fault}; a program saved the file again, in another form than published"
    return ""


def _not_as_published(path: Path, layout: BulkLayout) -> str:
    """Say what is not as an engine reads it in the header of a file; empty if nothing."""
    if is_parquet(path):
        return ""
    if beginning_of(path) is not None:
        return f"{path}: expected text, found a file of another program"
    try:
        read_head(path, layout)
    except LayoutError as error:
        return str(error)
    return ""


def check_target(out: Path) -> None:
    """Check that a file of this name may be Parquet."""
    if out.suffix and out.suffix.lower() not in PARQUET_NAMES:
        raise UnknownNameError(
            f"expected the name of a Parquet file ({' or '.join(PARQUET_NAMES)}), "
            f"found {str(out)!r}; of what was written, "
            "pandas.read_parquet(FILE).to_csv(OUT, index=False) makes CSV"
        )


def input_size(path: Path) -> int:
    """Return the bytes of a file, packed as it is."""
    return (archive_of(path) or path).stat().st_size


def releases_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the releases that the names of files state."""
    names = [said_by_name(path) for path in paths]
    return tuple(sorted({name["release"] for name in names if "release" in name}))
