"""One bad plugin is listed with the stage and the reason, and everything else works on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from nstbench.plugin import Catalogue, load_catalogue

HEAD = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, LossInfo, ReporterInfo, WeightsInfo

def backbone(name="other", target="nst_bad.network:build", **changes):
    given = dict(backend="torch", layers={"a": "0"}, content_layers=("a",), style_layers=("a",), weights=("random",))
    return BackboneInfo(name, target, **given | changes)
"""


def hook(body: str, name: str = "nstbench_backbones", arguments: str = "", options: str = "") -> str:
    return f"{HEAD}\n@hookimpl({options})\ndef {name}({arguments}):\n    {body}\n"


def reporters(*files: str) -> str:
    yields = [f"yield ReporterInfo('r{number}', 'm:r', files={own})" for number, own in enumerate(files)]
    return hook("; ".join(yields), name="nstbench_reporters")


BAD = {
    "raises on import": ("raise RuntimeError('no such\\n  thing')", "import", "RuntimeError: no such thing"),
    "raises nothing to read": ("raise ValueError", "import", "ValueError: no message"),
    "misses a package": ("import not_there_at_all", "import", "No module named 'not_there_at_all'"),
    "is no Python": ("def (", "import", "SyntaxError"),
    "exits on import": ("import sys; sys.exit('go away')", "import", "SystemExit: go away"),
    "misspelt hook": (hook("return []", name="nstbench_backbone"), "hooks", "nstbench_backbone"),
    "wrong argument": (hook("return []", arguments="catalog"), "hooks", "catalog"),
    "wrong argument of an observer": (
        hook("pass", name="nstbench_cell_finished", arguments="cell, recrod"),
        "hooks",
        "recrod",
    ),
    "raises": (hook("raise OSError('disk on fire')"), "nstbench_backbones", "OSError: disk on fire"),
    "exits": (hook("raise SystemExit(3)"), "nstbench_backbones", "SystemExit: 3"),
    "not iterable": (hook("return 5"), "nstbench_backbones", "'int' object is not iterable"),
    "a text": (hook("return ['vgg19']"), "nstbench_backbones", "expected BackboneInfo, got str"),
    "wrong type": (hook("return [BackendInfo('x', 'm:x')]"), "nstbench_backbones", "expected BackboneInfo"),
    "newer API": (hook("return [backbone(api=(2, 0))]"), "nstbench_backbones", "is written for plugin API (2, 0)"),
    "newer minor API": (hook("return [backbone(api=(1, 9))]"), "nstbench_backbones", "API (1, 9), this is (1, 0)"),
    "an API of no sense": (hook("return [backbone(api='new')]"), "nstbench_backbones", "'other'"),
    "unknown field": (hook("return [backbone(colour='red')]"), "nstbench_backbones", "colour"),
    "duplicate name": (hook("return [backbone('vgg19')]"), "nstbench_backbones", "announced by plugin 'torch'"),
    "duplicate name, first in line": (
        hook("return [backbone('vgg19')]", options="trylast=True"),
        "nstbench_backbones",
        "announced by plugin 'torch'",
    ),
    "wrapper": (hook("yield", options="wrapper=True"), "nstbench_backbones", "expected BackboneInfo, got NoneType"),
    "bad name": (hook("return [backbone('../x')]"), "nstbench_backbones", "bad name"),
    "name that is no text": (hook("return [backbone(7)]"), "nstbench_backbones", "TypeError"),
    "a text for a list": (hook("return [backbone(weights=('random'))]"), "nstbench_backbones", "`$.weights`"),
    "a number for a name": (hook("return [backbone(layers={'a': 0})]"), "nstbench_backbones", "`$.layers"),
    "what no file can hold": (hook("return [backbone(layers={'a': object()})]"), "nstbench_backbones", "plain data"),
    "no layers": (hook("return [backbone(layers=None)]"), "nstbench_backbones", "`$.layers`"),
    "bad target": (hook("return [backbone(target='nst_bad')]"), "nstbench_backbones", "'nst_bad'"),
    "no such backend": (hook("return [backbone(backend='mxnet')]"), "nstbench_backbones", "'mxnet', which no working"),
    "layer not in table": (hook("return [backbone(style_layers=('b',))]"), "nstbench_backbones", "default layer 'b'"),
    "a reporter of no files": (reporters("()"), "nstbench_reporters", "reporter 'r0' names no files"),
    "a text for a list of files": (reporters("('gallery.html')"), "nstbench_reporters", "`$.files`"),
    "a file elsewhere": (reporters("('../gallery.html',)"), "nstbench_reporters", "'../gallery.html' is no name"),
    "a hidden file": (reporters("('.gallery',)"), "nstbench_reporters", "'.gallery' is no name for a file"),
    "nstbench's file": (reporters("('a.html', 'Report.md')"), "nstbench_reporters", "'Report.md' in a run folder"),
    "nstbench's folder": (reporters("('cells',)"), "nstbench_reporters", "'cells' in a run folder belongs to nstbench"),
    "another's file": (reporters("('a', 'b')", "('c', 'B')"), "nstbench_reporters", "belongs to reporter 'r0'"),
    "no default layers": (hook("return [backbone(content_layers=())]"), "nstbench_backbones", "default content"),
}  # fmt: skip


def plain(catalogue: Catalogue) -> set[object]:
    return {*catalogue.backends, *catalogue.backbones, *catalogue.weights, *catalogue.losses}


@pytest.fixture
def usual(site: Path) -> set[object]:
    """What is there without any third party."""
    catalogue = load_catalogue()
    assert not catalogue.problems
    return plain(catalogue)


def test_a_good_plugin(usual: set[object], good: Path) -> None:
    catalogue = load_catalogue()
    assert not catalogue.problems
    assert plain(catalogue) == usual | {("torch", "tiny")}
    provider = catalogue.provider("backbones", ("torch", "tiny"))
    assert provider is not None
    assert (provider.plugin, provider.module) == ("nst_good", "nst_good")
    assert (provider.distribution, provider.version) == ("nst-good", "1.2.3")
    assert catalogue.provider("losses", ("style", "gatys")) is None  # built in


@pytest.mark.parametrize("case", BAD)
def test_a_bad_plugin_costs_nobody_else(
    case: str, usual: set[object], install: Callable[..., Path], good: Path
) -> None:
    source, stage, reason = BAD[case]
    install("nst_bad", source)
    catalogue = load_catalogue()
    assert [(problem.plugin, problem.stage) for problem in catalogue.problems] == [("nst_bad", stage)]
    assert reason in catalogue.problems[0].error
    assert "\n" not in catalogue.problems[0].error
    assert plain(catalogue) == usual | {("torch", "tiny")}


def test_any_mapping_will_do(install: Callable[..., Path]) -> None:
    proxy = "layers=types.MappingProxyType({'a': '0', 'b': '1'})"
    install("nst_proxy", f"import types\n{hook(f'return [backbone({proxy})]')}")
    catalogue = load_catalogue()
    assert not catalogue.problems
    info = catalogue.backbones["torch", "other"]
    assert msgspec.json.decode(msgspec.json.encode(info), type=type(info)) == info


def test_ctrl_c_is_not_swallowed(install: Callable[..., Path]) -> None:
    install("nst_bad", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_catalogue()


def test_ctrl_c_in_a_hook_is_not_swallowed(install: Callable[..., Path]) -> None:
    install("nst_bad", hook("raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        load_catalogue()


def test_a_misspelt_optional_hook_is_allowed(install: Callable[..., Path]) -> None:
    """How a plugin implements a hook that only a later nstbench has."""
    source = (
        "from nstbench import hookimpl\n\n@hookimpl(optionalhook=True)\ndef nstbench_of_tomorrow():\n    return []\n"
    )
    install("nst_tomorrow", source)
    assert not load_catalogue().problems


def test_what_a_generator_yields_before_it_raises_counts(usual: set[object], install: Callable[..., Path]) -> None:
    install("nst_half", hook("yield backbone('first'); raise RuntimeError('midway'); yield backbone('second')"))
    catalogue = load_catalogue()
    assert plain(catalogue) == usual | {("torch", "first")}
    assert [(one.stage, one.error) for one in catalogue.problems] == [("nstbench_backbones", "RuntimeError: midway")]


def test_one_bad_descriptor_leaves_the_plugins_others(usual: set[object], install: Callable[..., Path]) -> None:
    install("nst_mixed", hook("return [backbone(api=(2, 0)), backbone('fine'), backbone('fine')]"))
    catalogue = load_catalogue()
    assert plain(catalogue) == usual | {("torch", "fine")}
    assert len(catalogue.problems) == 2


@pytest.mark.parametrize("distribution", ["aaa-first", "zzz-last"])
def test_an_entry_point_name_that_is_taken(usual: set[object], install: Callable[..., Path], distribution: str) -> None:
    """What comes with nstbench keeps its name, whatever the other distribution is called."""
    install("nst_impostor", hook("return [backbone()]"), point="torch", distribution=distribution)
    catalogue = load_catalogue()
    assert plain(catalogue) == usual
    [problem] = catalogue.problems
    assert problem.stage == "import"
    assert "'torch' is taken by nstbench" in problem.error
    provider = catalogue.discovery.providers[problem.plugin]
    assert (provider.distribution, provider.version) == (distribution, "1.2.3")
    assert "nst_impostor" not in sys.modules


def test_a_taken_name_does_not_depend_on_how_the_plugin_is_called(
    usual: set[object], install: Callable[..., Path]
) -> None:
    install("aaa_first", hook("return [backbone('vgg19')]"))
    catalogue = load_catalogue()
    assert [problem.plugin for problem in catalogue.problems] == ["aaa_first"]
    assert catalogue.owners["backbones", ("torch", "vgg19")] == "torch"


def test_the_same_distribution_twice_on_the_path(
    site: Path, usual: set[object], good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    catalogue = load_catalogue()
    assert not catalogue.problems
    assert ("torch", "tiny") in catalogue.backbones


def test_lazy_attributes_are_not_touched(install: Callable[..., Path]) -> None:
    """PEP 562: a module that would import its framework when asked for any attribute."""
    lazy = (
        "\n__all__ = ['Heavy', 'nstbench_backbones']\n"
        "def __dir__():\n    return ['Heavy', 'nstbench_backbones']\n"
        "def __getattr__(name):\n    raise SystemExit(f'{name}: a heavy import')\n"
    )
    install("nst_lazy", hook("return [backbone()]") + lazy)
    catalogue = load_catalogue()
    assert not catalogue.problems
    assert ("torch", "other") in catalogue.backbones


@pytest.mark.parametrize("value", ["nst_good", "nst_bad, nst_good", " nst_good ,"])
def test_disabled(usual: set[object], good: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", value)
    catalogue = load_catalogue()
    assert plain(catalogue) == usual
    assert [(problem.plugin, problem.stage) for problem in catalogue.problems] == [("nst_good", "disabled")]
    assert "nst_good" not in sys.modules


def test_without_its_backend_a_backbone_is_a_problem(good: Path, monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", "torch")
    catalogue = load_catalogue()
    assert {backend for backend, _ in catalogue.backbones} == {"tensorflow", "jax"}
    stages = {problem.plugin: problem.stage for problem in catalogue.problems}
    # Others on torch, where they are installed:
    assert stages.pop("efficientnet-lite", "nstbench_backbones") == "nstbench_backbones"
    assert stages.pop("timm", "nstbench_backbone_families") == "nstbench_backbone_families"
    assert stages == {"torch": "disabled", "nst_good": "nstbench_backbones"}
