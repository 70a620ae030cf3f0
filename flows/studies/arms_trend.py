"""The arms-trend study: how a country's suppliers changed over the years, and how sure that is."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Findings, Json, Number
from flows.measure.timeseries import keep_largest, share_years, supplier_years
from flows.models.composition import CompositionBreaks, find_composition_breaks
from flows.studies.arms_trend_exhibits import composition_figure, regime_words, trends_table
from flows.studies.numbers import numbers_of
from flows.studies.supplier_trends import SupplierTrend, supplier_trend

OTHERS = "others"
_PVALUES = ("break.pvalue", "break.pvalue.longer-block")


def arms_trend_study(
    arms: pd.DataFrame,
    *,
    importer: str,
    supplier: str,
    suppliers: Sequence[str],
    least: int,
    block: int,
    longer_block: int,
    draws: int,
    seed: int,
    dataset: str | None = None,
    name: str = "arms-trend",
) -> Findings:
    """
    Follow a country's suppliers over the years: growth, trend of the share, breaks of the mix.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of SIPRI's deliveries, which says which years it counts.
    importer, supplier : str
        Alpha-3 codes; numbers are about this supplier.
    suppliers : sequence of str
        Alpha-3 codes of the suppliers that are looked at one by one; the composition is theirs,
        and that of all others together.
    least, draws : int
        Fewest years of a regime, and permutations of the test; see
        :func:`flows.models.composition.find_composition_breaks`.
    block, longer_block : int
        Years that are permuted together; the dates are those of the first, the second shows what
        the likeness of neighbouring years does to the p-value.
    seed : int
        Of the permutations.
    dataset : str, optional
        The release, where the table holds several.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Numbers ``share.change``, ``share.change.line``, ``growth``, ``growth.since-first``,
        ``years``, ``years.without``, ``breaks``, ``break.pvalue`` and
        ``break.pvalue.longer-block``; table ``trends``; figure ``composition``.

    Raises
    ------
    FlowsError
        If the release does not say which years it counts, names no suppliers, has too few years
        for regimes and blocks, or carries no trend of ``supplier``.
    ValueError
        If ``longer_block`` is not longer, or ``supplier`` is not among ``suppliers``.

    Examples
    --------
    >>> import flows as fl
    >>> findings = arms_trend_study(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", supplier="ISR",
    ...     suppliers=["ISR", "RUS", "TUR"], least=3, block=1, longer_block=2, draws=99, seed=1,
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "arms-trend.years"]
    ['22']
    """
    if longer_block <= block:
        raise ValueError(f"longer_block: expected more than {block} years, found {longer_block}")
    if supplier not in suppliers:
        raise ValueError(f"expected {supplier} among the suppliers, found {', '.join(suppliers)}")
    volumes = supplier_years(arms, importer=importer, dataset=dataset)
    _check_delivered(volumes, suppliers)
    shares = share_years(volumes)
    mix = keep_largest(shares, list(suppliers), rest=OTHERS)
    found = {
        length: find_composition_breaks(
            mix, least=least, block=length, draws=draws, rng=np.random.default_rng(seed)
        )
        for length in (block, longer_block)
    }
    trends = {code: supplier_trend(volumes, shares, code) for code in suppliers}
    parameters: dict[str, Json] = {"importer": importer, "supplier": supplier}
    of_breaks: dict[str, Json] = {"importer": importer, "suppliers": list(suppliers)}
    of_breaks |= {"least": least, "draws": draws, "seed": seed}
    shown = {"name": name, "importer": importer}
    main = found[block]
    return Findings(
        numbers=(
            *_trend_numbers(trends[supplier], parameters, name, shares),
            *_break_numbers(found, of_breaks, name, shares),
        ),
        tables=(trends_table(trends, volumes, **shown),),
        figures=(composition_figure(mix, main, supplier=supplier, rows=volumes, **shown),),
        words={f"{name}.{key}": told for key, told in _words(trends, found).items()},
    )


def _check_delivered(volumes: pd.DataFrame, suppliers: Sequence[str]) -> None:
    never = [code for code in suppliers if code not in volumes.columns]
    if never:
        raise SchemaError(
            f"expected deliveries of each supplier, found none of {', '.join(never)}; "
            f"there are: {', '.join(volumes.columns)}"
        )


def _trend_numbers(
    trend: SupplierTrend, parameters: Mapping[str, Json], name: str, shares: pd.DataFrame
) -> list[Number]:
    rows = shares.attrs["rows"]
    share = numbers_of(name, "flows.fit_share_trend", parameters)
    growth = numbers_of(name, "flows.fit_trend", {**parameters, "form": "poisson"})
    line = numbers_of(name, "flows.fit_trend", {**parameters, "form": "level"})
    who = country_name(trend.supplier)
    about = {
        "share": f"Change of the share of {who}, fractional logit on annual shares.",
        "line": f"Change of the share of {who}, straight line through annual shares.",
        "growth": f"Growth of the deliveries of {who}, Poisson, all years that are counted.",
        "since-first": f"Growth of the deliveries of {who}, Poisson, from its first delivery on.",
    }
    makers = {
        "share": (share, "share.change", "points a year"),
        "line": (line, "share.change.line", "points a year"),
        "growth": (growth, "growth", "% a year"),
        "since-first": (growth, "growth.since-first", "% a year"),
    }
    return [
        make(
            key,
            trend.estimates[which].value,
            unit,
            about[which],
            digits=1,
            rows=rows,
            interval=(trend.estimates[which].low, trend.estimates[which].high),
            level=trend.level,
        )
        for which, (make, key, unit) in makers.items()
        if which in trend.estimates
    ]


def _break_numbers(
    found: Mapping[int, CompositionBreaks],
    parameters: dict[str, Json],
    name: str,
    shares: pd.DataFrame,
) -> list[Number]:
    rows = shares.attrs["rows"]
    main_block, main = next(iter(found.items()))
    function = "flows.models.composition.find_composition_breaks"
    make = numbers_of(name, function, parameters | {"block": main_block})
    without = len(shares.attrs["left_out"])
    counts = [
        make("years", main.nobs, "years", "Years with imports.", digits=0, rows=rows),
        make("years.without", without, "years", "Years without imports.", digits=0, rows=rows),
        make("breaks", len(main.break_dates), "count", "Breaks of the mix.", digits=0, rows=rows),
    ]
    pvalues = [
        numbers_of(name, function, parameters | {"block": block})(
            key,
            one.tests[0].pvalue,
            "p-value",
            f"First break of the mix, blocks of {block}, {one.draws} permutations.",
            digits=2,
            rows=rows,
        )
        for key, (block, one) in zip(_PVALUES, found.items(), strict=True)
    ]
    return counts + pvalues


def _words(
    trends: Mapping[str, SupplierTrend], found: Mapping[int, CompositionBreaks]
) -> dict[str, str]:
    sure = [country_name(code) for code, trend in trends.items() if trend.sure]
    refused = [
        f"{country_name(code)}: {trend.refused}" for code, trend in trends.items() if trend.refused
    ]
    block, longer_block = found
    main = found[block]
    return {
        "breaks": ", ".join(str(date) for date in main.break_dates) or "none",
        "regimes": regime_words(main),
        "sure": ", ".join(sure) or "none",
        "refused": "; ".join(refused) or "none",
        "block": str(block),
        "longer-block": str(longer_block),
    }
