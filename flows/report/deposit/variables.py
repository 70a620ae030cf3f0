"""What the variables of data sets and exhibits mean: one list, for every description of them."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from flows.countries import country_name
from flows.errors import CountryError

_COUNTRIES = ("exporter", "importer", "reporter")


@dataclass(frozen=True, slots=True)
class Variable:
    """Label and unit of a column; ``unit`` is empty where it has none."""

    label: str
    unit: str = ""


_OF_A_YEAR = re.compile(r"-\d{4}$")
"""End of the id of an exhibit that is made for several years."""

_NAMED_BY_VALUES = {
    r"\d{4}-(?:0[1-9]|1[0-2])": Variable("Share in this release of the data base", "per cent"),
    r"\d{4}(?:[-–]\d{4})?": Variable(
        "Value of the year, or against the mean of the years", "as the exhibit names it"
    ),
}
"""Columns whose names are releases or years."""


def find_variable(name: str, *, kind: Literal["data", "exhibit"], of: str) -> Variable | None:
    """
    Return what a column is, ``None`` where the list does not say.

    ``of``: layout of the data set, or id of the exhibit; what is listed for its end or beginning
    goes before what is listed for its kind, and that before what is listed for all.

    >>> find_variable("level", kind="data", of="bls_index")
    Variable(label='Price index', unit='1982-84 = 100')
    """
    for pattern, variable in _NAMED_BY_VALUES.items():
        if re.fullmatch(pattern, name):
            return variable
    listed = _variables().get(name, {})
    of = _OF_A_YEAR.sub("", of)
    for place, variable in sorted(listed.items(), key=lambda entry: -len(entry[0])):
        if place and (of == place or of.endswith(f"-{place}") or of.startswith(f"{place}_")):
            return variable
    return listed.get(kind) or listed.get("")


def value_meanings(variable: str, values: Iterable[str]) -> Mapping[str, str]:
    """
    Return what the values of a column mean, of those that the lists explain.

    >>> dict(value_meanings("importer", ["ARM"]))
    {'ARM': 'Armenia'}
    """
    meanings = {}
    for value in values:
        if meaning := _values().get((variable, value)) or _country(variable, value):
            meanings[value] = meaning
    return meanings


def _country(variable: str, value: str) -> str:
    if variable not in _COUNTRIES:
        return ""
    try:
        return country_name(value)
    except CountryError:
        return ""


@cache
def _variables() -> Mapping[str, Mapping[str, Variable]]:
    listed: dict[str, dict[str, Variable]] = {}
    for row in _rows("variables.csv"):
        listed.setdefault(row["variable"], {})[row["of"]] = Variable(row["label"], row["unit"])
    return listed


@cache
def _values() -> Mapping[tuple[str, str], str]:
    return {(row["variable"], row["value"]): row["meaning"] for row in _rows("values.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
