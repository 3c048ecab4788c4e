"""Families of networks: opened when one of their names is asked for, and never more than a problem on a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.plugin import load_catalogue

FAMILY = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneFamily

@hookimpl
def nstbench_backbone_families():
    yield BackboneFamily("small", "nst_many.networks:members", backend="torch")
"""
MEMBERS = """
from nstbench.plugin.descriptors import BackboneInfo

def network(name):
    return BackboneInfo(name, "nst_many.networks:build", backend="torch", layers={"stem": "0"},
                        content_layers=("stem",), style_layers=("stem",), weights=("random",))

def members():
    return {MEMBERS}
"""
Install = Callable[..., Path]


@pytest.fixture
def family(install: Install) -> Callable[[str], None]:
    def add(members: str) -> None:
        package = install("nst_many", FAMILY)
        (package / "networks.py").write_text(MEMBERS.replace("{MEMBERS}", members))

    return add


def test_it_is_opened_when_one_of_its_names_is_asked_for(family: Callable[[str], None], tmp_path: Path) -> None:
    mark = tmp_path / "opened"
    names = "{name: network(name) for name in ('small:a', 'small:b')}"
    family(f"{names} if not open({str(mark)!r}, 'w').close() else {{}}")
    catalogue = load_catalogue()
    assert ("torch", "vgg19") in catalogue.backbones and ("torch", "unheard-of") not in catalogue.backbones
    assert not mark.exists()
    assert catalogue.backbones["torch", "small:b"].layers == {"stem": "0"}
    assert mark.exists()
    assert [name for _, name in catalogue.backbones if name.startswith("small:")] == ["small:a", "small:b"]
    assert catalogue.provider("backbones", ("torch", "small:a")).plugin == "nst_many"  # type: ignore[union-attr]
    assert ("torch", "small:c") not in catalogue.backbones
    assert catalogue.problems == []


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("[network('small:a')]", "must return a mapping"),
        ("{'small:a': network('small:b')}", "small:b"),
        ("{'small:a': 5}", "expected BackboneInfo, got int"),
    ],
)
def test_one_that_is_broken_is_a_problem(family: Callable[[str], None], members: str, error: str) -> None:
    family(members)
    catalogue = load_catalogue()
    assert ("torch", "small:a") not in catalogue.backbones
    assert ("torch", "vgg19") in catalogue.backbones
    (problem,) = catalogue.problems
    assert (problem.plugin, problem.stage) == ("nst_many", "family small") and error in problem.error
