"""A whole run: what is in the folder, and that the numbers are what they say they are."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench import read_results
from nstbench.images.write import read_settings, to_uint8
from nstbench.plugin.descriptors import Preprocessing
from nstbench.results import result_columns
from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import STAY, schedule
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights.weight_set import WeightSet

SETS = {"1": ("mix1",), "2": ("mix1", "mix3")}
ITERATIONS = 6


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """One finished run for all tests here."""
    made = new_lab(tmp_path_factory.mktemp("whole"))
    made.program = "nstbench"
    made.environment["NSTBENCH_DISABLE_PLUGINS"] = "mlflow"
    made.suite()
    code, errors = made.run()
    assert code == 0, errors
    made.program = "without_figures"
    return made


def test_says_where_the_report_is(lab: Any) -> None:
    folder = lab.folder()
    assert lab.output.split() == [str(folder.report), str(folder.path / "report.html")]


def test_folder_has_the_documented_layout(lab: Any) -> None:
    folder = lab.folder()
    for path in (folder.manifest, folder.records, folder.results_csv, folder.table1_csv, folder.report):
        assert path.is_file(), path
    assert sorted(path.name for path in folder.inputs.iterdir()) == ["photo-40.png", "print-40.png", "wave-40.png"]
    for row in lab.rows():
        files = sorted(path.name for path in folder.cell(row["cell"]).iterdir())
        assert files == ["image.png", "image_best.png", "trace.csv"]
    assert any(folder.figures.iterdir())
    assert not list(folder.path.rglob(".new-*"))


def test_results_have_a_row_per_cell_in_grid_order(lab: Any) -> None:
    rows = lab.rows()
    assert tuple(rows[0]) == result_columns()
    assert [(row["style"], row["layer_set"]) for row in rows] == [
        (style, number) for style in ("print", "wave") for number in SETS
    ]
    frame = read_results(lab.folder().path)
    assert list(frame.columns) == list(rows[0])
    assert (frame["status"] == "ok").all()


def test_every_row_says_what_it_was_run_with(lab: Any) -> None:
    for row in lab.rows():
        said = {name: row[name] for name in ("backend", "backbone", "weights", "comparison", "device", "precision")}
        assert said == {
            "backend": "fake",
            "backbone": "fakenet",
            "weights": "fake-weights",
            "comparison": "",
            "device": "cpu",
            "precision": "float32",
        }
        assert (row["height"], row["width"], row["threads"], row["attempt"]) == ("32", "40", "1", "1")
        assert row["style_layers"] == " ".join(SETS[row["layer_set"]])
        assert row["backend_version"] == "fakeframework 2.1"
        assert len(row["weights_sha256"]) == len(row["content_sha256"]) == len(row["style_sha256"]) == 64


def test_trace_row_i_belongs_to_the_image_after_i_steps(lab: Any) -> None:
    for row in lab.rows():
        expected = _by_hand(lab, row)
        with lab.folder().trace(row["cell"]).open(newline="") as file:
            trace = list(csv.DictReader(file))
        assert [int(one["iteration"]) for one in trace] == list(range(ITERATIONS + 1))
        layers = [f"style:{layer}" for layer in SETS[row["layer_set"]]]
        assert list(trace[0]) == ["iteration", "total", "style", "content", *layers, "content:mix2"]
        found = [[float(value) for value in list(one.values())[1:]] for one in trace]
        np.testing.assert_allclose(found, expected["losses"], rtol=1e-12)


def test_results_are_those_of_the_last_image_and_of_the_best(lab: Any) -> None:
    for row in lab.rows():
        losses = _by_hand(lab, row)["losses"]
        best = int(np.argmin(losses[:, 0]))
        assert float(row["initial_total"]) == losses[0, 0]
        assert float(row["total"]) == losses[-1, 0]
        assert (float(row["best_total"]), int(row["best_iteration"])) == (losses[best, 0], best)
        assert float(row["style_weighted"]) == pytest.approx(100 * float(row["style_raw"]), rel=1e-9)
        assert float(row["content_weighted"]) == pytest.approx(float(row["content_raw"]), rel=1e-9)
        assert float(row["total"]) == pytest.approx(
            float(row["style_weighted"]) + float(row["content_weighted"]), rel=1e-9
        )
        assert (row["iterations_done"], row["evaluations"]) == (str(ITERATIONS), str(ITERATIONS + 1))


def test_losses_go_down(lab: Any) -> None:
    assert all(float(row["total"]) < 0.9 * float(row["initial_total"]) for row in lab.rows())


def test_images_are_the_last_and_the_best_one(lab: Any) -> None:
    for row in lab.rows():
        expected = _by_hand(lab, row)
        for path, name in ((lab.folder().image, "image"), (lab.folder().best_image, "best")):
            with Image.open(path(row["cell"])) as image:
                np.testing.assert_array_equal(np.asarray(image), to_uint8(expected[name]))


def test_images_carry_their_settings(lab: Any) -> None:
    for row in lab.rows():
        settings = read_settings(lab.folder().image(row["cell"]))
        assert settings["cell"] == row["cell"]
        assert settings["style_layers"] == list(SETS[row["layer_set"]])
        assert settings["optimizer"]["learning_rate"] == 2
        assert settings["content_sha256"] == row["content_sha256"]
        best = read_settings(lab.folder().best_image(row["cell"]))
        assert best["best_iteration"] == int(row["best_iteration"])


def test_times_are_there_and_those_of_the_job_only_once(lab: Any) -> None:
    rows = lab.rows()
    assert [bool(row["load_s"]) for row in rows] == [True, False, False, False]
    # Two layer sets of different depth: two compiled steps.
    assert [bool(row["first_step_s"]) for row in rows] == [True, True, False, False]
    assert all(float(row["optimise_s"]) > 0 and float(row["peak_memory_mb"]) > 1 for row in rows)


def test_no_iterations_is_the_start_image(lab: Any, new_lab: Any) -> None:
    assert lab.run("--set", "iterations=0", "--only", "wave/*/2", out="none")[0] == 0
    (row,) = lab.rows("none")
    assert row["total"] == row["initial_total"] == row["best_total"]
    assert (row["iterations_done"], row["evaluations"], row["best_iteration"]) == ("0", "1", "0")
    folder = lab.folder("none")
    assert len(folder.trace(row["cell"]).read_text().splitlines()) == 2
    with Image.open(folder.image(row["cell"])) as image, Image.open(folder.input("photo", 40)) as start:
        np.testing.assert_array_equal(np.asarray(image), np.asarray(start))


def test_where_it_is_started_nothing_is_imported_from(lab: Any) -> None:
    """A clone of nstbench, for one, is a folder of the name of the package."""
    (lab.path / "nstbench").mkdir()
    (lab.path / "msgspec.py").write_text("raise ImportError('the wrong one')")
    suite = str(lab.path / "suite.yaml")
    nstbench = [sys.executable, "-P", "-m", "nstbench"]  # as the installed command is: not its folder, either
    command = [*nstbench, "run", suite, "--only", "wave/*/2", "--out", str(lab.path / "inside")]
    environment = os.environ | lab.environment
    done = subprocess.run(command, cwd=lab.path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 ok" in done.stderr) == (0, True), done.stderr


def test_a_finished_run_has_nothing_to_do(lab: Any) -> None:
    before = lab.folder().records.read_bytes()
    assert lab.run()[0] == 0
    assert lab.folder().records.read_bytes() == before


def _by_hand(lab: Any, row: dict[str, str]) -> dict[str, Any]:
    """Do the cell's transfer here, with nothing of the runner, and only its own layers in the objective."""
    from nstbench_fake.backend import FakeBackend
    from nstbench_fake.network import FakeNet, read_weights

    backend, layers = FakeBackend(), SETS[row["layer_set"]]
    file = Path(__file__).parent / "fake" / "nstbench_fake" / "fakenet.json"
    plain = Preprocessing("RGB", (128.0,) * 3, (64.0,) * 3)
    weights = WeightSet("w", "fakenet", "", "fake", plain, read_weights(str(file), "fakenet"))
    objective = Objective(("mix2",), layers, content_mean, style_mean)
    session = backend.session(FakeNet(weights, ("mix1", "mix2", "mix3")), objective)
    content, style = (_pixels(lab.folder().input(row[role], 40)) for role in ("content", "style"))
    targets, factors = (
        session.targets(content, style),
        objective.weight_table([TermWeights(("mix2",), layers, 1, 100)]),
    )
    adam = Optimizer(name="adam", learning_rate=2, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
    state, tables, images = session.begin(content), [], [content]
    for step in [*schedule(adam, 0, ITERATIONS), STAY[0]]:
        state, table = session.advance(state, targets, factors, step[None])
        tables.append(table[0, 0])
        images.append(session.image(state))
    losses = np.array(tables, dtype=np.float64)
    return {"losses": losses, "image": images[-1][0], "best": images[int(np.argmin(losses[:, 0]))][0]}


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image, dtype=np.float32)[None]
