"""How many breaks: one more as long as persistent noise would rarely look like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from flows.models.break_surface import FEWEST, BreakSurface, break_surface
from flows.models.memory import WANDERING, Memory, Remembers, fit_memory
from flows.models.partitions import Design, cut, fit_regimes
from flows.models.persistent_break import FLOOR, BreakProfile, deviances, profile_break
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, IntArray

SIGNIFICANCE = 0.05
"""Significance at which one more break is still taken."""

PAIR_SIGNIFICANCE = 0.025
"""Significance that each of two breaks has to have where one alone is not taken."""

DRAWS = 999
"""Series drawn by the bootstrap for a test."""

_ROUNDS = 20
_BURN = 200


@dataclass(frozen=True, slots=True)
class DateProfile:
    """
    How likely each date of a break is, the breaks beside it given.

    ``dates``: observations counted from 0, shape ``(d,)``; ``above``: what their deviance lies
    above the least one; ``surface``: the simulated distribution of the true date's, or None where
    the regimes are too short to say anything.
    """

    dates: IntArray
    above: FloatArray
    surface: BreakSurface | None

    def interval(self, level: float) -> tuple[int, int]:
        """
        Return the first and last date that a test at this level does not reject.

        Eo, Y. and Morley, J. (2015). Likelihood-ratio-based confidence sets for the timing of
        structural breaks. Quantitative Economics 6 (2), 463-497.
        """
        kept = self.dates
        if self.surface is not None:
            kept = self.dates[self.above <= self.surface.date_quantile(level)]
        return int(kept[0]), int(kept[-1])


@dataclass(frozen=True, slots=True)
class BreakSearch:
    """
    Breaks found one after another.

    ``breaks``: first observations of each new regime, counted from 0; ``tests``: of each further
    break, the last one not rejected unless there was no room for more; ``noise``: what one break at
    most leaves, or None where the sample is too short.
    """

    breaks: IntArray
    tests: tuple[HypothesisTest, ...]
    noise: "Noise | None"


@dataclass(frozen=True, slots=True)
class Noise:
    """
    The noise around one break at most, and what could be seen in it.

    ``dates``, ``ratios``: likelihood ratio of a single break by its date; ``critical``: what its
    largest has to reach at 5 %; ``autocorrelation``: of neighbouring periods, corrected for its
    bias, 1 and more for a random walk; ``detectable``: the shift in the middle of the sample that
    would be found in 80 % of such series, in the unit of the values, infinite where none of nine
    standard deviations is.
    """

    dates: IntArray
    ratios: FloatArray
    critical: float
    autocorrelation: float
    detectable: float


class OneBreak(NamedTuple):
    """
    What one break explains, and the persistent noise that it is held against.

    ``autocorrelation``: corrected for its bias; ``longer``: by what the likelihood ratio of noise
    of first order is too large.
    """

    profile: BreakProfile
    surface: BreakSurface
    autocorrelation: float
    longer: float

    @property
    def ratio(self) -> float:
        """The likelihood ratio of the best date, in noise that remembers so long."""
        return self.profile.ratio / self.longer

    @property
    def above(self) -> FloatArray:
        """What the deviance of each date lies above the least one, in such noise."""
        deviances = self.profile.deviances
        return np.asarray((deviances - deviances.min()) / self.longer)


class _Candidate(NamedTuple):
    """The best further break within one regime, and how surprising it is."""

    at: int
    ratio: float
    pvalue: float


def search_breaks(
    design: Design, *, most: int, rng: np.random.Generator | None = None
) -> BreakSearch:
    """
    Take one more break as long as its likelihood ratio is larger than persistent noise makes it.

    Every regime is a sample of its own, with its own autocorrelation. Its p-value is read from the
    simulated surface, or, with ``rng``, bootstrapped; the least of several regimes is corrected for
    their number (Sidak). Two shifts that undo one another look like persistence to a test of one:
    where that does not reject, two at once are tried, and taken where each is significant between
    the breaks beside it. After each break all dates are estimated again between their neighbours.
    """
    breaks = np.array([], dtype=np.int64)
    tests: list[HypothesisTest] = []
    most = max((count for count in range(most + 1) if design.carries(count)), default=0)
    while len(breaks) < most:
        candidates = _candidates(design, breaks, cut(len(design.y), breaks), rng)
        if not candidates:
            break
        best, pvalue = _least(candidates)
        tests.append(_test(len(breaks), 1, best.ratio, pvalue))
        added = [best.at]
        if pvalue >= SIGNIFICANCE:
            if len(breaks) + 2 > most:
                break
            added, ratio, pvalue = _pair(design, breaks, candidates, rng)
            if pvalue >= PAIR_SIGNIFICANCE:
                break
            tests.append(_test(len(breaks), 2, ratio, pvalue))
        breaks = _dated_again(design, np.sort(np.append(breaks, added)))
    return BreakSearch(breaks, tuple(tests), _noise(design))


def _least(candidates: Sequence[_Candidate]) -> tuple[_Candidate, float]:
    """Return the candidate of the least p-value, corrected for how many there are."""
    best = min(candidates, key=lambda candidate: (candidate.pvalue, -candidate.ratio))
    return best, 1 - (1 - best.pvalue) ** len(candidates)


def _pair(
    design: Design,
    breaks: IntArray,
    candidates: Sequence[_Candidate],
    rng: np.random.Generator | None,
) -> tuple[list[int], float, float]:
    """
    Return the two breaks within one regime that are surest together, and how sure the less is.

    Each regime is cut at its best date and one side again at its own; both are dated again, and
    each is tested between the breaks beside it.
    """
    nobs = len(design.y)
    best: tuple[list[int], float, float] = ([], 0.0, 1.0)
    for candidate in candidates:
        cuts = np.sort(np.append(breaks, candidate.at))
        sides = [rows for rows in cut(nobs, cuts) if candidate.at in {rows.start, rows.stop}]
        for found in _candidates(design, cuts, sides, None):
            dated = _dated_again(design, np.sort(np.append(cuts, found.at)))
            place = int(np.searchsorted(breaks, candidate.at))
            ends = [0, *(int(at) for at in dated), nobs]
            around = [slice(ends[at], ends[at + 2]) for at in (place, place + 1)]
            both = _candidates(design, dated, around, rng)
            if len(both) == len(around):
                least = max(both, key=lambda each: each.pvalue)
                if least.pvalue < best[2]:
                    best = ([int(at) for at in dated[place : place + 2]], least.ratio, least.pvalue)
    return best


def date_profiles(design: Design, breaks: IntArray) -> tuple[DateProfile, ...]:
    """Return how likely the dates of each break are, between the breaks beside it."""
    ends = [0, *(int(at) for at in breaks), len(design.y)]
    seasonless = without_season(design, breaks)
    profiles: list[DateProfile] = []
    for place, at in enumerate(breaks):
        rows = slice(ends[place], ends[place + 2])
        length = rows.stop - rows.start
        if length < max(FEWEST, 2 * design.shortest):
            inside = np.arange(rows.start + 1, rows.stop)
            profiles.append(DateProfile(inside, np.zeros(len(inside)), None))
            continue
        found = one_break(seasonless.rows(rows))
        dates = found.profile.dates + rows.start
        above = found.above
        # A date found by another rule is in its own interval.
        above[dates == at] = 0.0
        profiles.append(DateProfile(dates, above, found.surface))
    return tuple(profiles)


def without_season(design: Design, breaks: IntArray) -> Design:
    """Return the design with the common terms taken off, as they are beside these breaks."""
    if design.common is None:
        return design
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    return Design(design.x, design.y - design.common @ fit.common, design.steps, design.shortest)


def _surface_of(design: Design, nobs: int) -> BreakSurface:
    return break_surface(nobs, coefficients=design.x.shape[1], shortest=design.shortest)


def _room(design: Design, rows: slice) -> bool:
    """Say whether a regime has room for two, and values that differ."""
    length = rows.stop - rows.start
    return bool(length >= max(FEWEST, 2 * design.shortest) and np.ptp(design.y[rows]) > 0)


def one_break(design: Design) -> OneBreak:
    """Hold one break of a sample without season against noise that persists."""
    profile = profile_break(design)
    surface = _surface_of(design, len(design.y))
    corrected, longer = persistence_of(_memory(design, profile), profile.rho, surface)
    return OneBreak(profile, surface, float(corrected), float(longer))


def _candidates(
    design: Design,
    breaks: IntArray,
    regimes: Sequence[slice],
    rng: np.random.Generator | None,
) -> list[_Candidate]:
    """Return the best further break of each of these regimes that has room for one."""
    seasonless = without_season(design, breaks)
    candidates = []
    for rows in regimes:
        if not _room(seasonless, rows):
            continue
        part = seasonless.rows(rows)
        found = one_break(part)
        ratio = found.ratio * _free(design)
        if rng is None:
            pvalue = float(found.surface.pvalue(ratio, found.autocorrelation))
        else:
            pvalue = bootstrap_pvalue(part, found.profile, found.surface, rng=rng)
        candidates.append(_Candidate(rows.start + found.profile.best, ratio, pvalue))
    return candidates


def persistence_of(
    memory: Remembers, rho: FloatArray | float, surface: BreakSurface
) -> tuple[FloatArray, FloatArray]:
    """
    Return the corrected autocorrelation, and by what the likelihood ratio is too large.

    The likelihood knows noise of first order. Where more lags remember longer, a slow change is
    that much less surprising: the ratio is divided by the long-run variance over that of first
    order, as in prewhitened errors (Andrews, D. W. K. and Monahan, J. C. 1992, Econometrica 60,
    953-966), and the autocorrelation is the sum of the coefficients if that is larger.
    """
    corrected, several = surface.corrected(rho), np.asarray(memory.order) > 1
    longest = np.maximum(corrected, surface.corrected(memory.total))
    return np.where(several, longest, corrected), np.where(several, memory.beyond_first, 1.0)


def _memory(design: Design, profile: BreakProfile) -> Memory:
    """Return how long the noise around the best break remembers."""
    fit = fit_regimes(design.x, design.y, np.array([profile.best]))
    spread = float(np.sum((design.y - design.y.mean()) ** 2))
    # What a break fits exactly leaves rounding, which remembers nothing.
    return fit_memory(fit.resids * (fit.rss > FLOOR * spread), design.steps)


def _free(design: Design) -> float:
    """Return the share of the observations that the season leaves."""
    common = 0 if design.common is None else design.common.shape[1]
    return 1 - common / len(design.y)


def _dated_again(design: Design, breaks: IntArray) -> IntArray:
    """
    Estimate every date again between the breaks beside it, until none moves.

    Bai, J. (1997). Estimating multiple breaks one at a time. Econometric Theory 13 (3), 315-352.
    """
    for _ in range(_ROUNDS):
        before = breaks.copy()
        for place in range(len(breaks)):
            ends = [0, *(int(at) for at in breaks), len(design.y)]
            rows = slice(ends[place], ends[place + 2])
            if _room(design, rows):
                part = without_season(design, breaks).rows(rows)
                breaks[place] = rows.start + profile_break(part).best
        if (breaks == before).all():
            break
    return breaks


def _test(count: int, more: int, ratio: float, pvalue: float) -> HypothesisTest:
    return HypothesisTest(
        name=f"supLR({count + more}|{count})",
        null=f"{count} break{'' if count == 1 else 's'} in persistent noise",
        statistic=ratio,
        pvalue=pvalue,
    )


def _noise(design: Design) -> Noise | None:
    """Return what one break at most leaves."""
    nobs, k = design.x.shape
    if not _room(design, slice(0, nobs)):
        return None
    part = without_season(design, np.array([], dtype=np.int64))
    found = one_break(part)
    profile, corrected = found.profile, found.autocorrelation
    spread = profile.spread * np.sqrt(found.longer * nobs / max(nobs - 2 * k - 1, 1))
    return Noise(
        dates=profile.dates,
        ratios=(profile.without - profile.deviances) * _free(design) / found.longer,
        critical=found.surface.critical_value(corrected, significance=SIGNIFICANCE),
        autocorrelation=corrected,
        detectable=float(found.surface.detectable_shift(corrected)) * spread,
    )


def bootstrap_pvalue(
    design: Design, profile: BreakProfile, surface: BreakSurface, *, rng: np.random.Generator
) -> float:
    """Return the p-value of one break by a sieve bootstrap without one."""
    ratios = bootstrap_ratios(design, profile, surface, draws=DRAWS, rng=rng)
    return float((1 + np.sum(ratios >= profile.ratio)) / (1 + len(ratios)))


def bootstrap_ratios(
    design: Design,
    profile: BreakProfile,
    surface: BreakSurface,
    *,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """
    Return the likelihood ratios of series that have the noise of this one and no break.

    The noise is the autoregression of longest memory of the residuals around the break, so that a
    break is not taken for persistence; the sum of its coefficients is corrected for bias as that of
    a first-order one is. Drawn series have the same gaps.

    Buehlmann, P. (1997). Sieve bootstrap for time series. Bernoulli 3 (2), 123-148. Diebold, F. X.
    and Chen, C. (1996). Testing structural stability with endogenous breakpoint. Journal of
    Econometrics 70 (1), 221-241.
    """
    memory = _memory(design, profile)
    coefficients = memory.coefficients.copy()
    coefficients[0] += min(float(surface.corrected(memory.total)), WANDERING) - memory.total
    steps = design.steps - design.steps[0]
    shocks = rng.choice(memory.innovations, size=(draws, int(steps[-1]) + 1 + _BURN))
    noise = lfilter([1.0], np.concatenate([[1.0], -coefficients]), shocks, axis=1)
    _, without, by_date = deviances(design, noise[:, _BURN + steps])
    return np.asarray(without.min(axis=0) - by_date.min(axis=(0, 2)))
