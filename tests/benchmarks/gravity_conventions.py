"""
Print the error of one coefficient under every convention, here and in pyfixest.

Run as ``python tests/benchmarks/gravity_conventions.py FOLDER`` where the extra ``bench`` is
installed; FOLDER has the data of ppmlhdfe's example 3. pyfixest is asked for each error under its
default factor and without ``k_adj``, with six seeds of Python's hashes.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions

from flows.models.gravity.conventions import (
    GravityError,
    Scores,
    gravity_covariance,
    spread_of,
)
from flows.models.gravity.effects import effect_of
from flows.models.gravity.gravity import members
from flows.models.gravity.poisson import fit_absorbed
from flows.models.standard_errors import SmallSample

SEEDS = ("0", "1", "2", "3", "4", "5")
EFFECTS = {
    "exporter_year": ["exporter", "year"],
    "importer_year": ["importer", "year"],
    "pair": ["exporter", "importer"],
}
CLUSTERS = {
    "robust": "hetero",
    "pair": {"CRV1": "pair"},
    "exporter": {"CRV1": "exporter"},
    "importer": {"CRV1": "importer"},
    "two-way": {"CRV1": "exporter+importer"},
}
"""What pyfixest calls the choices that it has."""

FACTORS: dict[str, SmallSample] = {
    "no factor": "none",
    "G/(G-1), n/(n-1)": "stata",
    "with (n-1)/(n-K)": "fixest",
}


def example(folder: Path) -> pd.DataFrame:
    """Return the panel, with a whole number for each effect and country."""
    data = pd.read_csv(folder / "ppmlhdfe-example-3.csv.gz", comment="#")
    panel = data.rename(columns={"isoexp": "exporter", "isoimp": "importer", "trade": "value"})
    return panel.assign(**{name: effect_of(panel, of).codes for name, of in EFFECTS.items()})


def of_flows(panel: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the error of the coefficient by choice and factor."""
    x, y = panel[["fta"]].to_numpy(), panel["value"].to_numpy()
    effects = [effect_of(panel, [name]) for name in EFFECTS]
    fit = fit_absorbed(x, y, effects)
    scores = Scores(fit.x_tilde, fit.mean, y - fit.mean, fit.bread, spread_of(x))
    found: dict[str, dict[str, float]] = {}
    for se in get_args(GravityError):
        for words, factor in FACTORS.items():
            if (se, factor) == ("dyadic", "fixest"):
                continue
            shared = gravity_covariance(
                scores,
                *members(panel),
                se=se,
                small_sample=factor,
                effects=[effect.codes for effect in effects],
            )
            found.setdefault(se, {})[words] = float(np.sqrt(shared.matrix[0, 0]))
    return found


def of_pyfixest(panel: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the same of pyfixest, in this process and with its seed."""
    import pyfixest as pf  # noqa: PLC0415 - a peer that tests do without

    found: dict[str, dict[str, float]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for words, ssc in (("default", pf.ssc()), ("k_adj=False", pf.ssc(k_adj=False))):
            for se, vcov in CLUSTERS.items():
                fit = pf.fepois(
                    f"value ~ fta | {'+'.join(EFFECTS)}",
                    panel,
                    vcov=vcov,
                    ssc=ssc,
                    iwls_tol=1e-12,
                    iwls_maxiter=200,
                    demeaner=pf.MapDemeaner(fixef_tol=1e-12),
                )
                found.setdefault(se, {})[words] = float(fit.se()["fta"])
    return found


def by_seed(folder: Path) -> list[dict[str, dict[str, float]]]:
    """Return what pyfixest says with each seed of the hashes, each in a process of its own."""
    return [
        json.loads(
            subprocess.run(
                [sys.executable, __file__, str(folder), "--peer"],
                env=os.environ | {"PYTHONHASHSEED": seed},
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout
        )
        for seed in SEEDS
    ]


def table(ours: dict[str, dict[str, float]], theirs: list[dict[str, dict[str, float]]]) -> str:
    """Return a row a choice; of pyfixest every answer that a seed gives."""
    rows = []
    for se, found in ours.items():
        peers = [
            " or ".join(sorted({f"{one[se][words]:.7f}" for one in theirs}))
            if se in CLUSTERS
            else ""
            for words in ("k_adj=False", "default")
        ]
        cells = [f"{found[words]:.7f}" if words in found else "refused" for words in FACTORS]
        rows.append([se, *cells, *peers])
    heading = ["errors", *(f"flows, {words}" for words in FACTORS)]
    return markdown_table([*heading, "pyfixest, k_adj=False", "pyfixest, default"], rows)


def main(arguments: list[str]) -> None:
    """Print the table, or what pyfixest finds in this process."""
    folder = Path(arguments[0])
    if "--peer" in arguments:
        print(json.dumps(of_pyfixest(example(folder))))  # noqa: T201
        return
    print(f"{versions()}.\n\n{table(of_flows(example(folder)), by_seed(folder))}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
