"""The table of conventions: ppmlhdfe's printed error, and how its factors relate."""

from pathlib import Path

import numpy as np
import pytest
from gravity_conventions import example, of_flows, of_pyfixest, table

CLUSTERS = 1190
NOBS = 5950
COUNTRIES = 35


def test_factors_are_those_of_their_names(shared_reference: Path) -> None:
    found = of_flows(example(shared_reference / "gravity"))
    assert found["pair"]["G/(G-1), n/(n-1)"] == pytest.approx(0.0419527, abs=5e-8)
    for se, number in (("pair", CLUSTERS), ("two-way", COUNTRIES), ("robust", NOBS)):
        ratio = found[se]["G/(G-1), n/(n-1)"] / found[se]["no factor"]
        assert ratio == pytest.approx(np.sqrt(number / (number - 1)), rel=1e-12)
    # One coefficient, 175 and 174 constants by year, and one for all pairs, within clusters.
    constants = 1 + 175 + 175 + 1 - 2
    ratio = found["pair"]["with (n-1)/(n-K)"] / found["pair"]["G/(G-1), n/(n-1)"]
    assert ratio == pytest.approx(np.sqrt((NOBS - 1) / (NOBS - constants)), rel=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pyfixest_has_the_same_without_k(shared_reference: Path) -> None:
    pytest.importorskip("pyfixest", reason="a peer, not a need: pip install .[bench]")
    panel = example(shared_reference / "gravity")
    ours, theirs = of_flows(panel), of_pyfixest(panel)
    for se in ("pair", "exporter", "importer", "two-way"):
        # pyfixest weighs its scores by the means of the round before the last one.
        assert theirs[se]["k_adj=False"] == pytest.approx(ours[se]["G/(G-1), n/(n-1)"], rel=1e-7)


def test_every_answer_of_a_seed_stands_in_the_table() -> None:
    names = ("no factor", "G/(G-1), n/(n-1)", "with (n-1)/(n-K)")
    ours = {"pair": dict.fromkeys(names, 0.1), "dyadic": dict.fromkeys(names[:2], 0.2)}
    seeds = [{"pair": {"default": error, "k_adj=False": 0.1}} for error in (0.3, 0.4, 0.3)]
    last = table(ours, seeds).split("\n")
    assert last[2].endswith("| 0.1000000 | 0.3000000 or 0.4000000 |")
    assert last[3] == "| dyadic | 0.2000000 | 0.2000000 | refused |  |  |"
