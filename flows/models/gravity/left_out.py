"""What a two-way model predicts of flows that it was not fitted to."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.models.gravity.effects import Effect
from flows.models.gravity.poisson import AbsorbedFit, fit_absorbed
from flows.models.quasi_likelihood import BoolArray
from flows.models.sample import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """
    The flows of a year as a model takes them.

    ``x``: regressors, shape ``(nobs, k)``; ``names``: theirs; ``y``: values, not negative, shape
    ``(nobs,)``; ``exporters``, ``importers``: their effects.
    """

    x: FloatArray
    names: tuple[str, ...]
    y: FloatArray
    exporters: Effect
    importers: Effect

    @property
    def effects(self) -> tuple[Effect, Effect]:
        """Those of exporters and of importers."""
        return self.exporters, self.importers

    def fit(self, rows: BoolArray) -> AbsorbedFit:
        """Return the fit to some of the flows."""
        effects = [effect.kept(rows) for effect in self.effects]
        return fit_absorbed(self.x[rows], self.y[rows], effects, self.names)


def with_trade(flows: Flows, rows: BoolArray) -> BoolArray:
    """Return those of the rows whose exporter and importer have trade within them."""
    kept = rows
    while True:
        sums = [np.bincount(e.codes[kept], flows.y[kept], len(e.levels)) for e in flows.effects]
        left = kept.copy()
        for effect, total in zip(flows.effects, sums, strict=True):
            left &= total[effect.codes] > 0
        if left.sum() == kept.sum():
            return kept
        kept = left


def predict_left_out(flows: Flows, out: BoolArray) -> FloatArray:
    """
    Return the means that a fit to all other flows gives to those of ``out``, in their order.

    Missing where the exporter or the importer has no trade but with what is left out, or none that
    connects the two with others: nothing says how much they trade.
    """
    kept = with_trade(flows, ~out)
    fit = flows.fit(kept)
    exporters, importers = _constants(flows, kept, fit)
    log_means = (
        flows.x[out] @ fit.params
        + exporters[flows.exporters.codes[out]]
        + importers[flows.importers.codes[out]]
    )
    return np.exp(log_means)


def _constants(flows: Flows, kept: BoolArray, fit: AbsorbedFit) -> tuple[FloatArray, FloatArray]:
    """
    Return the constants of exporters and importers of a fit.

    On every row the linear predictor less the regressors is the sum of the two. The exporter with
    most rows is given zero, and all who are connected with it by rows follow; the others, whose
    constants nothing relates to these, are missing.
    """
    shape = len(flows.exporters.levels), len(flows.importers.levels)
    sums = np.full(shape, np.nan)
    sums[flows.exporters.codes[kept], flows.importers.codes[kept]] = (
        fit.eta - flows.x[kept] @ fit.params
    )
    exporters, importers = np.full(shape[0], np.nan), np.full(shape[1], np.nan)
    exporters[np.isfinite(sums).sum(axis=1).argmax()] = 0.0
    before, known = 0, 1
    while known > before:
        importers = _means(sums - exporters[:, None])
        exporters = _means((sums - importers).T)
        before, known = known, int(np.isfinite(exporters).sum())
    return exporters, importers


def _means(columns: FloatArray) -> FloatArray:
    """Return the mean of each column over what is known of it, missing where nothing is."""
    known = np.isfinite(columns)
    count = known.sum(axis=0)
    totals = np.where(known, columns, 0.0).sum(axis=0)
    return np.where(count > 0, totals / np.maximum(count, 1), np.nan)


def cross_predict(flows: Flows, folds: IntArray) -> FloatArray:
    """Return for each flow what a fit to the flows of all other folds predicts."""
    predicted = np.full(len(flows.y), np.nan)
    for fold in np.unique(folds):
        out = folds == fold
        predicted[out] = predict_left_out(flows, out)
    return predicted


def pair_folds(exporters: pd.Series, importers: pd.Series, count: int) -> IntArray:
    """
    Return the fold of each flow, from 0 to ``count`` - 1, by a hash of its two codes.

    Both directions of a pair are in one fold; neither the order of rows nor the other pairs matter.
    """
    folds: dict[str, int] = {}
    found = np.empty(len(exporters), dtype=np.int64)
    for place, pair in enumerate(zip(exporters, importers, strict=True)):
        name = " ".join(sorted(pair))
        if name not in folds:
            digest = hashlib.sha256(name.encode()).digest()
            folds[name] = int.from_bytes(digest[:8], "big") % count
        found[place] = folds[name]
    return found
