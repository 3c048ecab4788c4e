"""Families of networks as package data: one line of JSON for each network, read when the family is asked for.

A plugin writes such a file by a command of its own, from its library's networks (``write_rows``), and announces a
``BackboneFamily`` whose target returns ``read_family``. Nothing here imports a framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from nstbench.files import write_text
from nstbench.plugin.descriptors import BackboneInfo, LayerCost, ParameterCounts, Preprocessing, WeightsFile

__all__ = ["Family", "Layer", "Row", "read_family", "read_rows", "write_rows"]


class Layer(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One layer: its name, the work to reach it as in ``LayerCost``, and its native name if that is another."""

    name: str
    macs: float
    activations: float
    native: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One network, ``name`` without the family. ``layers`` are in order of depth, ``files`` by weight set.

    ``parameters`` are total, trainable, non-trainable, classifier included. ``reason`` says why a network of the
    library is not offered; it then has no layers.
    """

    name: str
    layers: tuple[Layer, ...] = ()
    content: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    parameters: tuple[int, int, int] = (0, 0, 0)
    smallest_side: int = 1
    files: dict[str, WeightsFile] = {}
    preprocessing: Preprocessing | None = None
    reason: str = ""


def read_rows(path: Path) -> dict[str, Row]:
    """Return all rows of a file by name, those that are not offered included."""
    rows = msgspec.json.Decoder(Row).decode_lines(path.read_bytes())
    return {row.name: row for row in rows}


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write each row into the file as soon as it is made, in order of names; others that are there stay."""
    found = read_rows(path) if path.exists() else {}
    for row in rows:
        found[row.name] = row
        lines = [msgspec.json.encode(found[name]).decode() for name in sorted(found)]
        write_text(path, "\n".join(lines) + "\n")


def read_family(
    path: Path,
    *,
    family: str,
    backend: str,
    target: str,
    tensors: str,
    reader: str = "",
    requires: tuple[str, ...],
    code: tuple[str, ...] = (),
) -> Family:
    """Return the family in a file: names are known at once, each network is described when it is asked for.

    ``target``, ``tensors`` and ``reader`` serve all of its networks. Each takes the weights it has files of, ``random``
    and ``file``.
    """

    def describe(row: Row) -> BackboneInfo:
        return BackboneInfo(
            f"{family}:{row.name}",
            target,
            requires=requires,
            code=code,
            backend=backend,
            layers={layer.name: layer.native or layer.name for layer in row.layers},
            content_layers=row.content,
            style_layers=row.style,
            weights=(*row.files, "random", "file"),
            parameters=ParameterCounts(*row.parameters),
            costs={layer.name: LayerCost(layer.macs, layer.activations) for layer in row.layers},
            files=row.files,
            reader=reader,
            preprocessing=row.preprocessing,
            tensors=tensors,
            smallest_side=row.smallest_side,
        )

    lines = path.read_bytes().splitlines()
    heads = map(msgspec.json.Decoder(_Head).decode, lines)
    offered = {f"{family}:{head.name}": line for head, line in zip(heads, lines, strict=True) if not head.reason}
    return Family(offered, describe)


class _Head(msgspec.Struct, frozen=True):
    """Of a row what tells whether it is offered; the rest is skipped."""

    name: str
    reason: str = ""


class Family(Mapping[str, BackboneInfo]):
    """The networks in a file by full name; a line is read when its network is asked for.

    They are plain data of the declared types, or cannot be read.
    """

    def __init__(self, lines: Mapping[str, bytes], describe: Callable[[Row], BackboneInfo]) -> None:
        self._lines, self._describe = lines, describe
        self._decoder = msgspec.json.Decoder(Row)

    def __getitem__(self, name: str) -> BackboneInfo:
        return self._describe(self._decoder.decode(self._lines[name]))

    def __contains__(self, name: object) -> bool:
        return name in self._lines  # Mapping's own would describe it

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)
