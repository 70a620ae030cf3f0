"""Where the importer stands among all, if there is a full export to compare it with."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Json, Number
from flows.measure.context import SupplierContext, supplier_context
from flows.studies.numbers import numbers_of
from flows.studies.supplier.question import SupplierQuestion, answer_or_reason, rows_of, source_of

_NO_EXPORT = "no full export is at hand"


def context(
    question: SupplierQuestion,
    full_export: pd.DataFrame | None = None,
    *,
    min_volume: float | None = None,
    former: Sequence[int] | None = None,
    beside: Sequence[str] = (),
) -> Findings:
    """
    Compare the importer with all importers of ``full_export``, one release of the whole data base.

    Those are compared that received at least ``min_volume`` million TIV in the window; ``former``
    (first and last year) is a window before, since which the main supplier may have changed, and
    ``beside`` are codes of importers to name.

    Numbers ``context.importers``, ``context.percentile``, ``context.percentile.share`` and
    ``context.hhi.<code>``; where the window before is compared, ``context.loss``,
    ``context.percentile.loss`` and ``context.changed``; figure ``context``. Words
    ``context.refused`` and ``context.change.refused`` say why they are not there, empty where they
    are; ``context.least``, ``context.former``, ``context.former-main`` and ``context.main``.
    ``ValueError`` where a full export comes without ``min_volume``.
    """
    if full_export is None:
        return Findings(words=question.own(_words(None, _NO_EXPORT, "")))
    if min_volume is None:
        raise ValueError("expected context with a full export: min_volume, found none")
    before = None if former is None else (int(former[0]), int(former[1]))
    asked = {
        "table": full_export,
        "importer": question.importer,
        "start": question.start,
        "end": question.end,
        "min_volume": min_volume,
    }
    found, refused = answer_or_reason(supplier_context, **asked, former=before)
    change_refused = ""
    if found is None and before is not None:
        change_refused = refused
        found, refused = answer_or_reason(supplier_context, **asked)
    words = question.own(_words(found, refused, change_refused))
    if found is None:
        return Findings(words=words)
    first = question.start if before is None else before[0]
    rows = full_export[full_export["start"].dt.year.between(first, question.end)]
    make = _maker(found, before, question)
    return Findings(
        numbers=(*_places(found, rows, make), *_indices(found, rows, beside, make)),
        figures=(_figure(found, rows, beside, question),),
        words=words,
    )


def _words(found: SupplierContext | None, refused: str, change_refused: str) -> dict[str, str]:
    change = None if found is None else found.change
    words: Mapping[str, str] = {
        "refused": refused,
        "change.refused": change_refused,
        "least": "" if found is None else f"{found.min_volume:g}",
        "former": "" if change is None else "–".join(map(str, change.former_window)),
        "former-main": "" if change is None else country_name(change.former),
        "main": "" if change is None else country_name(change.main),
    }
    return {f"context.{key}": word for key, word in words.items()}


def _maker(
    found: SupplierContext, former: tuple[int, int] | None, question: SupplierQuestion
) -> Callable[..., Number]:
    parameters: dict[str, Json] = {
        "dataset": found.dataset,
        "importer": found.importer,
        "start": found.start,
        "end": found.end,
        "min_volume": found.min_volume,
        "former": None if former is None else list(former),
    }
    return numbers_of(question.name, "flows.supplier_context", parameters)


def _places(
    found: SupplierContext, rows: pd.DataFrame, make: Callable[..., Number]
) -> Iterator[Number]:
    """Yield the percentiles of the importer among all."""
    who = country_name(found.importer)
    among = (
        f"among importers of at least {found.min_volume:g} million TIV in {found.start}-{found.end}"
    )
    placed: dict[str, tuple[float, str, str, int]] = {
        "importers": (len(found.importers), "count", f"Importers compared, {among}.", 0),
        "percentile": (found.percentile_hhi, "percentile", f"Concentration of {who} {among}.", 0),
        "percentile.share": (
            found.percentile_share,
            "percentile",
            f"Largest supplier’s share of {who} {among}.",
            0,
        ),
    }
    if found.change is not None:
        change = found.change
        lost = f"What the former main supplier of {who} lost of its share"
        placed |= {
            "loss": (change.loss_points, "points", f"{lost}.", 1),
            "percentile.loss": (change.percentile_loss, "percentile", f"{lost}, {among}.", 0),
            "changed": (100 * change.changed_part, "%", f"Another main supplier, {among}.", 0),
        }
    lines = rows_of([rows])
    for key, (value, unit, about, digits) in placed.items():
        yield make(f"context.{key}", value, unit, about, digits=digits, rows=lines)


def _indices(
    found: SupplierContext, rows: pd.DataFrame, beside: Sequence[str], make: Callable[..., Number]
) -> Iterator[Number]:
    """Yield the concentration of the importer and of those named beside."""
    window = rows[rows["start"].dt.year >= found.start]
    named = found.importers[found.importers["importer"].isin([found.importer, *beside])]
    for code, hhi in zip(named["importer"], named["hhi"], strict=True):
        about = (
            f"Herfindahl-Hirschman index of the suppliers of {country_name(code)}, "
            f"{found.start}-{found.end}."
        )
        of_importer = window[window["importer"] == code]
        key = f"context.hhi.{code.lower()}"
        yield make(key, hhi, "ratio", about, digits=3, rows=of_importer)


def _figure(
    found: SupplierContext, rows: pd.DataFrame, beside: Sequence[str], question: SupplierQuestion
) -> Figure:
    table = found.importers
    data = pd.DataFrame(
        {
            "importer": [country_name(code) for code in table["importer"]],
            "value": table["hhi"],
            "percentile": table["percentile_hhi"],
            "named": table["importer"].isin(beside),
        }
    )
    return Figure(
        id=f"{question.name}-context",
        draw="draw_context_distribution",
        data=data,
        options={
            "unit_label": f"HHI of suppliers {found.start}-{found.end}",
            "highlight": country_name(found.importer),
        },
        caption=(
            f"Concentration of suppliers of all {len(data)} importers of at least "
            f"{found.min_volume:g} million TIV in {found.start}–{found.end}."
        ),
        source=source_of([rows]),
        rows=rows_of([rows]),
    )
