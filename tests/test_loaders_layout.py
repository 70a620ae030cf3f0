"""What a layout is: how it is known by its content, read and normalised."""

from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path
from flows.loaders.layout import matches, starts_with


def test_a_layout_is_known_by_the_first_cells_of_its_header() -> None:
    assert starts_with(["t", "i"])("t,i,j\n1,2,3")


def test_a_layout_is_known_by_a_pattern_in_its_beginning() -> None:
    assert matches("^Deal ID;")("SIPRI\nDeal ID;Seller")


def test_a_layout_that_was_never_tried_on_a_file_says_so() -> None:
    untried = [layout.key for layout in LAYOUTS.values() if layout.documented]
    assert untried
    for key in untried:
        warnings = load(example_path(key)).attrs["report"]["warnings"]
        assert any(f"as documented ({LAYOUTS[key].documented})" in text for text in warnings)
