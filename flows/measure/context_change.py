"""How many importers changed their main supplier, and how much the former one lost."""

from dataclasses import dataclass

import pandas as pd

from flows.measure.context_importers import percentile

_POINTS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class MainSupplierChange:
    """
    The main supplier of an importer in two windows, and of all others with as much volume.

    Parameters
    ----------
    importer : str
        Alpha-3 code.
    former_window, window : pair of int
        First and last year of each.
    former, main : str
        Its main supplier in the former window, and in the window.
    loss_points : float
        What the former main supplier lost of its share, in percentage points; negative if it won.
    percentile_loss : float
        Place of that loss among those of all importers, 0 (the least) to 100.
    changed_part : float
        Part of the importers whose main supplier changed, 0 to 1.
    importers : pandas.DataFrame
        One row an importer with the volume in both windows, the largest loss first: ``importer``,
        ``former``, ``main``, ``changed``, ``share_before`` and ``share_after`` (of the former main
        supplier, 0 to 1), ``loss_points``, ``percentile_loss``.
    """

    importer: str
    former_window: tuple[int, int]
    window: tuple[int, int]
    former: str
    main: str
    loss_points: float
    percentile_loss: float
    changed_part: float
    importers: pd.DataFrame

    @property
    def changed(self) -> bool:
        """Whether the importer has another main supplier than before."""
        return self.former != self.main

    def summary(self) -> str:
        """
        Return the change as text.

        Returns
        -------
        str
            One line.
        """
        first, second = (f"{start}-{end}" for start, end in (self.former_window, self.window))
        return (
            f"{self.importer}, {first} to {second}: main supplier {self.former} to {self.main}; "
            f"{self.former} lost {self.loss_points:.1f} points, percentile "
            f"{self.percentile_loss:.1f} of {len(self.importers)} importers, of which "
            f"{self.changed_part:.1%} changed their main supplier"
        )


def compare_main_suppliers(
    before: pd.DataFrame, after: pd.DataFrame, amounts: pd.Series
) -> pd.DataFrame:
    """
    Set the main suppliers of two windows side by side.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Columns ``importer``, ``value``, ``largest``, ``largest_share`` of the two windows, as from
        :func:`flows.measure.context_importers.importer_table`; every importer has a largest one.
    amounts : pandas.Series
        What each supplier delivered in the later window, index ``importer`` and ``exporter``.

    Returns
    -------
    pandas.DataFrame
        One row an importer that both windows have, see :class:`MainSupplierChange`.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> first = pd.DataFrame([("AZE", 100.0, "RUS", 0.8)],
    ...     columns=["importer", "value", "largest", "largest_share"])
    >>> second = first.assign(largest="ISR", largest_share=0.7)
    >>> pairs = pd.MultiIndex.from_tuples([("AZE", "ISR"), ("AZE", "RUS")])
    >>> changes = compare_main_suppliers(first, second, pd.Series([70.0, 30.0], index=pairs))
    >>> changes[["former", "main", "changed", "loss_points"]].to_numpy().tolist()
    [['RUS', 'ISR', True, 50.0]]
    """
    both = before.merge(after, on="importer", suffixes=("_before", "_after"), validate="1:1")
    pairs = zip(both["importer"], both["largest_before"], strict=True)
    left = [float(amounts.get(pair, 0.0)) for pair in pairs]
    changes = pd.DataFrame(
        {
            "importer": both["importer"],
            "former": both["largest_before"],
            "main": both["largest_after"],
            "changed": both["largest_before"] != both["largest_after"],
            "share_before": both["largest_share_before"],
            "share_after": left / both["value_after"],
        }
    )
    loss = _POINTS * (changes["share_before"] - changes["share_after"])
    ranked = changes.assign(loss_points=loss, percentile_loss=percentile(loss))
    return ranked.sort_values(
        ["loss_points", "importer"], ascending=[False, True], ignore_index=True
    )
