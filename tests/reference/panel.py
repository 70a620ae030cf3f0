"""
Makes panel_values.csv, trade of pairs that is drawn, and panel.csv, its trends by pyfixest.

Run with pyfixest 0.60.0, which is not needed by anything else: ``python panel.py`` in this folder.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf

HERE = Path(__file__).parent
COUNTRIES = ["ARM", "AZE", "BLR", "CHN", "DEU", "FRA", "GEO", "IRN", "ISR", "KAZ", "RUS", "TUR"]
YEARS = range(2014, 2022)
SSC = pf.ssc(k_adj=True, k_fixef="nonnested", G_adj=True, G_df="min")
CLUSTERS = {
    "pair": "pair",
    "exporter": "exporter",
    "importer": "importer",
    "two-way": "exporter + importer",
}


def draw_values() -> pd.DataFrame:
    """Return values with gaps and zeros, and growth that differs by country and group."""
    rng = np.random.default_rng(20261126)
    own = dict(zip(COUNTRIES, rng.normal(0.04, 0.05, len(COUNTRIES)), strict=True))
    rows = []
    for exporter in COUNTRIES:
        for importer in COUNTRIES:
            if exporter == importer or rng.random() < 0.25:
                continue
            group = "far" if rng.random() < 0.4 else "near"
            level = rng.normal(16, 1.5)
            for year in YEARS:
                if rng.random() < 0.12:
                    continue
                growth = own[exporter] + own[importer] + 0.03 * (group == "far")
                log = level + growth * (year - 2014) + rng.normal(0, 0.4)
                value = 0 if rng.random() < 0.06 else round(float(np.exp(log)))
                rows.append((exporter, importer, group, year, value))
    return pd.DataFrame(rows, columns=["exporter", "importer", "group", "year", "value"])


def estimates(values: pd.DataFrame, form: str, terms: list[str]) -> list[tuple[object, ...]]:
    """Return slopes and their errors by each way of clustering."""
    used = values.assign(
        pair=values["exporter"] + values["importer"],
        trend=values["year"] - 2014.0,
        far=(values["year"] - 2014.0) * (values["group"] == "far"),
        near=(values["year"] - 2014.0) * (values["group"] == "near"),
    )
    if form == "log":
        used = used[used["value"] > 0]
    response = "np.log(value)" if form == "log" else "value"
    formula = f"{response} ~ {' + '.join(terms)} | pair"
    rows: list[tuple[object, ...]] = []
    for se, clusters in CLUSTERS.items():
        vcov = {"CRV1": clusters}
        if form == "log":
            fit = pf.feols(formula, used, vcov=vcov, ssc=SSC, fixef_rm="singleton")
        else:
            fit = pf.fepois(formula, used, vcov=vcov, ssc=SSC, fixef_rm="singleton", iwls_tol=1e-13)
        matrix = fit._vcov
        cross = matrix[0, 1] if len(terms) > 1 else np.nan
        for place, term in enumerate(terms):
            rows.append(
                (form, se, term, fit.coef()[term], matrix[place, place] ** 0.5, cross, fit._N)
            )
    return rows


if __name__ == "__main__":
    drawn = draw_values()
    drawn.to_csv(HERE / "panel_values.csv", index=False, lineterminator="\n")
    rows = [
        row
        for form in ("log", "poisson")
        for terms in (["trend"], ["far", "near"])
        for row in estimates(drawn, form, terms)
    ]
    columns = ["form", "se", "term", "slope", "std_error", "covariance", "nobs"]
    pd.DataFrame(rows, columns=columns).to_csv(
        HERE / "panel.csv", index=False, float_format="%.15g", lineterminator="\n"
    )
