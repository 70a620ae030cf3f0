"""Studies: a question with parameters in, numbers, tables and figures out."""

from collections.abc import Callable

from flows.findings import Findings
from flows.studies.arms_trend import arms_trend_study
from flows.studies.dyad import dyad_study
from flows.studies.mirror import MIRROR
from flows.studies.section import Study
from flows.studies.sources import SOURCES
from flows.studies.supplier import supplier_study
from flows.studies.trend import TREND

STUDIES: dict[str, Study | Callable[..., Findings]] = {
    "arms-trend": arms_trend_study,
    "dyad": dyad_study,
    "mirror": MIRROR,
    "sources": SOURCES,
    "supplier": supplier_study,
    "trend": TREND,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""
