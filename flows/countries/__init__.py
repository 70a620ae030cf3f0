"""Names and codes of countries, as publishers write them, to alpha-3 codes and back."""

from flows.countries.aggregates import are_aggregates, is_aggregate
from flows.countries.codes import country_code, country_codes
from flows.countries.crosswalk import Scheme
from flows.countries.places import DissolvedState, country_name, dissolved_states

__all__ = [
    "DissolvedState",
    "Scheme",
    "are_aggregates",
    "country_code",
    "country_codes",
    "country_name",
    "dissolved_states",
    "is_aggregate",
]
