"""The pair of a mirror study: two countries and which of their statements are compared."""

from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.measure.selection import select_flows

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Pair:
    """
    The two countries of a mirror study and which of their statements are compared.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes of the flow in question; the reverse is looked at too.
    months : str
        The one of the two whose customs publish months.
    years : str
        The other, whose customs publish years of their own calendar.
    basis : str
        Partner basis of the imports that ``months`` reports: ``"origin"`` or ``"consignment"``.
    """

    exporter: str
    importer: str
    months: str
    years: str
    basis: str

    def statement(self, trade: pd.DataFrame, *, exporter: str, reporter: str) -> pd.DataFrame:
        """
        Return what one side says of one direction, all goods together.

        Parameters
        ----------
        trade : pandas.DataFrame
            Flow table.
        exporter, reporter : str
            Whose exports, and who says so.

        Returns
        -------
        pandas.DataFrame
            Rows of ``trade``.

        Raises
        ------
        SchemaError
            If there are none.
        """
        importer = self.other(exporter)
        basis = self.basis if (reporter == self.months and reporter != exporter) else None
        return select_flows(
            trade,
            exporter=exporter,
            importer=importer,
            reporter=reporter,
            product="TOTAL",
            partner_basis=basis,
        )

    def other(self, country: str) -> str:
        """
        Return the other country of the pair.

        Parameters
        ----------
        country : str
            One of the two.

        Returns
        -------
        str
            Alpha-3 code.

        Raises
        ------
        ValueError
            If it is neither.

        Examples
        --------
        >>> Pair("IRN", "ARM", months="ARM", years="IRN", basis="origin").other("ARM")
        'IRN'
        """
        if country not in {self.exporter, self.importer}:
            raise ValueError(f"expected {self.exporter} or {self.importer}, found {country!r}")
        return self.importer if country == self.exporter else self.exporter

    def title(self, exporter: str) -> str:
        """
        Return the name of a direction.

        Parameters
        ----------
        exporter : str
            Whose exports.

        Returns
        -------
        str
            ``Iran to Armenia``.

        Raises
        ------
        CountryError
            If a code has no name.
        """
        importer = self.other(exporter)
        return f"{country_name(exporter)} to {country_name(importer)}"

    @property
    def directions(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The name of each direction in ids, with its exporter."""
        return ("flow", self.exporter), ("reverse", self.importer)
