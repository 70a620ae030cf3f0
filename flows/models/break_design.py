"""The regression that breaks are looked for in."""

from dataclasses import dataclass

from flows.models.sample import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Design:
    """
    A regression in the order of time.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors whose coefficients may change, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, shape ``(nobs,)``.
    shortest : int
        Fewest observations of a regime.
    common : numpy.ndarray, optional
        Regressors whose coefficients do not change, shape ``(nobs, p)``.
    """

    x: FloatArray
    y: FloatArray
    steps: IntArray
    shortest: int
    common: FloatArray | None = None

    @property
    def trim(self) -> float:
        """Shortest regime as a share of the sample."""
        return self.shortest / len(self.y)

    def carries(self, breaks: int) -> bool:
        """Whether there are more observations than coefficients with so many breaks."""
        common = 0 if self.common is None else self.common.shape[1]
        return len(self.y) > int((breaks + 1) * self.x.shape[1] + common)

    def rows(self, rows: slice) -> "Design":
        """Return the same regression on some of the observations."""
        common = None if self.common is None else self.common[rows]
        return Design(self.x[rows], self.y[rows], self.steps[rows], self.shortest, common)
