"""Findings of an invented study, small enough to check by eye, for the tests of the report."""

from pathlib import Path
from typing import Any

import pandas as pd

from flows.figures.save import write_figure
from flows.findings import Figure, Findings, Number, Table

ROWS = {"sipri-deal-years@2025-03": (12, 13, 14, 18)}


def number(**changes: Any) -> Number:
    """Return the share of an invented supplier, changed where a test needs it."""
    return Number(
        **{
            "id": "arms.share.2025-03",
            "value": 67.7391,
            "unit": "%",
            "printed": "67.74",
            "about": 'Share of "major arms", R&D left out.',
            "code": ("share = fl.share(arms)", "value = 100 * share.value"),
            "rows": ROWS,
            **changes,
        }
    )


def bounded(**changes: Any) -> Number:
    """Return the same share with bounds."""
    return number(**{"low": 64.162, "high": 68.258, "spread": "bounds", **changes})


def table(**changes: Any) -> Table:
    """Return a table with text that every format has to escape, a gap and negative numbers."""
    return Table(
        **{
            "id": "shares",
            "frame": pd.DataFrame(
                {
                    "supplier": ["A & B_C", "100% <#1>"],
                    "share": [1029.614, None],
                    "change": [-1.25, -0.001],
                    "line": [12, 14],
                }
            ),
            "labels": {"supplier": "Supplier", "share": "Share, %", "change": "Change"},
            "formats": {"share": ",.1f", "change": ".2f"},
            "caption": "Shares of *A & B_C*",
            "note": "Source: [terms](https://example.org/a_b), 100% `data_raw`.",
            "rows": ROWS,
            **changes,
        }
    )


def figure(name: str) -> Figure:
    """Return a figure; its files are drawn by :func:`draw_figures`."""
    data = pd.DataFrame({"year": [2020, 2021], "supplier": "Israel", "value": [280.0, 21.0]})
    options = {"unit_label": f"axis of {name}", "highlight": "Israel"}
    source = "Source: “SIPRI”, 2025."
    return Figure(name, "draw_imports_by_supplier", data, options, f"The figure {name}", source, {})


def findings() -> Findings:
    """Return numbers of every kind, two tables and two figures."""
    return Findings(
        numbers=(
            bounded(),
            number(
                id="trend.growth",
                value=9.31,
                unit="% a year",
                printed="9.3",
                about="Growth.",
                low=7.06,
                high=11.58,
                spread="interval",
                level=0.95,
            ),
            number(
                id="mirror.gap",
                value=-1068.2,
                unit="USD million",
                printed="-1,068.2",
                about="Gap.",
            ),
            number(id="mirror.report", value=412.0, printed="412", low=412.0, spread="bounds"),
        ),
        tables=(table(), table(id="again", caption="Again")),
        figures=(figure("bars"), figure("lines.by-year")),
        words={"importer": "Azerbaijan", "window": "2016–2020", "odd": "*A*_b_ <c>"},
    )


def draw_figures(folder: Path) -> None:
    """Draw the files that the text shows."""
    folder.mkdir()
    for shown in findings().figures:
        write_figure(shown, folder)
