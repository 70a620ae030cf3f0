"""Deliveries by deal for tests: of each only what the test is about."""

from typing import Any

import pandas as pd
from statements import delivery, flow_table

Deal = tuple[str, str, float]
"""Supplier, deal, million TIV in 2016."""


def deals_of(*deals: Deal, year: int = 2016, **changes: Any) -> pd.DataFrame:
    """Return a flow table with a row a deal; its data set counts 2010 to 2024."""
    made = flow_table(
        *(
            delivery(supplier, year, tiv, deal=deal, line=line, **changes)
            for line, (supplier, deal, tiv) in enumerate(deals, start=2)
        )
    )
    made.attrs["spans"] = dict.fromkeys(made["dataset"].unique(), (2010, 2024))
    return made
