"""Measures: values in, frozen results out, each with the rows that it was made from."""
