"""Where one importer stands among all, if there is a full export to compare it with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Json, Number
from flows.measure.context import SupplierContext, supplier_context
from flows.studies.numbers import numbers_of
from flows.studies.supplier_question import SupplierQuestion, answer_or_reason, rows_of, source_of

NO_EXPORT = "no full export is at hand"


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """
    The place of an importer among all, or the reason why it is not known.

    Parameters
    ----------
    found : SupplierContext or None
        None where there is no full export, or the importer is not in it with enough.
    refused : str
        Why there is none; empty where there is one.
    change_refused : str
        Why the window before is not compared; empty where it is, or was not asked about.
    rows : pandas.DataFrame
        Rows of the full export in the window and the one before.
    beside : tuple of str
        Codes of importers that are named beside.
    former : tuple of int or None
        The window before.
    """

    found: SupplierContext | None
    refused: str
    change_refused: str
    rows: pd.DataFrame
    beside: tuple[str, ...]
    former: tuple[int, int] | None


def find_context(
    full_export: pd.DataFrame | None,
    *,
    question: SupplierQuestion,
    min_volume: float,
    former: Sequence[int] | None = None,
    beside: Sequence[str] = (),
) -> Context:
    """
    Compare an importer with all others of a full export.

    Parameters
    ----------
    full_export : pandas.DataFrame, optional
        Flow table of one release with all importers.
    question : SupplierQuestion
        What is asked.
    min_volume : float
        The least that an importer received in the window to be compared, in million TIV.
    former : pair of int, optional
        A window before: compares the change of the main supplier too.
    beside : sequence of str
        Codes of importers that are named.

    Returns
    -------
    Context

    Raises
    ------
    FlowsError
        As :func:`flows.supplier_context`, but for what the data do not hold.
    """
    before = None if former is None else (int(former[0]), int(former[1]))
    named = tuple(beside)
    if full_export is None:
        return Context(None, NO_EXPORT, "", pd.DataFrame(), named, before)
    asked = {
        "table": full_export,
        "importer": question.importer,
        "start": question.start,
        "end": question.end,
        "min_volume": min_volume,
    }
    found, reason = answer_or_reason(supplier_context, **asked, former=before)
    change_refused = ""
    if found is None and before is not None:
        change_refused = reason
        found, reason = answer_or_reason(supplier_context, **asked)
    first = question.start if before is None else before[0]
    years = full_export["start"].dt.year.between(first, question.end)
    return Context(found, reason, change_refused, full_export[years], named, before)


def context_numbers(context: Context, question: SupplierQuestion) -> list[Number]:
    """
    Return the place of the importer, and the concentration of those named beside.

    Parameters
    ----------
    context : Context
        Of :func:`find_context`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``context.importers``, ``context.percentile``, ``context.percentile.share``,
        ``context.hhi.<code>``; where the window before is compared, ``context.loss``,
        ``context.percentile.loss`` and ``context.changed``. None without a full export.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    found = context.found
    if found is None:
        return []
    parameters: dict[str, Json] = {
        "dataset": found.dataset,
        "importer": found.importer,
        "start": found.start,
        "end": found.end,
        "min_volume": found.min_volume,
        "former": None if context.former is None else list(context.former),
    }
    make = numbers_of(question.name, "flows.supplier_context", parameters)
    whole = rows_of([context.rows])
    told = (
        f"among importers of at least {found.min_volume:g} million TIV in {found.start}-{found.end}"
    )
    who = country_name(found.importer)
    placed: dict[str, tuple[float, str, str, int]] = {
        "importers": (len(found.importers), "count", f"Importers compared, {told}.", 0),
        "percentile": (
            found.percentile_hhi,
            "percentile",
            f"Concentration of {who} {told}.",
            0,
        ),
        "percentile.share": (
            found.percentile_share,
            "percentile",
            f"Largest supplier’s share of {who} {told}.",
            0,
        ),
    }
    if found.change is not None:
        change = found.change
        lost = f"What the former main supplier of {who} lost of its share"
        placed |= {
            "loss": (change.loss_points, "points", f"{lost}.", 1),
            "percentile.loss": (change.percentile_loss, "percentile", f"{lost}, {told}.", 0),
            "changed": (100 * change.changed_part, "%", f"Another main supplier, {told}.", 0),
        }
    numbers = [
        make(f"context.{key}", value, unit, about, digits=digits, rows=whole)
        for key, (value, unit, about, digits) in placed.items()
    ]
    window = context.rows[context.rows["start"].dt.year >= found.start]
    named = found.importers[found.importers["importer"].isin([found.importer, *context.beside])]
    return numbers + [
        make(
            f"context.hhi.{code.lower()}",
            hhi,
            "ratio",
            f"Herfindahl-Hirschman index of the suppliers of {country_name(code)}, "
            f"{found.start}-{found.end}.",
            digits=3,
            rows=window[window["importer"] == code],
        )
        for code, hhi in zip(named["importer"], named["hhi"], strict=True)
    ]


def context_words(context: Context) -> dict[str, str]:
    """
    Return what the text says about the context.

    Parameters
    ----------
    context : Context
        Of :func:`find_context`.

    Returns
    -------
    dict
        ``context.refused``, ``context.change.refused``, ``context.least``, ``context.former``,
        ``context.former-main`` and ``context.main``; empty where there is nothing to say.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    found = context.found
    change = None if found is None else found.change
    told: Mapping[str, Any] = {
        "refused": context.refused,
        "change.refused": context.change_refused,
        "least": "" if found is None else f"{found.min_volume:g}",
        "former": "" if change is None else "–".join(map(str, change.former_window)),
        "former-main": "" if change is None else country_name(change.former),
        "main": "" if change is None else country_name(change.main),
    }
    return {f"context.{key}": word for key, word in told.items()}


def context_figure(context: Context, question: SupplierQuestion) -> list[Figure]:
    """
    Return the figure of the concentration of all importers.

    Parameters
    ----------
    context : Context
        Of :func:`find_context`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Figure
        One, drawn by ``draw_context_distribution``; none without a full export.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    found = context.found
    if found is None:
        return []
    table = found.importers
    data = pd.DataFrame(
        {
            "importer": [country_name(code) for code in table["importer"]],
            "value": table["hhi"],
            "percentile": table["percentile_hhi"],
            "named": table["importer"].isin(context.beside),
        }
    )
    return [
        Figure(
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
            source=source_of([context.rows]),
            rows=rows_of([context.rows]),
        )
    ]
