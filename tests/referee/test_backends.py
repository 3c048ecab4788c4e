"""The same picture before the same network on two backends, and worked out again in NumPy from the features."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench.plugin import load_catalogue

PROGRAM = Path(__file__).with_name("judge_on.py")
RATIO = 1e-4
SIZE = (72, 56)
BACKENDS = [
    pytest.param("torch", marks=pytest.mark.torch),
    pytest.param("tensorflow", marks=pytest.mark.tensorflow),
    pytest.param("jax", marks=pytest.mark.jax),
]

PRECISIONS = pytest.mark.parametrize("precision", ["float32", "float64"])
Said = tuple[dict[str, float], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Said]:
    """Return what a backend says of a picture half way between content and style, and the features."""
    from skimage import data

    from nstbench.testing.parity_job import weights_file

    folder = tmp_path_factory.mktemp("judged")
    content, style = (
        Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)
        for pixels, size in ((data.astronaut(), SIZE), (data.immunohistochemistry(), SIZE[::-1]))
    )
    content.save(folder / "content.png")
    style.save(folder / "style.png")
    Image.blend(content, style.resize(SIZE), 0.4).save(folder / "image.png")

    @cache
    def run(backend: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NSTBENCH_CACHE_DIR", str(folder / "cache"))
            weights = weights_file("keras-imagenet-8bit", "vgg19", load_catalogue())
        command = [sys.executable, str(PROGRAM), backend, weights, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]

    def said(backend: str, precision: str) -> Said:
        run(backend)
        found = json.loads((folder / f"{backend}-{precision}.json").read_text())
        assert found["reasons"] == {}
        with np.load(folder / f"{backend}-{precision}.npz") as arrays:
            return found["values"], dict(arrays)

    return said


@pytest.mark.torch
@PRECISIONS
@pytest.mark.parametrize("other", BACKENDS[1:])
def test_whichever_backend_runs_the_referee_the_scores_are_the_same(judge: Any, other: str, precision: str) -> None:
    ours, theirs = judge("torch", precision)[0], judge(other, precision)[0]
    assert set(ours) == set(theirs)
    assert {"style_distance:block1_conv1", "content_distance", "content_fidelity"} < set(ours)
    assert ("local_patterns" in ours) == (precision == "float64")  # it counts, and is asked for in double only
    assert ours == pytest.approx(theirs, rel=RATIO, abs=0)
    assert 0 < ours["style_distance"] < 1 and 0 < ours["content_distance"] < 2


@PRECISIONS
@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_are_those_of_numpy_on_the_features(judge: Any, backend: str, precision: str) -> None:
    values, features = judge(backend, precision)
    layers = dict.fromkeys(name.partition(":")[2] for name in features)
    distances = {}
    for layer in layers:
        image, content, style = (
            features[f"{name}:{layer}"].astype(np.float64) for name in ("image", "content", "style")
        )
        gram_i, gram_c, gram_s = (np.einsum("mi,mj->ij", F, F) / F.size for F in (image, content, style))
        distances[layer] = np.sum((gram_i - gram_s) ** 2) / np.sum((gram_c - gram_s) ** 2)
    styles = [name.partition(":")[2] for name in values if name.startswith("style_distance:")]
    assert len(styles) == 5
    assert values["style_distance"] == pytest.approx(np.mean([distances[layer] for layer in styles]), rel=RATIO)
    for layer in styles:
        assert values[f"style_distance:{layer}"] == pytest.approx(distances[layer], rel=RATIO)
    image, content = (features[f"{name}:block5_conv2"] for name in ("image", "content"))
    moved = np.linalg.norm(image - content) ** 2 / np.linalg.norm(content) ** 2
    assert values["content_distance"] == pytest.approx(moved, rel=RATIO)
