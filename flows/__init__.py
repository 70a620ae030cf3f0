"""
Statistics of trade and of arms transfers, from the raw file to the number in a report.

In the order of the work (``import flows as fl``; ``help(fl.load)`` says more of each):

1. Load a table: `list_sources` and `layouts` say what can be loaded, `load` loads it (an
   `example_path` too), `show` says what it holds. `check_flows`, `join_flows`, `select_flows`,
   `state_whole`, `settle_states`; `limits` says how much a file may
   hold.
2. Make rows comparable: `product_families`, `harmonise_products`, `convert_products`,
   `convert_currency`, `Period`, `recut`; facts of pairs beside them: `pair_covariates`,
   `check_covariates`.
3. Measure shares: `share`, `share_bounds` with `rules`, `share_posterior`, `deal_influence`,
   `partner_shares`, `rolling_partner_shares`, `concentration`, `rolling_concentration`,
   `supplier_context`; `Counting` says which rows count.
4. Make series: `series`, `supplier_years`, `ratio`, `deflate`, `trade_indices`.
5. Fit: `fit_trend`, `fit_share_trend`, `fit_panel_trend`, `fit_local_trend`, `backtest`,
   `compare_growth`, `compare_fits`; `fit_gravity`, `fit_poisson`; `find_breaks`,
   `find_exact_break`, `find_composition_breaks`, `chow_test`, `fluctuation_test`;
   `fit_interruption`, `fit_events`, `adjust_pvalues`, `record_changes`.
6. Compare two reports: `bridge`, `mirror_history`, `classify_mirror`, `pair_mirrors`,
   `pair_statements`, `fit_margin`, `reliability`, `reconcile`; a flow among all others:
   `flow_in_context`; two releases: `compare_vintages`, `share_revision`, `share_history`; all
   choices at once: `compare_choices`; sentences: `read_claims`, `check_claims`.
7. All countries at once: `screen` every series; tables `dependence` by a `DependenceRule`,
   `mirror_gaps`, `supplier_dependence`, `delivery_lags` of `load_orders`.
8. Report: `study`, `supplier_study`, `mirror_study`, `trend_study`, `profile_study`,
   `transit_study`, `figures`, `draw_figure`, `print_value`, `read_numbers`, `number`.

Every result prints a few lines, shows a table in a notebook, and has ``summary()``, ``tidy()``,
``to_latex()``, ``to_docx()``, ``to_excel()`` and, where the report has a figure of it, ``plot()``.
Errors are children of `FlowsError`. ``flows --help`` lists the commands.

The public names stand in ``__init__.pyi``, which type checkers read as well. Each is imported when
it is first asked for, so that the command line starts at once.
"""

import ast
from importlib import import_module
from pathlib import Path

from flows.errors import did_you_mean
from flows.renderers import register_renderers

__version__ = "0.1.0"

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOMES = {
    alias.name: str(line.module)
    for line in _STUB.body
    if isinstance(line, ast.ImportFrom)
    for alias in line.names
}

__all__ = list(_HOMES)

register_renderers(
    {
        "figure": "flows.figures.save:draw_on",
        "docx": "flows.report.exports:write_document",
        "excel": "flows.report.exports:write_excel",
        "html": "flows.tables.results:result_html",
        "html-part": "flows.tables.formats:table_in_notebook",
        "latex": "flows.tables.results:result_tex",
        "typst": "flows.tables.results:result_typst",
    }
)


def __getattr__(name: str) -> object:
    """Import a public name from its home, the first time that it is asked for."""
    if name in _HOMES:
        globals()[name] = _public(name, home=_HOMES[name])
        return globals()[name]
    if not name.startswith("_"):
        former = import_module("flows.former")
        if name in former.NAMES:
            return getattr(former, name)
    near = "" if name.startswith("_") else did_you_mean(name, _HOMES)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{near}")


def _public(name: str, *, home: str) -> object:
    """Import what a line of the stub names: something of a module, or a module."""
    if home != __name__ and hasattr(module := import_module(home), name):
        return getattr(module, name)
    return import_module(f"{home}.{name}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
