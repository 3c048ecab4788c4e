"""Cells in one tensor on each framework: what they are alone, up to rounding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nstbench.testing.parity_checks import BOUNDS, apart, trace_apart

OnBackend = Callable[..., dict[str, np.ndarray]]
BACKENDS = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("torch", "tensorflow", "jax")]
PROGRAM = Path(__file__).with_name("batch_on_backend.py")


@pytest.mark.parametrize("name", BACKENDS)
def test_losses_and_gradients_at_one_image(on_backend: OnBackend, name: str) -> None:
    found = {key: one for key, one in on_backend(name, PROGRAM).items() if key.startswith("losses_and_gradients/")}
    together, alone = (
        {part: found[f"losses_and_gradients/{which}/{part}"] for part in ("losses", "gradient")}
        for which in ("together", "alone")
    )
    assert together["losses"].shape == (4, 9) and together["gradient"].shape[0] == 4
    np.testing.assert_allclose(together["losses"], alone["losses"], rtol=1e-6)
    for i in range(4):
        assert apart(together["gradient"][i], alone["gradient"][i]) < 1e-4
    assert len({row[0] for row in alone["losses"].tolist()}) == 4  # four objectives, not one


@pytest.mark.parametrize("name", BACKENDS[:2])
def test_twenty_steps(on_backend: OnBackend, name: str) -> None:
    found = on_backend(name, PROGRAM)
    for i in range(4):
        together, alone = (found[f"descents/{which}/trace"][i] for which in ("together", "alone"))
        assert together.shape == (21, 3) and alone[-1, 0] < 0.9 * alone[0, 0]
        worst, where = trace_apart(together, alone)
        assert worst < BOUNDS["losses"], where


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("which", ["broken", "endless"])
def test_what_is_not_finite_stays_where_it_is(on_backend: OnBackend, name: str, which: str) -> None:
    found = on_backend(name, PROGRAM)
    part = "beside_one_that_is_not_finite"
    assert found[f"{part}/{which}/diverged"].item() and not found[f"{part}/well/diverged"].item()
    for key in ("losses", "image", "best"):
        np.testing.assert_array_equal(found[f"{part}/{which}/{key}"], found[f"{part}/well/{key}"])
