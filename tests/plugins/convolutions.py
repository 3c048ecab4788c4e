"""Write what ``quicken`` makes of convolutions: ``convolutions.py OUT.npz``; in float32, both ways and by Keras itself.

For each layer: its output, the gradient of a weighted sum of it with respect to the image, and whether it was changed.
"""

from __future__ import annotations

import sys

import nstbench_tensorflow.backend  # noqa: F401 - sets TensorFlow up before it is imported
import numpy as np
import tensorflow as tf
from nstbench_tensorflow import convolution

LAYERS = {
    "3x3": {"kernel_size": 3, "padding": "same"},
    "5x3": {"kernel_size": (5, 3), "padding": "same"},
    "relu": {"kernel_size": 3, "padding": "same", "activation": "relu"},
    "1x1": {"kernel_size": 1, "padding": "same"},
    "4x4": {"kernel_size": 4, "padding": "same"},
    "stride": {"kernel_size": 3, "padding": "same", "strides": 2},
    "valid": {"kernel_size": 3, "padding": "valid"},
    "dilated": {"kernel_size": 3, "padding": "same", "dilation_rate": 2},
    "groups": {"kernel_size": 3, "padding": "same", "groups": 2},
}


def network(settings: dict) -> tf.keras.Model:
    given = tf.keras.Input((9, 12, 4))
    layer = tf.keras.layers.Conv2D(6, bias_initializer="random_normal", **settings)
    return tf.keras.Model(given, layer(given))


def look(model: tf.keras.Model, image: tf.Tensor) -> list[np.ndarray]:
    @tf.function
    def both(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            made = model(image)
            weighted = tf.reduce_sum(made * tf.reshape(tf.linspace(-1.0, 1.0, tf.size(made)), tf.shape(made)))
        return made, tape.gradient(weighted, image)

    return [one.numpy() for one in both(image)]


def main(out: str) -> None:
    image = tf.constant(np.random.RandomState(0).normal(size=(2, 9, 12, 4)).astype(np.float32))
    found: dict[str, np.ndarray] = {}
    for name, settings in LAYERS.items():
        model = network(settings)
        plain = look(model, image)
        for way, on in (("onednn", True), ("eigen", False)):
            convolution._with_onednn = lambda on=on: on
            said = convolution.quicken(model, "float32")
            made = look(model, image)
            found |= {f"{name}/{way}/{part}": np.stack(pair) for part, *pair in zip("yg", made, plain, strict=True)}
            found[f"{name}/{way}/changed"] = np.array("convolution_op" in vars(model.layers[-1]))
            assert ("oneDNN" in said) == on
    np.savez(out, **found)


if __name__ == "__main__":
    main(sys.argv[1])
