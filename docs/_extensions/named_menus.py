"""What opens a part of the menu is named after it: the theme gives it an arrow and no name."""

from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

_AFTER_THE_THEME = 900


def name_openers(menu: BeautifulSoup) -> BeautifulSoup:
    """Name each opener of a menu by the link that it stands beside."""
    for opener in menu.select("li > details > summary"):
        link = opener.find_parent("li").find("a")
        if link is not None:
            opener["aria-label"] = f"Pages under {link.get_text(strip=True)}"
    return menu


def _name_in_page(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None
) -> None:
    make = context["generate_toctree_html"]

    def make_named(kind: str, **options: object) -> BeautifulSoup:
        made = make(kind, **options)
        return name_openers(made) if isinstance(made, BeautifulSoup) else made

    context["generate_toctree_html"] = make_named


def setup(app: Sphinx) -> dict[str, bool]:
    """Name them when the theme has made the menu of a page."""
    app.connect("html-page-context", _name_in_page, priority=_AFTER_THE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
