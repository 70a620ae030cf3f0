"""Where a build finds and makes its files."""

from dataclasses import dataclass
from pathlib import Path

TEXT = "appendix.md"
PLAN = "appendix.toml"
REFERENCES = "references.bib"
CLAIMS = "claims.toml"

NUMBERS = "reports/numbers.json"
MANIFEST = "reports/manifest.json"


@dataclass(frozen=True, slots=True)
class Places:
    """
    Where a build reads and writes: the project, and the workshop in which everything is made.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    workshop : pathlib.Path
        Folder that may be deleted at any time; its ``stage`` mirrors the project.
    """

    root: Path
    workshop: Path

    @property
    def reports(self) -> Path:
        """Folder of the text that a person wrote."""
        return self.root / "reports"

    @property
    def stage(self) -> Path:
        """Folder in which what will be published lies as it will lie in the project."""
        return self.workshop / "stage"

    @property
    def environment(self) -> Path:
        """Record of the Python, libraries and machine of the last whole build; never tracked."""
        return self.workshop / "environment.json"

    def processed(self, dataset: str) -> Path:
        """
        Return where the table of a data set is made.

        Parameters
        ----------
        dataset : str
            ``source@vintage``.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        TypeError
            If ``dataset`` is no text.
        """
        return self.stage / "data" / "processed" / f"{dataset}.parquet"

    def report(self, name: str) -> Path:
        """
        Return where a file of the report is made.

        Parameters
        ----------
        name : str
            Below ``reports``.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        TypeError
            If ``name`` is no text.
        """
        return self.stage / "reports" / name

    def findings(self, instance: str) -> Path:
        """
        Return the folder of what a study found, which is not published.

        Parameters
        ----------
        instance : str
            Id of the study instance.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        TypeError
            If ``instance`` is no text.
        """
        return self.workshop / "findings" / instance
