"""The plan of a report: ``reports/appendix.toml`` names the studies, their data and exhibits."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.errors import ReportError


@dataclass(frozen=True, slots=True)
class Instance:
    """
    One study with its parameters: an entry ``[[study]]`` of ``reports/appendix.toml``.

    Parameters
    ----------
    id : str
        Name of the instance.
    study : str
        ``"supplier"`` stands for ``flows.studies.supplier.supplier_study``.
    data : Mapping
        Argument of the study to the id of a data set, or to a list of ids.
    parameters : Mapping
        The other arguments of the study's question.
    sections : tuple of str, optional
        Sections that are made; all of them where nothing is said.
    of_sections : Mapping
        Section to its own arguments: a table each, ``[study.deals]``.
    figures, tables : tuple of str
        Ids of the exhibits that are made.
    """

    id: str
    study: str
    data: Mapping[str, str | list[str]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    sections: tuple[str, ...] | None = None
    of_sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def read_plan(path: Path) -> list[Instance]:
    r"""
    Read the study instances of a report.

    Parameters
    ----------
    path : pathlib.Path
        ``reports/appendix.toml``.

    Returns
    -------
    list of Instance
        In the order of the file.

    Raises
    ------
    ReportError
        If the file is missing or not TOML, an entry lacks ``id`` or ``study``, has an unknown key
        or a value of another type, or an id stands there twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "appendix.toml")
    ...     _ = path.write_text('[[study]]\nid = "arms"\nstudy = "supplier"\n')
    ...     read_plan(path)[0].study
    'supplier'
    """
    content = _read_toml(path)
    entries = content.pop("study", [])
    if content or not isinstance(entries, list):
        unknown = ", ".join(sorted(content)) or "another form of study"
        raise ReportError(f"{path}: expected entries [[study]] only, found {unknown}")
    instances = [_read_instance(path, entry) for entry in entries]
    for kind, ids in (
        ("study", [instance.id for instance in instances]),
        ("figure", [name for instance in instances for name in instance.figures]),
        ("table", [name for instance in instances for name in instance.tables]),
    ):
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ReportError(f"{path}: expected each {kind} once, found twice: {twice[0]}")
    return instances


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(f"{path}: expected the plan of a report, found no file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: expected TOML, found an error: {error}") from error


_KINDS: dict[str, type] = {
    "id": str,
    "study": str,
    "data": dict,
    "parameters": dict,
    "sections": list,
    "figures": list,
    "tables": list,
}


def _read_instance(path: Path, entry: dict[str, Any]) -> Instance:
    place = f"{path}: study {entry.get('id', 'without id')}"
    if missing := sorted({"id", "study"} - entry.keys()):
        raise ReportError(f"{place}: expected the key {missing[0]}, found none")
    of_sections = {key: entry[key] for key in entry.keys() - _KINDS.keys()}
    if unknown := sorted(key for key, own in of_sections.items() if not isinstance(own, dict)):
        raise ReportError(
            f"{place}: expected {', '.join(_KINDS)} or the table of a section, found {unknown[0]}"
        )
    known = {key: content for key, content in entry.items() if key in _KINDS}
    for key, content in known.items():
        if not isinstance(content, _KINDS[key]):
            raise ReportError(f"{place}: expected {key} as {_KINDS[key].__name__}, found {content}")
    try:
        json.dumps(entry, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ReportError(f"{place}: expected text, numbers and lists, found: {error}") from error
    lists = {key: tuple(content) for key, content in known.items() if _KINDS[key] is list}
    return Instance(**{**known, **lists}, of_sections=of_sections)
