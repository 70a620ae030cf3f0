"""Fetching published files into the catalogue: the only room that uses the network."""

COMTRADE_KEY = "COMTRADE_PRIMARY"
"""The variable of the environment that holds a key for UN Comtrade, as R's comtradr calls it."""
