"""The page says what the stored records say, and only that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.errors import RunError
from nstbench.reproduction.document import render
from nstbench.reproduction.published import TABLE_1
from nstbench.results import RunFolder, Status

ROOT = Path(__file__).parents[2]


def course(style: float, content: float, start: float = 1e9) -> list[tuple[float, float]]:
    """Return 1001 rows: ``style`` and ``content`` at iteration 900, a tenth of them at the end."""
    return [(start, 0.0), *[(style, content)] * 999, (style / 10, content / 10)]


def faithful(factor: float = 1.0) -> dict[int, list[tuple[float, float]]]:
    rows = enumerate(TABLE_1["vgg19"], start=1)
    return {row: course(losses.style * factor, losses.content * factor) for row, losses in rows}


def test_without_runs_the_page_says_so(stored: Path) -> None:
    stored.mkdir()
    page = render(stored)
    assert page.count("**Not run: weights absent.**") == 2
    assert "8.83e5 / 1.23e4 / 8.71e5" in page and "1.15e3 / 1.11e3 / 2.98" in page


def test_the_report_itself_would_reproduce(stored: Path, store: Callable) -> None:
    store("vgg19-torch-256", faithful())
    page = render(stored)
    assert "style and content of rows 2–5: 8 of 8 figures." in page
    assert page.count("; the report's order.") == 3
    assert "total: row 2 < row 3 < row 5 < row 4" in page
    [row] = [line for line in page.splitlines() if line.startswith("| 5 ") and "torch" in line]
    assert "×1 / ×1 / ×1" in row and "×0.1 / ×0.1 / ×0.1" in row


def test_what_lies_outside_is_named_with_its_figures(stored: Path, store: Callable) -> None:
    rows = faithful()
    rows[3] = course(3.10e5 * 5, 3.03e5)
    store("vgg19-torch-256", rows)
    page = render(stored)
    assert "7 of 8 figures." in page
    assert "Outside: row 3, style, ×5: 1.55e6 here, 3.10e5 in the report." in page


def test_an_order_that_differs_is_named(stored: Path, store: Callable) -> None:
    rows = faithful()
    rows[4], rows[5] = rows[5], rows[4]
    store("vgg19-torch-256", rows)
    line = "rows 4 and 5 (3.59e6 and 3.92e6 here, 3.92e6 and 3.59e6 there) change places"
    assert line in render(stored)


def test_rows_of_several_sizes_are_not_ordered(stored: Path, store: Callable) -> None:
    rows = faithful()
    store("vgg19-tensorflow-256", {5: rows.pop(5)})
    store("vgg19-tensorflow-128", rows)
    page = render(stored)
    assert "8 of 8 figures." in page and "Order of rows" not in page
    assert "their order says nothing" in page


def test_row_1_that_never_comes_back(stored: Path, store: Callable) -> None:
    store("vgg19-torch-256", {1: course(1e4, 1e5, start=1e3)})
    page = render(stored)
    assert "a total of 1.00e3; the optimiser goes up to 1.10e5 at iteration 1 and never comes back below it" in page
    store("vgg19-torch-512", {1: course(1e4, 1e5, start=1e6)})
    assert "comes below it at iteration 1." in render(stored)


def test_the_printed_style_weight_as_a_control(stored: Path, store: Callable) -> None:
    stored.mkdir()
    assert "a minus sign was lost" not in render(stored)
    store("vgg19-torch-128-as-printed", {5: course(9.34e10, 0.0)}, style_weight=1e2)
    page = render(stored)
    assert "With β = 100, row 5 ends at a total of 9.34e9 after 1000 iterations" in page
    assert "1,000 times the printed 9.34e6" in page


def test_a_failed_row_is_shown(stored: Path, store: Callable) -> None:
    store("vgg19-torch-256", {1: course(1, 1)}, status=Status.OOM, reason="out of memory")
    assert "torch, row 1: **oom** out of memory" in render(stored)


def test_a_lost_trace_is_an_error_with_a_remedy(stored: Path, store: Callable) -> None:
    store("vgg19-torch-256", {1: course(1, 1)})
    RunFolder(stored / "vgg19-torch-256").trace("vgg19_1").write_text("iteration,total\n0,1\n")
    with pytest.raises(RunError, match=r"missing or damaged\. Run the reproduction again"):
        render(stored)


def test_the_published_page_is_what_the_published_records_give() -> None:
    assert (ROOT / "docs/reproduction.md").read_text() == render(ROOT / "reports/reproduction")
