"""The command in this process, where that is enough, in an empty folder with nothing of the user's in sight."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nstbench.cli import main

SUITE = """\
name: small
images:
  content: {chelsea: "skimage:chelsea"}
  style: {ihc: "skimage:immunohistochemistry"}
image_size: 64
backends: [torch, tensorflow]
backbones:
  vgg19:
    weights: random:0
    content_layers: [block2_conv2]
    style_layers: [block1_conv1, block2_conv1]
    content_weight: 1e5
    style_weight: 1.0e-2
iterations: 2
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]
WriteSuite = Callable[..., Path]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests here: weights are generated once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; no GPU, no weights of the user's."""
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(cache))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home" / "keras"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home" / "torch"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("NSTBENCH_DISABLE_PLUGINS", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def nstbench(capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(int(stopped.value.code or 0), printed.out, printed.err)

    return call


@pytest.fixture
def write_suite(here: Path) -> WriteSuite:
    """Return a function that writes the small suite, with parts of its text replaced, and returns its path."""

    def write(*replaced: tuple[str, str], text: str = SUITE) -> Path:
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        path = Path("small.yaml")
        path.write_text(text)
        return path

    return write


@pytest.fixture
def refused(nstbench: Command, here: Path) -> Callable[..., str]:
    """Return a function that calls a command, which must end with 2 and short sentences and leave no trace."""

    def call(*arguments: object) -> str:
        before = tree(here)
        ended = nstbench(*arguments)
        assert ended.code == 2, ended.out + ended.err
        assert "Traceback" not in ended.err and "internal error" not in ended.err
        for line in ended.err.strip().splitlines():
            assert len(line) < 500
            assert len(re.findall(r"[.?!](?=\s|$)", line.strip())) <= 2, line
        assert tree(here) == before
        return ended.err.strip() or "\n".join(line for line in ended.out.splitlines() if line.startswith("missing: "))

    return call


def tree(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}
