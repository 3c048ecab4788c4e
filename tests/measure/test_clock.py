from __future__ import annotations

import numpy as np
import pytest

from nstbench.measure.clock import StepClock, StepTimes


def clock(cold: bool, *blocks: tuple[float, int]) -> StepTimes:
    """Run a clock through blocks of (seconds, steps), with pauses between them that must not count."""
    ticks = iter(
        [tick for index, (seconds, _) in enumerate(blocks) for tick in (100.0 * index, 100.0 * index + seconds)]
    )
    subject = StepClock(cold=cold, now=lambda: next(ticks))
    for seconds, steps in blocks:
        subject.start()
        assert subject.stop(steps) == pytest.approx(seconds)
    assert subject.steps == sum(steps for _, steps in blocks)
    return subject.times()


def figures(times: StepTimes) -> tuple[float | None, ...]:
    return (times.first_step_s, times.step_ms_median, times.step_ms_p90, times.optimise_s, times.iterations_per_s)


def test_warm():
    assert figures(clock(False, (2.0, 10), (3.0, 10))) == pytest.approx((None, 250.0, 300.0, 5.0, 4.0))


def test_cold_keeps_compilation_apart():
    # 8 s with compilation, then 9 steps of 0.5 s: as if ten steps had taken 0.5 s each
    assert figures(clock(True, (8.0, 1), (2.0, 4), (2.5, 5))) == pytest.approx((8.0, 500.0, 500.0, 5.0, 2.0))


def test_cold_and_warm_cells_compare():
    cold, warm = clock(True, (8.0, 1), (4.5, 9)), clock(False, (0.5, 1), (4.5, 9))
    assert figures(cold)[1:] == pytest.approx(figures(warm)[1:])
    assert warm.first_step_s is None


def test_cold_with_an_evaluation_first():
    assert figures(clock(True, (6.0, 0), (1.0, 1), (1.0, 2))) == pytest.approx((7.0, 500.0, 500.0, 1.5, 2.0))


def test_blocks_without_steps_do_not_count_later():
    assert figures(clock(False, (1.0, 0), (2.0, 4), (9.0, 0))) == pytest.approx((None, 500.0, 500.0, 2.0, 2.0))


def test_cold_with_a_long_first_block():
    # 5 steps in 10 s, steady 1 s a step: 6 s of it are the first step
    assert figures(clock(True, (10.0, 5), (5.0, 5))) == pytest.approx((6.0, 1000.0, 1000.0, 10.0, 1.0))


@pytest.mark.parametrize(
    ("cold", "blocks", "expected"),
    [
        (False, [], (None, None, None, 0.0, None)),
        (True, [], (None, None, None, 0.0, None)),
        (False, [(3.0, 0)], (None, None, None, 0.0, None)),
        (True, [(3.0, 0)], (3.0, None, None, None, None)),
        (True, [(3.0, 1)], (3.0, None, None, None, None)),
        (False, [(2.0, 1)], (None, 2000.0, 2000.0, 2.0, 0.5)),
        (False, [(0.0, 3)], (None, 0.0, 0.0, 0.0, None)),
    ],
)
def test_edges(cold, blocks, expected):
    assert figures(clock(cold, *blocks)) == expected


def test_quantiles_are_numpy_s():
    generator = np.random.default_rng(0)
    blocks = [
        (float(seconds), int(n))
        for seconds, n in zip(generator.uniform(1, 9, 30), generator.integers(1, 9, 30), strict=True)
    ]
    each = np.repeat([seconds / n for seconds, n in blocks], [n for _, n in blocks])
    times = clock(False, *blocks)
    assert times.step_ms_median == pytest.approx(1e3 * np.median(each))
    assert times.step_ms_p90 == pytest.approx(1e3 * np.quantile(each, 0.9))
    assert times.optimise_s == pytest.approx(sum(seconds for seconds, _ in blocks))


def test_misuse():
    subject = StepClock(cold=False)
    with pytest.raises(RuntimeError):
        subject.stop(1)
    for seconds, steps in ((-1.0, 1), (1.0, -1)):
        with pytest.raises(ValueError, match="a block of"):
            subject.add(seconds, steps)


def test_real_time():
    subject = StepClock(cold=False)
    subject.start()
    assert 0 <= subject.stop(1) < 5
