"""What a layout is: how it is known by its content, read and normalised."""

from flows.loaders.layout import matches, starts_with


def test_starts_with() -> None:
    assert starts_with(["t", "i"])("t,i,j\n1,2,3")


def test_matches() -> None:
    assert matches("^Deal ID;")("SIPRI\nDeal ID;Seller")
