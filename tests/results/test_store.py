from __future__ import annotations

import errno
import logging
import os
import resource
import subprocess
import sys

import msgspec
import pytest

from nstbench.errors import RunError
from nstbench.results import Record, append, latest, read_records, scan_records


def test_append_and_read(folder, make_record):
    first, second = make_record("a", total=0.1 + 0.2), make_record("b", reason="päper | ☃\nline \u2028 two")
    append(folder, first)
    append(folder, second)
    assert read_records(folder) == [first, second]
    assert folder.records.read_bytes().count(b"\n") == 2


def test_no_file_is_no_records(folder):
    assert read_records(folder) == []


def test_latest_is_the_last_attempt(make_record):
    records = [make_record("a", attempt=1), make_record("b"), make_record("a", attempt=2)]
    assert latest(records) == {"a": records[2], "b": records[1]}


@pytest.mark.parametrize("kept", [1, 20, 300])
def test_a_torn_last_line_is_skipped_then_removed(folder, make_record, kept):
    append(folder, make_record("a"))
    whole = folder.records.read_bytes()
    folder.records.write_bytes(whole + whole[:kept])
    assert scan_records(folder) == ([make_record("a")], [])
    append(folder, make_record("b"))
    assert scan_records(folder) == ([make_record("a"), make_record("b")], [])
    assert folder.records.read_bytes().startswith(whole)


def test_a_long_torn_line_is_removed_whole(folder, make_record):
    append(folder, make_record("a"))
    with folder.records.open("ab") as file:
        file.write(b'{"cell": "' + b"x" * 200_000)
    append(folder, make_record("b"))
    assert [record.cell for record in read_records(folder)] == ["a", "b"]


def test_a_whole_line_that_lacks_only_its_newline_is_kept(folder, make_record):
    append(folder, make_record("a"))
    folder.records.write_bytes(folder.records.read_bytes().rstrip(b"\n"))
    assert [record.cell for record in read_records(folder)] == ["a"]
    append(folder, make_record("b"))
    assert [record.cell for record in read_records(folder)] == ["a", "b"]


def test_a_torn_only_line_and_zeros_of_a_power_cut(folder, make_record):
    folder.records.write_bytes(b'{"cell"')
    append(folder, make_record("a"))
    with folder.records.open("ab") as file:
        file.write(b"\0" * 512)
    append(folder, make_record("b"))
    assert scan_records(folder) == ([make_record("a"), make_record("b")], [])


def test_damage_in_the_middle_is_a_warning(folder, make_record, caplog):
    append(folder, make_record("a"))
    with folder.records.open("ab") as file:
        file.write(b"not json\n\xff\xfe\n\n")
    append(folder, make_record("b"))
    with caplog.at_level(logging.WARNING):
        assert [record.cell for record in read_records(folder)] == ["a", "b"]
    assert len(caplog.records) == 2
    assert "records.jsonl:2" in caplog.text


def test_unknown_fields_are_ignored_and_a_newer_schema_refused(folder, make_record):
    fields = msgspec.structs.asdict(make_record("a"))
    folder.records.write_bytes(msgspec.json.encode(fields | {"later": 1}) + b"\n")
    assert read_records(folder) == [make_record("a")]
    folder.records.write_bytes(msgspec.json.encode(fields | {"schema": 99}) + b"\n")
    with pytest.raises(RunError, match="newer nstbench"):
        read_records(folder)


def test_half_a_surrogate_pair_does_not_cost_the_record(folder, make_record):
    append(folder, make_record("a", reason="bad \ud800 text"))
    assert read_records(folder)[0].reason == "bad ? text"


def test_not_a_number_is_an_empty_field(folder, make_record):
    append(folder, make_record("a", total=float("nan"), best_total=float("inf")))
    assert (read_records(folder)[0].total, read_records(folder)[0].best_total) == (None, None)


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
def test_a_full_disk_leaves_the_file_as_it_was(folder, make_record, monkeypatch, call):
    append(folder, make_record("a"))
    before = folder.records.read_bytes()

    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(RunError, match="no space left"):
        append(folder, make_record("b"))
    monkeypatch.undo()
    assert folder.records.read_bytes() == before
    append(folder, make_record("b"))
    assert [record.cell for record in read_records(folder)] == ["a", "b"]


_FILL = """
import resource, signal, sys
from pathlib import Path
import msgspec
from nstbench.errors import RunError
from nstbench.results import Record, RunFolder, append
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = RunFolder(Path(sys.argv[1]))
record = msgspec.json.decode(sys.argv[2], type=Record)
resource.setrlimit(resource.RLIMIT_FSIZE, (folder.records.stat().st_size + 100, resource.RLIM_INFINITY))
try:
    append(folder, record)
except RunError as error:
    sys.exit("RunError: " + str(error))
"""


def test_a_write_that_stops_half_way_is_taken_back(folder, make_record):
    append(folder, make_record("a"))
    before = folder.records.read_bytes()
    line = msgspec.json.encode(make_record("b")).decode()
    done = subprocess.run([sys.executable, "-c", _FILL, folder.path, line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("RunError: cannot write")
    assert folder.records.read_bytes() == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_importing_results_imports_nothing_heavy():
    heavy = ("pandas", "numpy", "matplotlib", "PIL", "filelock")
    code = f"import sys, nstbench.results; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_field_survives(folder, make_record):
    append(folder, make_record("a", ssim_content=0.5, parameters_total=143_667_240))
    assert set(msgspec.json.decode(folder.records.read_bytes())) == set(Record.__struct_fields__)
