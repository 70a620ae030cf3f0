"""BACI in bulk: millions of rows as checked batches of numbers, named on any engine."""

import narwhals as nw
import pandas as pd

from flows.bulk.baci import clashing, condense_baci


def test_condense_baci() -> None:
    rows = pd.DataFrame({"file": 0, "t": 2020, "i": 4, "j": 51, "k": [1, 2], "v": [1.5, 2.0]})
    rows["statements"] = 1
    few = condense_baci(nw.from_native(rows).lazy(), ["exporter"]).collect().to_native()
    assert few[["k", "v", "statements"]].to_dict("records") == [{"k": 0, "v": 3.5, "statements": 2}]


def test_clashing() -> None:
    assert (clashing({51, 364}), clashing({842, 840})) == (False, True)
