"""UN Comtrade on any engine: which rows count and what they mean, written once on Narwhals."""

import narwhals as nw
import pyarrow as pa

from flows.countries import aggregates
from flows.engine.frames import Frame
from flows.engine.lookups import classification_table, country_table, period_table
from flows.engine.statements import Lift, finish

FLOWS = {"M": "import", "1": "import", "X": "export", "2": "export"}
"""Codes of the site now and until 2022."""

AGAIN = ("RM", "RX", "4", "3")
"""Re-imports and re-exports: they are inside imports and exports already."""

TOTALS = {
    "partner2": ("", "0"),
    "customs": ("", "C00"),
    "transport": ("", "0"),
    "supply": ("", "0"),
}
"""What a row must say of a second partner, customs procedure, mode of transport and of supply to be
the total over them."""

GOODS = ("", "C")
"""What a row must say of its type to be of goods."""

EXPORTS = tuple(code for code, flow in FLOWS.items() if flow == "export")

CONSTANTS = {"unit": "USD", "coverage": "all goods"}


def reasons() -> dict[str, nw.Expr]:
    """
    Return why a row does not count.

    Returns
    -------
    dict
        Reason to condition on the columns ``type``, ``flow``, ``reporter``, ``partner`` and those
        of :data:`TOTALS`, all text without blanks around it. The first that holds is the reason.

    Raises
    ------
    OSError
        If the crosswalk is missing.

    Examples
    --------
    >>> list(reasons())[:2]
    ['rows of services', 'rows of re-exports and re-imports']
    """
    groups = sorted(aggregates("comtrade"))
    return {
        "rows of services": ~nw.col("type").is_in(GOODS),
        "rows of re-exports and re-imports": nw.col("flow").is_in(AGAIN),
        "rows of other flows": ~nw.col("flow").is_in(list(FLOWS)),
        "rows of the world and groups of countries": nw.col("partner").is_in(groups)
        | nw.col("reporter").is_in(groups),
    } | {f"rows of one {name}": ~nw.col(name).is_in(total) for name, total in TOTALS.items()}


def reason() -> nw.Expr:
    """
    Return the column that says why a row does not count, empty where it does.

    Returns
    -------
    narwhals.Expr
        Named ``reason``.

    Raises
    ------
    OSError
        If the crosswalk is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = ["type", "partner2", "customs", "transport", "supply"]
    >>> rows = pd.DataFrame({"flow": ["M", "RX"], "reporter": "51", "partner": "364"})
    >>> frame = nw.from_native(rows.assign(**dict.fromkeys(columns, "")))
    >>> frame.select(reason())["reason"].to_list()
    ['', 'rows of re-exports and re-imports']
    """
    chosen: nw.Expr = nw.lit("")
    for text, condition in reversed(reasons().items()):
        chosen = nw.when(condition).then(nw.lit(text)).otherwise(chosen)
    return chosen.alias("reason")


def name_comtrade(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return rows that count with countries, period, product and valuation as the flow table has them.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Rows with ``file``, the codes as text, and ``value``, ``cif``, ``fob`` (dollars).
    lift : callable
        A small table as a frame of the engine.
    files : pyarrow.Table
        ``file`` with ``dataset``.

    Returns
    -------
    narwhals.LazyFrame
        The columns of the flow table but for bounds, with ``year`` and ``file``.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> EXPORTS
    ('X', '2')
    """
    exports = nw.col("flow").is_in(EXPORTS)
    total = nw.col("product") == "TOTAL"
    cif, fob = (nw.col(name).fill_null(-1.0) == nw.col("value") for name in ("cif", "fob"))
    lost = (
        nw.col("classification").str.starts_with("H")
        & ~total
        & (nw.col("product").str.len_chars() % 2 == 1)
    )
    return (
        frame.join(lift(country_table("comtrade", "reporter", "stating")), on="reporter")
        .join(lift(country_table("comtrade", "partner", "other")), on="partner")
        .join(lift(period_table()), on="period")
        .join(lift(classification_table()), on="classification")
        .join(lift(files.select(["file", "dataset"])), on="file")
        .with_columns(
            nw.when(exports).then(nw.col("stating")).otherwise(nw.col("other")).alias("exporter"),
            nw.when(exports).then(nw.col("other")).otherwise(nw.col("stating")).alias("importer"),
            nw.col("stating").alias("reporter"),
            nw.when(lost)
            .then(nw.concat_str(nw.lit("0"), nw.col("product")))
            .otherwise(nw.col("product"))
            .alias("product"),
            nw.when(total).then(nw.lit("TOTAL")).otherwise(nw.col("named")).alias("classification"),
            nw.when(cif & ~fob)
            .then(nw.lit("CIF"))
            .otherwise(nw.when(fob & ~cif).then(nw.lit("FOB")).otherwise(nw.lit("")))
            .alias("valuation"),
            nw.when(exports)
            .then(nw.lit("destination"))
            .otherwise(nw.lit("origin"))
            .alias("partner_basis"),
            nw.col("weight").alias("netweight_kg"),
            *(nw.lit(text).alias(name) for name, text in CONSTANTS.items()),
        )
    )


def state_comtrade(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return what countries reported as a flow table.

    Parameters
    ----------
    frame, lift, files
        As for :func:`name_comtrade`; the frame has ``weight`` (kg) and ``line`` as well.

    Returns
    -------
    narwhals.LazyFrame
        The columns of the flow table and ``netweight_kg``.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> AGAIN
    ('RM', 'RX', '4', '3')
    """
    return finish(name_comtrade(frame, lift, files), {}, ["netweight_kg"])
