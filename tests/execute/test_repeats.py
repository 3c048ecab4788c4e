"""Repeats of cells: fresh processes in a shuffled order, noisy starts, and starts from a file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench.images.resize import resize_to
from nstbench.results import read_manifest, read_records
from nstbench.transfer.start import noise_seed, noisy

ONE_PAIR = {"content": {"photo": "photo.png"}, "style": {"print": "print.png"}}


def networks(*labels: str) -> dict[str, Any]:
    shared = {"backbone": "fakenet", "weights": "fake-weights", "content_layers": ["mix2"], "style_weight": 100}
    return {label: shared | {"style_layers": ["mix1"]} for label in labels}


@pytest.fixture
def repeated(lab: Any) -> Any:
    lab.suite([["mix1"], ["mix2"]], images=ONE_PAIR, repeats=6, iterations=2)
    return lab


def test_every_repeat_has_a_process_of_its_own_in_a_recorded_order(repeated: Any) -> None:
    assert repeated.run()[0] == 0
    rows, manifest = repeated.rows(), read_manifest(repeated.folder())
    assert [(row["layer_set"], row["repeat"]) for row in rows] == [(s, str(n)) for s in "12" for n in range(6)]
    assert {row["init_noise"] for row in rows} == {"1.0"}
    # Both layer sets of a repeat share a process, which is loaded once.
    assert [bool(row["load_s"]) for row in rows] == [True] * 6 + [False] * 6
    ran = list(dict.fromkeys(record.job for record in read_records(repeated.folder())))
    assert tuple(ran) == manifest.order
    assert len(ran) == 6 and ran != sorted(ran)
    assert manifest.order_seed == 0
    repeated.suite([["mix1"], ["mix2"]], images=ONE_PAIR, repeats=6, iterations=2, seed=[5, 0])
    assert repeated.run(out="other")[0] == 0
    other = read_manifest(repeated.folder("other"))
    assert other.order_seed == 5 and other.order != manifest.order and set(other.order) == set(manifest.order)


def test_a_killed_run_goes_on_in_the_same_order(repeated: Any) -> None:
    run = repeated.start(NSTBENCH_FAKE_STEP_S="0.1").done(4)
    run.process.kill()
    run.end()
    kept = read_records(repeated.folder())
    assert 4 <= len(kept) < 12
    assert repeated.run()[0] == 0
    records = read_records(repeated.folder())
    assert records[: len(kept)] == kept
    assert sorted(record.cell for record in records) == sorted({record.cell for record in records})
    assert tuple(dict.fromkeys(record.job for record in records)) == read_manifest(repeated.folder()).order


def test_all_networks_get_the_same_noise_and_repeats_another(lab: Any) -> None:
    lab.suite(images=ONE_PAIR, backbones=networks("one", "two"), repeats=2, init_noise=3, iterations=0)
    assert lab.run()[0] == 0
    pictures = {(row["label"], row["repeat"]): pixels(lab.folder().image(row["cell"])) for row in lab.rows()}
    start = pixels(lab.folder().input("photo", 40)).astype(np.float32)
    for repeat in range(2):
        expected = noisy(start, 3.0, noise_seed(0, "photo", "print", repeat))
        for label in ("one", "two"):
            np.testing.assert_allclose(pictures[label, str(repeat)], expected, atol=0.5)
    assert (pictures["one", "0"] != pictures["one", "1"]).any()


def test_without_noise_repeats_serve_timing_only(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE_PAIR, repeats=2, init_noise=0)
    assert lab.run()[0] == 0
    assert len({row["total"] for row in lab.rows()}) == 1
    assert "repeats differ in their times only" in lab.folder().report.read_text()


def test_a_start_from_a_file(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE_PAIR, init="file:private/start.png", iterations=0)
    code, errors = lab.run()
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "start image start.png" in errors and "does not exist" in errors and "init: file:PATH" in errors
    (lab.path / "private").mkdir()
    start = Image.fromarray(np.arange(60 * 90 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 90, 3))
    start.save(lab.path / "private" / "start.png")
    assert lab.run()[0] == 0
    (row,) = lab.rows()
    assert row["init"] == "file:start.png" and len(row["start_sha256"]) == 64
    np.testing.assert_array_equal(pixels(lab.folder().image(row["cell"])), resize_to(np.asarray(start), 32, 40))
    assert "private" not in lab.folder().report.read_text().split("## Suite")[0]
    assert lab.states() == {"print/1": "done"}
    start.rotate(180).save(lab.path / "private" / "start.png")
    assert lab.states() == {"print/1": "stale"}


def test_a_start_that_is_no_picture(lab: Any) -> None:
    (lab.path / "start.png").write_text(json.dumps({}))
    lab.suite([["mix1"]], images=ONE_PAIR, init="file:start.png")
    code, errors = lab.run()
    assert code == 2 and errors.startswith("start image start.png: ") and "Traceback" not in errors


def pixels(path: Any) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)
