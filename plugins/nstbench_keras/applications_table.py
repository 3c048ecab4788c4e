"""Write the layer tables of ``keras:<name>``: ``python -m nstbench_keras.applications_table [NAME...]``.

They are read off the installed Keras' own networks; a test does some of them again.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np

from nstbench.plugin.descriptors import Preprocessing, WeightsFile
from nstbench.plugin.maps import default_layers, layer_rows
from nstbench.plugin.tables import Row, write_rows
from nstbench_keras.any_backend import keras
from nstbench_keras.applications import TABLE
from nstbench_keras.applications_networks import named_anew
from nstbench_keras.graph import maps, smallest_side
from nstbench_keras.library import constructor, counted

__all__ = ["main", "names", "row"]

WEIGHTS = "keras-imagenet"
ONE_SIZE = (224, 224, 3)


class _AskedError(Exception):
    """Instead of a download: what would be downloaded."""

    def __init__(self, filename: str, url: str, digest: str) -> None:
        super().__init__(filename)
        self.file = WeightsFile(filename, url=url, digest=_kind_of(digest))


def names() -> list[str]:
    """Return the networks of the installed ``keras.applications``."""
    return sorted(name.lower() for name, made in vars(keras.applications).items() if inspect.isfunction(made))


def row(name: str) -> Row:
    """Return one network's row; one whose branches fit together at some sizes only has that for a reason."""
    model = named_anew(name)
    try:
        found = maps(model)
    except ValueError as error:
        return Row(name=name, reason=f"takes pictures of certain sizes only ({str(error).partition('. ')[0][:80]})")
    content, style = default_layers(found)
    counts = counted(name)
    return Row(
        name=name,
        layers=layer_rows(found),
        content=content,
        style=style,
        parameters=(counts.total, counts.trainable, counts.non_trainable),
        smallest_side=smallest_side(model),
        files={WEIGHTS: _file(name)},
        preprocessing=_preprocessing(name),
    )


def _file(name: str) -> WeightsFile:
    """Return what Keras would download, with the digest it checks; some have none."""
    from keras.src.utils import file_utils  # here: ``any_backend`` must come first

    def asked(fname: str, origin: str, *_: Any, file_hash: str = "", **__: Any) -> None:
        raise _AskedError(fname, origin, file_hash)

    kept, file_utils.get_file = file_utils.get_file, asked
    try:
        with keras.StatelessScope(initialize_variables=False):
            constructor(name)(include_top=False, weights="imagenet", input_shape=ONE_SIZE)
    except _AskedError as answer:
        return answer.file
    finally:
        file_utils.get_file = kept
    raise ValueError(f"{name} loads no file")


def _kind_of(digest: str) -> str | None:
    return {32: f"md5:{digest}", 64: f"sha256:{digest}"}.get(len(digest))


def _preprocessing(name: str) -> Preprocessing:
    """Return what the network's own ``preprocess_input`` does, by what it makes of black, white and red."""
    module = inspect.getmodule(constructor(name))
    probe = np.zeros((3, 1, 1, 3), np.float32)
    probe[1], probe[2, ..., 0] = 255.0, 255.0
    black, white, red = np.asarray(module.preprocess_input(probe), np.float64)[:, 0, 0]  # type: ignore[union-attr]
    std = 255.0 / (white - black)
    channels = "RGB" if red[0] != black[0] else "BGR"
    mean, std = (tuple(round(float(value), 3) + 0.0 for value in values) for values in (-black * std, std))
    return Preprocessing(channels, mean, std)  # type: ignore[arg-type]


def main() -> None:
    """Write the rows of the networks that are named, of all if none is."""
    write_rows(TABLE, (row(name) for name in sys.argv[1:] or names()))


if __name__ == "__main__":
    main()
