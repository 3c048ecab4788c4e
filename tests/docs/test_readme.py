"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nstbench.plugin import load_catalogue
from nstbench.suite import check_names, expand, parse_suite

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

WEIGHTS = """
import sys, torch
from nstbench_torch.imports import import_torchvision
torch.manual_seed(0)
torch.save(import_torchvision().alexnet().state_dict(), sys.argv[1])
"""
SUITE = """
name: alexnet
images: {content: {astronaut: "skimage:astronaut"}, style: {ihc: "skimage:immunohistochemistry"}}
image_size: 64
backends: [torch]
backbones: {alexnet: {weights: alexnet-imagenet}}
iterations: 2
referee: none
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_suite_is_valid_and_is_the_grid_it_says() -> None:
    catalogue = load_catalogue()
    suite = parse_suite(blocks("yaml")[0], Path("readme.yaml"), ())
    check_names(suite, catalogue)
    assert len(expand(suite, catalogue)) == 2 * 2 * 2 * 2  # backends, layer sets, style weights, learning rates


def test_the_pictures_and_files_it_links_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_it_names_exist() -> None:
    from nstbench.cli.app import cli

    commands = set(re.findall(r"^nstbench ([a-z]+)", README, flags=re.MULTILINE))
    assert commands == {"run", "plan", "report", "plugins", "backbones", "verify", "compare", "export", "init", "watch"}
    assert commands <= set(cli.commands)
    options = {name for option in cli.commands["run"].params for name in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)", README)) <= options


@pytest.mark.torch
def test_the_backbone_plugin_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, metadata = tmp_path / "site" / "my_alexnet", tmp_path / "site" / "my_alexnet-1.0.dist-info"
    package.mkdir(parents=True)
    metadata.mkdir()
    sources = [block for block in blocks("python") if block.startswith("# my_alexnet/")]
    for source in sources:
        (package / source.split("/")[1].split(".py")[0]).with_suffix(".py").write_text(source)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-alexnet\nVersion: 1.0\n")
    entry = blocks("toml")[0].replace("[project.entry-points.nstbench]", "[nstbench]").replace('"', "")
    (metadata / "entry_points.txt").write_text(entry)
    (tmp_path / "alexnet.yaml").write_text(SUITE)
    (tmp_path / "weights").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    target = tmp_path / "weights" / "alexnet-owt-7be5be79.pth"
    subprocess.run([sys.executable, "-c", WEIGHTS, str(target)], check=True)
    command = [sys.executable, "-m", "nstbench", "run", "alexnet.yaml", "--weights-dir", "weights", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 ok" in done.stderr
