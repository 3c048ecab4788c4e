"""The code that counts for what is announced: that of its plugin, of its target, and of what it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.plugin import Catalogue, load_catalogue
from nstbench.plugin import code as room
from nstbench.plugin.code import announced_code, package_code

PLUGIN = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackendInfo, LossInfo

@hookimpl
def nstbench_backends():
    yield BackendInfo("split", "nst_backend.backend:Backend", code=("nst_library",))

@hookimpl
def nstbench_losses():
    yield LossInfo("ours", "nstbench.transfer.losses:content_mean", role="content", source="nobody")
"""
LIBRARY = "from nstbench import hookimpl\n"


@pytest.fixture
def catalogue(install: Callable[..., Path]) -> Catalogue:
    install("nst_plugin", PLUGIN)
    return load_catalogue()


@pytest.mark.parametrize("changed", ["nst_plugin", "nst_backend", "nst_library"])
def test_every_package_counts(install: Callable[..., Path], catalogue: Catalogue, changed: str) -> None:
    for library in ("nst_backend", "nst_library", "nst_stranger"):
        install(library, LIBRARY)
    package_code.cache_clear()
    before = announced_code(catalogue, "backends", "split")
    for module, counts in (("nst_stranger", False), (changed, True)):
        source = Path(str(room.find_spec(module).origin))  # type: ignore[union-attr]
        source.write_text(source.read_text() + "# changed\n")
        package_code.cache_clear()
        assert (announced_code(catalogue, "backends", "split") != before) == counts


def test_one_package_is_its_own_hash(catalogue: Catalogue) -> None:
    assert announced_code(catalogue, "losses", ("content", "ours")) == package_code("nst_plugin")
    assert announced_code(catalogue, "losses", ("content", "mean")) == "", "built in"
    assert announced_code(catalogue, "losses", ("content", "no such")) == ""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_what_the_backends_of_keras_share_counts_for_them(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    seen: list[str] = []
    monkeypatch.setattr(room, "package_code", lambda package: seen.append(package) or package)
    catalogue = load_catalogue()
    assert announced_code(catalogue, "backends", backend)
    assert seen == [f"nstbench_{backend}", "nstbench_keras"]


def test_a_layer_table_counts_as_code_does(install: Callable[..., Path]) -> None:
    package = install("nst_tables", LIBRARY)
    before = package_code("nst_tables")
    for name, counts in (("notes.txt", False), ("networks.jsonl", True)):
        (package / name).write_text('{"name": "cat"}\n')
        package_code.cache_clear()
        assert (package_code("nst_tables") != before) == counts
