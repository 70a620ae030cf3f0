"""Loaders: one module a publisher, each from a raw file to the flow table."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from flows.errors import SourceError
from flows.loaders.baci import BACI_YEAR
from flows.loaders.claims import as_text, from_text, hold_against_totals, overridden
from flows.loaders.customs import described_layout
from flows.loaders.known import LAYOUTS, find_layout, recognise_layout
from flows.loaders.layout import Layout
from flows.loaders.parquet import holds_flow_table, load_parquet, remember_whole
from flows.loaders.sealed import guard_parquet
from flows.loaders.text import archive_of, is_zip, list_tables
from flows.safe_text import show_controls
from flows.scope import Scope, find_with, joined_scope, known_scope, remember
from flows.sources import Source, file_sha256, find_source, verify_source

__all__ = ["FLOW_TABLE", "LAYOUTS", "Layout", "find_layout", "load", "recognise_layout"]

FLOW_TABLE = "flow_table"
"""Key of what ``flows convert`` itself writes."""


def load(what: str | Path, *, layout: str | None = None) -> pd.DataFrame:
    """
    Return a data set of the catalogue, or a file of one's own, as a checked table.

    Parameters
    ----------
    what : str or pathlib.Path
        ``source@vintage`` of the catalogue in ``data/raw``, whose files are checked against their
        sha256 first; or the path of a file, whose layout is recognised by its content, such as a
        Parquet file that ``flows convert`` wrote.
    layout : str, optional
        Key of the layout of one's own file, where it shall not be recognised; or the path of a
        ``.toml`` that describes it (see :class:`flows.loaders.descriptions.Description`).

    Returns
    -------
    pandas.DataFrame
        A flow table, whose ``dataset`` is the id in the catalogue, or the name of one's own file
        with the first digits of its sha256, ``mine.csv@3fa9c1d2``; of published shares, events,
        codes, covariates and trade agreements the frame that their loader describes.
        ``attrs["report"]`` says which layout was read, how many rows went in and came out, what was
        left out and why, what to beware of, and what the file says about itself. A data set of
        several files has a column ``file``.

    Raises
    ------
    SourceError
        If there is no such file or data set; the message lists the vintages at hand.
    HashError
        If a raw file of the catalogue was changed.
    LayoutError
        If no layout fits the file, or the file does not keep to its layout.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If the result is not a flow table.
    ValueError
        If ``layout`` is not the key of a layout, or is given with a data set of the catalogue.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> trade = load(example_path("armstat"))
    >>> trade.groupby("partner_basis")["value"].sum().to_dict()
    {'consignment': 1281250.0, 'destination': 1012500.0, 'origin': 1251000.0}
    >>> trade.attrs["report"]["layout"], trade.attrs["report"]["rows_in"]
    ('armstat', 3)
    """
    path = Path(what)
    if path.is_file() or archive_of(path):
        if layout is not None and layout.endswith(".toml"):
            return _load_described(path, Path(layout))
        if layout == FLOW_TABLE or (layout is None and holds_flow_table(path)):
            return _load_parquet(path)
        return _load_paths(paths_in(path), layout, dataset=file_id(path))
    if layout is not None:
        raise ValueError(
            f"expected a file to read as {layout!r}, found none at {str(what)!r}; "
            "a data set of the catalogue needs no layout"
        )
    try:
        source = find_source(str(what))
    except SourceError as error:
        raise SourceError(
            f"expected a file or a data set, found no file {str(what)!r} and {error}"
        ) from error
    return load_source(source)


def paths_in(path: Path) -> list[Path]:
    """Return the file, or the years of BACI if it is an archive of a release."""
    members = list_tables(path) if is_zip(path) else []
    years = [path / Path(name).name for name in sorted(members) if BACI_YEAR.search(name)]
    return years or [path]


def file_id(path: Path) -> str:
    """Return the id of somebody's own file: its name, and the first digits of its sha256."""
    container = archive_of(path) or path
    return f"{show_controls(path.name)}@{file_sha256(container)[:8]}"


def _load_paths(paths: Sequence[Path], layout: str | None, *, dataset: str) -> pd.DataFrame:
    chosen = recognise_layout(paths[0]) if layout is None else find_layout(layout)
    return _join(chosen, paths, [chosen.load(path, dataset=dataset) for path in paths])


def _load_parquet(path: Path) -> pd.DataFrame:
    with guard_parquet(path):
        table = load_parquet(path)
        remember_whole(table)
        return _with_control(table)


def _load_described(path: Path, description: Path) -> pd.DataFrame:
    layout = described_layout(description, key=str(description))
    return remembered(layout.load(path, dataset=file_id(path)))


def load_source(source: Source) -> pd.DataFrame:
    """Return a data set of the catalogue as a checked table."""
    described = source.loader.endswith(".toml") and source.loader in source.files
    if source.loader not in LAYOUTS and not described:
        raise SourceError(
            f"{source.folder / 'source.toml'}: expected a loader of {', '.join(LAYOUTS)}, or a "
            f"description among its files, found {source.loader!r}"
        )
    verify_source(source)
    if not source.tables:
        raise SourceError(f"{source.folder}: expected a file of figures under [files], found none")
    layout = (
        described_layout(source.folder / source.loader, key=source.loader)
        if described
        else LAYOUTS[source.loader]
    )
    tables = [layout.load(path, dataset=source.id) for path in source.tables]
    return _join(layout, source.tables, tables, stated=source.scope)


def _join(
    layout: Layout,
    paths: Sequence[Path],
    tables: Sequence[pd.DataFrame],
    *,
    stated: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return the tables of several files as one, each row with the name of its file."""
    if len(tables) == 1:
        return remembered(tables[0], stated=stated)
    named = [
        table.assign(file=show_controls(path.name))
        for table, path in zip(tables, paths, strict=True)
    ]
    joined = pd.concat(named, ignore_index=True)
    joined.attrs = _join_attrs([table.attrs for table in tables])
    return remembered(layout.check(joined), stated=stated)


def remembered(table: pd.DataFrame, *, stated: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """
    Keep what the data set of a flow table claims to count, under the id that its rows carry.

    What its description states goes before what its loader claims. Printed totals that the rows do
    not add up to are said in the report.
    """
    if "scope" not in table.attrs:
        return table
    scope = from_text(table.attrs["scope"])
    if stated:
        scope = overridden(scope, stated)
        table.attrs["scope"] = as_text(scope)
    if len(table):
        remember(str(table["dataset"].iloc[0]), scope.of_rows(table))
    return _with_control(table)


def _with_control(table: pd.DataFrame) -> pd.DataFrame:
    """Say in the report which printed totals the rows do not add up to."""
    scope = (
        known_scope(str(table["dataset"].iloc[0])) if len(table) and "dataset" in table else None
    )
    if scope is not None and (warnings := hold_against_totals(table, scope).warnings()):
        report = table.attrs["report"]
        known = [warning for warning in warnings if warning not in report["warnings"]]
        table.attrs["report"] = {**report, "warnings": [*report["warnings"], *known]}
    return table


def _join_attrs(several: Sequence[Mapping[Hashable | None, Any]]) -> dict[Hashable | None, Any]:
    """Return the reports of several files as one: counts added up, the rest side by side."""
    reports = [attrs["report"] for attrs in several]
    left_out: dict[str, int] = {}
    for report in reports:
        for reason, count in report["left_out"].items():
            left_out[reason] = left_out.get(reason, 0) + count
    claims = [attrs["scope"] for attrs in several if "scope" in attrs]
    joined: dict[Hashable | None, Any] = {}
    if claims:
        joined["scope"] = as_text(joined_scope(map(from_text, claims)))
    return {
        **joined,
        "report": {
            "layout": reports[0]["layout"],
            "rows_in": sum(report["rows_in"] for report in reports),
            "rows_out": sum(report["rows_out"] for report in reports),
            "left_out": left_out,
            "warnings": [warning for report in reports for warning in report["warnings"]],
            "header": reports[0]["header"],
        },
    }


def _scope_of_catalogue(dataset: str) -> Scope | None:
    """Load a data set of the catalogue for its scope, where it was not loaded yet."""
    try:
        source = find_source(dataset)
    except SourceError:
        return None
    load_source(source)
    return known_scope(dataset)


find_with(_scope_of_catalogue)
