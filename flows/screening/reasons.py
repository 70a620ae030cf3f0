"""Why nothing was fitted to a series, in words; a kernel returns their numbers."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

ReasonArray = npt.NDArray[np.int8]


class Reason(IntEnum):
    """Why a series has no estimate, in the order in which the functions of one series ask."""

    NONE = 0
    INFINITE = 1
    FEW = 2
    CONSTANT = 3
    NOT_POSITIVE = 4
    NEGATIVE = 5
    FEW_POSITIVE = 6
    NO_ROOM = 7
    SHORT = 8
    UNSETTLED = 9
    NO_COSINES = 10
    NO_LAGS = 11
    FEW_FOR_LEVEL = 12


WORDS = {
    Reason.NONE: "",
    Reason.INFINITE: "a value is infinite",
    Reason.FEW: "fewer than 3 periods have a value",
    Reason.CONSTANT: "all values are the same",
    Reason.NOT_POSITIVE: "a value is zero or below, which has no logarithm",
    Reason.NEGATIVE: "a value is below zero",
    Reason.FEW_POSITIVE: "fewer than 5 periods are not zero",
    Reason.NO_ROOM: "no room for two regimes",
    Reason.SHORT: "fewer than 8 periods have a value",
    Reason.UNSETTLED: "the estimate does not settle",
    Reason.NO_COSINES: "3 values at equal distances have no error that allows for autocorrelation",
    Reason.NO_LAGS: "no more periods than lags",
    Reason.FEW_FOR_LEVEL: "fewer than 5 periods have a value",
}


def in_words(reasons: ReasonArray) -> npt.NDArray[np.object_]:
    """Return reasons as texts."""
    return np.array(list(WORDS.values()), dtype=object)[reasons]
