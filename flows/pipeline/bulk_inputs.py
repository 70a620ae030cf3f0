"""What can be converted in bulk, from the stream of a file to the frame of an engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from flows.engine.baci import condense_baci, name_baci, state_baci
from flows.engine.comtrade import name_comtrade, state_comtrade
from flows.engine.frames import Frame
from flows.engine.lookups import country_table, numbered
from flows.engine.parquet import flow_schema
from flows.engine.sessions import Session
from flows.engine.statements import repeated, sum_by
from flows.errors import LayoutError
from flows.loaders.baci import BACI_YEAR
from flows.loaders.baci_bulk import BACI, clashing
from flows.loaders.bulk import BulkLayout, Tally, Wanted
from flows.loaders.comtrade_bulk import COMTRADE
from flows.loaders.flow_parquet import SUMS, flow_sums
from flows.loaders.streams import stream
from flows.products import classification_name
from flows.table import COLUMNS, STATEMENT_KEY

FLOW_TABLE = "flow_table"
"""Key of what ``flows convert`` itself writes."""

BULK: dict[str, BulkLayout] = {BACI.key: BACI, **COMTRADE}
"""Layouts that the engines read, by key."""

_FILE = pa.field("file", pa.int32())


@dataclass(slots=True)
class Input:
    """
    Files of one layout that are converted together.

    Parameters
    ----------
    key : str
        Of the layout.
    paths : tuple of pathlib.Path
        The files.
    tallies : list of Tally
        One a file, filled while it is read.
    """

    key: str
    paths: tuple[Path, ...]
    tallies: list[Tally] = field(default_factory=list)

    @property
    def own(self) -> tuple[str, ...]:
        """Columns of the data set after those of the flow table."""
        if self.key == FLOW_TABLE:
            names = pq.ParquetFile(self.paths[0]).schema_arrow.names
            return tuple(name for name in names if name not in COLUMNS)
        return ("quantity_t",) if self.key == BACI.key else ("netweight_kg",)

    @property
    def sure(self) -> bool:
        """Whether reading has shown already that no statement stands there twice."""
        rising = all(tally.rising for tally in self.tallies)
        return rising and not any(clashing(tally.codes) for tally in self.tallies)

    def frame(self, session: Session, wanted: Wanted) -> Frame:
        """Return the rows of all files, to be read once."""
        known = self.key == FLOW_TABLE
        flows = SUMS if wanted == "sums" else flow_schema(self.own)
        schema = flows if known else BULK[self.key].schema(wanted)
        return session.frame(schema.append(_FILE), self._batches(wanted))

    def _batches(self, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        self.tallies = []
        for number, path in enumerate(self.paths):
            self.tallies.append(Tally())
            for batch in _read(path, self.key, self.tallies[-1], wanted):
                here = pa.repeat(pa.scalar(number, pa.int32()), batch.num_rows)
                yield batch.append_column(_FILE, here)

    def stated(self, session: Session) -> Frame:
        """Return the flow table."""
        frame = self.frame(session, "rows")
        if self.key == FLOW_TABLE:
            return frame.drop("file")
        state = state_baci if self.key == BACI.key else state_comtrade
        return state(frame, session.lift, self._files())

    def summed(self, session: Session, by: Sequence[str]) -> Frame:
        """Return sums by what is asked and by what must stay apart."""
        wanted: Wanted = "numbers" if "product" in by else "sums"
        frame = self.frame(session, wanted)
        if self.key == BACI.key:
            few = condense_baci(frame, by)
            return sum_by(name_baci(few, session.lift, self._files()), by)
        one = nw.lit(1).alias("statements")
        if self.key == FLOW_TABLE:
            counted = frame if wanted == "sums" else frame.with_columns(one)
            return sum_by(counted.with_columns(nw.col("start").dt.year().alias("year")), by)
        return sum_by(name_comtrade(frame, session.lift, self._files()).with_columns(one), by)

    def twice(self, session: Session) -> Frame:
        """Return the statements that stand there more than once, with their lines."""
        frame = self.frame(session, "rows")
        if self.key == BACI.key:
            for code, country in (("i", "exporter"), ("j", "importer")):
                table = numbered(country_table("baci", code, country), code)
                frame = frame.join(session.lift(table), on=code)
            return repeated(frame, ["file", "t", "exporter", "importer", "k"])
        if self.key != FLOW_TABLE:
            frame = name_comtrade(frame, session.lift, self._files())
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


def classification_of(path: Path) -> str:
    """
    Return the revision that the name of a file of BACI states.

    Parameters
    ----------
    path : pathlib.Path
        A file.

    Returns
    -------
    str
        ``HS`` where it states none.

    Raises
    ------
    LayoutError
        If it states one that does not exist.

    Examples
    --------
    >>> classification_of(Path("BACI_HS92_Y2020_V202401b.csv"))
    'HS1992'
    """
    named = BACI_YEAR.match(path.name)
    return classification_name(f"HS{named[1]}") if named else "HS"


def _read(path: Path, key: str, tally: Tally, wanted: Wanted) -> Iterator[pa.RecordBatch]:
    if key != FLOW_TABLE:
        yield from stream(path, BULK[key], tally, wanted=wanted)
        return
    if wanted == "sums":
        yield from flow_sums(path, tally)
        return
    tally.rising = False
    with pq.ParquetFile(path) as file:
        own = tuple(name for name in file.schema_arrow.names if name not in COLUMNS)
        schema = flow_schema(own)
        for batch in file.iter_batches(columns=schema.names):
            tally.rows_in += batch.num_rows
            try:
                table = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
            except pa.ArrowInvalid as error:
                raise LayoutError(f"{path}: expected a flow table, found: {error}") from error
            yield from table.to_batches()
