"""Facts on pairs of countries as covariates: distance, common border, common official language."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.countries import country_name, find_country, read_rows
from flows.errors import CountryError, SchemaError
from flows.table import where

Distance = Literal["arithmetic", "harmonic", "capitals"]
"""Mean over the pairs of cities, weighted by their population; or from capital to capital."""

InForce = Literal["any day", "first day", "share"]
"""When an agreement counts for a year: on some day of it, on 1 January, or by its share of days."""

PAIR = ("exporter", "importer")

EARTH_RADIUS = 6371.0
"""In km, of the sphere on which the distances of cities were computed as well."""

_LEAST = 2
_SHOWN = 5
_NO_COVARIATES = (*PAIR, "year", "dataset", "line", "file")
"""What identifies a row and says where it is from."""

FloatArray = NDArray[np.float64]


def pair_covariates(
    countries: Iterable[str] | None = None,
    *,
    years: Iterable[int] | None = None,
    distance: Distance = "arithmetic",
    agreements: pd.DataFrame | None = None,
    in_force: InForce = "any day",
) -> pd.DataFrame:
    r"""
    Return distance, common border, common official language and trade agreements of pairs.

    The facts come with the package (``flows/crosswalks``): cities of GeoNames, outlines of Natural
    Earth, languages of the Unicode CLDR. What they do not say of a pair is missing, never guessed:
    :func:`check_covariates` names the countries.

    Parameters
    ----------
    countries : iterable of str, optional
        Alpha-3 codes or names, at least two; every country of which a fact is known by default.
    years : iterable of int, optional
        Years in each of which every pair stands, so that yearly covariates can be added. The facts
        are the same in all of them.
    distance : {"arithmetic", "harmonic", "capitals"}
        Which distance ``km`` is: the mean over the pairs of cities (the 25 largest of each
        country), weighted by population, as CEPII's ``distw`` (:math:`\theta = 1`); the harmonic
        mean, as its ``distwces`` (:math:`\theta = -1`), which is the mean that trade with an
        elasticity of -1 adds up to; or the great circle between the capitals.
    agreements : pandas.DataFrame, optional
        Trade agreements, of :func:`load` (the WTO's list, DESTA's, Mario Larch's) or of one's own:
        columns ``exporter``, ``importer``, ``start`` and ``end``, the first and last day in force,
        the last one missing where it goes on. A row counts in its own direction. Which agreements
        count is chosen by their rows: ``agreements[agreements["kind"] != "EIA"]``. Needs ``years``.
    in_force : {"any day", "first day", "share"}
        What ``agreement`` is in a year: 1 if one was in force on some day of it, as data sets by
        year have it from the year of entry into force on; 1 if on 1 January, so that the whole year
        traded under it; or the share of its days.

    Returns
    -------
    pandas.DataFrame
        One row a pair and direction, none of a country with itself; ``exporter``, ``importer``,
        ``year`` (int64) where years were asked for, and as float64: ``km``, ``log_distance`` (its
        natural logarithm), ``border`` (1 where the two share a land border), ``common_language`` (1
        where they share an official language, in law or in fact; regional ones do not count), and
        ``agreement`` where agreements were given: 0 for a pair that has none, missing in a year
        that the list does not cover (``listed_from``, ``listed_to``). In the order of countries and
        years.

    Raises
    ------
    flows.errors.UnknownNameError
        If a country is not known; the message has the nearest.
    ValueError
        If there are fewer than two countries, no year, another distance or rule, or agreements
        without years.
    flows.errors.SchemaError
        If agreements lack a column, or one ends before it begins.

    Notes
    -----
    France borders on Brazil and Suriname, since French Guiana is a part of its outline and of its
    trade in UN Comtrade, while its distances are those of cities in Europe. Territories within the
    outline of another country have no borders of their own: they are missing.

    References
    ----------
    .. [1] Mayer, T. and Zignago, S. (2011). Notes on CEPII's distances measures: the GeoDist
       database. CEPII Working Paper 2011-25.
    .. [2] Head, K. and Mayer, T. (2002). Illusory border effects: distance mismeasurement inflates
       estimates of home bias in trade. CEPII Working Paper 2002-01.

    Examples
    --------
    >>> pair_covariates(["IRN", "ARM", "GEO"]).round(2).iloc[2:4]
      exporter importer      km  log_distance  border  common_language
    2      GEO      ARM   211.2          5.35     1.0              0.0
    3      GEO      IRN  1070.5          6.98     0.0              0.0
    >>> pair_covariates(["Iran", "Armenia"], years=[2018, 2019])[["exporter", "year", "km"]]
      exporter  year     km
    0      ARM  2018  908.6
    1      ARM  2019  908.6
    2      IRN  2018  908.6
    3      IRN  2019  908.6
    """
    _check_choice("distance", distance, get_args(Distance))
    _check_choice("in_force", in_force, get_args(InForce))
    if agreements is not None and years is None:
        raise ValueError("agreements: expected years= as well, found none: they change by year")
    codes = known_countries() if countries is None else _countries(countries)
    km = _between_capitals(codes) if distance == "capitals" else _between_cities(codes, distance)
    facts = {
        "km": km,
        "log_distance": np.log(km),
        "border": _borders(codes),
        "common_language": _common_language(codes),
    }
    pairs = _pairs(codes, facts)
    if years is None:
        return pairs
    yearly = _by_year(pairs, years)
    if agreements is None:
        return yearly
    return yearly.assign(agreement=_agreement(yearly, agreements, in_force))


def _check_choice(name: str, chosen: str, choices: tuple[str, ...]) -> None:
    if chosen not in choices:
        raise ValueError(f"{name}: expected {', '.join(choices)}, found {chosen!r}")


@cache
def known_countries() -> tuple[str, ...]:
    """Return the countries of which the package has at least one fact."""
    cities = _city_distances()
    return tuple(
        sorted({*cities["a"], *cities["b"], *_outlines(), *_capitals().index, *_languages().index})
    )


def _countries(names: Iterable[str]) -> tuple[str, ...]:
    asked = [names] if isinstance(names, str) else list(names)
    codes = tuple(sorted({find_country(name) for name in asked}))
    if len(codes) < _LEAST:
        raise ValueError(f"countries: expected at least two, found {', '.join(codes) or 'none'}")
    return codes


def _pairs(codes: tuple[str, ...], facts: dict[str, FloatArray]) -> pd.DataFrame:
    """Return squares of facts as rows, without their diagonal."""
    exporter, importer = np.nonzero(~np.eye(len(codes), dtype=bool))
    names = pd.array(codes, dtype="str")
    return pd.DataFrame(
        {"exporter": names.take(exporter), "importer": names.take(importer)}
        | {name: square[exporter, importer] for name, square in facts.items()}
    )


def _by_year(pairs: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    ordered = np.array(sorted(set(years)), dtype=np.int64)
    if not len(ordered):
        raise ValueError("years: expected at least one, found none")
    repeated = pairs.loc[pairs.index.repeat(len(ordered))].reset_index(drop=True)
    repeated.insert(len(PAIR), "year", np.tile(ordered, len(pairs)))
    return repeated


def _agreement(pairs: pd.DataFrame, agreements: pd.DataFrame, in_force: InForce) -> FloatArray:
    """Return for each pair and year whether, or for how much of it, an agreement is in force."""
    spans = _spans(agreements)
    years = pairs["year"].unique()
    parts = []
    for year in years:
        first = pd.Timestamp(f"{year}-01-01")
        last = first if in_force == "first day" else pd.Timestamp(f"{year}-12-31")
        covered = _share_covered(spans, first, last)
        parts.append(covered.assign(year=year))
    found = pairs[[*PAIR, "year"]].merge(pd.concat(parts), on=[*PAIR, "year"], how="left")
    share = found["share"].fillna(0.0).to_numpy()
    known = pairs["year"].isin(_years_listed(agreements, years))
    return np.where(known, share if in_force == "share" else np.sign(share), np.nan)


def _spans(agreements: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in (*PAIR, "start", "end") if name not in agreements]
    if lacking:
        raise SchemaError(
            f"agreements: expected the columns exporter, importer, start and end, found no "
            f"{', '.join(lacking)} among {', '.join(map(str, agreements.columns))}"
        )
    start, end = (
        pd.to_datetime(agreements[side]).astype("datetime64[s]") for side in ("start", "end")
    )
    wrong = start.isna() | (start > end)
    if wrong.any():
        raise SchemaError(
            f"agreements: expected a first day that is no later than the last one: "
            f"{_rows(agreements[wrong])}"
        )
    _check_codes(agreements, what="agreements")
    return agreements[list(PAIR)].assign(start=start, end=end.fillna(pd.Timestamp("9999-12-31")))


def _share_covered(spans: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return for each pair the share of some days on which it has an agreement."""
    inside = spans[(spans["start"] <= last) & (spans["end"] >= first)]
    days_asked = (last - first).days + 1
    begins, ends = (
        (inside[side] - first).dt.days.clip(0, days_asked - 1) for side in ("start", "end")
    )
    ordered = inside[list(PAIR)].assign(begin=begins, end=ends + 1).sort_values([*PAIR, "begin"])
    by_pair = [ordered[side] for side in PAIR]
    reached = ordered.groupby(by_pair)["end"].cummax().groupby(by_pair).shift(fill_value=0)
    days = (ordered["end"] - np.maximum(ordered["begin"], reached)).clip(lower=0)
    share = (days / days_asked).groupby(by_pair).sum()
    return share.rename("share").reset_index()


def _years_listed(agreements: pd.DataFrame, years: NDArray[np.int64]) -> list[int]:
    """Return the years that a list of agreements covers as a whole; all where it has no limits."""
    if not {"listed_from", "listed_to"} <= set(agreements.columns):
        return [int(year) for year in years]
    limits = agreements[["listed_from", "listed_to"]].drop_duplicates()
    listed = (
        ~(limits["listed_from"] > pd.Timestamp(f"{year}-01-01"))
        & ~(limits["listed_to"] < pd.Timestamp(f"{year}-12-31"))
        for year in years
    )
    return [int(year) for year, there in zip(years, listed, strict=True) if there.any()]


def _square(codes: tuple[str, ...], pairs: pd.DataFrame, values: FloatArray) -> FloatArray:
    """Return the values of pairs (``a``, ``b``) in both directions; missing where none is."""
    index = pd.Index(codes)
    rows, columns = (index.get_indexer(pd.Index(pairs[side])) for side in ("a", "b"))
    asked = (rows >= 0) & (columns >= 0)
    square = np.full((len(codes), len(codes)), np.nan)
    square[rows[asked], columns[asked]] = values[asked]
    square[columns[asked], rows[asked]] = values[asked]
    return square


def _between_cities(codes: tuple[str, ...], distance: Distance) -> FloatArray:
    cities = _city_distances()
    column = "km_harmonic" if distance == "harmonic" else "km"
    return _square(codes, cities, cities[column].to_numpy())


def _between_capitals(codes: tuple[str, ...]) -> FloatArray:
    """Return great circles in km (haversine)."""
    places = np.radians(_capitals().reindex(codes).to_numpy())
    latitude, longitude = places[:, :1], places[:, 1:]
    half_chord = (
        np.sin((latitude - latitude.T) / 2) ** 2
        + np.cos(latitude) * np.cos(latitude.T) * np.sin((longitude - longitude.T) / 2) ** 2
    )
    km = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(half_chord))
    return np.where(np.eye(len(codes), dtype=bool), np.nan, km)


def _borders(codes: tuple[str, ...]) -> FloatArray:
    """Return 1 for a common land border, 0 for none, missing where an outline is missing."""
    rows = pd.DataFrame(read_rows("borders.csv"))
    shared = _square(codes, rows, np.ones(len(rows)))
    outlined = np.array([code in _outlines() for code in codes])
    known = np.logical_and.outer(outlined, outlined)
    return np.where(known, np.nan_to_num(shared), np.nan)


def _common_language(codes: tuple[str, ...]) -> FloatArray:
    """Return 1 for a common official language, 0 for none, missing where those are missing."""
    spoken = _languages().reindex(codes, fill_value=0).to_numpy()
    has_some = spoken.any(axis=1)
    known = np.logical_and.outer(has_some, has_some)
    return np.where(known, (spoken @ spoken.T > 0).astype("float64"), np.nan)


@cache
def _city_distances() -> pd.DataFrame:
    """Return km by pair (``a`` before ``b``), arithmetic and harmonic mean over cities."""
    with files("flows").joinpath("crosswalks", "distances.csv").open(encoding="utf-8") as text:
        return pd.read_csv(text, comment="#", keep_default_na=False)


@cache
def _capitals() -> pd.DataFrame:
    """Return latitude and longitude of capitals in degrees by country."""
    rows = pd.DataFrame(read_rows("capitals.csv")).set_index("iso3")
    return rows[["lat", "lon"]].astype("float64")


@cache
def _outlines() -> frozenset[str]:
    """Return the countries whose borders are known, islands among them."""
    return frozenset(
        code for row in read_rows("borders.csv") for code in (row["a"], row["b"]) if code
    )


@cache
def _languages() -> pd.DataFrame:
    """Return 1 where a language (column) is official in a country (row), else 0."""
    rows = pd.DataFrame(read_rows("languages.csv"))
    return pd.crosstab(rows["iso3"], rows["language"])


def check_covariates(covariates: pd.DataFrame, *, needed: Iterable[str] = ()) -> pd.DataFrame:
    """
    Return covariates of pairs in their types, or say what is wrong with them.

    Parameters
    ----------
    covariates : pandas.DataFrame
        Columns ``exporter`` and ``importer`` (alpha-3 codes), where they change by year ``year``,
        and any number of columns with numbers; ``dataset``, ``line`` and ``file`` may say where a
        row is from. What :func:`pair_covariates` returns, what :func:`load` returns of a file of
        covariates, or a frame of one's own.
    needed : iterable of str
        Covariates that may not be missing in any row.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns, every covariate as float64.

    Raises
    ------
    flows.errors.SchemaError
        If a column is not there or holds no numbers, a pair (and year) stands twice, a value is
        infinite, or a needed one is missing; the message names rows and countries.
    flows.errors.CountryError
        If a country is no alpha-3 code.

    Examples
    --------
    >>> own = pd.DataFrame({"exporter": ["IRN"], "importer": ["ARM"], "transit_days": [4]})
    >>> check_covariates(own)
      exporter importer  transit_days
    0      IRN      ARM           4.0
    >>> check_covariates(pair_covariates(["IRN", "PLW"]), needed=["km"])
    Traceback (most recent call last):
    flows.errors.SchemaError: covariates: expected km of every pair, found none of IRN to PLW...
    """
    names = covariate_names(covariates)
    lacking = [name for name in (*PAIR, *needed) if name not in covariates]
    if lacking:
        raise SchemaError(
            f"covariates: expected the columns {', '.join(PAIR)} and numbers of pairs, found no "
            f"{', '.join(lacking)} among {', '.join(map(str, covariates.columns))}"
        )
    checked = covariates.assign(**{name: _numbers(covariates, name) for name in names})
    if "year" in checked:
        checked["year"] = _years(covariates)
    _check_codes(checked, what="covariates")
    key = [name for name in (*PAIR, "year") if name in checked]
    twice = checked.duplicated(key, keep=False)
    if twice.any():
        raise SchemaError(
            f"covariates: expected each {' and '.join(key[1:])} of an exporter once, found several "
            f"rows: {_rows(checked[twice])}"
        )
    for name in needed:
        if missing := missing_pairs(checked, name):
            raise SchemaError(f"covariates: expected {name} of every pair, found none of {missing}")
    return checked


def covariate_names(covariates: pd.DataFrame) -> list[str]:
    """Return the columns that hold covariates."""
    return [name for name in covariates.columns if name not in _NO_COVARIATES]


def missing_pairs(rows: pd.DataFrame, name: str) -> str:
    """
    Say of which countries, else of which pairs, a column is missing; nothing if of none.

    >>> missing_pairs(pair_covariates(["ARM", "IRN", "PLW"]), "km")
    'PLW (any partner)'
    """
    lacking = rows[name].isna()
    if not lacking.any():
        return ""
    known = {*rows.loc[~lacking, "exporter"], *rows.loc[~lacking, "importer"]}
    left = rows.loc[lacking, list(PAIR)].drop_duplicates()
    whole = sorted({*left["exporter"], *left["importer"]} - known) if known else []
    single = left[~left.isin(whole).any(axis=1)]
    pairs = [f"{one.exporter} to {one.importer}" for one in single.itertuples()]
    more = [f"{len(pairs) - _SHOWN} other pairs"] if len(pairs) > _SHOWN else []
    named = [f"{', '.join(whole)} (any partner)"] if whole else []
    return ", ".join([*named, *pairs[:_SHOWN], *more])


def _numbers(covariates: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as float64; a word in it, or what is infinite, is an error."""
    column = covariates[name]
    values = pd.to_numeric(column, errors="coerce").astype("float64")
    words = values.isna() & column.notna()
    if words.any():
        raise SchemaError(
            f"covariates: expected numbers in {name}, found {column[words].iloc[0]!r}: "
            f"{_rows(covariates[words])}; leave out columns that are no covariates"
        )
    infinite = np.isinf(values)
    if infinite.any():
        raise SchemaError(
            f"covariates: expected finite numbers in {name}, found {values[infinite].iloc[0]}: "
            f"{_rows(covariates[infinite])}"
        )
    return values


def _years(covariates: pd.DataFrame) -> pd.Series:
    years = _numbers(covariates, "year")
    wrong = years.isna() | (years % 1 != 0)
    if wrong.any():
        raise SchemaError(
            f"covariates: expected a year like 2019, found {years[wrong].iloc[0]:g}: "
            f"{_rows(covariates[wrong])}"
        )
    return years.astype("int64")


def _check_codes(frame: pd.DataFrame, *, what: str) -> None:
    for side in PAIR:
        for name in frame[side].drop_duplicates():
            try:
                country_name(name)
            except CountryError as error:
                rows = frame[frame[side].isin([name])]
                raise CountryError(f"{what}, column {side}: {error}: {_rows(rows)}") from error


def _rows(rows: pd.DataFrame) -> str:
    """Name rows at fault by their lines in a file, else by their labels, with their pairs."""
    if {"dataset", "line"} <= set(rows.columns):
        return where(rows)
    columns = [name for name in (*PAIR, "year") if name in rows]
    told = [
        f"row {label} ({' '.join(str(rows[name].iloc[place]) for name in columns)})"
        for place, label in enumerate(rows.index[:_SHOWN])
    ]
    more = [f"{len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    return ", ".join([*told, *more])
