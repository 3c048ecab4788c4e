"""TensorBoard and MLflow look on at runs, where they are installed and not disabled."""

from __future__ import annotations

import re
import socket
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    not find_spec("tensorboard") or not find_spec("mlflow"), reason="pip install nstbench[mlflow,tensorboard]"
)


@pytest.fixture
def tracked(lab: Any) -> Any:
    """A lab in which everything that is installed looks on."""
    assert {"mlflow", "tensorboard"} <= {point.name for point in entry_points(group="nstbench")}
    lab.environment |= {"NSTBENCH_DISABLE_PLUGINS": "", "MLFLOW_TRACKING_URI": ""}
    lab.suite([["mix1"], ["step-sigkill"]], images={"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}})
    return lab


def attempts(lab: Any) -> list[str]:
    """Return the attempts that MLflow's local store has."""
    return sorted(path.read_text() for path in lab.folder().mlruns.rglob("tags/nstbench.attempt"))


def test_every_attempt_is_logged_once(tracked: Any) -> None:
    code, errors = tracked.run()
    assert (code, "plugin " in errors) == (1, False), errors
    cells = {path.name for path in tracked.folder().tensorboard.iterdir()}
    assert cells == {row["cell"] for row in tracked.rows()} and len(cells) == 2
    assert attempts(tracked) == ["1", "1"]
    assert tracked.run()[0] == 1
    assert attempts(tracked) == ["1", "1"]
    assert tracked.run("--retry", "failed")[0] == 1
    assert attempts(tracked) == ["1", "1", "2"]
    assert len(list(tracked.folder().tensorboard.rglob("events*"))) == 2


def test_judgements_are_logged_by_judge_metric_and_layer(tracked: Any) -> None:
    tracked.suite([["mix1"]], referee={"own": {"backbone": "fakenet", "style_layers": ["mix1", "mix4"]}})
    code, errors = tracked.run("--only", "photo/wave/*")
    assert (code, "plugin " in errors) == (0, False), errors
    (judge,) = tracked.folder().mlruns.rglob("metrics/own")
    names = {path.name for path in judge.iterdir()}
    assert {"style_distance", "style_distance.mix1", "style_distance.mix4", "content_distance"} <= names


def test_a_server_that_is_away_is_a_warning(tracked: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    code, errors = tracked.run(
        "--only", "photo/wave/fakenet/fake/fake-weights/1", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}"
    )
    assert code == 0, errors
    warnings = [line for line in errors.splitlines() if line.startswith("plugin ")]
    assert [re.sub(r"\(.*?\)", "()", line) for line in warnings] == [
        f"plugin mlflow: nstbench_cell_finished: RunError: MLflow at http://127.0.0.1:{port} does not answer (). "
        "The next try is in 5 minutes, or when all cells are done.",
        f"plugin mlflow: nstbench_run_finished: RunError: MLflow at http://127.0.0.1:{port} does not answer (). "
        "1 cell was not logged.",
    ]
    assert not tracked.folder().mlruns.exists()


def test_they_can_be_turned_off(tracked: Any) -> None:
    assert tracked.run(NSTBENCH_DISABLE_PLUGINS="mlflow,tensorboard")[0] == 1
    assert not tracked.folder().mlruns.exists() and not tracked.folder().tensorboard.exists()


def test_a_fresh_run_forgets_what_was_logged(tracked: Any) -> None:
    tracked.run()
    tracked.run("--fresh", NSTBENCH_DISABLE_PLUGINS="mlflow,tensorboard")
    assert not tracked.folder().mlruns.exists() and not tracked.folder().tensorboard.exists()
