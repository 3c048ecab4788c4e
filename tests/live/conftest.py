"""Plans of suites that nobody runs, and what their workers might tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import nstbench
from nstbench.execute.plan import Plan

SUITE = """
name: live
images: {content: {a: "skimage:astronaut"}, style: {b: "skimage:immunohistochemistry", c: "skimage:coffee"}}
image_size: 64
backends: [torch]
threads: 1
backbones:
  vgg19: {weights: "random:0", style_layers: {prefixes: [block1_conv1, block5_conv1]}, content_layers: [block1_conv1]}
  resnet50: {weights: "random:0", style_layers: [conv2_block2_2_bn], content_layers: [conv1_bn]}
iterations: 9
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No speeds of this machine are known."""
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    def make(text: str = SUITE, **options: object) -> Plan:
        path = tmp_path / "suite.yaml"
        path.write_text(text)
        return nstbench.plan(path, out=tmp_path / "run", device="cpu", **options)

    return make
