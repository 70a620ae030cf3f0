"""What a conversion did, in words."""

from collections.abc import Iterator
from pathlib import Path

from flows.pipeline.convert import Conversion


def describe_conversion(done: Conversion, out: Path) -> Iterator[str]:
    r"""
    Yield lines for a reader.

    Parameters
    ----------
    done : Conversion
        What was done.
    out : pathlib.Path
        The file that was written.

    Yields
    ------
    str

    Raises
    ------
    AttributeError
        If ``done`` is no conversion.

    Examples
    --------
    >>> done = Conversion("baci", "duckdb", ("202401b",), 3, 3, {}, 3170.0, "USD")
    >>> print("\n".join(describe_conversion(done, Path("o.parquet"))))
    o.parquet: layout baci, release 202401b, by duckdb
      3 rows in, 3 rows out
      sum 3170 USD
    """
    release = f", release {', '.join(done.releases)}" if done.releases else ""
    yield f"{out}: layout {done.layout}{release}, by {done.engine}"
    yield f"  {done.rows_in} rows in, {done.rows_out} rows out"
    yield from (f"  left out: {count} {reason}" for reason, count in done.left_out.items())
    if done.total is not None:
        yield f"  sum {done.total:.15g} {done.unit}"
    yield from (f"  beware: {warning}" for warning in done.warnings)
