"""What a layout is: how it is known by its content, read and normalised."""

from flows.loaders.layout import matches, starts_with


def test_a_layout_is_known_by_the_first_cells_of_its_header() -> None:
    assert starts_with(["t", "i"])("t,i,j\n1,2,3")


def test_a_layout_is_known_by_a_pattern_in_its_beginning() -> None:
    assert matches("^Deal ID;")("SIPRI\nDeal ID;Seller")
