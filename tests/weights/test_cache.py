from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nstbench.errors import RunError, WeightsError
from nstbench.plugin.descriptors import Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights import Located, cached, canonicalise, load_weight_set, locate, save_weight_set, weights_info
from nstbench.weights.canonical import Header
from nstbench.weights.random import random_tensors

CAFFE = Preprocessing("BGR", (103.939, 116.779, 123.68))
READERS = """
import os, pathlib, time
import numpy as np
from nstbench.weights.random import random_tensors
def whole(path, backbone):
    print("chatter on standard output")
    with open(path + ".reads", "a") as file: file.write("x")
    return random_tensors(backbone, 5) | {"predictions/kernel": np.zeros((2, 2))}
def partial(path, backbone):
    return {name: one for name, one in random_tensors(backbone, 5).items() if name != "block2_conv1/bias"}
def misshapen(path, backbone):
    return random_tensors(backbone, 5) | {"block1_conv1/bias": np.zeros((1, 64))}
def infinite(path, backbone):
    return random_tensors(backbone, 5) | {"block1_conv1/bias": np.full((64,), np.inf)}
def raising(path, backbone):
    raise KeyError("first line\\nsecond line")
def killed(path, backbone):
    os.kill(os.getpid(), 9)
def sleeping(path, backbone):
    pathlib.Path(path + ".pid").write_text(str(os.getpid())); time.sleep(60)
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "some_readers.py").write_text(READERS)
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "published.xyz"
    path.write_bytes(b"published")
    return path


def announced(reader: str) -> WeightsInfo:
    files = {"vgg19": WeightsFile("published.xyz")}
    return WeightsInfo("some", f"some_readers:{reader}", files=files, architecture="keras", preprocessing=CAFFE)


def test_a_file_is_converted_once(source: Path) -> None:
    info, located = announced("whole"), Located("file", source)
    assert cached(located, info, "vgg19") is None
    path, sha256 = canonicalise(located, info, "vgg19")
    weights = load_weight_set(path)
    assert (weights.name, weights.sha256, weights.preprocessing) == ("some", sha256, CAFFE)
    assert weights.tensors.keys() == random_tensors("vgg19", 5).keys()
    np.testing.assert_array_equal(
        weights.tensors["block3_conv1/kernel"], random_tensors("vgg19", 5)["block3_conv1/kernel"]
    )
    assert canonicalise(located, info, "vgg19") == cached(located, info, "vgg19") == (path, sha256)
    assert Path(f"{source}.reads").read_text() == "x"
    source.write_bytes(b"published anew")
    other, _ = canonicalise(located, info, "vgg19")
    assert other != path and Path(f"{source}.reads").read_text() == "xx"


@pytest.mark.parametrize("damage", ["truncated", "changed", "gone", "no record"])
def test_a_damaged_cache_is_made_anew(damage: str) -> None:
    info = weights_info("random:1", {}, "vgg19")
    path, sha256 = canonicalise(locate(info, "vgg19"), info, "vgg19")
    data = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(data[:1000])
    elif damage == "changed":
        path.write_bytes(data[:-1] + b"!")
    elif damage == "gone":
        path.unlink()
    else:
        path.with_suffix(".json").write_text("{")
    assert cached(locate(info, "vgg19"), info, "vgg19") is None
    assert canonicalise(locate(info, "vgg19"), info, "vgg19") == (path, sha256)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("partial", r"do not fit vgg19 \(keras\): block2_conv1/bias is missing\.$"),
        ("misshapen", r"block1_conv1/bias has shape \(1, 64\) instead of \(64,\)\.$"),
        ("infinite", r"block1_conv1/bias holds values that are not finite\.$"),
        ("raising", r"its reader some_readers:raising failed: KeyError: 'first line"),
        ("killed", r"ended early \(exit -9\)\.$"),
        ("absent", r"failed: AttributeError"),
    ],
)
def test_what_goes_wrong_in_a_reader_is_one_line(source: Path, own_caches: Path, reader: str, message: str) -> None:
    with pytest.raises(WeightsError, match=message) as caught:
        canonicalise(Located("file", source), announced(reader), "vgg19")
    assert "\n" not in str(caught.value) and "some" in str(caught.value)
    assert list(own_caches.glob("weights/*")) == []


def test_missing_weights_say_what_to_do() -> None:
    with pytest.raises(WeightsError, match=r"^do this\.$"):
        canonicalise(Located("missing", problem="do this."), announced("whole"), "vgg19")


def test_a_cache_that_cannot_be_written(source: Path, own_caches: Path) -> None:
    own_caches.write_text("a file where the folder should be")
    with pytest.raises(RunError, match="cannot write"):
        canonicalise(Located("file", source), announced("whole"), "vgg19")


def test_a_readers_process_ends_with_its_parent(source: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(source.parent)!r})
from pathlib import Path
from nstbench.plugin.descriptors import *
from nstbench.weights import *
info = WeightsInfo("some", "some_readers:sleeping", files={{"vgg19": WeightsFile("published.xyz")}},
                   architecture="keras", preprocessing=Preprocessing("BGR", (1, 2, 3)))
canonicalise(Located("file", Path({str(source)!r})), info, "vgg19")
"""
    pid_file = Path(f"{source}.pid")
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        wait(lambda: pid_file.is_file() and pid_file.read_text() != "")
        child = int(pid_file.read_text())
        assert alive(child)
        parent.kill()
    wait(lambda: not alive(child), seconds=2)


def alive(pid: int) -> bool:
    """Whether it runs: one that has ended but that nobody has asked about yet is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_users_canonical_file_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preprocessing = Preprocessing("RGB", (1, 2, 3), (4, 5, 6))
    header = Header("mine", "vgg19", "torchvision", preprocessing)
    sha256 = save_weight_set(tmp_path / "w.safetensors", header, random_tensors("vgg19", 0))
    info = weights_info("file:w.safetensors", {}, "vgg19")
    assert (info.architecture, info.preprocessing) == ("torchvision", preprocessing)
    located = locate(info, "vgg19")
    assert (
        canonicalise(located, info, "vgg19") == cached(located, info, "vgg19") == (tmp_path / "w.safetensors", sha256)
    )
    assert locate(info, "resnet50").problem == "file:w.safetensors has no weights for resnet50, only for vgg19."
    (tmp_path / "w.safetensors").write_bytes((tmp_path / "w.safetensors").read_bytes()[:-10])
    with pytest.raises(WeightsError, match="is damaged"):
        canonicalise(located, info, "vgg19")
    assert "does not exist" in locate(weights_info("file:none.safetensors", {}, "vgg19"), "vgg19").problem


def test_where_a_file_lies_is_no_part_of_its_hash(source: Path) -> None:
    (source.parent / "elsewhere").mkdir()
    moved = Path(os.fspath(source.parent / "elsewhere" / source.name))
    moved.write_bytes(source.read_bytes())
    known = {"some": announced("whole")}
    found = []
    for path in (source, moved):
        info = weights_info(f"file:{path}", known, "vgg19")
        found.append(canonicalise(locate(info, "vgg19"), info, "vgg19"))
    assert found[0] == found[1]


def test_another_partys_safetensors_file_goes_through_its_reader(source: Path) -> None:
    path = source.with_suffix(".safetensors")
    path.write_bytes(b"a format of its own")
    assert canonicalise(Located("file", path), announced("whole"), "vgg19")[0] != path
    assert Path(f"{path}.reads").read_text() == "x"
