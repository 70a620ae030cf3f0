"""Where the importer stands among all, if there is a full export to compare it with."""

import functools
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Number
from flows.measure.context import SupplierContext, supplier_context
from flows.origin import Made, applied, present
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.supplier.question import (
    SupplierQuestion,
    answer_or_reason,
    rows_of,
    span_in_words,
)

ABOUT = About(
    needs="a table `full_export` with all importers, and `min_volume`", figures=("context",)
)

_NO_EXPORT = "no full export is at hand"


def context(
    question: SupplierQuestion,
    full_export: Made[pd.DataFrame] | None = None,
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
    are; ``context.export`` is empty where no full export is at hand; ``context.least``,
    ``context.former``, ``context.former-main`` and ``context.main``.
    ``ValueError`` where a full export comes without ``min_volume``.
    """
    if full_export is None:
        return Findings(words=question.own({**_words(None, _NO_EXPORT, ""), "context.export": ""}))
    if min_volume is None:
        raise ValueError(
            "context: expected min_volume beside full_export, the least that an importer receives "
            "to be compared, found none"
        )
    before = None if former is None else (int(former[0]), int(former[1]))
    compare = functools.partial(_compare, question, full_export, min_volume)
    compared, refused = compare(before)
    change_refused = ""
    if compared is None and before is not None:
        change_refused = refused
        compared, refused = compare(None)
    if compared is None:
        return Findings(words=question.own(_words(None, refused, change_refused)))
    first = question.start if before is None else before[0]
    export = full_export.value
    rows = export[export["start"].dt.year.between(first, question.end)]
    return Findings(
        numbers=(
            *_places(compared, rows, question.name),
            *_change_numbers(compared, rows, question.name),
            *_indices(compared, rows, beside, question.name),
        ),
        figures=(_figure(compared.value, rows, beside, question),),
        words=question.own(_words(compared.value, refused, change_refused)),
    )


def _compare(
    question: SupplierQuestion,
    full_export: Made[pd.DataFrame],
    min_volume: float,
    former: tuple[int, int] | None,
) -> tuple[Made[SupplierContext] | None, str]:
    return answer_or_reason(
        supplier_context,
        full_export.arg,
        importer=question.importer,
        start=question.start,
        end=question.end,
        min_volume=min_volume,
        former=former,
    )


def _words(context: SupplierContext | None, refused: str, change_refused: str) -> dict[str, str]:
    change = None if context is None else context.change
    words: Mapping[str, str] = {
        "refused": refused,
        "change.refused": change_refused,
        "least": "" if context is None else f"{context.min_volume:g}",
        "former": "" if change is None else "–".join(map(str, change.former_window)),
        "former-main": "" if change is None else country_name(change.former),
        "main": "" if change is None else country_name(change.main),
    }
    return {f"context.{key}": word for key, word in words.items()} | {"context.export": "yes"}


def _among(compared: SupplierContext) -> str:
    return (
        f"among importers of at least {compared.min_volume:g} million TIV "
        f"in {compared.start}-{compared.end}"
    )


def _places(made: Made[SupplierContext], rows: pd.DataFrame, name: str) -> Iterator[Number]:
    """Yield the percentiles of the importer among all."""
    who, among = country_name(made.value.importer), _among(made.value)
    for key, value, unit, about in (
        (
            "importers",
            made.part(lambda context: applied(len, context.importers)),
            "count",
            f"Importers compared, {among}.",
        ),
        (
            "percentile",
            made.part(lambda context: context.percentile_hhi),
            "percentile",
            f"Concentration of {who} {among}.",
        ),
        (
            "percentile.share",
            made.part(lambda context: context.percentile_share),
            "percentile",
            f"Largest supplier’s share of {who} {among}.",
        ),
    ):
        yield make_number(
            name, f"context.{key}", value, unit, about, digits=0, rows=rows_of([rows])
        )


def _change_numbers(made: Made[SupplierContext], rows: pd.DataFrame, name: str) -> Iterator[Number]:
    """Yield what the main supplier of the window before lost, where that is compared."""
    change = present(made.part(lambda context: context.change))
    if change is None:
        return
    among = _among(made.value)
    lost = f"What the former main supplier of {country_name(made.value.importer)} lost of its share"
    for key, value, unit, about, digits in (
        ("loss", change.part(lambda lead: lead.loss_points), "points", f"{lost}.", 1),
        (
            "share-change",
            change.part(lambda lead: -lead.loss_points),
            "points",
            f"{lost}, as a change.",
            1,
        ),
        (
            "percentile.loss",
            change.part(lambda lead: lead.percentile_loss),
            "percentile",
            f"{lost}, {among}.",
            0,
        ),
        (
            "changed",
            change.part(lambda lead: 100 * lead.changed_part),
            "%",
            f"Another main supplier, {among}.",
            0,
        ),
    ):
        yield make_number(
            name, f"context.{key}", value, unit, about, digits=digits, rows=rows_of([rows])
        )


def _indices(
    made: Made[SupplierContext], rows: pd.DataFrame, beside: Sequence[str], name: str
) -> Iterator[Number]:
    """Yield the concentration of the importer and of those named beside."""
    context = made.value
    window = rows[rows["start"].dt.year >= context.start]
    named = {context.importer, *beside}
    for code in [code for code in context.importers["importer"] if code in named]:
        yield make_number(
            name,
            f"context.hhi.{code.lower()}",
            _index_of(made, code),
            "ratio",
            f"Herfindahl-Hirschman index of the suppliers of {country_name(code)}, "
            f"{context.start}-{context.end}.",
            digits=3,
            rows=window[window["importer"] == code],
        )


def _index_of(made: Made[SupplierContext], code: str) -> Made[float]:
    return made.part(lambda context: context.importers.set_index("importer")["hhi"].loc[code])


def _figure(
    context: SupplierContext, rows: pd.DataFrame, beside: Sequence[str], question: SupplierQuestion
) -> Figure:
    drawing = context.drawing()
    data = drawing.data.assign(named=context.importers["importer"].isin(beside))
    lines = rows_of([rows])
    return Figure(
        id=f"{question.name}-context",
        draw=drawing.draw,
        data=data,
        options=drawing.options,
        caption=(
            f"Where {country_name(question.importer)} stands: concentration of suppliers of the "
            f"{len(data)} importers of at least {context.min_volume:g} million TIV in "
            f"{span_in_words(context.start, context.end)}."
        ),
        source=source_line(lines),
        rows=lines,
    )
