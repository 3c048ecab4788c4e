"""Files of weights that cannot be used: exit code 2, a remedy, and no half-written run."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from .suites import TORCH, Refused, WriteSuite, assert_nothing_ran


def canonical(data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """A weights file of nstbench with these tensors, whatever data follow."""
    header: dict[str, object] = {}
    end = 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    preprocessing = {"channels": "RGB", "mean": [0, 0, 0], "std": [1, 1, 1]}
    about = {"name": "mine", "backbone": "vgg19", "architecture": "keras", "preprocessing": preprocessing}
    header["__metadata__"] = {"nstbench": json.dumps(about)}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


BAD_WEIGHTS = {
    "mine.safetensors": canonical(b"\0" * 100, {"block1_conv1/kernel": (3, 3, 3, 64)}),
    "no-header.safetensors": b"\x10\0\0\0",
    "empty.safetensors": b"",
    "other.safetensors": canonical(b"\0" * 16, {"dense/kernel": (2, 2)}),
    "mine.h5": b"\x89HDF\r\n\x1a\n" + b"\0" * 40,
    "text.h5": b"these are no weights",
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_a_weight_file_that_cannot_be_read(name: str, write_suite: WriteSuite, nstbench: Callable) -> None:
    Path(name).write_bytes(BAD_WEIGHTS[name])
    refuses_weights(nstbench, write_suite(("random:0", f"file:{name}"), TORCH), name)


@pytest.mark.torch
def test_a_truncated_file_of_torch(write_suite: WriteSuite, nstbench: Callable) -> None:
    Path("mine.pth").write_bytes(b"PK\x03\x04" + b"\0" * 1000)
    refuses_weights(nstbench, write_suite(("random:0", "file:mine.pth"), TORCH), "mine.pth")


def refuses_weights(nstbench: Callable, suite: Path, name: str) -> None:
    ended = nstbench("run", suite, "--out", "out")
    assert ended.code == 2, ended.out + ended.err
    assert name in ended.err
    assert len(ended.err.strip().splitlines()) == 1 and ended.err.count(". ") <= 1
    assert len(ended.err) < 500
    assert_nothing_ran()


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.h5", "gone.h5 does not exist"),
        ("gone.safetensors", "gone.safetensors does not exist"),
        ("folder.h5", "folder.h5 is a folder"),
        ("weights.txt", "'.txt' file"),
    ],
)
def test_a_weight_file_that_is_none(
    command: str, name: str, reason: str, write_suite: WriteSuite, refused: Refused
) -> None:
    Path("folder.h5").mkdir()
    assert reason in refused(command, write_suite(("random:0", f"file:{name}")))


def test_a_weight_file_is_looked_for_beside_the_suite(write_suite: WriteSuite, refused: Refused) -> None:
    Path("sub").mkdir()
    suite = write_suite(("random:0", "file:gone.h5")).rename(Path("sub/suite.yaml"))
    said = refused("plan", suite)
    assert str(Path("sub/gone.h5").absolute()) in said and "file:file:" not in said


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_published_file_with_a_wrong_hash(command: str, write_suite: WriteSuite, refused: Refused) -> None:
    path = Path("weights/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5")
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 1000)
    said = refused(command, write_suite(("random:0", "keras-imagenet")), "--weights-dir", "weights")
    assert str(path) in said and "is damaged or another file" in said and "--weights-dir" in said
    assert len(said.splitlines()) == 1


def test_a_folder_of_weights_that_is_not_there(write_suite: WriteSuite, refused: Refused) -> None:
    suite = write_suite(("random:0", "keras-imagenet"))
    assert "nowhere is not a folder" in refused("run", suite, "--weights-dir", "nowhere")


def test_weights_for_another_network(write_suite: WriteSuite, refused: Refused) -> None:
    said = refused("plan", write_suite(("random:0", "torchvision-imagenet1k-v2")))
    assert "vgg19 takes no weights 'torchvision-imagenet1k-v2'" in said
