"""Breaks of all series at once, as :func:`flows.find_breaks` finds them one after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from flows.models.break_sequence import PAIR_SIGNIFICANCE, SIGNIFICANCE
from flows.models.break_surface import FEWEST, BreakSurface, break_surface
from flows.models.sample import FloatArray, IntArray, Regime
from flows.screening.observations import Observations, alike
from flows.screening.partitions import all_partitions
from flows.screening.persistent import BoolArray, OneBreaks, one_breaks
from flows.screening.reasons import Reason, ReasonArray

AllChoice = Literal["sequential", "bic", "lwz"]
"""How many breaks: what :func:`flows.find_breaks` can choose by without draws."""

BREAKS_BLOCK = 8_192
"""Series of a block: so many that of most lengths of stretches there are dozens."""

_ROUNDS = 20
_CELLS = 4_000
"""Values of the stretches that are tested at once: eighteen times as many stay in the cache."""


@dataclass(frozen=True, slots=True)
class SeriesBreaks:
    """
    Breaks of every series, and a row a break.

    A series: ``count``: breaks; ``statistic``, ``pvalue``: of the first test; ``autocorrelation``,
    ``detectable_shift``: as in :class:`flows.models.breaks.BreakFit`; ``reason``: why nothing was
    tested. A break, those of the first series first: ``at``: first period of the new regime,
    ``low``, ``high``: ends of its interval, all periods counted from 0; ``before``, ``after``: the
    level on both sides; ``added``: p-value of the test that added it.
    """

    count: IntArray
    statistic: FloatArray
    pvalue: FloatArray
    autocorrelation: FloatArray
    detectable_shift: FloatArray
    reason: ReasonArray
    at: IntArray
    low: IntArray
    high: IntArray
    before: FloatArray
    after: FloatArray
    added: FloatArray

    @property
    def series(self) -> IntArray:
        """The series of each break, counted from 0."""
        return np.repeat(np.arange(len(self.count)), self.count)


def find_all_breaks(
    values: FloatArray,
    *,
    regime: Regime = "mean",
    choose: AllChoice | int = "sequential",
    trim: float = 0.15,
    most: int = 5,
    level: float = 0.95,
) -> SeriesBreaks:
    """Return what ``find_breaks`` says of each series; ``values``: shape ``(series, periods)``."""
    sample = Observations.of(values, trend=regime == "trend", trim=trim)
    stretches = _Stretches(sample)
    if choose == "sequential":
        search, reason = _search(stretches, most=most), _untested(sample)
    else:
        partitions = all_partitions(values, regime=regime, trim=trim, most=most)
        counts = partitions.chosen(choose)
        search = _with_partitions(_search(stretches, most=1), sample, partitions.taken(counts))
        refused = (partitions.reason == Reason.NONE) & (counts < 0)
        reason = np.where(refused, Reason.NO_ROOM, partitions.reason).astype(np.int8)
    rows = np.repeat(np.arange(len(values)), search.number)
    place = np.arange(len(rows)) - np.repeat(
        np.cumsum(search.number) - search.number, search.number
    )
    at = search.breaks[rows, place]
    low, high = _intervals(stretches, rows, _ends(search.breaks, rows, place), at, level=level)
    before, after = _levels(sample, search, rows, place)
    autocorrelation, detectable = _noise(stretches)
    return SeriesBreaks(
        count=search.number,
        statistic=search.statistic,
        pvalue=search.pvalue,
        autocorrelation=autocorrelation,
        detectable_shift=detectable,
        reason=reason,
        at=sample.steps[rows, at],
        low=sample.steps[rows, low],
        high=sample.steps[rows, high],
        before=before,
        after=after,
        added=search.added[rows, place],
    )


def _untested(sample: Observations) -> ReasonArray:
    """Return why nothing is tested: of short series :func:`flows.find_breaks` finds no break."""
    short = (sample.reason == Reason.NONE) & (sample.nobs < FEWEST)
    return np.where(short, Reason.SHORT, sample.reason).astype(np.int8)


class _Stretches:
    """
    One break within stretches of series, each looked at once.

    A stretch is a series with its first row and the one after its last. ``at``: the most likely
    break, a row of the series, ``room``: whether there is one at all; the rest as in
    :class:`flows.screening.persistent.OneBreaks`.
    """

    def __init__(self, sample: Observations) -> None:
        self.sample = sample
        self._keys = np.array([], dtype=np.int64)
        self._places = np.array([], dtype=np.int64)
        self._found = np.empty((0, 7))

    def look_up(self, series: IntArray, first: IntArray, last: IntArray) -> "_Looked":
        """Return what is known of some stretches, after a look at those that are new."""
        width = self.sample.y.shape[1] + 1
        keys, inverse = np.unique((series * width + first) * width + last, return_inverse=True)
        places = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), dtype=np.bool_)
        if len(self._keys):
            known = self._keys[np.minimum(places, len(self._keys) - 1)] == keys
        if not known.all():
            new = keys[~known]
            found = self._look(new // width**2, new // width % width, new % width)
            self._keys = np.insert(self._keys, places[~known], new)
            rows = np.arange(len(self._found), len(self._found) + len(new))
            self._places = np.insert(self._places, places[~known], rows)
            self._found = np.concatenate([self._found, found])
            places = np.searchsorted(self._keys, keys)
        found = self._found[self._places[places[inverse]]]
        return _Looked(found[:, 0].astype(np.int64), found[:, 0] >= 0, *found[:, 1:].T)

    def _look(self, series: IntArray, first: IntArray, last: IntArray) -> FloatArray:
        found = np.full((len(series), 7), -1.0)
        for group in groups(self.sample, series, first, last):
            rows, test = group.rows, group.found
            found[rows] = np.column_stack(
                [
                    first[rows] + test.best,
                    test.ratio,
                    group.surface.pvalue(test.ratio, test.autocorrelation),
                    test.autocorrelation,
                    test.longer,
                    test.rho,
                    test.least,
                ]
            )
        return found


class _Looked(NamedTuple):
    at: IntArray
    room: BoolArray
    ratio: FloatArray
    pvalue: FloatArray
    autocorrelation: FloatArray
    longer: FloatArray
    rho: FloatArray
    least: FloatArray


class _Group(NamedTuple):
    """Stretches of one length: which they are, what was simulated of such, and what was found."""

    rows: IntArray
    surface: BreakSurface
    found: OneBreaks


def groups(
    sample: Observations,
    series: IntArray,
    first: IntArray,
    last: IntArray,
    *,
    constant: bool = False,
) -> Iterator[_Group]:
    """
    Test one break of stretches that have room for two regimes, those of one length together.

    Stretches of one value are left out, unless ``constant``.
    """
    length, shortest = last - first, sample.shortest[series]
    room = np.flatnonzero(length >= np.maximum(FEWEST, 2 * shortest))
    span = sample.steps[series[room], last[room] - 1] - sample.steps[series[room], first[room]]
    gaps = span != length[room] - 1
    for part in alike(gaps, shortest[room], length[room]):
        rows = room[part]
        nobs, least = int(length[rows[0]]), int(shortest[rows[0]])
        surface = break_surface(nobs, coefficients=sample.coefficients, shortest=least)
        at_once = max(_CELLS // nobs, 1)
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            y, steps = sample.columns(series[some], first[some], nobs)
            if not constant:
                varies = np.ptp(y, axis=0) > 0
                some, y = some[varies], y[:, varies]
                steps = steps[:, varies] if steps.shape[1] > 1 else steps
            if len(some):
                found = one_breaks(y, steps, shortest=least, surface=surface, trend=sample.trend)
                yield _Group(some, surface, found)


class _Found(NamedTuple):
    """
    Breaks of every series, each row filled up with its number of observations.

    ``added``: p-values of the tests that added them; ``statistic``, ``pvalue``: of the first test.
    """

    breaks: IntArray
    number: IntArray
    added: FloatArray
    statistic: FloatArray
    pvalue: FloatArray


def _search(stretches: _Stretches, *, most: int) -> _Found:
    """Take one more break of each series as long as :func:`flows.find_breaks` does."""
    sample = stretches.sample
    carried = np.clip((sample.nobs - 1) // sample.coefficients - 1, 0, most)
    carried[_untested(sample) != Reason.NONE] = 0
    width = int(carried.max(initial=0))
    found = _Found(
        breaks=np.repeat(sample.nobs[:, None], width + 1, axis=1),
        number=np.zeros(len(sample.nobs), dtype=np.int64),
        added=np.full((len(sample.nobs), width + 1), np.nan),
        statistic=np.full(len(sample.nobs), np.nan),
        pvalue=np.full(len(sample.nobs), np.nan),
    )
    active = np.flatnonzero(carried > 0)
    while len(active):
        row, place = _regimes(found.number[active])
        tests = _candidates(stretches, active, found.breaks[active], row=row, place=place)
        series = active[tests.row]
        order = np.lexsort((-tests.ratio, tests.pvalue, series))
        tried, start = np.unique(series[order], return_index=True)
        best = order[start]
        pvalue = 1 - (1 - tests.pvalue[best]) ** np.bincount(series)[tried]
        first = found.number[tried] == 0
        found.statistic[tried[first]] = tests.ratio[best[first]]
        found.pvalue[tried[first]] = pvalue[first]

        taken = pvalue < SIGNIFICANCE
        _add(found, tried[taken], tests.at[best[taken]], pvalue[taken])
        two = tried[~taken & (found.number[tried] + 2 <= carried[tried])]
        pairs = _pairs(stretches, found, tests.of(np.isin(series, two)), active)
        for at in pairs.at.T:
            _add(found, pairs.series, at, pairs.pvalue)
        active = np.sort(np.concatenate([tried[taken], pairs.series]))
        found.breaks[active] = _dated_again(
            stretches, active, found.breaks[active], found.number[active]
        )
        active = active[found.number[active] < carried[active]]
    return found


def _with_partitions(
    tested: _Found, sample: Observations, periods: npt.NDArray[np.int16]
) -> _Found:
    """Return these breaks, given as periods, in the place of those that tests have added."""
    there = periods >= 0
    breaks = np.repeat(sample.nobs[:, None], periods.shape[1] + 1, axis=1)
    series, place = np.nonzero(there)
    held = sample.steps[series] == periods[series, place][:, None]
    held &= np.arange(held.shape[1]) < sample.nobs[series, None]
    breaks[series, place] = held.argmax(axis=1)
    return tested._replace(
        breaks=breaks, number=there.sum(axis=1), added=np.full(breaks.shape, np.nan)
    )


def _add(found: _Found, series: IntArray, at: IntArray, pvalue: FloatArray) -> None:
    """Put one more break of some series among those that they have."""
    found.breaks[series, found.number[series]] = at
    found.added[series, found.number[series]] = pvalue
    order = np.argsort(found.breaks[series], axis=1, kind="stable")
    found.breaks[series] = np.take_along_axis(found.breaks[series], order, axis=1)
    found.added[series] = np.take_along_axis(found.added[series], order, axis=1)
    found.number[series] += 1


class _Candidates(NamedTuple):
    """The best further break of regimes: of which row, in which place among its regimes."""

    row: IntArray
    place: IntArray
    at: IntArray
    ratio: FloatArray
    pvalue: FloatArray

    def of(self, some: BoolArray) -> "_Candidates":
        return _Candidates(
            self.row[some], self.place[some], self.at[some], self.ratio[some], self.pvalue[some]
        )


def _candidates(
    stretches: _Stretches,
    series: IntArray,
    breaks: IntArray,
    *,
    row: IntArray,
    place: IntArray,
    regimes: int = 1,
) -> _Candidates:
    """
    Return the best further break of stretches that have room for one.

    ``series``, ``breaks``: of each row; ``row``, ``place``: of each stretch, the first of as many
    ``regimes`` that are neighbours.
    """
    first, last = _ends(breaks, row, place, regimes=regimes)
    looked = stretches.look_up(series[row], first, last)
    found = _Candidates(row, place, looked.at, looked.ratio, looked.pvalue)
    return found.of(looked.room)


def _regimes(count: IntArray) -> tuple[IntArray, IntArray]:
    """Return row and place of each regime, by the number of breaks of each row."""
    row = np.repeat(np.arange(len(count)), count + 1)
    before = np.cumsum(count + 1) - count - 1
    return row, np.arange(len(row)) - before[row]


def _ends(
    breaks: IntArray, row: IntArray, place: IntArray, *, regimes: int = 2
) -> tuple[IntArray, IntArray]:
    """Return the first row of a regime, and the one after so many regimes."""
    first = np.where(place > 0, breaks[row, np.maximum(place - 1, 0)], 0)
    return first, breaks[row, np.minimum(place + regimes - 1, breaks.shape[1] - 1)]


class _Pairs(NamedTuple):
    """Two breaks of a series that are taken together, shape ``(series, 2)``."""

    series: IntArray
    at: IntArray
    pvalue: FloatArray


def _pairs(stretches: _Stretches, found: _Found, tests: _Candidates, active: IntArray) -> _Pairs:
    """
    Return the two breaks within one regime that are surest together, where both are significant.

    As in :func:`flows.models.break_sequence.search_breaks`: each regime is cut at its best date and
    one side again at its own; both are dated again, and each is tested between those beside it.
    """
    series = active[tests.row]
    cuts, count = _with(found.breaks[series], found.number[series], tests.at)
    row = np.repeat(np.arange(len(series)), 2)
    sides = _candidates(stretches, series, cuts, row=row, place=tests.place[row] + _two(series))
    series, place = series[sides.row], tests.place[sides.row]
    breaks, count = _with(cuts[sides.row], count[sides.row], sides.at)
    breaks = _dated_again(stretches, series, breaks, count)

    row = np.repeat(np.arange(len(series)), 2)
    both = _candidates(
        stretches, series, breaks, row=row, place=place[row] + _two(series), regimes=2
    )
    pvalue = np.zeros(len(series))
    np.maximum.at(pvalue, both.row, both.pvalue)
    pvalue[np.bincount(both.row, minlength=len(series)) < 2] = 1.0  # noqa: PLR2004 - no room
    order = np.lexsort((pvalue, series))
    tried, start = np.unique(series[order], return_index=True)
    best = order[start]
    taken = pvalue[best] < PAIR_SIGNIFICANCE
    best = best[taken]
    at = breaks[best[:, None], place[best][:, None] + np.arange(2)]
    return _Pairs(tried[taken], at, pvalue[best])


def _two(rows: IntArray) -> IntArray:
    """Return 0 and 1 for each row: of two stretches that are neighbours."""
    return np.tile(np.arange(2), len(rows))


def _with(breaks: IntArray, count: IntArray, at: IntArray) -> tuple[IntArray, IntArray]:
    """Return breaks with one more in each row, and their number."""
    more = breaks.copy()
    more[np.arange(len(more)), count] = at
    return np.sort(more, axis=1), count + 1


def _dated_again(
    stretches: _Stretches, series: IntArray, breaks: IntArray, count: IntArray
) -> IntArray:
    """Estimate every date again between the breaks beside it, until none moves."""
    breaks = breaks.copy()
    moving = np.flatnonzero(count > 0)
    for _ in range(_ROUNDS):
        before = breaks[moving]
        for place in range(int(count[moving].max(initial=0))):
            rows = moving[count[moving] > place]
            found = _candidates(
                stretches,
                series,
                breaks,
                row=rows,
                place=np.full(len(rows), place),
                regimes=2,
            )
            breaks[found.row, place] = found.at
        moving = moving[(breaks[moving] != before).any(axis=1)]
        if not len(moving):
            break
    return breaks


def _intervals(
    stretches: _Stretches,
    series: IntArray,
    ends: tuple[IntArray, IntArray],
    at: IntArray,
    *,
    level: float,
) -> tuple[IntArray, IntArray]:
    """Return the first and last date of each break that a test at this level does not reject."""
    first, last = ends
    low, high = first + 1, last - 1
    for group in groups(stretches.sample, series, first, last, constant=True):
        rows, found = group.rows, group.found
        dates = found.dates[:, None] + first[rows]
        kept = (found.above <= group.surface.date_quantile(level)) | (dates == at[rows])
        low[rows] = found.dates[np.argmax(kept, axis=0)] + first[rows]
        high[rows] = found.dates[len(dates) - 1 - np.argmax(kept[::-1], axis=0)] + first[rows]
    return low, high


def _levels(
    sample: Observations, search: _Found, rows: IntArray, place: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what each regime is in its last observation, and the next in its first."""
    first, middle = _ends(search.breaks, rows, place, regimes=1)
    last = search.breaks[rows, place + 1]
    before = _fitted(sample, rows, first, middle, at=middle - 1)
    return before, _fitted(sample, rows, middle, last, at=middle)


def _fitted(
    sample: Observations, rows: IntArray, first: IntArray, last: IntArray, *, at: IntArray
) -> FloatArray:
    """Return the mean or line of a regime in one of its observations."""
    places = np.arange(sample.y.shape[1])
    inside = (places >= first[:, None]) & (places < last[:, None])
    y, count = sample.y[rows], last - first
    mean = np.where(inside, y, 0.0).sum(axis=1) / count
    if not sample.trend:
        return np.asarray(mean)
    steps = sample.steps[rows]
    middle = np.where(inside, steps, 0).sum(axis=1) / count
    time = np.where(inside, steps - middle[:, None], 0.0)
    slope = np.sum(time * (y - mean[:, None]), axis=1) / np.sum(time**2, axis=1)
    return np.asarray(mean + slope * time[np.arange(len(rows)), at])


def _noise(stretches: _Stretches) -> tuple[FloatArray, FloatArray]:
    """Return autocorrelation and detectable shift around one break at most in each series."""
    sample = stretches.sample
    autocorrelation = np.full(len(sample.nobs), np.nan)
    detectable = np.full(len(sample.nobs), np.nan)
    series = np.flatnonzero(_untested(sample) == Reason.NONE)
    nobs, coefficients = sample.nobs[series], sample.coefficients
    looked = stretches.look_up(series, np.zeros_like(series), nobs)
    autocorrelation[series] = looked.autocorrelation
    size = _log_variances(sample, series, looked.rho)
    spread = np.exp((looked.least - size) / (2 * nobs))
    spread *= np.sqrt(looked.longer / np.maximum(nobs - 2 * coefficients - 1, 1))
    for count in np.unique(nobs):
        rows = np.flatnonzero(nobs == count)
        surface = break_surface(
            int(count), coefficients=coefficients, shortest=int(sample.shortest[series[rows[0]]])
        )
        shift = surface.detectable_shift(looked.autocorrelation[rows])
        detectable[series[rows]] = shift * spread[rows]
    return autocorrelation, detectable


def _log_variances(sample: Observations, series: IntArray, rho: FloatArray) -> FloatArray:
    """Return the sum of the log variances of whitened noise in each series."""
    gaps = np.diff(sample.steps[series], axis=1)
    later = np.arange(1, sample.y.shape[1]) < sample.nobs[series][:, None]
    gaps = np.where(later, gaps, 1)
    square = rho[:, None] ** 2
    sums = np.sum(np.log((1 - square**gaps) / (1 - square)), axis=1)
    return np.asarray(sums - np.log(1 - rho**2))
