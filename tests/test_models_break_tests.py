"""Tests of breaks: none against one, at known dates and unknown, against several, one more."""

import numpy as np

from flows.models.break_tests import several_breaks_tests
from flows.models.partitions import Design, best_partitions, segment_costs


def test_tests_against_several_breaks_have_the_names_of_bai_and_perron() -> None:
    y = np.array([0.0, 1.0, 0.0, 1.0, 5.0, 6.0, 5.0, 6.0])
    design = Design(np.ones((8, 1)), y, np.arange(8), shortest=2)
    found = best_partitions(segment_costs(design.x, y, shortest=2), most=1)
    assert list(several_breaks_tests(design, found, se="pooled")) == [
        "supF(1)",
        "UDmax",
        "WDmax",
    ]
