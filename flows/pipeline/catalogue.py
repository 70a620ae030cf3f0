"""Checking the catalogue: every raw file is the published one, on which terms, and loads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pandas as pd

from flows.countries import country_name
from flows.errors import FlowsError, describe_os_error
from flows.loaders import load_source
from flows.loaders.claims import Control, hold_against_totals
from flows.loaders.names import own_names
from flows.results import print_count
from flows.scope import scope_of
from flows.sources import NAMES_FILE, Source, read_catalogue

_NO_COUNTRY = "XX"
"""Beginning of codes that stand for no country, but for Kosovo's."""

_KOSOVO = "XKX"

_SHOWN = 3
"""Warnings that are printed; of more, the number is."""

_MAY = {
    True: "may be passed on",
    False: "may not be passed on",
    None: "not known whether they may be passed on",
}

NOT_WRITTEN = "found nothing there; read the publisher's terms and write what is missing"


@dataclass(frozen=True, slots=True)
class Names:
    """
    The countries of a data set.

    ``countries``: how many; ``others``: codes that stand for no country, with what they are;
    ``translated``: names that ``names.toml`` beside the files reads, with their codes.
    """

    countries: int = 0
    others: Mapping[str, str] = field(default_factory=dict)
    translated: Mapping[str, str] = field(default_factory=dict)

    def in_words(self) -> str:
        """Return how many there are and which are special, in one line."""
        many = f"{self.countries} {'country' if self.countries == 1 else 'countries'}"
        others = [f"{code} ({name})" for code, name in self.others.items()]
        translated = [f"{name!r} is {code}" for name, code in self.translated.items()]
        return "; ".join(
            [
                many,
                *([f"no country: {', '.join(others)}"] if others else []),
                *([f"by {NAMES_FILE}: {', '.join(translated)}"] if translated else []),
            ]
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What a check of one data set found.

    ``id`` of the data set; ``source``: its ``source.toml``, where that could be read; ``rows``:
    rows of its table; 0 where there is a fault; ``partners``: which partners the rows hold, where
    it is a flow table; ``control``: how the rows compare with the totals that are printed beside
    them; ``names``: its countries; ``left_out``: lines of the file that are no rows, by reason;
    ``warnings``: what to beware of in this file; ``fault``: why it is not as it should be; empty
    where it is.
    """

    id: str
    source: Source | None = None
    rows: int = 0
    partners: str = ""
    control: Control = field(default_factory=Control)
    names: Names | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    fault: str = ""

    @property
    def good(self) -> bool:
        """Whether it is as it should be: printed totals hold, or source.toml says why not."""
        explained = self.source is not None and self.source.totals_differ
        return not self.fault and bool(explained or not self.control.outside)

    def in_words(self) -> str:
        """Return what was found, in one line."""
        if self.fault:
            return f"FAULT: {self.fault}"
        covered = f"; partners: {self.partners}; {self.control.in_words()}" if self.partners else ""
        return f"{self.rows} rows{covered}"

    def lines(self) -> Iterator[str]:
        """Yield what was found for a reader: the rows, then files, terms, names, and the rest."""
        yield f"{self.id}: {self.in_words()}"
        before = ""
        for title, line in self._entries():
            yield f"  {'' if title == before else title:<9} {line}"
            before = title

    def _entries(self) -> Iterator[tuple[str, str]]:
        if self.source is not None:
            if not self.fault:
                yield "files", f"{', '.join(self.source.files)}: sha256 as source.toml states"
            yield "terms", _terms(self.source)
        if self.names is not None:
            yield "names", self.names.in_words()
        if self.left_out:
            yield "left out", "; ".join(f"{many} {why}" for why, many in self.left_out.items())
        yield from (("totals", line) for line in self._totals())
        yield from (("beware", line) for line in _first(self.warnings))

    def _totals(self) -> Iterator[str]:
        """Yield the printed totals that do not hold, and why or what to do."""
        if not self.control.outside or self.source is None:
            return
        yield from self.control.warnings()
        yield self.source.totals_differ or (
            "the file may be cut or changed: get it again; if it is as published, say why in "
            f'{self.source.folder / "source.toml"}: totals_differ = "..."'
        )

    def to_json(self) -> dict[str, object]:
        """Return what was found for a program."""
        source, names = self.source, self.names
        return {
            "id": self.id,
            "rows": self.rows,
            "good": self.good,
            "fault": self.fault or None,
            "partners": self.partners or None,
            "totals": self.control.to_json(),
            "totals_differ": (source and source.totals_differ) or None,
            "sha256": dict(source.files) if source and not self.fault else None,
            "terms": source
            and {
                "licence": source.licence,
                "allows": source.allows,
                "redistribute": source.redistribute,
                "retrieved": str(source.retrieved),
                "address": source.address,
            },
            "names": names
            and {
                "countries": names.countries,
                "no_country": dict(names.others),
                "translated": dict(names.translated),
            },
            "left_out": dict(self.left_out),
            "warnings": list(self.warnings),
        }


def check_catalogue(
    root: Path, *, announce: Callable[[str], None] = lambda _: None
) -> Iterator[Checked]:
    """Check hash, layout, schema and description of every data set."""
    sources, faults = read_catalogue(root)
    for source in sources:
        announce(f"checking {source.id}")
        yield _check(source)
    for fault in faults:
        yield Checked("data/raw", fault=str(fault))


def summary(outcomes: Sequence[Checked]) -> str:
    """Return what was found of all, in a line."""
    bad = [outcome.id for outcome in outcomes if not outcome.good]
    kept = [outcome for outcome in outcomes if outcome.source and not outcome.source.redistribute]
    return "; ".join(
        [
            print_count(len(outcomes), "data set"),
            f"{len(bad)} not as they should be: {', '.join(bad)}"
            if bad
            else "all as they should be",
            *(
                [f"{len(kept)} may not be passed on, so that bundles leave them out"]
                if kept
                else []
            ),
        ]
    )


def _check(source: Source) -> Checked:
    try:
        table = load_source(source)
        names = _names(table, source)
    except FlowsError as error:
        return Checked(source.id, source, fault=str(error))
    except OSError as error:
        return Checked(source.id, source, fault=describe_os_error(error))
    if source.incomplete:
        missing = ", ".join(source.incomplete)
        place = source.folder / "source.toml"
        fault = f"{place}: expected {missing} to be completed, {NOT_WRITTEN}"
        return Checked(source.id, source, fault=fault)
    report, scope = table.attrs["report"], scope_of(source.id)
    control = Control() if scope is None else hold_against_totals(table, scope)
    known = {*control.outside, *control.warnings()}
    return Checked(
        source.id,
        source,
        rows=len(table),
        partners="" if scope is None else _partners(scope.partners, scope.largest),
        control=control,
        names=names,
        left_out=report["left_out"],
        warnings=tuple(warning for warning in report["warnings"] if warning not in known),
    )


def _partners(partners: str, largest: int | None) -> str:
    return f"{largest} largest" if partners == "largest" else partners


def _names(table: pd.DataFrame, source: Source) -> Names | None:
    """Return the countries of a table; none where it has no such columns."""
    if not {"exporter", "importer"} <= {*table.columns}:
        return None
    codes = sorted({*table["exporter"].unique(), *table["importer"].unique()})
    others = [code for code in codes if code.startswith(_NO_COUNTRY) and code != _KOSOVO]
    translated = chain.from_iterable(own_names(str(path)).items() for path in source.tables)
    return Names(
        len(codes) - len(others), {code: country_name(code) for code in others}, dict(translated)
    )


def _terms(source: Source) -> str:
    """Return what may be done with the files, on whose word, and where they are from."""
    may = _MAY[source.redistribute]
    licence = source.licence or "no licence stated"
    return f"{may}: {licence}; {source.address}, retrieved {source.retrieved}"


def _first(warnings: Iterable[str]) -> list[str]:
    """Return the first of some warnings, and how many more there are."""
    listed = list(warnings)
    more = len(listed) - _SHOWN
    return [*listed[:_SHOWN], *([f"{more} more; --json lists them"] if more > 0 else [])]
