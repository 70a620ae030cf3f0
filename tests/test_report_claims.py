"""The file of claims: read with its lines, and every fault named where it stands."""

from pathlib import Path

import pytest

from flows.errors import ReportError
from flows.report.claims_file import read_claims

ENTRY = """[[claim]]
id = "arms"
quote = "nearly 70 percent"
citation = "article2025"
number = "arms.share"
compare = "between"
low = 67.5
high = 70
unit = "%"
tolerance = "Nearer to 70 than to 65."
says = "the arsenal"
counts = "imports"
also = ["arms.other"]
assumes = "That imports are the arsenal."
wording = "{arms.share}%"
"""
UNTESTABLE = """
[[claim]]
id = "border"
quote = "43 km"
citation = "https://example.org/article"
untestable = "No lengths."
assumes = ""
wording = ""
"""


def written(folder: Path, text: str) -> tuple[Path, Path]:
    references = folder / "references.bib"
    references.write_text("@misc{article2025,\n  title = {A}\n}\n", encoding="utf-8")
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path, references


def test_entries_are_read_with_their_lines(tmp_path: Path) -> None:
    tested, other = read_claims(*written(tmp_path, ENTRY + UNTESTABLE))
    assert (tested.number, tested.low, tested.high, tested.also) == (
        "arms.share",
        67.5,
        70,
        ("arms.other",),
    )
    assert tested.place == f"{tmp_path / 'claims.toml'}:1"
    assert other.place.endswith(":17")
    assert (other.number, other.untestable) == ("", "No lengths.")


def test_a_range_open_on_one_side(tmp_path: Path) -> None:
    text = ENTRY.replace('"between"', '"at least"').replace("high = 70\n", "")
    (tested,) = read_claims(*written(tmp_path, text))
    assert (tested.low, tested.high) == (67.5, float("inf"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("says =", "said =", r":11: claim arms: expected .*; found 'said'"),
        ('tolerance = "Nearer to 70 than to 65."\n', "", r":1: .* the key tolerance, found none"),
        ("Nearer to 70 than to 65.", " ", r":10: .* the reason for the range, found none"),
        ('"between"', '"about"', r":6: .* between, at least, at most, found 'about'"),
        ("low = 67.5\n", "", r"low and high with 'between', found high"),
        ("low = 67.5\nhigh = 70\n", "", r"low and high with 'between', found neither"),
        ("low = 67.5", "low = 75", r":7: .* low up to high, found 75 and 70"),
        ("low = 67.5", 'low = "67"', r":7: .* a number under low, found '67'"),
        ("low = 67.5", "low = true", r":7: .* a number under low, found True"),
        ('also = ["arms.other"]', "also = [3]", r":13: .* a list of texts under also"),
        ("article2025", "article2024", r":4: .* reference or an address, found 'article2024'"),
        ('number = "arms.share"\n', 'untestable = "x"\n', r":13: .* no key also beside untestable"),
        ('id = "arms"\n', "", r":1: claim without id: expected the key id, found none"),
        ("[[claim]]", "[[claims]]", r"entries \[\[claim\]\] only, found claims"),
        ("[[claim]]", "[claim]", r"entries \[\[claim\]\] only, found another form"),
        ("[[claim]]", "[[claim", r"expected TOML, found an error"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in ENTRY
    path, references = written(tmp_path, ENTRY.replace(old, new))
    with pytest.raises(ReportError, match=message) as error:
        read_claims(path, references)
    assert str(path) in str(error.value)


def test_an_id_stands_there_once(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="the id 'border' stands twice"):
        read_claims(*written(tmp_path, UNTESTABLE + UNTESTABLE))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    _, references = written(tmp_path, ENTRY)
    with pytest.raises(ReportError, match="expected the claims of a report, found no file"):
        read_claims(tmp_path / "none.toml", references)


def test_references_stand_beside_the_claims(tmp_path: Path) -> None:
    path, references = written(tmp_path, ENTRY)
    assert read_claims(str(path)) == read_claims(path, references)
    references.unlink()
    with pytest.raises(ReportError, match="references of the claims are not there"):
        read_claims(path)


def test_an_empty_file_holds_no_claims(tmp_path: Path) -> None:
    assert read_claims(*written(tmp_path, "")) == []
    assert read_claims(*written(tmp_path, "# None yet.\n")) == []
