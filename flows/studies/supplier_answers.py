"""Everything that a supplier study computes, before any of it is printed or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from flows.compare.share_history import ShareHistory, share_history
from flows.compare.share_revision import ShareRevision
from flows.errors import PeriodError
from flows.measure.influence import DealInfluence, deal_influence
from flows.measure.shares import PartnerShares, Share, partner_shares
from flows.studies.supplier_concentration import WindowConcentration, concentrate
from flows.studies.supplier_deals import largest_deal
from flows.studies.supplier_doubt import Doubt, find_doubts
from flows.studies.supplier_question import SupplierQuestion, answer_or_reason, release_of
from flows.studies.supplier_revision import find_revision
from flows.studies.supplier_shares import CountedShares, count_shares


@dataclass(frozen=True, slots=True, eq=False)
class SupplierAnswers:
    """
    What the data say about one supplier of one importer.

    Parameters
    ----------
    question : SupplierQuestion
        What was asked, of the main release.
    history : ShareHistory
        Every window in every release, and published shares.
    shares : tuple of Share
        Those of the history, releases in the order of time.
    doubts : tuple of Doubt
        What is not sure about each of them.
    main : int
        Place of the share in question among them.
    counted : CountedShares
        The share under other countings.
    influence : DealInfluence or None
        The share without each deal.
    influence_refused : str
        Why it is not known; empty where it is.
    concentrations : tuple of WindowConcentration
        Of the windows of the main release.
    partners : PartnerShares
        All suppliers of the window.
    revision : ShareRevision or None
        What changed since a former release.
    revision_refused : str
        Why it is not known; empty where it is.
    """

    question: SupplierQuestion
    history: ShareHistory
    shares: tuple[Share, ...]
    doubts: tuple[Doubt, ...]
    main: int
    counted: CountedShares
    influence: DealInfluence | None
    influence_refused: str
    concentrations: tuple[WindowConcentration, ...]
    partners: PartnerShares
    revision: ShareRevision | None
    revision_refused: str

    @property
    def doubt(self) -> Doubt:
        """What is not sure about the share in question."""
        return self.doubts[self.main]

    @property
    def concentration(self) -> WindowConcentration:
        """Of the window in question."""
        found = self.concentrations
        window = (self.question.start, self.question.end)
        return next(one for one in found if (one.found.start, one.found.end) == window)

    @property
    def releases(self) -> list[Share]:
        """The share of the window in every release."""
        window = (self.question.start, self.question.end)
        return [one for one in self.shares if (one.start, one.end) == window]


def find_answers(
    arms: pd.DataFrame,
    *,
    question: SupplierQuestion,
    windows: Sequence[Sequence[int]],
    published: pd.DataFrame | None,
    tolerance: float | None,
    rules: Mapping[str, Mapping[str, Any]],
    posterior: Mapping[str, Any],
    below: float,
    before: str | None,
    top: int,
) -> SupplierAnswers:
    """
    Compute all answers of a supplier study.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of deliveries, one or several releases.
    question : SupplierQuestion
        What is asked, of the main release.
    windows, published, tolerance, rules, posterior, below, before, top
        As for :func:`flows.supplier_study`.

    Returns
    -------
    SupplierAnswers

    Raises
    ------
    PeriodError
        If the main release does not count the window.
    FlowsError, ValueError
        As the measures raise, but for what single releases do not hold.
    """
    asked = (question.start, question.end)
    history = share_history(
        arms,
        supplier=question.supplier,
        importer=question.importer,
        windows=[asked, *windows],
        published=published,
        tolerance=tolerance,
    )
    shares = tuple(
        sorted(history.shares, key=lambda one: (release_of(one.dataset), one.start, one.end))
    )
    main = _place(shares, question)
    here = {"table": arms, **question.asked, "dataset": question.dataset}
    influence, influence_refused = answer_or_reason(deal_influence, **here, below=below)
    largest = largest_deal(influence)
    doubts = find_doubts(arms, shares, question=question, rules=rules, posterior=posterior)
    of_main = [
        (replace(question, start=one.start, end=one.end), doubt)
        for one, doubt in zip(shares, doubts, strict=True)
        if one.dataset == question.dataset
    ]
    revision, revision_refused = find_revision(arms, question=question, before=before)
    return SupplierAnswers(
        question=question,
        history=history,
        shares=shares,
        doubts=doubts,
        main=main,
        counted=count_shares(
            arms,
            shares[main],
            question=question,
            largest_deal=None if largest is None else str(largest["deal"]),
        ),
        influence=influence,
        influence_refused=influence_refused,
        concentrations=tuple(concentrate(arms, of_main)),
        partners=partner_shares(
            arms,
            country=question.importer,
            start=question.start,
            end=question.end,
            dataset=question.dataset,
            top=top,
        ),
        revision=revision,
        revision_refused=revision_refused,
    )


def _place(shares: Sequence[Share], question: SupplierQuestion) -> int:
    for place, one in enumerate(shares):
        if (one.dataset, one.start, one.end) == (question.dataset, question.start, question.end):
            return place
    raise PeriodError(
        f"{question.dataset}: expected the years {question.start}-{question.end}, found no such "
        "span"
    )
