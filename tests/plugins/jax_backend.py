"""What the JAX backend is in a process of its own: ``jax_backend.py PRECISION THREADS``; prints one line of JSON.

A cut of ResNet50, deep enough for every kind of layer and for a halving block, is differentiated at a random picture,
and so is a formula. Whatever the precision asked for,
slopes are compared with central differences, which float32 cannot tell so small.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from nstbench.plugin import load_catalogue
from nstbench.plugin.descriptors import Preprocessing
from nstbench.plugin.target import load_target
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights.random import random_tensors
from nstbench.weights.weight_set import WeightSet

LAYERS = ("conv1_conv", "conv3_block1_out")


def threads_of_xla() -> int:
    """Count the threads of this process that are of the pool for large operations."""
    names = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    return names.count("tf_XLAEigen")


def main(precision: str, threads: str) -> None:
    """Look at one precision."""
    catalogue = load_catalogue()
    backend = load_target(catalogue.backends["jax"].target)()
    backend.configure(device="cpu", threads=int(threads), precision=precision)
    bgr = Preprocessing("BGR", (103.939, 116.779, 123.68))
    weights = WeightSet("random:0", "resnet50", "", "keras", bgr, random_tensors("resnet50", 0))
    extractor = backend.open(catalogue.backbones["jax", "resnet50"], weights, LAYERS)
    objective = Objective(LAYERS[1:], LAYERS, content_mean, style_mean)
    session = backend.session(extractor, objective)
    random = np.random.RandomState(0)
    content, style, image, way = (random.uniform(0, 255, (1, 24, 30, 3)) for _ in range(4))
    targets = session.targets(content, style)
    table = objective.weight_table([TermWeights(LAYERS[1:], LAYERS, 1.0, 1.0)])
    ends = [session.value_and_gradient(image + step * way, targets, table)[0][0, 0] for step in (1e-7, -1e-7)]
    losses, gradient = session.value_and_gradient(image, targets, table)
    quotient, slope = (float(ends[0]) - float(ends[1])) / 2e-7, float(np.sum(gradient * way))
    features = random.normal(size=(1, 7, 5))
    formula = backend.differentiate(style_mean, features, features[:, :4])
    found = {
        "types": sorted({str(one.dtype) for one in (*extractor.features(image).values(), losses, gradient)}),
        "formula": sorted({str(one.dtype) for one in formula}),
        "apart": abs(slope / quotient - 1) if quotient else None,
        "threads": threads_of_xla(),
        "imported": sorted({name.partition(".")[0] for name in sys.modules} & {"jax", "keras", "tensorflow", "torch"}),
        "path": session.path,
        "memory": backend.device_memory,
        "devices": backend.devices(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
