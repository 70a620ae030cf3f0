"""Tables of statistics offices whose descriptions come with the package: known by their header."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.customs import normalise_customs, read_customs
from flows.loaders.descriptions import Description, read_description
from flows.loaders.layout import Layout, starts_with
from flows.loaders.text import RawTable

EXPORTS, IMPORTS = "comex_stat_exports", "comex_stat_imports"
COLUMNS = ("CO_ANO", "CO_MES", "CO_NCM", "CO_PAIS", "VL_FOB")
FREIGHT = "VL_FRETE"
"""A column that imports have, and exports do not; imports of old downloads lack it."""

_TAKEN = "taken for exports, since there is no column VL_FRETE, as imports have it"


@cache
def ready_description(key: str) -> Description:
    """Return the description of a layout, which is read where it is first needed."""
    return read_description(Path(str(files(__name__))) / f"{key}.toml")


def _read_exports(path: Path, *, dataset: str | None = None) -> RawTable:
    """Read exports; imports of old downloads have the same columns, and another file name."""
    if path.name.upper().startswith("IMP"):
        raise LayoutError(
            f"{path}:1: expected a column {FREIGHT} in imports, found none; if these are imports "
            f"of an old download, load(path, layout={IMPORTS!r})"
        )
    raw = read_customs(path, ready_description(EXPORTS), dataset=dataset)
    return replace(raw, warnings=(*raw.warnings, _TAKEN))


def _read_imports(path: Path, *, dataset: str | None = None) -> RawTable:
    return read_customs(path, ready_description(IMPORTS), dataset=dataset)


def _normalise(key: str) -> Callable[[RawTable], pd.DataFrame]:
    return lambda raw: normalise_customs(raw, ready_description(key))


_IS_COMEX, _HAS_FREIGHT = starts_with(COLUMNS), starts_with([*COLUMNS, FREIGHT])
_WHOSE = "Brazil, MDIC, Comex Stat"
_WHERE = "MDIC, base de dados bruta, and rows that public repositories quote of it"

LAYOUTS = (
    Layout(
        EXPORTS,
        _WHOSE,
        "a year of exports by product of the NCM",
        lambda beginning: _IS_COMEX(beginning) and not _HAS_FREIGHT(beginning),
        _read_exports,
        _normalise(EXPORTS),
        documented=_WHERE,
    ),
    Layout(
        IMPORTS,
        _WHOSE,
        "a year of imports by product of the NCM",
        _HAS_FREIGHT,
        _read_imports,
        _normalise(IMPORTS),
        documented=_WHERE,
    ),
)
