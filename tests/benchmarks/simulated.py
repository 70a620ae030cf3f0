"""What simulations share: errors with a known autocorrelation, and tables of rates."""

from collections.abc import Sequence

import numpy as np
from markdown_table import markdown_table

from flows.models.sample import FloatArray


def autoregressive(innovations: FloatArray, rho: float) -> FloatArray:
    """Return stationary errors of variance one from normal innovations, one sample a row."""
    errors = innovations.copy()
    for t in range(1, errors.shape[1]):
        errors[:, t] = rho * errors[:, t - 1] + np.sqrt(1 - rho**2) * innovations[:, t]
    return errors


def monte_carlo_error(share: float, draws: int) -> float:
    """Return the standard error of a simulated share, never below that of one case in all draws."""
    kept = min(max(share, 1 / draws), 1 - 1 / draws)
    return float(np.sqrt(kept * (1 - kept) / draws))


def section(title: str, about: str, heading: Sequence[str], table: Sequence[Sequence[str]]) -> str:
    """Return a table under its title."""
    return f"### {title}\n\n{about}\n\n{markdown_table(heading, table)}\n"


def percent(share: float, error: float) -> str:
    """Return a share in percent, its standard error in parentheses."""
    return f"{100 * share:.1f} ({100 * error:.1f})"
