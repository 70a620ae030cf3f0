"""Screens on the command line: what is read, where the tables go, and what is told."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from flows.bulk.engines import MEMORY_LIMIT, EngineName, choose_engine
from flows.bulk.inputs import BULK, input_size, layout_of
from flows.errors import LayoutError, ReportError, UnknownNameError, unknown_name
from flows.files import whole_folder
from flows.loaders import FLOW_TABLE, load
from flows.loaders.parquet import read_parquet
from flows.loaders.sealed import write_parquet
from flows.models.sample import Regime
from flows.screening.breaks import AllChoice
from flows.screening.fits import Fit
from flows.screening.panel import Absent, voices_of
from flows.screening.screen import Screen, screen
from flows.screening.standing import Standing, place_pair
from flows.table import join_flows

_BY = ("exporter", "importer", "reporter", "product")
TABLES = ("series", "breaks", "over_time", "totals", "unknown", "left_out")


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What a screen is asked for on the command line.

    ``files``: paths, or ids of data sets; ``by``: what tells series apart; ``out``: the folder of
    the tables, none if they are not kept; ``pair``: exporter and importer whose standing is asked
    for, whose series of several the filters name; the others as in :func:`flows.screen`.
    """

    files: tuple[str, ...]
    by: tuple[str, ...]
    fits: tuple[Fit, ...]
    regime: Regime
    choose: AllChoice | int
    absent: Absent
    level: float
    out: Path | None
    engine: EngineName | None
    layout: str | None
    memory_limit: str
    filters: Mapping[str, Any]
    pair: tuple[str, str] | None

    @property
    def by_product(self) -> bool:
        """Whether each product is a series."""
        return "product" in self.by


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screen found, in words and for programs; ``screen``: none where files are large."""

    lines: tuple[str, ...]
    content: dict[str, Any]
    screen: Screen | None = None


def screen_asked(options: argparse.Namespace) -> Screened:
    """Screen what the command line asks for, and say where one pair stands if it is named."""
    fits = tuple(options.fit.split(","))
    for fit in fits:
        if fit not in get_args(Fit):
            raise unknown_name("fit", fit, get_args(Fit))
    done = screen_files(
        Wanted(
            files=tuple(options.files),
            by=tuple(options.by.split(",")),
            fits=fits,
            regime=options.regime,
            choose=options.choose,
            absent=options.absent,
            level=options.level,
            out=options.out,
            engine=options.engine,
            layout=options.layout,
            memory_limit=options.memory or MEMORY_LIMIT,
            filters={
                "reporter": options.reporter,
                "partner_basis": options.partner_basis,
                "product": options.product,
            },
            pair=options.pair,
        )
    )
    return done if options.pair is None else _with_standing(done, options)


def _with_standing(done: Screened, options: argparse.Namespace) -> Screened:
    """Add where a pair stands."""
    exporter, importer = options.pair
    codes = {
        "exporter": exporter,
        "importer": importer,
        "reporter": options.reporter,
        "product": options.product,
    }
    standing = (
        place_in(options.out, **codes) if done.screen is None else done.screen.standing(**codes)
    )
    rows = standing.frame.astype(object).where(standing.frame.notna(), None)
    return replace(
        done,
        lines=(*done.lines, *standing.summary().splitlines()),
        content={**done.content, "standing": rows.to_dict("records")},
    )


def place_in(
    folder: Path, *, exporter: str, importer: str, reporter: str | None, product: str | None
) -> Standing:
    """Return where a pair stands among the series of a screen that was written."""
    series = read_parquet(folder / "series.parquet")
    return place_pair(
        series.assign(voice=voices_of(series)),
        exporter=exporter,
        importer=importer,
        reporter=reporter,
        product=product,
        unit=str(series["unit"].iloc[0]),
    )


def screen_files(wanted: Wanted) -> Screened:
    """
    Screen files: in memory, or whole series at a time where they are large.

    Large files are those of layouts that engines read, from 50 MB on, or where an engine is named.
    """
    _check_by(wanted.by)
    if wanted.engine is None and not _is_large(wanted):
        return _in_memory(wanted)
    out = _check_large(wanted)
    from flows.pipeline.screen_files import screen_large  # noqa: PLC0415 - DuckDB is slow to import

    with _new_folder(out) as folder:
        done = screen_large(
            [Path(name) for name in wanted.files],
            folder,
            by=wanted.by,
            fits=wanted.fits,
            regime=wanted.regime,
            choose=wanted.choose,
            level=wanted.level,
            adjust="benjamini-hochberg",
            engine=wanted.engine,
            layout=wanted.layout,
            memory_limit=wanted.memory_limit,
        )
    source = done.source
    return Screened(
        lines=(
            f"{wanted.out}: layout {source.layout}, by {source.engine}",
            f"  {source.rows_in} rows in, {done.series} series, {done.breaks} breaks",
            *(f"  left out: {count} {reason}" for reason, count in source.left_out.items()),
            *_reasons_in_words(done.reasons),
            f"  {done.tests} tests, for all of which p-values are adjusted",
            *(f"  beware: {warning}" for warning in source.warnings),
        ),
        content={
            "layout": source.layout,
            "engine": source.engine,
            "rows": source.rows_in,
            "left_out": dict(source.left_out),
            "series": done.series,
            "breaks": done.breaks,
            "tests": done.tests,
            "not_fitted": {fit: dict(reasons) for fit, reasons in done.reasons.items()},
            "tables": _tables_in(out),
        },
    )


def _check_by(by: Sequence[str]) -> None:
    """Check that series are those of pairs, which reporters and products may tell apart further."""
    for name in by:
        if name not in _BY:
            raise unknown_name("column of --by", name, _BY)
    for name in _BY[:2]:
        if name not in by:
            raise UnknownNameError(f"--by: expected {name} among {','.join(by)}, found none")


def _check_large(wanted: Wanted) -> Path:
    """Return the folder of the tables; refuse what would not be done whole series at a time."""
    if wanted.out is None:
        raise LayoutError(
            "expected -o FOLDER for the tables: the files are too large to be screened in memory"
        )
    of_pair = {"reporter", "product"} if wanted.pair else set()
    chosen = [
        name for name, code in wanted.filters.items() if code is not None and name not in of_pair
    ]
    if wanted.absent == "zero" or chosen:
        option = "--absent zero" if wanted.absent == "zero" else f"--{chosen[0].replace('_', '-')}"
        raise LayoutError(
            f"{option}: expected files that fit into memory, found large ones, of which all series "
            "are screened as they are stated; filter the table first, or tell its series apart by "
            "--by exporter,importer,reporter,product"
        )
    return wanted.out


def _is_large(wanted: Wanted) -> bool:
    paths = [Path(name) for name in wanted.files]
    if not all(path.is_file() for path in paths):
        return False
    if choose_engine(sum(map(input_size, paths))) == "pandas":
        return False
    return layout_of(paths, wanted.layout) in (*BULK, FLOW_TABLE)


def _in_memory(wanted: Wanted) -> Screened:
    tables = [
        load(name, layout=wanted.layout if Path(name).is_file() else None) for name in wanted.files
    ]
    table = tables[0] if len(tables) == 1 else join_flows(tables)
    found = screen(
        table,
        by_product=wanted.by_product,
        fits=wanted.fits,
        regime=wanted.regime,
        choose=wanted.choose,
        absent=wanted.absent,
        level=wanted.level,
        **wanted.filters,
    )
    if wanted.out is not None:
        with _new_folder(wanted.out) as folder:
            for name in TABLES:
                path = folder / f"{name}.parquet"
                write_parquet(_plain(getattr(found, name)), path, index=False)
    written = [] if wanted.out is None else [f"tables: {', '.join(_tables_in(wanted.out))}"]
    return Screened(
        lines=(*found.summary().splitlines(), *written),
        content={
            "unit": found.unit,
            "series": len(found.series),
            "breaks": len(found.breaks),
            "tests": found.tests,
            "not_fitted": found.not_fitted(),
            "tables": [] if wanted.out is None else _tables_in(wanted.out),
        },
        screen=found,
    )


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose periods are years as numbers, or months as texts."""
    periods = {}
    for name, column in frame.items():
        if isinstance(column.dtype, pd.PeriodDtype):
            yearly = pd.PeriodIndex(column).freqstr.startswith("Y")
            periods[str(name)] = column.dt.year if yearly else column.astype("str")
    return frame.assign(**periods)


def _reasons_in_words(reasons: Any) -> Iterator[str]:
    for fit, counts in reasons.items():
        yield from (f"  no {fit}: {count} series, {why}" for why, count in counts.items())


def _tables_in(folder: Path) -> list[str]:
    return [str(path) for name in TABLES if (path := folder / f"{name}.parquet").is_file()]


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Give a folder to write to, which becomes the new one if nothing goes wrong."""
    if out.exists():
        raise ReportError(f"{out}: expected the name of a new folder, found one that is there")
    with whole_folder(out) as place:
        yield place
