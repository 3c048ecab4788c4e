from __future__ import annotations

import pandas as pd
import pytest

from nstbench.errors import RunError
from nstbench.results import Status, append, read_results, result_columns, to_frame, write_manifest


def test_one_row_per_cell_in_grid_order(folder, manifest, make_record):
    write_manifest(folder, manifest)
    for record in (
        make_record("c", total=1.5),
        make_record("gone"),
        make_record("a", status=Status.OOM, attempt=1),
        make_record("a", attempt=2, height=96, total=2.0),
    ):
        append(folder, record)
    frame = read_results(folder.path)
    assert tuple(frame.columns) == result_columns()
    assert list(frame["cell"]) == ["a", "c"]
    assert list(frame["total"]) == [2.0, 1.5]
    assert frame["height"][0] == 96
    assert frame["height"][1] is pd.NA
    assert frame["status"][0] == "ok"


def test_types_depend_on_the_schema_alone(make_record):
    full = make_record("a", height=1, total=1.0, device="cpu", reason="x", best_iteration=1, learning_rate=5)
    types = [dict(to_frame(records).dtypes) for records in ([], [make_record("a")], [full], [full, make_record("b")])]
    assert all(each == types[0] for each in types)
    assert types[0]["iterations"] == "Int64"
    assert types[0]["height"] == "Int64"
    assert types[0]["total"] == "float64"
    assert types[0]["learning_rate"] == "float64"
    assert types[0]["device"] == "string"
    assert list(types[0]["status"].categories) == [status.value for status in Status]
    assert not {"identity", "job", "schema"} & set(types[0])


def test_no_run_folder(tmp_path):
    with pytest.raises(RunError, match="not a run folder"):
        read_results(tmp_path)


def test_a_run_without_records(folder, manifest):
    write_manifest(folder, manifest)
    assert read_results(str(folder.path)).shape == (0, len(result_columns()))
