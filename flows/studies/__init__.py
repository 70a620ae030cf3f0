"""Studies: a question with parameters in, numbers, tables and figures out."""

from collections.abc import Callable

from flows.findings import Findings
from flows.studies.dyad import dyad_study
from flows.studies.mirror import MIRROR
from flows.studies.section import Study
from flows.studies.sources import SOURCES
from flows.studies.supplier import SUPPLIER
from flows.studies.trend import TREND

STUDIES: dict[str, Study | Callable[..., Findings]] = {
    "dyad": dyad_study,
    "mirror": MIRROR,
    "sources": SOURCES,
    "supplier": SUPPLIER,
    "trend": TREND,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""
