"""What a conversion is given: names, files and their layout."""

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.engine.statements import SUMMED_BY
from flows.errors import DoubleCountError, LayoutError, SourceError
from flows.loaders import LAYOUTS, paths_in, recognise_layout
from flows.loaders.archive import archive_of
from flows.loaders.baci import BACI_YEAR
from flows.loaders.parquet_parts import is_parquet
from flows.pipeline.bulk_inputs import FLOW_TABLE
from flows.pipeline.steps import UnknownNameError, unknown_name
from flows.table import COLUMNS

_BACI = ("t", "i", "j", "k", "v")
_SIZE = re.compile(r"[0-9]+(?:KB|MB|GB)")


def check_asked(by: Sequence[str], layout: str | None, memory_limit: str) -> None:
    """
    Check what a conversion is asked for.

    Parameters
    ----------
    by : sequence of str
        What to sum by.
    layout : str, optional
        Key of a layout.
    memory_limit : str
        As ``500MB``.

    Raises
    ------
    UnknownNameError
        If there is no such column, layout or size, or a column is named twice.

    Examples
    --------
    >>> check_asked(["exporter"], "baci", "500MB")
    """
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
    """
    Return the files, the years of BACI in the place of an archive of a release.

    Parameters
    ----------
    files : sequence of str or pathlib.Path
        As given.

    Returns
    -------
    tuple of pathlib.Path

    Raises
    ------
    SourceError
        If one does not exist.
    DoubleCountError
        If two have one name: their rows could not be told apart.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> [path.name for path in input_paths([example_path("baci")])]
    ['baci.csv']
    """
    given = [Path(file) for file in files]
    for path in given:
        if not path.is_file() and archive_of(path) is None:
            raise SourceError(f"expected a file, found none at {str(path)!r}")
    paths = tuple(path for one in given for path in paths_in(one))
    names = [path.name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DoubleCountError(f"expected each file once, found {', '.join(twice)} twice")
    return paths


def layout_of(paths: Sequence[Path], layout: str | None) -> str:
    """
    Return the key of the layout that all files have.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        The files.
    layout : str, optional
        Key, where it shall not be recognised.

    Returns
    -------
    str

    Raises
    ------
    LayoutError
        If they have several, or one has none.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> layout_of([example_path("baci")], None)
    'baci'
    """
    if layout is not None:
        return layout
    keys = {_recognised(path): path for path in paths}
    if len(keys) > 1:
        told = "; ".join(f"{key} in {path}" for key, path in keys.items())
        raise LayoutError(f"expected files of one layout, found {told}")
    return next(iter(keys))


def _recognised(path: Path) -> str:
    if not is_parquet(path):
        return recognise_layout(path).key
    try:
        names = pq.ParquetFile(path).schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected sound Parquet, found: {error}") from error
    if set(COLUMNS) <= set(names):
        return FLOW_TABLE
    if set(_BACI) <= set(names):
        return "baci"
    raise LayoutError(
        f"{path}: expected the columns of a flow table or of BACI ({', '.join(_BACI)}), "
        f"found {', '.join(names)}"
    )


def input_size(path: Path) -> int:
    """
    Return the bytes of a file, packed as it is.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a table in an archive.

    Returns
    -------
    int

    Raises
    ------
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> input_size(example_path("baci"))
    151
    """
    return (archive_of(path) or path).stat().st_size


def releases_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """
    Return the releases that the names of files state.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        The files.

    Returns
    -------
    tuple of str
        Sorted, each once.

    Raises
    ------
    AttributeError
        If one is no path.

    Examples
    --------
    >>> releases_of([Path("BACI_HS92_Y2020_V202401b.csv")])
    ('202401b',)
    """
    found = [BACI_YEAR.match(path.name) for path in paths]
    return tuple(sorted({match[2] for match in found if match}))
