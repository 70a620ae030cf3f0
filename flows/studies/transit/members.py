"""Members of a group of exporters, ranked by their part in the change of what they send."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import select_flows
from flows.origin import Made, call
from flows.studies.numbers import join_words, make_number, source_line
from flows.studies.section import About
from flows.studies.transit.question import MILLION, TransitQuestion, rows_of, span_of

ABOUT = About(
    needs="a group as `origin`, whose members state their own exports",
    figures=("members",),
    tables=("members",),
)

_DRAWN = 10
"""Members that the figure names; the others are one bar."""
_LARGEST = 3
_TOLERANCE = 1e-9
"""Of the sum of the members, relative to what the group sent: rounding."""


def members(
    question: TransitQuestion,
    *,
    least: float = 1.0,
    times: float = 2.0,
    rule_year: int | None = None,
) -> Findings:
    """
    Rank the members of the group by their part in the change of the yearly mean.

    Numbers ``members.count``, ``members.fell``, ``members.first`` and ``members.first-three`` (in
    percent of the change of all), and ``members.rule``: how many exported in ``rule_year``, by
    default the last, more than ``least`` million in the currency in which they state, and at least
    ``times`` their mean before. Words ``members.first``, ``.next`` and ``.fell`` (names),
    ``.rose``, ``.least``, ``.times``, ``.rule-year``, and ``members.refused`` where there is
    nothing to rank; table and figure ``members``.
    """
    year = question.after[1] if rule_year is None else rule_year
    if year not in question.years:
        years = ", ".join(map(str, question.years))
        raise PeriodError(f"rule_year: expected a year that is compared ({years}), found {year}")
    ranking = _Ranking(question, least, times, year)
    if reason := ranking.refused:
        return Findings(words={f"{question.name}.members.refused": reason})
    return Findings(
        numbers=tuple(_numbers(ranking)),
        tables=(_table(ranking),),
        figures=(_figure(ranking),),
        words={f"{question.name}.members.{key}": word for key, word in _words(ranking).items()},
    )


@dataclass(frozen=True, eq=False)
class _Ranking:
    """What each member sent, before and after."""

    question: TransitQuestion
    least: float
    times: float
    year: int

    @property
    def flow(self) -> Made[pd.Series]:
        """What all sent, by year."""
        return self.question.by_year["exports"]

    @property
    def codes(self) -> list[str]:
        return list(self.flow.value.attrs["members"])

    @property
    def refused(self) -> str:
        """Why there is nothing to rank, or nothing."""
        if not self.codes:
            return f"{self.question.origin_name} is a single exporter"
        total = self.flow.value
        years = self.question.years
        sums = self.converted.value.loc[years].sum(axis="columns")
        rest = [sums[year] - total[str(year)] for year in years]
        if max(map(abs, rest)) > _TOLERANCE * total.max():
            return (
                f"the membership of {self.question.origin_name} changes within the years that are "
                "compared, for which a fixed list of members would be needed"
            )
        return ""

    @cached_property
    def converted(self) -> Made[pd.DataFrame]:
        """Amounts by year and exporter in the currency of the question."""
        return self._by_year(self.question.converted)

    @cached_property
    def own(self) -> Made[pd.DataFrame]:
        """Amounts by year and exporter in the currency in which they are stated."""
        return self._by_year(self.question.exports)

    def _by_year(self, table: Made[pd.DataFrame]) -> Made[pd.DataFrame]:
        rows = call(select_flows, table.arg, importer=self.question.via)
        pivot = call(
            pd.pivot_table,
            rows.arg,
            index=rows.part(lambda stated: stated["start"].dt.year).arg,
            columns="exporter",
            values="value",
            aggfunc="sum",
            fill_value=0.0,
        )
        members = call(pd.DataFrame, pivot.called("by_exporter").arg, columns=self.codes)
        return members.called("by_member")

    def mean_of(self, span: tuple[int, int], table: Made[pd.DataFrame]) -> Made[pd.Series]:
        """Return the yearly mean of each member."""
        first, last = span
        return table.part(lambda sums: sums.loc[first:last].mean())

    @cached_property
    def change(self) -> Made[pd.Series]:
        """Change of the yearly mean of each member."""
        before, after = (
            self.mean_of(span, self.converted)
            for span in (self.question.before, self.question.after)
        )
        change = after.combined(before, lambda later, earlier: later - earlier)
        return call(pd.Series, change.arg).called("change")

    @cached_property
    def parts(self) -> Made[pd.Series]:
        """Part of each member in the change of all, in percent."""
        return self.change.part(lambda change: 100 * change / change.sum())

    @cached_property
    def rule(self) -> Made[pd.Series]:
        """Whether a member exported more than the least, and so many times its mean before."""
        least, times = self.least * MILLION, self.times
        before = self.mean_of(self.question.before, self.own)
        return self.of_year.combined(
            before, lambda sent, earlier: (sent > least) * (sent >= times * earlier)
        )

    @property
    def of_year(self) -> Made[pd.Series]:
        """What each member sent in the year of the rule, in the currency in which it is stated."""
        year = self.year
        return self.own.part(lambda sums: sums.T[year])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a member, the largest part first; amounts in million."""
        question = self.question
        earlier = self.mean_of(question.before, self.own).value
        frame = pd.DataFrame(
            {
                "member": [country_name(code) for code in self.codes],
                "before": self.mean_of(question.before, self.converted).value / MILLION,
                "after": self.mean_of(question.after, self.converted).value / MILLION,
                "change": self.change.value / MILLION,
                "part": self.parts.value,
                "own": self.of_year.value / MILLION,
                "times": self.of_year.value / earlier,
                "rule": self.rule.value.map({True: "yes", False: ""}),
            },
            index=self.codes,
        ).sort_values(["part", "member"], ascending=[False, True], kind="stable")
        frame["times"] = frame["times"].where(frame["before"] > 0)
        return frame.assign(cumulative=frame["part"].cumsum(), rank=range(1, len(frame) + 1))


def _numbers(ranking: _Ranking) -> Iterator[Number]:
    question = ranking.question
    spans = f"{span_of(question.before)} to {span_of(question.after)}"
    of = f"exports to {question.words['via']}, {spans}"
    rule = (
        f"Members whose exports to {question.words['via']} in {ranking.year} exceeded "
        f"{ranking.least:g} million {question.stated_in} and were at least {ranking.times:g} times "
        f"their mean of {span_of(question.before)}."
    )
    for name, value, unit, about in (
        (
            "count",
            ranking.change.part(lambda change: change.size),
            "count",
            "Members ranked.",
        ),
        (
            "fell",
            ranking.change.part(lambda change: (change < 0).sum()),
            "count",
            f"Members that sent less: {of}.",
        ),
        (
            "first",
            ranking.parts.part(lambda parts: parts.max()),
            "%",
            f"Part of {ranking.frame['member'].iloc[0]}, the largest, in the change of {of}.",
        ),
        (
            "first-three",
            ranking.parts.part(lambda parts: parts.nlargest(_LARGEST).sum()),
            "%",
            f"Part of the three members with the largest parts in the change of {of}.",
        ),
        ("rule", ranking.rule.part(lambda rule: rule.sum()), "count", rule),
    ):
        yield make_number(
            question.name,
            f"members.{name}",
            value,
            unit,
            about,
            digits=0,
            rows=rows_of(ranking.flow),
        )


def _words(ranking: _Ranking) -> dict[str, str]:
    frame = ranking.frame
    return {
        "refused": "",
        "first": str(frame["member"].iloc[0]),
        "next": join_words(list(frame["member"].iloc[1:_LARGEST]), nothing=""),
        "fell": join_words(list(frame.loc[frame["change"] < 0, "member"]), nothing=""),
        "rose": "yes" if ranking.change.value.sum() > 0 else "",
        "least": f"{ranking.least:g}",
        "times": f"{ranking.times:g}",
        "rule-year": str(ranking.year),
    }


def _table(ranking: _Ranking) -> Table:
    question, year = ranking.question, ranking.year
    columns = {
        "rank": "Rank",
        "member": "Member",
        "before": f"Mean {span_of(question.before)}",
        "after": f"Mean {span_of(question.after)}",
        "change": "Change",
        "part": "Part, %",
        "cumulative": "Together, %",
        "own": f"{year}, {question.stated_in}",
        "times": "Times",
        "rule": "Rule",
    }
    return Table(
        id=f"{question.name}-members",
        frame=ranking.frame[list(columns)].reset_index(drop=True),
        labels=columns,
        formats={
            "rank": "d",
            **dict.fromkeys(("before", "after", "change", "own"), ",.1f"),
            **dict.fromkeys(("part", "cumulative"), ".1f"),
            "times": ".2f",
        },
        caption=(
            f"Members of {question.origin_name} by their part in the change of exports to "
            f"{question.words['via']}, {question.currency} million a year."
        ),
        note=(
            "Part: in the change of all members together, of which a member that went the other "
            f"way has a negative part. Times: exports of {year} divided by the mean of "
            f"{span_of(question.before)}, both in {question.stated_in} million. Rule: more than "
            f"{ranking.least:g} million {question.stated_in} and at least {ranking.times:g} times."
        ),
        rows=rows_of(ranking.flow),
    )


def _figure(ranking: _Ranking) -> Figure:
    question, frame = ranking.question, ranking.frame
    named, others = frame[:_DRAWN], frame[_DRAWN:]
    steps = [
        (f"Mean of {span_of(question.before)}", "level", frame["before"].sum()),
        *((member, "change", change) for member, change in named[["member", "change"]].to_numpy()),
        *([(f"{len(others)} others", "change", others["change"].sum())] if len(others) else []),
        (f"Mean of {span_of(question.after)}", "level", frame["after"].sum()),
    ]
    data = pd.DataFrame(steps, columns=["step", "kind", "value"])
    change = data["value"].where(data["kind"] == "change", 0.0)
    ends = data["value"].iloc[0] + change.cumsum()
    starts = (ends - change).where(data["kind"] == "change", 0.0)
    return Figure(
        id=f"{question.name}-members",
        draw="draw_bridge",
        data=data.assign(
            low=float("nan"), high=float("nan"), cumulative_from=starts, cumulative_to=ends
        ),
        options={"unit_label": f"{question.currency} million a year"},
        caption=(
            f"From the mean of {span_of(question.before)} to that of {span_of(question.after)}: "
            f"what each member of {question.origin_name} adds to the exports to "
            f"{question.words['via']}. {named['member'].iloc[0]} has the largest part."
        ),
        source=source_line(rows_of(ranking.flow)),
        rows=rows_of(ranking.flow),
    )
