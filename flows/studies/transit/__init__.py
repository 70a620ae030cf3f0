"""The transit study: goods that go to a country, and may go on from there to a third."""

from collections.abc import Sequence

import pandas as pd

from flows.findings import Findings
from flows.studies.section import Study
from flows.studies.transit.question import ask

TRANSIT = Study("flows.studies.transit", ask)


def transit_study(
    exports: pd.DataFrame,
    hub: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
    *,
    origin: str,
    via: str,
    destination: str,
    before: Sequence[int],
    after: Sequence[int],
    others: Sequence[str] = (),
    currency: str = "USD",
    cif_fob_ratio: Sequence[float] = (1.0, 1.0),
    prices: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    known: str | None = None,
    name: str = "transit",
) -> Findings:
    """
    Ask whether goods that are sent to a country arrive there, and how much can go on to a third.

    Parameters
    ----------
    exports : pandas.DataFrame
        Flow table of what the exporters state, by month for breaks, in one currency.
    hub : pandas.DataFrame, optional
        Flow table of what the country in the middle states: imports, and exports to the
        destination. Without it, nothing is said of what arrives and goes on.
    rates : pandas.DataFrame, optional
        Exchange rates, as :func:`flows.convert_currency` takes them; needed where a table is in
        another currency than ``currency``.
    origin : str
        Alpha-3 code of the exporter, or a group of countries such as ``"EU27_2020"``.
    via, destination : str
        Alpha-3 codes of the country in the middle, and of the one to which goods may go on.
    before, after : sequence of int
        First and last of the years that are compared; the two do not overlap.
    others : sequence of str
        Alpha-3 codes of countries that might play the part of the one in the middle.
    currency : str
        ISO 4217 code of the currency in which amounts are compared.
    cif_fob_ratio : sequence of float
        Lowest and highest ratio of CIF to FOB; by default none, which assumes no freight.
    prices : pandas.DataFrame, optional
        Price index of ``currency``, as :func:`flows.deflate` takes it, for constant prices.
    events : pandas.DataFrame, optional
        Dated events, as :func:`flows.load` returns them of a list of events.
    known : str, optional
        Day, ``"2022-02-24"``, at which a change is asked for without searching; it has to be known
        before looking at the series.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Levels before and after, members of a group by their part in the change, breaks, the same
        of ``others``, the ratio of both reports, what of additional exports is not matched by
        arrivals and what can have gone on, and what the destination lost; tables ``levels``,
        ``members``, ``breaks``, ``neighbours``, ``ratios``, ``triangle`` and ``lost``, figures
        ``months``, ``members``, ``breaks``, ``neighbours`` and ``ratio``. :func:`flows.study` has
        the other sections, ``bridges`` and ``placebos``.

    Raises
    ------
    FlowsError
        If the exporters' statement does not cover all years that are compared, is stated twice, or
        is in another currency and ``rates`` does not have that.
    PeriodError
        If ``before`` and ``after`` are no spans of years, one after the other.

    Examples
    --------
    >>> import flows as fl
    >>> findings = transit_study(
    ...     fl.load("eurostat-exports@2024-11"), origin="EST", via="KGZ", destination="RUS",
    ...     before=(2019, 2021), after=(2022, 2023), currency="EUR",
    ... )
    >>> findings.number("transit.levels.exports.ratio").printed
    '23.62'
    >>> findings.number("transit.lost.offset.via").printed
    '29.5'
    """
    return TRANSIT.find(
        name,
        data={"exports": exports, "hub": hub, "rates": rates, "prices": prices, "events": events},
        question={
            "origin": origin,
            "via": via,
            "destination": destination,
            "before": before,
            "after": after,
            "others": others,
            "currency": currency,
            "cif_fob_ratio": cif_fob_ratio,
        },
        parameters={section: {"known": known} for section in ("breaks", "neighbours")},
        only=["levels", "members", "breaks", "neighbours", "mirror", "onward", "lost"],
    )
