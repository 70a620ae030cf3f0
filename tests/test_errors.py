"""Errors of the package: every one says what was expected, what was found, and where."""

from flows.errors import unknown_name


def test_an_unknown_name_is_told_the_nearest() -> None:
    assert (
        str(unknown_name("number", "arms.shore", ["arms.share", "trade.imports"]))
        == "no number 'arms.shore'; the nearest: arms.share"
    )
