"""
The documentation as pages for a browser: `make docs`.

The pages are read from the root of the repository, so that a link to a notebook or a figure is the
same one here and on a code host. Nothing of a page is requested from another address.
"""

import inspect
import sys
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS

import flows

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "flows"
author = "The flows developers"
release = version = flows.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "commands",
    "mathml",
    "named_menus",
    "self_contained",
]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "notebooks/*.ipynb",
    "data/README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
]
exclude_patterns = ["docs/_*", ".*", "**/.*", "data/raw", "data/processed", "reports", "tests"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}

templates_path = [str(HERE / "_templates")]

# A name that leads nowhere is an error of the build; names of other packages are no links.
nitpicky = True
nitpick_ignore_regex = [(".*", r"collections\.abc\..*")]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_update_mathjax = False
nb_execution_mode = "off"  # a test holds what the notebooks show to a new run
nb_ipywidgets_js = {}

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # the docstring says what each parameter is
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {name: name for name in DEFAULT_LINKS} | {
    result.__name__: f"{result.__module__}.{result.__name__}"
    for name in flows.__all__
    if inspect.isfunction(function := getattr(flows, name))
    and inspect.isclass(result := inspect.signature(function).return_annotation)
    and result.__module__.startswith("flows.")
}

html_theme = "pydata_sphinx_theme"
html_title = "flows"
html_math_renderer = "mathml"
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # a page opened as a file may not read other pages
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["flows.css"]
html_extra_path = ["entry"]
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is
html_sidebars = {"docs/index": [], "docs/tutorial": [], "docs/gallery": []}
html_theme_options = {
    "logo": {"text": "flows"},
    "show_prev_next": False,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
