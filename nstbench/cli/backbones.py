"""``nstbench backbones``: the networks, one by one or those that a pattern names, and which weights are here."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from nstbench.errors import PluginError, WeightsError
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite.suggest import suggestion
from nstbench.weights.locate import locate
from nstbench.weights.naming import weights_info

__all__ = ["backbones_command"]

_WILD = frozenset("*?[")
_FORMS = {"random": ("random:<seed>", "here"), "file": ("file:PATH", "yours")}


@click.command("backbones")
@click.argument("name", required=False)
@click.option("--weights-dir", type=click.Path(path_type=Path), help="Where to look for weight files first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backbones_command(name: str | None, weights_dir: Path | None, as_json: bool) -> None:
    """List the backbones, all or those that match a pattern ('timm:resnet*'), or show one.

    Of one: parameters, layers, defaults, weights and whether they are here.
    """
    with _uncollected():
        catalogue = load_catalogue()
        infos = _chosen(catalogue, name)
        if as_json:
            click.echo(json.dumps([_described(catalogue, info, weights_dir) for info in infos], indent=1))
        elif name is None or _WILD & set(name):
            click.echo(_overview(catalogue, infos, weights_dir))
        else:
            click.echo("\n".join(line for info in infos for line in _shown(catalogue, info, weights_dir)))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: of a thousand networks all is kept, and looking takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _chosen(catalogue: Catalogue, name: str | None) -> list[BackboneInfo]:
    """Return what the name or pattern names, in order of names. Raises ``PluginError`` if that is nothing."""
    keys = [(catalogue_name, backend) for backend, catalogue_name in catalogue.backbones]
    wanted = sorted(key for key in keys if name is None or fnmatchcase(key[0], name))
    found = [catalogue.backbones.get((backend, known)) for known, backend in wanted]
    if not wanted and name is not None:
        what = "no backbone matches" if _WILD & set(name) else "there is no backbone"
        raise PluginError(f"{what} {name[:60]!r}{suggestion(name, {known for known, _ in keys})}")
    return [info for info in found if info is not None]


def _overview(catalogue: Catalogue, infos: Sequence[BackboneInfo], weights_dir: Path | None) -> str:
    rows = []
    for info in infos:
        here = [weights for weights, state in _weights(catalogue, info, weights_dir) if state == "here"]
        count = f"{info.parameters.total:,}" if info.parameters else "?"
        rows.append((info.name, info.backend, count, len(info.layers), ", ".join(here)))
    headers = ("backbone", "backend", "parameters", "layers", "weights here")
    return str(tabulate(rows, headers, tablefmt="plain", disable_numparse=True))


def _weights(catalogue: Catalogue, info: BackboneInfo, weights_dir: Path | None) -> list[tuple[str, str]]:
    """Return (weights, state) of each set that the backbone takes."""
    return [_FORMS.get(name) or (name, _state(catalogue, info, name, weights_dir)) for name in info.weights]


def _state(catalogue: Catalogue, info: BackboneInfo, weights: str, weights_dir: Path | None) -> str:
    try:
        located = locate(weights_info(weights, catalogue.weights, info), info.name, weights_dir)
    except WeightsError as error:
        return str(error)
    return "here" if located.here else located.problem


def _described(catalogue: Catalogue, info: BackboneInfo, weights_dir: Path | None) -> dict[str, Any]:
    return {
        "backbone": info.name,
        "backend": info.backend,
        "parameters": info.parameters.total if info.parameters else None,
        "layers": info.layers,
        "content_layers": info.content_layers,
        "style_layers": info.style_layers,
        "smallest_side": info.smallest_side,
        "weights": dict(_weights(catalogue, info, weights_dir)),
    }


def _shown(catalogue: Catalogue, info: BackboneInfo, weights_dir: Path | None) -> list[str]:
    lines, counts = [f"{info.name} on {info.backend}"], info.parameters
    if counts:
        lines.append(f"parameters: {counts.total:,} ({counts.trainable:,} trainable, {counts.non_trainable:,} not)")
    if info.smallest_side > 1:
        lines.append(f"pictures of at least {info.smallest_side} px a side")
    for role, layers, weight in (
        ("content", info.content_layers, info.content_weight),
        ("style", info.style_layers, info.style_weight),
    ):
        lines.append(f"default {role} layers: {' '.join(layers)}, weight {weight:g}")
    lines += [f"weights {name}: {state}" for name, state in _weights(catalogue, info, weights_dir)]
    table = tabulate(info.layers.items(), ("layer", "native name"), tablefmt="plain", disable_numparse=True)
    return [*lines, table, ""]
