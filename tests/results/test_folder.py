from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from nstbench.errors import RunError
from nstbench.results import RunFolder, read_manifest, write_manifest


def test_create_makes_parents_and_may_be_repeated(tmp_path):
    folder = RunFolder(tmp_path / "a" / "b")
    folder.create()
    folder.create()
    assert [path.name for path in folder.path.iterdir()] == [".nstbench.lock"]


def test_paths(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.image("x") == tmp_path / "cells" / "x" / "image.png"
    assert folder.best_image("x") == tmp_path / "cells" / "x" / "image_best.png"
    assert folder.trace("x") == tmp_path / "cells" / "x" / "trace.csv"
    assert folder.input("photo", 128) == tmp_path / "inputs" / "photo-128.png"


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="part of the path is a file"):
        RunFolder(tmp_path / "file").create()
    with pytest.raises(RunError, match="part of the path is a file"):
        RunFolder(tmp_path / "file" / "run").create()


def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(RunError, match="not a run of nstbench"):
        RunFolder(tmp_path).create()
    (tmp_path / "run.json").write_text('{"some": "thing"}')
    with pytest.raises(RunError, match="not a run of nstbench"):
        RunFolder(tmp_path).create()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json", "thesis.tex"]


def test_a_run_folder_without_lock_file_is_accepted(folder, manifest):
    write_manifest(folder, manifest)
    folder.lock.unlink()
    (folder.path / "notes.txt").write_text("a reader's notes")
    folder.create()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_unwritable_is_one_sentence_with_a_remedy(tmp_path, monkeypatch, code):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(RunError) as caught:
        RunFolder(tmp_path / "run").create()
    assert os.strerror(code).lower() in str(caught.value)
    assert "--out" in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_frozen_is_never_written_to(folder, manifest):
    write_manifest(folder, msgspec.structs.replace(manifest, frozen=True))
    before = folder.manifest.read_bytes()
    with pytest.raises(RunError, match="exported copy"):
        folder.create()
    with pytest.raises(RunError, match="exported copy"):
        write_manifest(folder, manifest)
    assert folder.manifest.read_bytes() == before


def test_manifest_round_trip(folder, manifest):
    write_manifest(folder, manifest)
    assert read_manifest(folder) == manifest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "not a run folder"),
        ("{", "damaged"),
        ('{"schema": 1}', "damaged"),
        ('{"schema": 99, "nstbench": "9.0"}', "newer nstbench"),
    ],
)
def test_unusable_manifests(folder, text, message):
    if text is not None:
        folder.manifest.write_text(text)
    with pytest.raises(RunError, match=message):
        read_manifest(folder)
