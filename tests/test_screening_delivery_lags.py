"""Waits of orders: a published table of survival, by hand, and what is left out."""

import numpy as np
import pandas as pd
import pytest

import flows as fl
from flows.errors import LayoutError, SchemaError
from flows.loaders.examples import example_path
from flows.screening.delivery_lags import DeliveryLags, delivery_lags

END = 2050
LEUKAEMIA = {
    "weeks": [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    "relapse": [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
}
"""Freireich, E. J. et al. (1963). Blood 21 (6), 699-716: remission of 21 patients under 6-MP."""


def orders(lags: list[int], delivered: list[bool], **changes: object) -> pd.DataFrame:
    """Return orders that wait so long, or have waited so long at the end of the register."""
    done = np.array(delivered, dtype=np.bool_)
    begun = np.where(done, 2000, END - np.array(lags))
    ends = pd.array(np.where(done, begun + np.array(lags), 0), dtype="Int64")
    ends[~done] = pd.NA
    table = pd.DataFrame(
        {
            "exporter": "ISR",
            "importer": "AZE",
            "order_year": begun,
            "order_year_estimated": False,
            "first_delivery": ends,
            "last_delivery": ends,
            "number_ordered": 1.0,
            "number": np.where(done, 1.0, 0.0),
            "counted_from": 1950,
            "counted_to": END,
            "dataset": "register@1",
            "line": range(2, len(lags) + 2),
        }
    )
    return table.assign(**changes)


@pytest.fixture(scope="module")
def published() -> DeliveryLags:
    weeks, relapse = LEUKAEMIA["weeks"], LEUKAEMIA["relapse"]
    return delivery_lags(orders(weeks, [bool(one) for one in relapse]))


def test_a_published_table_of_survival(published: DeliveryLags) -> None:
    """Kalbfleisch, J. D. and Prentice, R. L. (2002), section 1.4; Greenwood's errors."""
    curve = published.curves.set_index("years")
    assert curve.index.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["waiting"].round(3).tolist() == [
        *(0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448)
    ]
    assert curve["std_error"].round(4).tolist() == [
        *(0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346)
    ]


def test_the_median_and_its_interval(published: DeliveryLags) -> None:
    """R's survfit(conf.type = "log-log"): median 23, from 13, no upper end."""
    row = published.frame.iloc[0]
    assert row[["median", "median_low", "median_high"]].tolist() == [23.0, 13.0, np.inf]
    assert row[["orders", "delivered", "waiting"]].tolist() == [21, 9, 12]
    assert np.isnan(row["three_quarters"])
    curve = published.curves.set_index("years")
    assert curve.loc[6, ["low", "high"]].round(3).tolist() == [0.620, 0.952]


def test_orders_that_wait_count_until_the_end() -> None:
    """Without them, the median of three orders is 1; with two that wait for 9, it is 5."""
    done = orders([0, 1, 5], [True] * 3)
    assert delivery_lags(done).frame["median"].iloc[0] == 1
    every = pd.concat([done, orders([9, 9], [False] * 2)])
    found = delivery_lags(every)
    assert found.frame["median"].iloc[0] == 5
    assert found.curves["waiting"].tolist() == pytest.approx([0.8, 0.6, 0.4])


def test_the_last_delivery_counts_when_all_is_there() -> None:
    table = orders([2, 4, 6], [True] * 3).assign(
        number_ordered=pd.array([4.0, 4.0, None], dtype="Float64"), number=[4.0, 3.0, 1.0]
    )
    found = delivery_lags(table, event="last")
    assert found.frame[["orders", "delivered", "waiting"]].iloc[0].tolist() == [2, 1, 1]
    assert found.left_out.to_numpy().tolist() == [
        ["the number ordered or delivered is not known", 1]
    ]


def test_what_is_left_out_is_counted() -> None:
    table = orders([2, 2, 2, 2], [True] * 4)
    table["order_year"] = [2000, 2004, 1940, 2000]
    found = delivery_lags(table, start=1930, end=2003)
    assert found.left_out.set_index("reason")["orders"].to_dict() == {
        "ordered before the register begins": 1,
        "ordered outside of the years asked for": 1,
    }
    late = table.assign(order_year=[2003, 2000, 2000, 2000])
    assert delivery_lags(late).left_out["reason"].tolist() == [
        "delivered before the year of the order"
    ]
    with pytest.raises(SchemaError, match="expected orders that can be counted"):
        delivery_lags(table, start=2010)


def test_groups_and_flags() -> None:
    flags = {"order_year_estimated": [True, True, False, False, False]}
    table = pd.concat(
        [
            orders([0, 0, 3, 3, 3], [True] * 5, exporter="RUS", **flags),
            orders([1, 1], [True] * 2, exporter="TUR"),
            orders([9], [True], exporter="IRN"),
        ]
    )
    frame = delivery_lags(table, by="exporter", fewest=2).frame.set_index("group")
    assert frame.index.tolist() == ["all", "RUS", "TUR"]
    assert frame.loc["RUS", ["orders", "estimated", "median", "median_certain"]].tolist() == [
        *(5, 2, 3, 3)
    ]
    assert frame.loc["all", ["median", "median_certain"]].tolist() == [3, 3]
    assert frame.loc["TUR", "median"] == 1


def test_deliveries_alone_are_refused() -> None:
    with pytest.raises(SchemaError, match="found a table without first_delivery"):
        delivery_lags(fl.load(example_path("sipri_register")))
    with pytest.raises(LayoutError, match="which lists orders without a delivery too"):
        fl.load_orders(example_path("sipri_deal_years"))


def test_orders_of_a_register_as_they_are_loaded() -> None:
    path = example_path("sipri_register")
    loaded = fl.load_orders(path)
    delivered = fl.load(path)
    both = loaded.merge(delivered, on="line", suffixes=("", "_of_flow"))
    assert len(both) == len(delivered)
    assert (both["first_delivery"] == both["start"].dt.year).all()
    assert (both["last_delivery"] == both["end"].dt.year).all()
    assert (both["number"] == both["number_of_flow"]).all()
    waiting = loaded[~loaded["line"].isin(delivered["line"])]
    assert waiting["first_delivery"].isna().all()


def test_what_is_printed(published: DeliveryLags) -> None:
    text = published.summary()
    assert "23 years, at least 13 years (95% interval)" in text
    assert "12 at the end of 2050" in text
