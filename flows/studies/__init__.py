"""Studies: a question with parameters in, numbers, tables and figures out."""

from collections.abc import Callable

from flows.findings import Findings
from flows.studies.arms_trend import arms_trend_study
from flows.studies.dyad import dyad_study
from flows.studies.mirror import mirror_study
from flows.studies.mirror_silence import silence_study
from flows.studies.reconciliation import reconciliation_study
from flows.studies.section import Study
from flows.studies.sources import sources_study
from flows.studies.supplier import supplier_study
from flows.studies.trend import TREND

STUDIES: dict[str, Study | Callable[..., Findings]] = {
    "arms-trend": arms_trend_study,
    "dyad": dyad_study,
    "mirror": mirror_study,
    "silence": silence_study,
    "reconciliation": reconciliation_study,
    "sources": sources_study,
    "supplier": supplier_study,
    "trend": TREND,
}
"""Studies by the name under which ``reports/appendix.toml`` calls them."""
