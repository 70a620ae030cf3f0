"""What the check of a catalogue says of each data set, in the states that it can be in."""

import os
from pathlib import Path

import pytest

from flows.cli import DONE, FAULT, main
from flows.pipeline.catalogue import Checked, check_catalogue, summary
from flows.sources import file_sha256

TABLE = "reporter,partner,year,Imports\n{rows}"
DESCRIPTION = """reporter = "GEO"
unit = "USD"
calendar = "gregorian"
coverage = "all goods"
total = "World"
[columns]
partner = "partner"
year = "year"
[flows.Imports]
direction = "import"
"""
ROWS = "Georgia,Armenia,2023,60\nGeorgia,Iran,2023,40\n"
WORLD = "Georgia,World,2023,100\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the folder of a data set: two partners, and the world that is their sum."""
    folder = tmp_path / "data" / "raw" / "georgia" / "2024"
    folder.mkdir(parents=True)
    (folder / "table.toml").write_text(DESCRIPTION, encoding="utf-8")
    write(folder, ROWS + WORLD)
    return folder


def write(folder: Path, rows: str, **keys: str) -> None:
    """Write the table, and a ``source.toml`` that has its hash."""
    (folder / "trade.csv").write_text(TABLE.format(rows=rows), encoding="utf-8")
    stated = {
        **dict.fromkeys(
            ("publisher", "title", "citation", "licence", "allows", "coverage"), '"Geostat"'
        ),
        "id": '"georgia@2024"',
        "vintage": '"2024"',
        "retrieved": "2024-03-01",
        "address": '"https://example.org"',
        "loader": '"table.toml"',
        "remarks": '""',
        "redistribute": "true",
        **keys,
    }
    files = sorted(path for path in folder.iterdir() if path.name != "source.toml")
    lines = [f"{key} = {value}" for key, value in stated.items() if value]
    hashes = [f'"{path.name}" = "{file_sha256(path)}"' for path in files]
    text = "\n".join([*lines, '[scope]\npartners = "all"\nimports = ["GEO"]', "[files]", *hashes])
    (folder / "source.toml").write_text(text + "\n", encoding="utf-8")


def checked(folder: Path) -> Checked:
    (outcome,) = check_catalogue(folder.parents[3])
    return outcome


def test_a_data_set_as_it_should_be(place: Path) -> None:
    outcome = checked(place)
    assert outcome.good
    assert list(outcome.lines())[:4] == [
        "georgia@2024: 2 rows; partners: all; 1 of 1 printed totals are the sum of their rows",
        "  files     table.toml, trade.csv: sha256 as source.toml states",
        "  terms     may be passed on: Geostat; https://example.org, retrieved 2024-03-01",
        "  names     3 countries",
    ]


def test_a_printed_total_that_does_not_hold_is_a_fault_until_it_is_explained(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(place, ROWS.replace("60", "6") + WORLD)
    root = str(place.parents[3])
    assert main(["--root", root, "check"]) == FAULT
    printed = capsys.readouterr().out
    assert "0 of 1 printed totals are the sum of their rows" in printed
    assert "46.0 % of the printed total" in printed
    assert "get it again; if it is as published, say why in" in printed
    assert "1 not as they should be: georgia@2024" in printed
    write(place, ROWS.replace("60", "6") + WORLD, totals_differ='"confidential partners"')
    assert main(["--root", root, "check"]) == DONE
    printed = capsys.readouterr().out
    assert "46.0 % of the printed total" in printed
    assert "            confidential partners" in printed


@pytest.mark.parametrize(
    ("key", "value"), [("redistribute", ""), ("licence", '""'), ("allows", '"  "')]
)
def test_terms_that_nobody_has_read_are_a_fault(place: Path, key: str, value: str) -> None:
    write(place, ROWS, **{key: value})
    outcome = checked(place)
    assert not outcome.good
    assert f"expected {key} to be completed" in outcome.fault
    assert "read the publisher's terms" in outcome.fault


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda place: (place / "trade.csv").write_text("x"), "expected sha256"),
        (lambda place: (place / "trade.csv").unlink(), "expected the file trade.csv, found none"),
        (lambda place: (place / "more.csv").touch(), "expected only files that source.toml has"),
        (lambda place: (place / "source.toml").unlink(), "expected a file source.toml"),
        (lambda place: (place / "source.toml").write_text("id ="), "expected TOML, found"),
    ],
    ids=["changed", "missing", "one more", "no description", "description cut"],
)
def test_files_that_are_not_the_published_ones_are_faults(
    place: Path, damage: object, said: str
) -> None:
    damage(place)  # type: ignore[operator]
    outcome = checked(place)
    assert said in outcome.fault
    assert outcome.rows == 0
    assert not outcome.good


def test_a_file_that_cannot_be_read_is_a_fault_of_its_data_set_alone(place: Path) -> None:
    (place / "trade.csv").unlink()
    (place / "trade.csv").mkdir()
    other = place.parent / "2025"
    other.mkdir()
    (other / "table.toml").write_text(DESCRIPTION, encoding="utf-8")
    write(other, ROWS, id='"georgia@2025"', vintage='"2025"')
    first, second = check_catalogue(place.parents[3])
    assert (first.good, second.good) == (False, True)
    assert "trade.csv" in first.fault


@pytest.mark.skipif(os.name != "posix", reason="names of files with / in them")
def test_names_in_a_source_do_not_lead_out_of_its_folder(place: Path) -> None:
    secret = place.parents[1] / "secret.csv"
    secret.write_text("secret", encoding="utf-8")
    text = (place / "source.toml").read_text(encoding="utf-8")
    line = f'"../../secret.csv" = "{file_sha256(secret)}"\n'
    (place / "source.toml").write_text(text + line, encoding="utf-8")
    fault = checked(place).fault
    assert "without a folder and in characters that can be written" in fault
    assert fault.endswith("found '../../secret.csv'")


def test_names_that_a_file_beside_the_data_translates_are_told(place: Path) -> None:
    (place / "names.toml").write_text('[names]\n"Arminia" = "ARM"\n', encoding="utf-8")
    write(place, ROWS.replace("Armenia", "Arminia") + WORLD)
    outcome = checked(place)
    assert outcome.names
    assert dict(outcome.names.translated) == {"Arminia": "ARM"}
    assert outcome.names.in_words() == "3 countries; by names.toml: 'Arminia' is ARM"


def test_a_name_that_is_unknown_is_a_fault_with_its_line(place: Path) -> None:
    write(place, ROWS.replace("Iran", "Irania") + WORLD)
    assert "Irania" in checked(place).fault
    assert "trade.csv" in checked(place).fault


def test_what_may_not_be_passed_on_is_counted(place: Path) -> None:
    write(place, ROWS + WORLD, redistribute="false")
    outcome = checked(place)
    assert "may not be passed on: Geostat" in "\n".join(outcome.lines())
    assert summary([outcome]) == (
        "1 data set; all as they should be; 1 may not be passed on, so that bundles leave them out"
    )
