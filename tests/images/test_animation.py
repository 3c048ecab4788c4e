from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstbench.images.animation import FRAMES, LONG_SIDE, save_webp, thinned


@pytest.mark.parametrize("count", [1, 2, FRAMES, FRAMES + 1, 1001])
def test_frames_are_thinned_evenly(count: int) -> None:
    items = [Path(str(i)) for i in range(count)]
    found = [int(str(path)) for path in thinned(items)]
    assert len(found) == min(count, FRAMES)
    assert found[0] == 0 and found[-1] == count - 1
    steps = np.diff(found)
    assert len(found) == 1 or (steps.max() - steps.min() <= 1 and steps.min() >= 1)


@pytest.mark.parametrize(("size", "shown"), [((64, 40), (64, 40)), ((1024, 300), (LONG_SIDE, 150))])
def test_it_moves_and_is_no_larger_than_a_page_needs(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    frames = [np.full((*size, 3), level, dtype=np.uint8) for level in (0, 100, 200)]
    save_webp(frames, tmp_path / "motion.webp")
    with Image.open(tmp_path / "motion.webp") as motion:
        assert (motion.n_frames, motion.size[::-1], motion.info["loop"]) == (3, shown, 0)
        lengths = []
        for number, level in enumerate((0, 100, 200)):
            motion.seek(number)
            motion.load()
            lengths.append(motion.info["duration"])
            assert np.abs(np.asarray(motion.convert("RGB"), int) - level).max() <= 4
    assert lengths == [80, 80, 2000]
    assert [path.name for path in tmp_path.iterdir()] == ["motion.webp"]


def test_one_frame_is_a_picture(tmp_path: Path) -> None:
    save_webp([np.zeros((32, 32, 3), dtype=np.uint8)], tmp_path / "one.webp")
    with Image.open(tmp_path / "one.webp") as picture:
        assert picture.size == (32, 32)
