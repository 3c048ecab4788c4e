"""Runs of MLflow's, read back from its own local store; a server that is away."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nstbench.errors import RunError
from nstbench.results import Record, RunFolder, Status, read_records, read_results
from nstbench.results.parts import measures, settings
from nstbench.results.trace import read_trace
from nstbench.testing.made_run import made_run

if find_spec("mlflow") is None:
    pytest.skip("MLflow is not installed: pip install nstbench[mlflow]", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # of MLflow and what it imports, when it is read back


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Four cells: one ok, one without its picture, one that crashed, one ok with a hostile name."""
    return made_run(tmp_path_factory.mktemp("mlflow") / "run # ü")


def watch(run: RunFolder, records: list[Record]) -> None:
    from nstbench_mlflow import nstbench_cell_finished, nstbench_run_finished

    for record in records:
        nstbench_cell_finished(msgspec.to_builtins(record), str(run.path))
    nstbench_run_finished(str(run.path))


def client(run: RunFolder) -> Any:
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # removed by monkeypatch: `no_server` of the next test
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=run.mlruns.as_uri())


def _experiment(found: Any) -> str:
    return str(found.get_experiment_by_name("made-up").experiment_id)


@pytest.fixture(scope="module")
def logged(run: RunFolder) -> Iterator[dict[str, Any]]:
    """MLflow's runs by cell."""
    watch(run, read_records(run))
    assert not [name for name in os.environ if name.startswith("MLFLOW_")]
    found = client(run)
    runs = {one.data.tags["nstbench.cell"]: one for one in found.search_runs([_experiment(found)])}
    yield runs
    os.environ.pop("MLFLOW_ALLOW_FILE_STORE", None)


@pytest.fixture
def records(run: RunFolder) -> dict[str, Record]:
    return {record.cell: record for record in read_records(run)}


def test_every_cell_is_a_run_with_its_status(logged: dict[str, Any], records: dict[str, Record]) -> None:
    assert set(logged) == set(records) and len(records) == 4
    for cell, record in records.items():
        tags = logged[cell].data.tags
        assert logged[cell].info.status == ("FINISHED" if record.status is Status.OK else "FAILED")
        assert logged[cell].info.run_name == cell
        assert (tags["nstbench.status"], tags["nstbench.attempt"]) == (record.status, "1")
        assert (tags["nstbench.machine"], tags["nstbench.run"]) == (record.machine, "run # ü")
        assert tags.get("nstbench.reason", "") == record.reason
        if record.status is Status.OK:
            assert logged[cell].info.end_time - logged[cell].info.start_time == 2000  # elapsed_s


def test_what_only_the_whole_run_can_tell_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparison and marks are worked out over all cells, and referees come last."""
    from nstbench_mlflow import whole

    def judged(run: Path) -> Any:
        table = read_results(run)
        return table.assign(
            comparison=["closed", "open: steps", None, "closed"],
            marks=["still-falling", "", "", ""],
            **{"vgg19:style_distance": [0.5, 0.25, float("nan"), 0.125]},
        )

    monkeypatch.setattr(whole, "read_results", judged)
    other = made_run(tmp_path / "run")
    watch(other, read_records(other))
    found = client(other)
    runs = {one.data.tags["nstbench.cell"]: one.data for one in found.search_runs([_experiment(found)])}
    cells = [runs[record.cell] for record in read_records(other)]
    assert [one.tags.get("nstbench.comparison") for one in cells] == ["closed", "open: steps", None, "closed"]
    assert [one.tags.get("nstbench.marks") for one in cells] == ["still-falling", None, None, None]
    assert [one.metrics.get("vgg19/style_distance") for one in cells] == [0.5, 0.25, None, 0.125]


def test_parameters_and_metrics_are_the_records(logged: dict[str, Any], records: dict[str, Record]) -> None:
    for cell, record in records.items():
        stored, data = msgspec.to_builtins(record), logged[cell].data
        assert data.params == {name: str(value) for name, value in settings(stored).items()}
        numbers = {name: value for name, value in data.metrics.items() if not name.startswith("loss/")}
        assert numbers == measures(stored)
        assert (len(numbers) > 15) == (record.status is Status.OK)


def test_losses_are_those_of_every_iteration(
    run: RunFolder, logged: dict[str, Any], records: dict[str, Record]
) -> None:
    compared = 0
    for cell in [cell for cell, record in records.items() if record.status is Status.OK]:
        trace = read_trace(run.trace(cell))
        for name in ("total", "style", "content"):
            history = client(run).get_metric_history(logged[cell].info.run_id, f"loss/{name}")
            points = sorted((one.step, one.value) for one in history)
            assert points == list(zip(map(int, trace["iteration"]), trace[name], strict=True))
            compared += len(points)
    assert compared == 3 * 3 * 6


def test_files_are_picture_and_trace(run: RunFolder, logged: dict[str, Any], records: dict[str, Record]) -> None:
    for cell in records:
        folder = Path(re.sub("^file://", "", client(run).download_artifacts(logged[cell].info.run_id, "")))
        here = [path for path in (run.image(cell), run.trace(cell)) if path.exists()]
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            path.name: path.read_bytes() for path in here
        }


def test_long_traces_are_logged_in_parts(run: RunFolder, tmp_path: Path) -> None:
    other, record = made_run(tmp_path / "run"), next(iter(read_records(run)))
    rows = [f"{step},{3 + step},{1 + step},2" for step in range(1501)]
    other.trace(record.cell).write_text("\n".join(["iteration,total,style,content", *rows]))
    watch(other, [record])
    found = client(other)
    [one] = found.search_runs([_experiment(found)])
    totals = {point.step: point.value for point in found.get_metric_history(one.info.run_id, "loss/total")}
    assert totals == {step: 3.0 + step for step in range(1501)}


def test_another_attempt_is_another_run(tmp_path: Path) -> None:
    other = made_run(tmp_path / "run")
    record = read_records(other)[0]
    watch(other, [record, msgspec.structs.replace(record, attempt=2)])
    found = client(other)
    runs = found.search_runs([_experiment(found)])
    assert {one.info.run_name for one in runs} == {record.cell, f"{record.cell} (attempt 2)"}
    assert {one.data.tags["nstbench.attempt"] for one in runs} == {"1", "2"}


def test_a_server_that_is_away_costs_seconds_and_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there; it comes back (as a folder) before the end."""
    from nstbench_mlflow import nstbench_cell_finished, nstbench_run_finished

    other = made_run(tmp_path / "run")
    first, *more = [msgspec.to_builtins(record) for record in read_records(other)]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://anna:secret@127.0.0.1:{port}")
    begun = time.monotonic()
    with pytest.raises(
        RunError, match=rf"^MLflow at http://127\.0\.0\.1:{port} does not answer \(ConnectionError\)\. "
    ):
        nstbench_cell_finished(first, str(other.path))
    for record in more:
        nstbench_cell_finished(record, str(other.path))  # it is left alone
    assert time.monotonic() - begun < 20
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    nstbench_run_finished(str(other.path))
    found = client(other)
    assert len(found.search_runs([_experiment(found)])) == 4


def test_a_server_that_stays_away_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nstbench_mlflow import nstbench_cell_finished, nstbench_run_finished

    other = made_run(tmp_path / "run")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    with pytest.raises(RunError, match="next try"):
        nstbench_cell_finished(msgspec.to_builtins(read_records(other)[0]), str(other.path))
    with pytest.raises(RunError, match=r"does not answer .* 1 cell was not logged\.$"):
        nstbench_run_finished(str(other.path))
    assert not other.mlruns.exists()


def test_what_the_user_has_set_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "false")
    from nstbench_mlflow import nstbench_cell_finished, nstbench_run_finished

    other = made_run(tmp_path / "run")
    with pytest.raises(Exception, match="MLFLOW_ALLOW_FILE_STORE"):
        nstbench_cell_finished(msgspec.to_builtins(read_records(other)[0]), str(other.path))
    nstbench_run_finished(str(other.path))
    assert os.environ["MLFLOW_ALLOW_FILE_STORE"] == "false"
