"""Studies: a question with parameters in, numbers, tables and figures out."""

from flows.studies.mirror import MIRROR
from flows.studies.profile import PROFILE
from flows.studies.section import Study
from flows.studies.sources import SOURCES
from flows.studies.supplier import SUPPLIER
from flows.studies.trend import TREND

STUDIES: dict[str, Study] = {
    "mirror": MIRROR,
    "profile": PROFILE,
    "sources": SOURCES,
    "supplier": SUPPLIER,
    "trend": TREND,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""
