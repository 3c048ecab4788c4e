"""Every hook has a section in the reference, with an example that works, and is used by a plugin of another test."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nstbench.plugin import load_catalogue, spec

from .pages import DOCS

PAGE = (DOCS / "reference/hooks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (nstbench_\w+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
TESTS = Path(__file__).parents[1]
SEEN = {"cell": {"content": "cat"}, "record": {"cell": "cat_hubble", "status": "ok"}, "run": "reports/mine"}
"""What observers are called with, by argument."""


def example(hook: str) -> str:
    found = re.findall(r"```python\n(.*?)```", SECTIONS[hook], flags=re.DOTALL)
    assert len(found) == 1, f"{hook} needs one example"
    return str(found[0])


def implemented(text: str) -> set[str]:
    """Return the hooks that a source implements, in itself or in a plugin that it writes."""
    return {
        node.name
        for tree in _trees(text)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any(_is_hookimpl(one) for one in node.decorator_list)
    }


def _trees(text: str) -> Iterator[ast.AST]:
    tree = ast.parse(text)
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "@hookimpl" in node.value:
            with contextlib.suppress(SyntaxError):  # a part of a source that is put together
                yield ast.parse(inspect.cleandoc(node.value))


def _is_hookimpl(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "hookimpl"


def install(source: str, site: Path) -> None:
    info = site / "nst_example-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nst-example\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nstbench]\nexample = nst_example\n")
    (site / "nst_example.py").write_text(source)


def test_every_hook_has_a_section_and_nothing_else_has() -> None:
    assert list(SECTIONS) == [name for name in vars(spec) if name.startswith("nstbench_")]  # in the same order
    assert set(SECTIONS) == set(spec.__all__)


@pytest.mark.parametrize("hook", spec.__all__)
def test_its_example_announces_or_observes(
    hook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"::: nstbench.plugin.spec.{hook}\n" in SECTIONS[hook]
    install(example(hook), tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "nst_example", raising=False)
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", "mlflow,tensorboard")
    catalogue = load_catalogue()
    assert [one for one in catalogue.problems if one.plugin == "example"] == []
    assert [one.plugin_name for one in catalogue.discovery.implementations(hook)].count("example") == 1
    arguments = list(inspect.signature(getattr(spec, hook)).parameters)
    if not arguments:
        assert [kind for (kind, _), owner in catalogue.owners.items() if owner == "example"]
        return
    problems = catalogue.notify(hook, **{name: SEEN[name] for name in arguments})
    assert [one for one in problems if one.plugin == "example"] == []
    assert re.search("cat_hubble: ok|reports/mine", capsys.readouterr().err)


def test_every_hook_is_implemented_by_a_plugin_of_a_test() -> None:
    sources = [path for path in TESTS.rglob("*.py") if Path(__file__).parent not in path.parents]
    found = set().union(*(implemented(path.read_text(encoding="utf-8")) for path in sources))
    assert set(spec.__all__) - found == set()
