"""The benchmark of series shows a speed only where the results are the same."""

from spark_series import Run, equal, table_of

ROWS = [["ARM", "IRN", 5.0], ["IRN", "ARM", 7.0]]


def run(busy: float, rows: list[list[object]]) -> Run:
    return Run(clock=9.0, busy=busy, start=1.0, peak=300.4, rows=rows)


def test_results_are_equal_to_nine_digits_and_in_all_keys() -> None:
    here = run(5.0, ROWS)
    assert equal(here, run(5.0, [["ARM", "IRN", 5.0 * (1 + 1e-10)], ROWS[1]]))
    assert not equal(here, run(5.0, [["ARM", "IRN", 5.0 * (1 + 1e-8)], ROWS[1]]))
    assert not equal(here, run(5.0, [["ARM", "AZE", 5.0], ROWS[1]]))
    assert not equal(here, run(5.0, ROWS[:1]))


def test_a_row_that_differs_shows_no_speed() -> None:
    runs = {
        ("pairs", "DuckDB"): [run(3.0, ROWS), run(5.0, ROWS), run(6.0, ROWS)],
        ("pairs", "Spark, local[2]"): [run(9.0, ROWS[:1])],
    }
    _, _, first, second = table_of(runs, rows=8_000_000).splitlines()
    assert first == "| pairs | DuckDB | 9.0 | 5.0 (3.0 to 6.0) | 1.0 | 2.00 | 300 |"
    assert second == "| pairs | Spark, local[2] | 9.0 | 9.0 (9.0 to 9.0) | 1.0 | differs | 300 |"
