"""Studies: a question with parameters in, numbers, tables and figures out."""

from collections.abc import Callable

from flows.findings import Findings
from flows.studies.dyad import dyad_study
from flows.studies.mirror import mirror_study
from flows.studies.sources import sources_study
from flows.studies.supplier import supplier_study
from flows.studies.trend import trend_study

STUDIES: dict[str, Callable[..., Findings]] = {
    "dyad": dyad_study,
    "mirror": mirror_study,
    "sources": sources_study,
    "supplier": supplier_study,
    "trend": trend_study,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""
