from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nstbench.compare.statistics import mann_whitney, shift


def logs(seed: int, cells: int, repeats: int, moved: float = 0.0, common: float = 0.02) -> np.ndarray:
    """Return log-times; ``common`` is the luck that all cells of one process share."""
    random = np.random.default_rng(seed)
    return moved + random.normal(0, 0.02, (cells, repeats)) + random.normal(0, common, (1, repeats))


def test_of_one_cell_it_is_the_interval_of_hodges_and_lehmann() -> None:
    before, after = logs(1, 1, 5), logs(2, 1, 5, 0.1)
    gaps = sorted(late - early for early, late in itertools.product(before[0], after[0]))
    found = shift(before, after)
    # U <= 2 has a probability of 4/252 <= 2.5 %, U <= 3 has more: the third of 25 differences from either end.
    assert (found.low, found.high) == (pytest.approx(gaps[2], abs=1e-9), pytest.approx(gaps[22], abs=1e-9))
    assert found.estimate == pytest.approx(np.median(after) - np.median(before))
    assert (mann_whitney(before[0], after[0]) <= 0.05) == (not found.low <= 0 <= found.high)


@pytest.mark.parametrize(("cells", "common"), [(1, 0.02), (8, 0.0), (8, 0.1)])
def test_it_holds_the_shift_as_often_as_it_says(cells: int, common: float) -> None:
    """Cells that share the luck of their process are not independent: an interval over cells would miss by far."""
    pairs = [(logs(2 * i, cells, 5, 0, common), logs(2 * i + 1, cells, 5, 0.2, common)) for i in range(60)]
    found = [shift(*pair) for pair in pairs]
    assert np.mean([one.low <= 0.2 <= one.high for one in found]) >= 0.85
    assert all(one.coverage >= 0.95 for one in found)


@pytest.mark.parametrize(("repeats", "coverage"), [(2, 1 - 2 / 6), (3, 0.9), (4, 0.95)])
def test_too_few_repeats_have_the_widest_interval_there_is(repeats: int, coverage: float) -> None:
    before, after = logs(1, 1, repeats), logs(2, 1, repeats, 0.5)
    found = shift(before, after)
    assert found.coverage == pytest.approx(coverage)
    gaps = [late - early for early, late in itertools.product(before[0], after[0])]
    assert found.low == pytest.approx(min(gaps)) and found.high == pytest.approx(max(gaps))


def test_results_that_do_not_vary_have_an_interval_of_no_width() -> None:
    before, after = np.zeros((3, 5)), np.full((3, 5), math.log(1.1))
    found = shift(before, after)
    assert (found.low, found.high) == (pytest.approx(math.log(1.1)), pytest.approx(math.log(1.1)))


def test_missing_repeats_are_no_numbers() -> None:
    before, after = logs(1, 3, 5), logs(2, 3, 5, 0.3)
    after[1, 2:] = math.nan
    before[0, 0] = math.nan
    found = shift(before, after)
    assert 0.15 < found.low < found.estimate < found.high < 0.45


def test_many_repeats_are_sampled_and_the_same_each_time() -> None:
    before, after = logs(1, 2, 10), logs(2, 2, 10, 0.1)
    assert shift(before, after) == shift(before, after)
    assert shift(before, after).low > 0.05
