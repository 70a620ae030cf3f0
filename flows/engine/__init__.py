"""Bulk engines: one normalisation, on pandas, on DuckDB out of core, or on Spark."""
