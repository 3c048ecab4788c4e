"""A captured step, without a GPU: buffers are filled and copied as they should be, and whoever refuses runs eagerly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("cuda_graph.py")
PARTS = ("losses", "image", "best")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, np.ndarray]:
    out = tmp_path_factory.mktemp("graph") / "found.npz"
    done = subprocess.run([sys.executable, str(SCRIPT), str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(out)


def same(found: Mapping[str, np.ndarray], a: str, b: str) -> None:
    for part in PARTS:
        np.testing.assert_array_equal(found[f"{a}/{part}"], found[f"{b}/{part}"], err_msg=f"{part} of {a} and {b}")


def test_replays_in_blocks_are_the_eager_steps(found: Mapping[str, np.ndarray]) -> None:
    same(found, "graph", "eager")
    same(found, "single steps", "eager")
    assert found["eager/losses"].shape == (11, 2, 7)
    assert (found["eager/losses"][-1, :, 0] < 0.8 * found["eager/losses"][0, :, 0]).all()
    assert (found["captures"], found["replays"]) == (1, 22)
    assert str(found["path"]) == "CUDA graph, channels last"


def test_a_cell_is_not_mixed_up_with_the_one_before(found: Mapping[str, np.ndarray]) -> None:
    same(found, "other cell, graph", "other cell, eager")
    assert found["kept"]
    np.testing.assert_array_equal(found["continued, graph/image"], found["continued, eager/image"])


@pytest.mark.parametrize("positions", [100, 1024, 2500])
def test_a_gram_matrix_in_parts_is_the_whole_one(found: Mapping[str, np.ndarray], positions: int) -> None:
    features, product = found[f"features/{positions}"], found[f"gram/{positions}"]
    assert features.shape == (2, positions, 5)
    np.testing.assert_allclose(product, np.einsum("bmi,bmj->bij", features, features), rtol=1e-12)


def test_another_batch_size_is_captured_anew(found: Mapping[str, np.ndarray]) -> None:
    same(found, "one image, graph", "one image, eager")
    assert found["captures after another shape"] == 2


def test_a_lost_image_leaves_the_others_of_its_batch_alone(found: Mapping[str, np.ndarray]) -> None:
    same(found, "a lost image, graph", "a lost image, eager")
    assert np.isnan(found["a lost image, graph/losses"][:, 0, 0]).all()
    np.testing.assert_array_equal(found["a lost image, graph/losses"][:3, 1], found["eager/losses"][:3, 1])


def test_what_cannot_be_captured_runs_eagerly_and_says_so(found: Mapping[str, np.ndarray]) -> None:
    same(found, "refused", "eager")
    reason = "operation not permitted when stream is capturing"
    assert str(found["refused path"]) == f"eager, channels last, no CUDA graph: {reason}"
    assert found["stream restored"]
    assert str(found["out of memory"]) == "CUDA out of memory"
