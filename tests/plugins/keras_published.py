"""Files as Keras publishes them, opened by Keras and by the family: ``keras_published.py OUT.npz FOLDER NAME...``.

A file has random parameters, statistics included; Keras gets it in the place of its download. Both see the same
picture, grey levels from 0 to 255, and give their last maps. The first file goes all the way through a process that
reads it, the others are read here, by what that process would read them with.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"

import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group
from keras.src.utils import file_utils
from nstbench_keras.library import constructor

from nstbench.plugin import load_catalogue
from nstbench.plugin.descriptors import BackboneInfo, WeightsInfo
from nstbench.plugin.target import load_target
from nstbench.weights import WeightSet, canonicalise, load_weight_set, locate, weights_info

SIDE = 64


def publish(name: str, path: str) -> None:
    """Write a file with parameters that no initialiser makes."""
    model = constructor(name)(include_top=False, weights=None, input_shape=(None, None, 3))
    random = np.random.default_rng(0)
    for variable in model.weights:
        shape = tuple(variable.shape)
        spread = 1 / np.sqrt(max(1, np.prod(shape[:-1]))) if len(shape) > 1 else 0.2
        values = random.normal(0, spread, shape) + (variable.name in ("gamma", "moving_variance", "variance"))
        variable.assign(np.abs(values) if "variance" in variable.name else values)
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)


def theirs(name: str, path: str, picture: np.ndarray) -> np.ndarray:
    """What Keras makes of its own file."""
    kept, file_utils.get_file = file_utils.get_file, lambda *_, **__: path
    try:
        model = constructor(name)(include_top=False, weights="imagenet", input_shape=(SIDE, SIDE, 3))
    finally:
        file_utils.get_file = kept
    module = sys.modules[constructor(name).__module__]
    return np.asarray(model(module.preprocess_input(picture.copy()), training=False))


def in_a_process_of_its_own(given: WeightsInfo, info: BackboneInfo, _path: str) -> WeightSet:
    """Read a file as a run does; the process must find a framework for Keras itself."""
    chosen = os.environ.pop("KERAS_BACKEND")
    try:
        return load_weight_set(canonicalise(locate(given, info.name), given, info.name)[0])
    finally:
        os.environ["KERAS_BACKEND"] = chosen


def here(given: WeightsInfo, info: BackboneInfo, path: str) -> WeightSet:
    """Read a file with the reader of its kind."""
    tensors = load_target(given.target)(path, info.name)
    return WeightSet(given.name, info.name, "", given.architecture, given.preprocessing, tensors)


def ours(name: str, path: str, picture: np.ndarray, read: Callable[..., WeightSet]) -> np.ndarray:
    """What the backend makes of it."""
    catalogue = load_catalogue()
    info = catalogue.backbones["tensorflow", f"keras:{name}"]
    given = weights_info(f"file:{path}", catalogue.weights, info)
    backend = load_target(catalogue.backends["tensorflow"].target)()
    last = list(info.layers)[-1]
    return backend.open(info, read(given, info, path), (last,)).features(picture)[last]


def main(out: str, folder: str, *names: str) -> None:
    """Write both of each."""
    keras.utils.set_random_seed(0)
    picture = np.random.default_rng(1).uniform(0, 255, (1, SIDE, SIDE, 3)).astype(np.float32)
    found = {}
    for name in names:
        path = str(Path(folder) / f"{name}.h5")
        publish(name, path)
        there = theirs(name, path, picture)
        found[f"{name}/theirs"] = there.reshape(1, -1, there.shape[-1])
        found[f"{name}/ours"] = ours(name, path, picture, in_a_process_of_its_own if name == names[0] else here)
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
