"""From a name in a suite to a weight set: announced by a plugin, ``random:<seed>`` or ``file:PATH``."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nstbench.errors import WeightsError
from nstbench.plugin.code import package_code
from nstbench.plugin.descriptors import BackboneInfo, Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights.architecture import NETWORKS
from nstbench.weights.canonical import read_header

__all__ = ["CAFFE", "CANONICAL_SUFFIX", "reader_code", "weights_info"]

CAFFE = Preprocessing("BGR", (103.939, 116.779, 123.68))
"""Keras' preprocessing for VGG19 and ResNet50, and that of ``random:<seed>``."""
RECIPE = "nstbench.weights.random:reference_tensors"
CANONICAL_SUFFIX = ".safetensors"
SAME_FORMAT = {".pt": ".pth", ".hdf5": ".h5"}
MAX_SEED = 2**32


def weights_info(
    name: str, announced: Mapping[str, WeightsInfo], backbone: BackboneInfo | str | None = None
) -> WeightsInfo:
    """Return the descriptor of the weights called ``name``; ``announced`` are the plugins', by name.

    Files, their reader and preprocessing that ``backbone`` announces itself are in the result; a name alone announces
    nothing. A ``file:PATH`` (relative to the working directory) is read as the first set that has a file with its
    suffix for ``backbone`` (None: for VGG19 or ResNet50); ``.safetensors`` is nstbench's own canonical file, and has no
    target.
    Raises ``WeightsError`` for a name that means nothing.
    """
    about = backbone if isinstance(backbone, BackboneInfo) else None
    if name.startswith("random:"):
        return _random(name, about)
    if name.startswith("file:"):
        asked = about.name if about else backbone
        known = (_completed(info, about) for info in announced.values())
        return _file(name, known, (str(asked),) if asked else NETWORKS)
    if name not in announced:
        raise WeightsError(f"no plugin announces weights {name!r}; there are {_listed(announced)}.")
    return _completed(announced[name], about)


def reader_code(info: WeightsInfo) -> str:
    """Return the hash of the code that reads these weights; empty for nstbench's own recipe and format."""
    module = info.target.partition(":")[0]
    if module.partition(".")[0] in ("", "nstbench"):
        return ""
    codes = [package_code(one) for one in (module, *info.code)]
    return codes[0] if len(codes) == 1 else hashlib.sha256(" ".join(codes).encode()).hexdigest()


def _completed(info: WeightsInfo, backbone: BackboneInfo | None) -> WeightsInfo:
    """Return a set of weights with what the backbone adds to it."""
    if backbone is None or (info.name not in backbone.files and backbone.preprocessing is None):
        return info
    file = backbone.files.get(info.name)
    preprocessing = (file and file.preprocessing) or backbone.preprocessing or info.preprocessing
    own = dataclasses.replace(info, preprocessing=preprocessing)
    if file is None:
        return own
    own = dataclasses.replace(own, files={**info.files, backbone.name: file})
    return dataclasses.replace(own, target=backbone.reader, code=backbone.code) if backbone.reader else own


def _random(name: str, backbone: BackboneInfo | None) -> WeightsInfo:
    seed = name.removeprefix("random:")
    if not re.fullmatch(r"0|[1-9][0-9]{0,9}", seed, re.ASCII) or int(seed) >= MAX_SEED:
        raise WeightsError(
            f"{name[:40]!r}: the seed must be a whole number from 0 to {MAX_SEED - 1}, as in 'random:0'."
        )
    own = WeightsInfo(name, RECIPE, files={}, architecture="keras", preprocessing=CAFFE, source="untrained, He-uniform")
    if backbone is None or not backbone.tensors:
        return own
    preprocessing = backbone.preprocessing or CAFFE
    family = backbone.name.partition(":")[0]
    return dataclasses.replace(
        own, target=backbone.tensors, code=backbone.code, architecture=family, preprocessing=preprocessing
    )


def _file(name: str, announced: Iterable[WeightsInfo], backbones: tuple[str, ...]) -> WeightsInfo:
    path = Path(name.removeprefix("file:")).expanduser()
    suffix = SAME_FORMAT.get(path.suffix.lower(), path.suffix.lower())
    if suffix == CANONICAL_SUFFIX:
        return _canonical_file(name, path, backbones)
    for info in announced:
        if any(Path(file.filename).suffix == suffix for one, file in info.files.items() if one in backbones):
            files, source = dict.fromkeys(backbones, WeightsFile(str(path))), f"the user's own, read as {info.name}"
            return dataclasses.replace(info, name=name, files=files, source=source)
    raise WeightsError(
        f"no plugin reads weights of {' or '.join(backbones)} from a {suffix or 'nameless'!r} file; "
        "use .h5, .pth or .safetensors."
    )


def _canonical_file(name: str, path: Path, backbones: tuple[str, ...]) -> WeightsInfo:
    """Architecture and preprocessing are the file's own; where there is no file yet, ``locate`` will say so."""
    if not path.is_file():
        files = dict.fromkeys(backbones, WeightsFile(str(path)))
        return WeightsInfo(name, "", files=files, architecture="", preprocessing=CAFFE)
    header = read_header(path)
    files, source = {header.backbone: WeightsFile(str(path))}, f"the user's own file of {header.name}"
    preprocessing = header.preprocessing
    return WeightsInfo(
        name, "", files=files, architecture=header.architecture, preprocessing=preprocessing, source=source
    )


def _listed(announced: Mapping[str, WeightsInfo]) -> str:
    return ", ".join([*sorted(announced), "random:<seed>", "file:PATH"])
