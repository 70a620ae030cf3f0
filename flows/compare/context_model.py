"""What gravity predicts of each flow of a year from others, and how far flows are from that."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.compare.context_year import BORDER, YearFlows
from flows.errors import SampleError
from flows.measure.pair_years import PAIR
from flows.models.gravity.left_out import (
    Flows,
    cross_predict,
    pair_folds,
    predict_left_out,
    with_trade,
)
from flows.models.gravity.like_flows import Likeness, likeness, percentile, ratio_ends
from flows.models.quasi_likelihood import BoolArray
from flows.models.sample import FloatArray, IntArray
from flows.results import print_count

_FEWEST = 5
"""Flows below which a percentile says nothing."""

_NEIGHBOURS = "neighbours"

_KEPT = 4
"""Years whose fits are kept, since a report asks for several pairs of one year."""


@dataclass(frozen=True, slots=True, eq=False)
class YearModel:
    """
    Fits to the flows of a year.

    ``params``, ``fitted``, ``nobs``, ``zeros``: of the fit to all flows, ``fitted`` missing where a
    country has no trade; ``predicted``: of each flow by a fit without its part of the pairs,
    missing where nothing else says how much a country trades; ``known``: rows with a prediction;
    ``like``: which of these are like each other; ``held``: for each level, whether the range of
    flows like it holds each of these.
    """

    params: pd.Series
    fitted: FloatArray
    nobs: int
    zeros: int
    predicted: FloatArray
    known: IntArray
    like: Likeness
    held: dict[float, BoolArray]


_models: dict[str, YearModel] = {}


def year_model(stated: YearFlows, *, folds: int, count: int, levels: Sequence[float]) -> YearModel:
    """Return the fits to a year; those of the last years that were asked for are kept."""
    flows = stated.as_flows()
    digest = hashlib.sha256(repr((flows.names, folds, count, tuple(levels))).encode())
    for values in (flows.x, flows.y):
        digest.update(np.ascontiguousarray(values).tobytes())
    digest.update(" ".join(stated.frame["exporter"] + stated.frame["importer"]).encode())
    key = digest.hexdigest()
    if key not in _models:
        _models[key] = _fit(stated, flows, folds=folds, count=count, levels=levels)
        for oldest in list(_models)[:-_KEPT]:
            del _models[oldest]
    return _models[key]


def _fit(
    stated: YearFlows, flows: Flows, *, folds: int, count: int, levels: Sequence[float]
) -> YearModel:
    frame = stated.frame
    kept = with_trade(flows, np.ones(len(frame), dtype=bool))
    fit = flows.fit(kept)
    fitted = np.full(len(frame), np.nan)
    fitted[kept] = fit.mean
    predicted = cross_predict(flows, pair_folds(frame["exporter"], frame["importer"], folds))
    known = np.flatnonzero(np.isfinite(predicted))
    if len(known) <= count:
        raise SampleError(
            f"expected more than {count} flows with a prediction, so that {count} are like each, "
            f"found {len(known)}; ask for fewer with like="
        )
    like = likeness(predicted[known], alike_in(stated)[known])
    ratios = flows.y[known] / predicted[known]
    nearest = like.nearest(like.places, np.arange(len(known)), count)
    among = np.sort(ratios[nearest], axis=1)
    return YearModel(
        params=pd.Series(fit.params, index=list(flows.names), name="params"),
        fitted=fitted,
        nobs=int(kept.sum()),
        zeros=int((flows.y[kept] == 0).sum()),
        predicted=predicted,
        known=known,
        like=like,
        held={level: ratio_ends(among, level=level).hold(ratios) for level in levels},
    )


def alike_in(stated: YearFlows) -> FloatArray:
    """
    Return what flows are alike in beside their predicted size: regressors, and sizes of countries.

    The size of an exporter is the logarithm of what it exports to all others, likewise of an
    importer; of one that trades with this partner alone it is minus infinity.
    """
    frame = stated.frame
    totals = [frame.groupby(side)["value"].transform("sum") - frame["value"] for side in PAIR]
    with np.errstate(divide="ignore"):
        sizes = np.log(np.column_stack(totals))
    return np.column_stack([frame[list(stated.regressors)].to_numpy(dtype="float64"), sizes])


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """
    One flow among the others of its year.

    ``place``: its row; ``predicted``: of it, with the pair left out; ``like``: rows of the flows
    like it.
    """

    stated: YearFlows
    model: YearModel
    place: int
    predicted: float
    like: IntArray

    @property
    def actual(self) -> float:
        """What the table states of it."""
        return float(self.stated.frame["value"].iloc[self.place])

    @property
    def ratio(self) -> float:
        """Actual over predicted."""
        return self.actual / self.predicted

    @property
    def ratios(self) -> FloatArray:
        """Actual over predicted of every flow."""
        return self.stated.frame["value"].to_numpy() / self.model.predicted

    @property
    def others(self) -> BoolArray:
        """Which other flows have a prediction."""
        there = np.isfinite(self.model.predicted)
        there[self.place] = False
        return there

    @property
    def typical(self) -> float:
        """What half of the flows like this one are below, for what is predicted of them."""
        return float(np.median(self.ratios[self.like])) * self.predicted

    def ranges(self) -> pd.DataFrame:
        """Return between which ratios flows like this one are, one row a level."""
        among = np.sort(self.ratios[self.like])[None, :]
        own = np.isin(self.model.known, self.like)
        found = []
        for level, held in self.model.held.items():
            ends = ratio_ends(among, level=level)
            low, high = float(ends.low[0]), float(ends.high[0])
            found.append(
                {
                    "level": level,
                    "ratio_low": low,
                    "ratio_high": high,
                    "low": low * self.predicted,
                    "high": high * self.predicted,
                    "inside": low <= self.ratio <= high,
                    "coverage": float(held.mean()),
                    "coverage_like": float(held[own].mean()),
                }
            )
        return pd.DataFrame(found).set_index("level")

    def percentiles(self) -> pd.DataFrame:
        """Return where the flow stands among others, one row a group of them."""
        frame = self.stated.frame
        positive = (frame["value"] > 0).to_numpy()
        exporter, importer = frame.loc[self.place, PAIR]
        groups = {
            "positive flows": positive,
            "like flows": np.isin(np.arange(len(frame)), self.like),
            _NEIGHBOURS: (frame[BORDER] == 1).to_numpy(),
            "exporter's partners": positive & (frame["exporter"] == exporter).to_numpy(),
            "importer's partners": positive & (frame["importer"] == importer).to_numpy(),
        }
        found = [{"among": name, **self._among(name, rows)} for name, rows in groups.items()]
        return pd.DataFrame(found).set_index("among")

    def _among(self, name: str, members: BoolArray) -> dict[str, object]:
        ratios = self.ratios[members & self.others]
        reason = ""
        if name == _NEIGHBOURS and not members[self.place]:
            reason = "the two share no land border"
        elif len(ratios) < _FEWEST:
            reason = f"{print_count(len(ratios), 'other flow')} to compare with, {_FEWEST} needed"
        return {
            "flows": len(ratios),
            "zeros": int((ratios == 0).sum()),
            "percentile": math.nan if reason else percentile(self.ratio, ratios),
            "reason": reason,
        }

    def flows(self) -> pd.DataFrame:
        """Return all other flows with a prediction."""
        frame = self.stated.frame
        flows = frame[[*PAIR, "value"]].assign(
            predicted=self.model.predicted,
            ratio=self.ratios,
            border=frame[BORDER],
            like=np.isin(np.arange(len(frame)), self.like),
        )
        return flows[self.others].reset_index(drop=True)


def standing(
    stated: YearFlows, model: YearModel, *, exporter: str, importer: str, count: int
) -> Standing:
    """Predict a flow without its pair, and find the flows like it."""
    frame, place = stated.frame, stated.place_of(exporter, importer)
    pair = frame[PAIR].isin([exporter, importer]).all(axis=1).to_numpy()
    predictions = np.full(len(frame), np.nan)
    predictions[pair] = predict_left_out(stated.as_flows(), pair)
    predicted = float(predictions[place])
    if not np.isfinite(predicted):
        raise SampleError(
            f"{exporter} to {importer}: expected both to trade with others as well, found one that "
            "does not: without this pair nothing says how much it trades"
        )
    itself = np.flatnonzero(model.known == place)
    at = model.like.place(predicted, alike_in(stated)[place])
    near = model.like.nearest(at[None, :], itself if len(itself) else np.array([-1]), count)
    return Standing(stated, model, place, predicted, model.known[near[0]])
