"""Write the layer tables of ``timm:<name>``: ``python -m nstbench_timm.table``.

They are traced from the installed timm's own networks, of all architectures that timm has weights of; a test does some
of them again. It takes most of an hour. What is done is kept beside the file until all is: an interrupted command goes
on where it was. With patterns (``'resnet*'``) it does those networks anew, and leaves the other rows as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from time import perf_counter
from typing import Any

from nstbench_torch.modules import returned
from nstbench_torch.tracing import maps, skeleton, smallest_side
from torch import nn

from nstbench.plugin.descriptors import Preprocessing
from nstbench.plugin.maps import Map, default_layers, layer_rows
from nstbench.plugin.tables import Row, read_rows, write_rows
from nstbench_timm.family import TABLE
from nstbench_timm.library import import_timm, stock
from nstbench_timm.published import files

__all__ = ["main", "names", "row"]

FEWEST, MOST = 3, 5
"""Style layers."""


def names() -> list[str]:
    """Return the architectures that the installed timm has weights of."""
    return sorted({name.partition(".")[0] for name in import_timm().list_models(pretrained=True)})


def row(name: str) -> Row:
    """Return one network's row; one whose maps do not follow the picture has the reason."""
    given: Any = import_timm().models.get_pretrained_cfg(name)
    if given.fixed_input_size:
        return Row(name=name, reason="takes pictures of one size only, says timm")
    try:
        return _row(name, stock(name), given)
    except ValueError as error:
        return Row(name=name, reason=str(error))
    except Exception as error:  # whatever the network raises
        why = " ".join(str(error).split())[:80] or "no message"
        return Row(name=name, reason=f"does not take pictures of any size ({type(error).__name__}: {why})")


def _row(name: str, network: nn.Module, given: Any) -> Row:
    total = sum(parameter.numel() for parameter in network.parameters())
    features = _features(network)
    natives = _candidates(network, features)
    graph = skeleton(network, natives)
    found = _up_to_features(maps(graph, natives), features)
    content, style = _defaults(found, features)
    return Row(
        name=name,
        layers=layer_rows(found),
        content=content,
        style=style,
        parameters=(total, total, 0),
        smallest_side=smallest_side(graph, {one.name for one in found}),
        files=files(name, given),
        preprocessing=Preprocessing.of_unit_range(given.mean, given.std),
    )


def _features(network: nn.Module) -> frozenset[str]:
    """Return the modules that timm offers features of."""
    information: Any = getattr(network, "feature_info", None) or ()
    return frozenset(str(one["module"]) for one in getattr(information, "info", information))


def _candidates(network: nn.Module, features: frozenset[str]) -> dict[str, str]:
    """Return ``{layer: native name}``: timm's features, and what blocks, stages and activations return, by their names.

    Of modules that return the same, timm's feature has the name, else the outermost.
    """
    found = {}
    for one in returned(network):
        known = [module for module in one.modules if module in features]
        known += [module for module in one.modules if _is_block(network.get_submodule(module))]
        if known:
            found[known[0]] = one.native(known[0])
    return found


def _is_block(module: nn.Module) -> bool:
    return any(True for _ in module.children()) or "activation" in type(module).__module__


def _up_to_features(found: Sequence[Map], features: frozenset[str]) -> list[Map]:
    """Return timm's features, and what is in no branch and no pooling before the deepest of them.

    What comes after belongs to the classifier.
    """
    deepest = max((index for index, one in enumerate(found) if one.name in features), default=-1)
    return [one for one in found[: deepest + 1] if one.name in features or (one.trunk and not one.pools)]


def _defaults(found: Sequence[Map], features: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return default (content, style) layers: timm's features by depth, one of each resolution.

    Where these are too few, other resolutions have theirs, or layers are taken at even distances.
    """
    own = [replace(one, trunk=True, pools=False) for one in found if one.name in features]
    if not own:
        raise ValueError("timm offers no features that are maps")
    content, style = default_layers(own)
    if len(style) < FEWEST:
        others = [one for one in found if one.stride not in {feature.stride for feature in own}]
        content, style = default_layers([*others, *own])
    if len(style) < FEWEST:  # a network of one resolution
        style = tuple(found[index * (len(found) - 1) // MOST].name for index in range(1, MOST + 1))
        content = style[-2:-1]
    return content, style


def main(patterns: Sequence[str]) -> None:
    """Write the rows of the networks that match a pattern, of all if there is none."""
    wanted = [name for name in names() if not patterns or any(fnmatchcase(name, one) for one in patterns)]
    part = TABLE.with_name(f"timm-{import_timm().__version__}.part")
    done = read_rows(part) if part.exists() else {}
    write_rows(part, _traced([name for name in wanted if name not in done], len(wanted)))
    if patterns:
        write_rows(TABLE, read_rows(part).values())
        part.unlink()
    else:
        part.replace(TABLE)


def _traced(wanted: Sequence[str], total: int) -> Iterator[Row]:
    for index, name in enumerate(wanted, total - len(wanted) + 1):
        began = perf_counter()
        one = row(name)
        what = one.reason or f"{len(one.layers)} layers"
        print(f"{index}/{total} {name}: {what}, {perf_counter() - began:.1f} s", flush=True)  # noqa: T201
        yield one


if __name__ == "__main__":
    main(sys.argv[1:])
