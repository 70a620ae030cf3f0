"""What a supplier study asks, and how its numbers, notes and refusals speak of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.findings import Json, Number
from flows.measure.checks import rows_by_dataset
from flows.studies.numbers import numbers_of
from flows.table import COLUMNS, Rows

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class SupplierQuestion:
    """
    One supplier in the imports of one country in one window, in one release.

    Parameters
    ----------
    name : str
        First part of every id.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year.
    dataset : str
        ``source@vintage``, or the name of a file.
    """

    name: str
    supplier: str
    importer: str
    start: int
    end: int
    dataset: str

    @property
    def asked(self) -> dict[str, Any]:
        """Arguments of the measures of a share."""
        return {
            "supplier": self.supplier,
            "importer": self.importer,
            "start": self.start,
            "end": self.end,
        }

    @property
    def told(self) -> str:
        """The question in words, for what a number is about."""
        return (
            f"{country_name(self.supplier)} in the imports of major arms of "
            f"{country_name(self.importer)}, {self.start}-{self.end}, "
            f"release {release_of(self.dataset)}"
        )

    @property
    def imports(self) -> str:
        """The imports in words, whatever the supplier."""
        return (
            f"imports of major arms of {country_name(self.importer)}, {self.start}-{self.end}, "
            f"release {release_of(self.dataset)}"
        )

    def make(self, function: str, **more: Json) -> Callable[..., Number]:
        """
        Return a function that makes the numbers of one calculation about the question.

        Parameters
        ----------
        function : str
            Public name of the function that calculates.
        **more : Json
            Its arguments besides the question.

        Returns
        -------
        callable
            See :func:`flows.studies.numbers.numbers_of`.
        """
        parameters: dict[str, Json] = {"dataset": self.dataset, **self.asked, **more}
        return numbers_of(self.name, function, parameters)


def answer_or_reason(measure: Callable[..., Answer], **asked: Any) -> tuple[Answer | None, str]:
    """
    Call a measure that the data may not allow.

    Parameters
    ----------
    measure : callable
        Any measure.
    **asked : Any
        Its arguments.

    Returns
    -------
    answer : object or None
        What the measure found; none where the data do not allow it.
    reason : str
        Why they do not; empty where they do.

    Raises
    ------
    FlowsError
        If the measure is refused for another reason than what the data hold.

    Examples
    --------
    >>> answer_or_reason(lambda of: of, of=1)
    (1, '')
    """
    try:
        return measure(**asked), ""
    except (SchemaError, PeriodError) as error:
        return None, str(error)


def stated_columns(release: pd.DataFrame) -> pd.DataFrame:
    """
    Leave out the columns that a release has only because it stands under another one.

    Parameters
    ----------
    release : pandas.DataFrame
        Flow table of one release.

    Returns
    -------
    pandas.DataFrame
        With the columns of every flow table, and of the others those that say anything.

    Raises
    ------
    AttributeError
        If it is no frame.

    Examples
    --------
    >>> release = pd.DataFrame({"value": [1.0], "deal": [None], "status": ["New"]})
    >>> list(stated_columns(release))
    ['value', 'status']
    """
    empty = [one for one in release if one not in COLUMNS and release[one].isna().all()]
    return release.drop(columns=empty)


def release_of(dataset: str) -> str:
    """
    Return the release of a data set.

    Parameters
    ----------
    dataset : str
        ``source@vintage``, or the name of a file.

    Returns
    -------
    str
        What follows the ``@``; without one, all of it.

    Examples
    --------
    >>> release_of("sipri-deal-years@2025-03"), release_of("mine.csv")
    ('2025-03', 'mine.csv')
    """
    return dataset.rpartition("@")[2]


def rows_of(frames: Iterable[pd.DataFrame]) -> Rows:
    """
    Return the lines of several frames by data set.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
        With ``dataset`` and ``line``.

    Returns
    -------
    dict
        Data set to its lines.

    Raises
    ------
    ValueError
        If there is no frame.

    Examples
    --------
    >>> rows_of([pd.DataFrame({"dataset": ["a@1"], "line": [2]})])
    {'a@1': (2,)}
    """
    return rows_by_dataset(pd.concat([frame[["dataset", "line"]] for frame in frames]))


def source_of(frames: Iterable[pd.DataFrame]) -> str:
    """
    Return the source of an exhibit in words.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
        With ``dataset``.

    Returns
    -------
    str
        Names the releases.

    Raises
    ------
    KeyError
        If a frame has no data set.

    Examples
    --------
    >>> source_of([pd.DataFrame({"dataset": ["sipri@2025-03"]})])
    'Source: SIPRI Arms Transfers Database, release 2025-03.'
    """
    releases = sorted({release_of(one) for frame in frames for one in frame["dataset"]})
    word = "release" if len(releases) == 1 else "releases"
    return f"Source: SIPRI Arms Transfers Database, {word} {', '.join(releases)}."
