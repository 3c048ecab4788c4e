from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import Preprocessing
from nstbench.weights import load_weight_set, save_weight_set
from nstbench.weights.canonical import Header, check_file, read_header
from nstbench.weights.random import random_tensors

HEADER = Header("keras-x", "vgg19", "keras", Preprocessing("RGB", (1.5, 2, 3), (4, 5, 6)), "ab" * 32)
TENSORS = {"b/kernel": np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4), "a/bias": np.ones(4, np.float32)}


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    sha256 = save_weight_set(path, HEADER, TENSORS)
    found = load_weight_set(path)
    assert (found.name, found.architecture, found.preprocessing) == ("keras-x", "keras", HEADER.preprocessing)
    assert sha256 == found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_header(path) == HEADER
    assert set(found.tensors) == set(TENSORS)
    for name, values in TENSORS.items():
        np.testing.assert_array_equal(found.tensors[name], values)


def test_the_same_tensors_give_the_same_bytes(tmp_path: Path) -> None:
    fortran = {name: np.asfortranarray(values) for name, values in reversed(TENSORS.items())}
    digests = {
        save_weight_set(tmp_path / f"{i}.safetensors", HEADER, given) for i, given in enumerate([TENSORS, fortran])
    }
    assert digests == {save_weight_set(tmp_path / "3.safetensors", HEADER, TENSORS)}


@pytest.mark.parametrize("kept", [0, 4, 40, -1])
def test_a_truncated_file_is_an_error(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "w.safetensors"
    save_weight_set(path, HEADER, TENSORS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(WeightsError, match=str(path)):
        load_weight_set(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 100,
        b"[]",
        b"[" * 100_000,
        b'{"__metadata__": {}}',
        b'{"__metadata__": {"nstbench": "{}"}}',
        json.dumps({"__metadata__": {"nstbench": json.dumps({"preprocessing": {"channels": "x"}})}}).encode(),
    ],
)
def test_files_of_other_kinds_are_errors(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    with pytest.raises(WeightsError, match="is not a weights file of nstbench"):
        read_header(path)


def test_missing_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot read"):
        read_header(tmp_path / "w.safetensors")


def test_shapes_are_checked_without_reading_the_tensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    tensors = random_tensors("vgg19", 0)
    save_weight_set(path, HEADER, tensors)
    check_file(path, "vgg19")
    del tensors["block4_conv2/bias"]
    save_weight_set(path, HEADER, tensors)
    with pytest.raises(WeightsError, match="block4_conv2/bias is missing"):
        check_file(path, "vgg19")
