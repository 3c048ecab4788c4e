"""Event files of every cell, read back by TensorBoard itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from nstbench.results import Record, RunFolder, Status, latest, read_records
from nstbench.results.trace import read_trace
from nstbench.testing.made_run import HOSTILE, made_run

if find_spec("tensorboard") is None:
    pytest.skip("TensorBoard is not installed: pip install nstbench[tensorboard]", allow_module_level=True)

READER = Path(__file__).with_name("event_files.py")
WATCH = """
import json, sys
from pathlib import Path
import msgspec
from nstbench.results import RunFolder, read_records
from nstbench_tensorboard import nstbench_cell_finished
for record in read_records(RunFolder(Path(sys.argv[1]))):
    nstbench_cell_finished(msgspec.to_builtins(record), sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


def watch(run: RunFolder) -> set[str]:
    """Observe all records of a run, in a process of its own; return what that imported."""
    done = subprocess.run([sys.executable, "-c", WATCH, run.path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return set(json.loads(done.stdout))


def read(run: RunFolder) -> Any:
    command = [sys.executable, READER, run.tensorboard]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Four cells: one ok, one without its picture, one that crashed, one ok with a hostile name."""
    return made_run(tmp_path_factory.mktemp("tensorboard") / "run")


@pytest.fixture(scope="module")
def imported(run: RunFolder) -> set[str]:
    return watch(run)


@pytest.fixture(scope="module")
def found(run: RunFolder, imported: set[str]) -> Any:
    return read(run)


@pytest.fixture(scope="module")
def records(run: RunFolder) -> dict[str, Record]:
    return latest(read_records(run))


def test_no_framework_is_imported(imported: set[str]) -> None:
    assert "tensorboard" in imported
    assert not imported & {"tensorflow", "torch", "jax", "keras", "pandas", "matplotlib"}


def test_every_cell_is_a_run_of_its_own(found: Any, records: dict[str, Record]) -> None:
    assert set(found["runs"]) == set(records) and len(records) == 4


def test_curves_are_those_of_the_trace(found: Any, run: RunFolder, records: dict[str, Record]) -> None:
    for cell, record in records.items():
        scalars = found["runs"][cell]["scalars"]
        if record.status is not Status.OK:
            assert not [tag for tag in scalars if tag.startswith("loss/")]
            continue
        trace = read_trace(run.trace(cell))
        for name in ("total", "style", "content"):
            steps, values = zip(*scalars[f"loss/{name}"], strict=True)
            assert list(steps) == trace["iteration"] == [0, 1, 2, 3, 4, 5]
            np.testing.assert_array_equal(np.float32(values), np.float32(trace[name]))


def test_final_numbers_are_those_of_the_record(found: Any, records: dict[str, Record]) -> None:
    compared = 0
    for cell, record in records.items():
        for tag, points in found["runs"][cell]["scalars"].items():
            if tag.startswith("result/"):
                value = getattr(record, tag.removeprefix("result/"))
                assert points == [[record.iterations_done, np.float32(value).item()]]
                compared += 1
    assert compared > 60


def test_the_page_of_hyperparameters_compares_the_cells(found: Any, records: dict[str, Record]) -> None:
    rows = {group["sessions"][0]["name"]: group for group in found["hparams"]}
    assert set(rows) == set(records)
    for cell, record in records.items():
        asked = rows[cell]["hparams"]
        assert (asked["label"], asked["style_layers"]) == (record.label, record.style_layers)
        assert (asked["learning_rate"], asked["iterations"]) == (record.learning_rate, 5.0)
        ok = record.status is Status.OK
        assert rows[cell]["sessions"][0]["status"] == ("STATUS_SUCCESS" if ok else "STATUS_FAILURE")
        results = {one["name"]["tag"]: one.get("value") for one in rows[cell].get("metricValues", [])}
        if ok:
            assert results["result/ssim_content"] == pytest.approx(record.ssim_content)
    assert HOSTILE in {row["hparams"]["label"] for row in rows.values()}


def test_how_a_cell_ended_is_told(found: Any, records: dict[str, Record]) -> None:
    for cell, record in records.items():
        said = found["runs"][cell]["texts"]["outcome"]
        assert said.startswith(f"**{record.status}**") and said.endswith(record.reason)


def test_the_picture_is_shown_and_small(found: Any, run: RunFolder, records: dict[str, Record]) -> None:
    shown = {cell for cell in records if "picture" in found["runs"][cell]["images"]}
    assert shown == {cell for cell in records if run.image(cell).exists()} and len(shown) == 2
    for cell in shown:
        with Image.open(run.image(cell)) as stored:
            assert found["runs"][cell]["images"]["picture"] == [5, *stored.size]
            jpeg = io.BytesIO(bytes.fromhex(found["runs"][cell]["jpegs"]["picture"]))
            with Image.open(jpeg) as seen:
                apart = np.asarray(seen, float) - np.asarray(stored.convert("RGB"), float)
        assert abs(apart.mean()) < 2  # noise of 40 grey levels does not survive JPEG; its mean does


def test_a_large_picture_is_made_smaller(run: RunFolder, tmp_path: Path, records: dict[str, Record]) -> None:
    from nstbench_tensorboard import nstbench_cell_finished

    folder, record = RunFolder(tmp_path), next(iter(records.values()))
    folder.cell(record.cell).mkdir(parents=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (600, 1200, 3), dtype=np.uint8)).save(
        folder.image(record.cell)
    )
    nstbench_cell_finished(msgspec.to_builtins(record), str(tmp_path))
    assert read(folder)["runs"][record.cell]["images"]["picture"] == [5, 512, 256]


def test_another_attempt_takes_the_place_of_the_first(run: RunFolder, tmp_path: Path) -> None:
    from nstbench_tensorboard import nstbench_cell_finished

    first = read_records(run)[0]
    for attempt, started in ((1, "2026-01-01T00:00:00+00:00"), (2, "2026-01-02T00:00:00+00:00")):
        record = msgspec.structs.replace(first, attempt=attempt, started=started, ssim_content=attempt / 4)
        nstbench_cell_finished(msgspec.to_builtins(record), str(tmp_path))
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.name == "events.out.tfevents.1767312000.nstbench"
    assert read(RunFolder(tmp_path))["runs"][first.cell]["scalars"]["result/ssim_content"] == [[5, 0.5]]


def test_files_name_no_host(run: RunFolder, imported: set[str]) -> None:
    names = [path.name for path in run.tensorboard.rglob("*") if path.is_file()]
    assert len(names) == 4 and {name.rpartition(".")[2] for name in names} == {"nstbench"}
