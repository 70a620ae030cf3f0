"""Write what repositories read about the package; a test says whether the files are current."""

from collections.abc import Mapping
from pathlib import Path

from flows.report.deposit.metadata import citation_cff, codemeta_json, zenodo_json
from flows.report.deposit.reference import software_reference

ROOT = Path(__file__).resolve().parents[1]


def metadata_files() -> Mapping[str, str]:
    """Return the content of each file by its name."""
    software = software_reference()
    return {
        "CITATION.cff": citation_cff(software),
        ".zenodo.json": zenodo_json(software),
        "codemeta.json": codemeta_json(software),
    }


if __name__ == "__main__":
    for name, text in metadata_files().items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
