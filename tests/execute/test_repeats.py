"""Repeats of cells: fresh processes in a shuffled order, noisy starts, and starts from a file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench.execute.plan import make_plan
from nstbench.execute.schedule import job_order, order_seed
from nstbench.images.resize import resize_to
from nstbench.results import read_manifest, read_records
from nstbench.suite import load_suite
from nstbench.transfer.start import noise_seed, noisy

ONE_PAIR = {"content": {"photo": "photo.png"}, "style": {"print": "print.png"}}


def networks(*labels: str) -> dict[str, Any]:
    shared = {"backbone": "fakenet", "weights": "fake-weights", "content_layers": ["mix2"], "style_weight": 100}
    return {label: shared | {"style_layers": ["mix1"]} for label in labels}


@pytest.fixture
def repeated(lab: Any) -> Any:
    lab.suite([["mix1"], ["mix2"]], images=ONE_PAIR, repeats=4, iterations=2)
    return lab


def test_every_repeat_has_a_process_of_its_own_in_a_recorded_order(repeated: Any) -> None:
    assert repeated.run()[0] == 0
    rows, manifest = repeated.rows(), read_manifest(repeated.folder())
    assert [(row["layer_set"], row["repeat"]) for row in rows] == [(s, str(n)) for s in "12" for n in range(4)]
    assert {row["init_noise"] for row in rows} == {"1.0"}
    # Both layer sets of a repeat share a process, which is loaded once.
    assert [bool(row["load_s"]) for row in rows] == [True] * 4 + [False] * 4
    ran = list(dict.fromkeys(record.job for record in read_records(repeated.folder())))
    assert tuple(ran) == manifest.order
    assert len(ran) == 4 and ran != sorted(ran)
    assert manifest.order_seed == 0


def test_another_seed_is_another_order(repeated: Any) -> None:
    plans = [make_plan(load_suite(repeated.path / "suite.yaml", [f"seed={seed}"])) for seed in ("0", "0", "[5, 0]")]
    assert [order_seed(plan) for plan in plans] == [0, 0, 5]
    first, again, other = (job_order(plan) for plan in plans)
    assert first == again != other and set(first) == set(other)


def test_a_killed_run_goes_on_in_the_same_order(repeated: Any) -> None:
    run = repeated.start(NSTBENCH_FAKE_STEP_S="0.1").done(3)
    run.process.kill()
    run.end()
    kept = read_records(repeated.folder())
    assert 3 <= len(kept) < 8
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
