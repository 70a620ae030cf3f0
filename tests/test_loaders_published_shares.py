"""Published shares: a frame of their own, checked like a flow table."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, SchemaError
from flows.loaders.covariates import normalise_published_shares, read_published_shares
from flows.loaders.examples import example_path

EXAMPLE = example_path("published_shares")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / EXAMPLE.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_window_has_its_first_and_last_day() -> None:
    shares = normalise_published_shares(read_published_shares(EXAMPLE))
    assert shares["exporter"].tolist() == ["ISR", "RUS"]
    assert shares["share_pct"].tolist() == [69, 17]
    assert shares["start"].unique().tolist() == [pd.Timestamp("2016-01-01")]
    assert shares["end"].unique().tolist() == [pd.Timestamp("2020-12-31")]
    assert shares["line"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (",69,", ",169,", SchemaError, "expected no share above 100, found at .* line 2"),
        (",RUS,", ",ISR,", SchemaError, "expected each share once, found at .* lines 2, 3"),
        ("2016,2020", "2020,2016", SchemaError, "expected start to be no later than end"),
        (",69,", ",69 %,", LayoutError, "csv:2: column share_pct"),
        (",ISR,", ",Izrael,", CountryError, "Izrael.*shares.csv line 2"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_published_shares(read_published_shares(changed(tmp_path, old, new)))
