"""Each framework against NumPy in float64, against the libraries' own Adam, and against itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

OnBackend = Callable[[str], dict[str, np.ndarray]]
BACKENDS = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("torch", "tensorflow", "jax")]


def part(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{prefix}/"): one for key, one in arrays.items() if key.startswith(f"{prefix}/")}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BACKENDS)
def test_every_function_of_a_namespace_is_numpys(on_backend: OnBackend, name: str, dtype: str) -> None:
    found, expected = part(on_backend(name), dtype), part(on_backend("numpy"), "float64")
    assert found.keys() == expected.keys() and len(found) >= 25
    close = {"float32": 2e-6, "float64": 1e-14}[dtype]
    for key, values in expected.items():
        assert found[key].dtype == dtype, key
        np.testing.assert_allclose(found[key], values, rtol=close, atol=close * np.abs(values).max(), err_msg=key)


@pytest.mark.parametrize("name", BACKENDS)
def test_every_formula_and_its_gradient_are_numpys(on_backend: OnBackend, name: str) -> None:
    expected = part(on_backend("numpy"), "terms-float64")
    assert len(expected) >= 2 * 18
    for dtype, close in (("float64", {"loss": 1e-12, "gradient": 1e-6}), ("float32", {"loss": 2e-5, "gradient": 2e-4})):
        found = part(on_backend(name), f"terms-{dtype}")
        assert found.keys() == expected.keys()
        for key, values in expected.items():
            bound = close[key.rpartition("/")[2]]
            assert found[key].dtype == dtype and np.abs(values).max() > 0, key
            # Differences of a loss lose digits where it is small; its largest gradient is what they are measured with.
            np.testing.assert_allclose(found[key], values, rtol=bound, atol=bound * np.abs(values).max(), err_msg=key)


@pytest.mark.torch
@pytest.mark.parametrize("other", BACKENDS[1:])
def test_sorted_features_descend_alike(on_backend: OnBackend, other: str) -> None:
    torch, theirs = (part(on_backend(name), "sorted_features") for name in ("torch", other))
    for optimizer, close in (("adam", 2e-3), ("lbfgs", 2e-2)):  # a line search makes more of rounding
        losses = torch[f"{optimizer}/losses"]
        assert losses[-1, 0] < 0.9 * losses[0, 0]
        np.testing.assert_allclose(theirs[f"{optimizer}/losses"], losses, rtol=close, atol=1e-3)
        moved = torch[f"{optimizer}/image"] - theirs[f"{optimizer}/image"]
        assert np.abs(moved).mean() < 0.1


@pytest.mark.parametrize("placement", ["tensorflow", "pytorch"])
@pytest.mark.parametrize("name", BACKENDS)
def test_the_adam_step_is_numpys(on_backend: OnBackend, name: str, placement: str) -> None:
    found, expected = on_backend(name)[f"adam/{placement}"], on_backend("numpy")[f"adam/{placement}"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "rows", "other"),
    [
        pytest.param("torch", "pytorch", "tensorflow", marks=pytest.mark.torch),
        pytest.param("tensorflow", "keras", "pytorch", marks=pytest.mark.tensorflow),
        pytest.param("jax", "tensorflow", "pytorch", marks=pytest.mark.jax),
    ],
)
def test_fifty_steps_are_those_of_the_librarys_own_adam(
    on_backend: OnBackend, name: str, rows: str, other: str
) -> None:
    library, ours = on_backend(name)["library-adam"], on_backend("numpy")[f"adam/{rows}"]
    assert library.shape == ours.shape == (51, 1, 3, 4, 3)
    np.testing.assert_allclose(library, ours, rtol=0, atol=1e-10)
    assert np.abs(library - on_backend("numpy")[f"adam/{other}"]).max() > 10  # the placement of epsilon matters
    assert (library == 0).any() and (library == 255).any()  # and so does clipping


@pytest.mark.tensorflow
def test_keras_rounds_only_its_settings_and_only_on_tensorflow(on_backend: OnBackend) -> None:
    exact = on_backend("numpy")["adam/tensorflow"]
    assert 0 < np.abs(on_backend("tensorflow")["library-adam"] - exact).max() < 5e-3


@pytest.mark.parametrize("name", BACKENDS)
def test_a_batch_of_three_is_three_batches_of_one(on_backend: OnBackend, name: str) -> None:
    found = part(on_backend(name), "batches")
    for key in ("image", "best", "table"):
        together, alone = found[f"together/{key}"], found[f"alone/{key}"]
        assert together.shape == alone.shape
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6 * np.abs(alone).max(), err_msg=key)
    assert found["together/table"].shape[:2] == (4, 3)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_layer_without_weight_changes_no_bit(on_backend: OnBackend, name: str) -> None:
    found = part(on_backend(name), "shared_step")
    np.testing.assert_array_equal(found["shared/losses"], found["own/losses"])
    np.testing.assert_array_equal(found["shared/image"], found["own/image"])


@pytest.mark.parametrize("name", BACKENDS)
def test_the_size_of_blocks_changes_no_bit(on_backend: OnBackend, name: str) -> None:
    found = part(on_backend(name), "blocks")
    for key in ("losses", "image", "best"):
        np.testing.assert_array_equal(found[f"block1/{key}"], found[f"block7/{key}"])
    assert len(found["block1/losses"]) == 10


@pytest.mark.parametrize("name", BACKENDS)
def test_a_step_that_stays_evaluates_to_the_bit_and_moves_nothing(on_backend: OnBackend, name: str) -> None:
    found = part(on_backend(name), "looking")
    np.testing.assert_array_equal(found["table/stayed"], found["table/stepped"])
    np.testing.assert_array_equal(found["image/after"], found["image/before"])
    np.testing.assert_array_equal(found["best"], found["image/before"])  # three steps down: the last is the best


@pytest.mark.parametrize("name", BACKENDS)
def test_lbfgs_makes_the_losses_fall(on_backend: OnBackend, name: str) -> None:
    found = part(on_backend(name), "lbfgs")
    totals = found["losses"][:, 0]
    assert len(totals) == 4 and (np.diff(totals) < 0).all() and totals[-1] < 0.5 * totals[0]
    evaluations, best = found["counts"]
    assert evaluations >= 4 and best == 3
    assert found["image"].min() >= 0 and found["image"].max() <= 255
    np.testing.assert_allclose(found["again"][0], found["losses"][-1], rtol=1e-6)


@pytest.mark.torch
def test_a_layer_tapped_alone_is_the_layer_tapped_among_all(on_backend: OnBackend) -> None:
    found = part(on_backend("torch"), "tap")
    assert len(found) == 21 + 172
    for layer, (same, negative) in found.items():
        assert same, layer
        # A tap that an in-place ReLU or addition has overwritten would have lost its negative values.
        raw = layer.startswith("resnet50/") and layer.endswith(("_conv", "_bn", "_add"))
        assert negative == raw, layer
