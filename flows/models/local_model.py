"""A level, a slope, seasons and noise as a model in state space form, and its likelihood."""

from typing import TYPE_CHECKING, Literal

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.sample import FloatArray
from flows.models.variance_search import Likelihood

if TYPE_CHECKING:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

Kind = Literal["level", "trend"]

SPECIFICATIONS = {"level": "local level", "trend": "local linear trend"}
"""Names of the models."""

_BEYOND_START = 2
"""Fewest values beyond those that fix the start: of one alone every variance is as likely."""


def local_model(
    values: FloatArray, kind: Kind, seasons: int | None, autoregressive: int | None = None
) -> "UnobservedComponents":
    """Return the model of standardised values, from an exact diffuse start."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415

    model = UnobservedComponents(
        values,
        level=SPECIFICATIONS[kind],
        seasonal=seasons,
        autoregressive=autoregressive,
        use_exact_diffuse=True,
    )
    # Variances that no longer change are not replaced by their limit: exact in every unit.
    model.ssm.tolerance = 0
    return model


def likelihood_of(model: "UnobservedComponents") -> Likelihood:
    """Return the likelihood of the model's series, if more than its start can be estimated."""
    places = [int(place) for place in model.ssm["selection"].argmax(axis=0)]
    transition, lasting = (
        model.ssm["transition"].copy(),
        places[-1] if model.autoregressive else None,
    )
    if lasting is not None:
        transition[lasting, lasting] = 1.0
    system = System(
        design=model.ssm["design"][0],
        transition=transition,
        sources=(None, *places),
        autoregressive=lasting,
    )
    kalman = DiffuseFilter(system, model.endog[:, 0])
    if kalman.start.unknowns:
        raise SampleError(
            "expected each season to be observed, found one that is not; use season=False"
        )
    if kalman.count < _BEYOND_START:
        unknowns = len(system.design) - len(system.known_start)
        raise SampleError(
            f"expected at least {_BEYOND_START} values more than the {unknowns} unknowns of the "
            f"start, found {kalman.nobs}; use kind='level' or season=False"
        )
    return Likelihood(kalman)
