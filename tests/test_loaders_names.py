"""Names that the crosswalks do not have: all told at once, added beside the data, read by rules."""

import zipfile
from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.names import known_name


def register(folder: Path, *pairs: tuple[str, str]) -> Path:
    """Write a register of deals between these recipients and suppliers."""
    header = example_path("sipri_register").read_bytes().split(b"\n")[11].decode()
    deals = [f"{to},{by},2016,,5,,Gun-1,towed gun,5,,2017,New,,1,5,5" for to, by in pairs]
    path = folder / "register.csv"
    path.write_text("\n".join([header, *deals, ""]), encoding="utf-8")
    return path


def test_names_of_the_release_of_2026_are_known(tmp_path: Path) -> None:
    path = register(
        tmp_path,
        ("RSF (Sudan)*", "United Arab Emirates"),
        ("Darfur rebels (Sudan)*", "House of Representatives (Libya)*"),
    )
    deals = load(path)
    assert deals[["exporter", "importer"]].values.tolist() == [["ARE", "XSF"], ["XHR", "XDA"]]
    assert deals.attrs["report"]["warnings"] == []


def test_unknown_names_of_all_columns_are_told_at_once_with_the_nearest(tmp_path: Path) -> None:
    path = register(tmp_path, ("Armennia", "Isreal"), ("Narnia", "Israel"))
    with pytest.raises(CountryError) as caught:
        load(path)
    message = str(caught.value)
    assert "'Isreal' in flows/crosswalks/sipri.csv (nearest: Israel ISR" in message
    assert "'Armennia' in flows/crosswalks/sipri.csv (nearest: Armenia ARM" in message
    assert "register.csv line 2)" in message
    assert "'Narnia'" in message
    assert message.endswith('in names.toml beside the file: [names] "Name" = "ARM"')


def test_names_beside_the_data_go_first_and_are_told(tmp_path: Path) -> None:
    path = register(tmp_path, ("Narnia", "Israel"), ("Armenia", "Israel"))
    (tmp_path / "names.toml").write_text('[names]\nNarnia = "XXR"\n', encoding="utf-8")
    deals = load(path)
    assert deals["importer"].tolist() == ["XXR", "ARM"]
    assert deals.attrs["report"]["warnings"] == ["names.toml beside the file names 'Narnia'"]


def test_names_beside_an_archive_hold_inside(tmp_path: Path) -> None:
    path = register(tmp_path, ("Narnia", "Israel"))
    (tmp_path / "names.toml").write_text('[names]\nNarnia = "XXR"\n', encoding="utf-8")
    archive = tmp_path / "register.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "a/register.csv")
    assert load(archive)["importer"].tolist() == ["XXR"]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("[names", LayoutError, "names.toml: expected TOML"),
        ("", LayoutError, r"expected one table \[names\] .* found nothing"),
        ('[countries]\nNarnia = "XXR"', LayoutError, "found countries"),
        ('[names]\nNarnia = "QQQ"', CountryError, "names.toml: 'Narnia': .* found 'QQQ'"),
        ("[names]\nNarnia = 3", CountryError, "names.toml: 'Narnia': .* found '3'"),
    ],
)
def test_a_fault_of_the_names_is_told(
    tmp_path: Path, content: str, error: type[Exception], message: str
) -> None:
    path = register(tmp_path, ("Narnia", "Israel"))
    (tmp_path / "names.toml").write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        load(path)


def test_an_armed_group_without_a_code_is_the_unknown_group(tmp_path: Path) -> None:
    deals = load(register(tmp_path, ("Front of Somewhere (Mali)*", "Israel")))
    assert deals["importer"].tolist() == ["XXG"]
    (warning,) = deals.attrs["report"]["warnings"]
    assert warning == (
        "column Recipient: 'Front of Somewhere (Mali)*' (line 2): an armed group without a code, "
        "read as XXG; names.toml can name it"
    )


def test_an_organisation_without_a_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CountryError, match=r"'League of Somewhere\*\*'"):
        load(register(tmp_path, ("League of Somewhere**", "Israel")))


def test_names_in_capitals_are_read_and_told(tmp_path: Path) -> None:
    deals = load(register(tmp_path, ("ARMENIA", "ISRAEL")))
    assert deals["importer"].tolist() == ["ARM"]
    assert deals.attrs["report"]["warnings"] == [
        (
            "2 names differ in capitals alone: 'ISRAEL' (line 2) read as 'Israel', "
            "'ARMENIA' (line 2) read as 'Armenia'"
        ),
    ]
    assert known_name("Armennia", scheme="sipri") == ("Armennia", "")


@pytest.mark.parametrize("code", ["KOS", "UNK", "UVK", "KSV", "XKX"])
def test_kosovo_has_many_codes(code: str, tmp_path: Path) -> None:
    path = tmp_path / "imf.csv"
    text = example_path("imf_sdmx_csv").read_text(encoding="utf-8")
    path.write_text(text.replace("IRN", code), encoding="utf-8")
    assert "XKX" in {*load(path)["exporter"], *load(path)["importer"]}
