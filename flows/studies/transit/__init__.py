"""The transit study: goods that go to a country, and may go on from there to a third."""

from flows.studies.section import Study
from flows.studies.transit.question import ask

TRANSIT = Study("flows.studies.transit", ask)
