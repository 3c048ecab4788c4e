"""A baseline: the loop of TensorFlow's style transfer tutorial, with this work's formulas and Adam."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from contestants.gate import Gate
from contestants.work import Work

__all__ = ["play"]


def play(gate: Gate, mode: str) -> None:
    """A ``GradientTape`` around a Keras model of the layers, ``eager``, or in a ``function`` as the tutorial has it."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    work = gate.work
    tf.config.threading.set_intra_op_parallelism_threads(work.threads)
    image = tf.Variable(_load(work.content))
    optimizer = tf.keras.optimizers.Adam(
        work.learning_rate, beta_1=work.betas[0], beta_2=work.betas[1], epsilon=work.epsilon
    )
    evaluate = _objective(tf, work)

    def step() -> Any:
        with tf.GradientTape() as tape:
            total = evaluate(image)
        gradient = tape.gradient(total, image)
        optimizer.apply_gradients([(gradient, image)])
        image.assign(tf.clip_by_value(image, 0.0, 255.0))
        return total, gradient

    run = tf.function(step) if mode == "function" else step
    while True:
        total, gradient = run()
        gate.passed(partial(float, total), gradient[0].numpy)


def _load(path: str) -> Any:
    import numpy as np
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)[None]


def _objective(tf: Any, work: Work) -> Callable[[Any], Any]:
    """Return the total as a function of an RGB image in grey levels, the two targets worked out."""
    network = _network(tf, work)
    mean = tf.constant(work.mean)

    def features(image: Any) -> list[Any]:
        return list(network(image[..., ::-1] - mean))

    content_target = features(tf.constant(_load(work.content)))[-1]
    grams = [_gram(tf, one) for one in features(tf.constant(_load(work.style)))[:-1]]

    def total(image: Any) -> Any:
        *style, deepest = features(image)
        content_loss = tf.reduce_mean((deepest - content_target) ** 2)
        differences = [tf.reduce_mean((_gram(tf, one) - gram) ** 2) for one, gram in zip(style, grams, strict=True)]
        return work.content_weight * content_loss + work.style_weight / len(grams) * tf.add_n(differences)

    return total


def _network(tf: Any, work: Work) -> Any:
    import numpy as np

    stock = tf.keras.applications.VGG19(include_top=False, weights=None, input_shape=(None, None, 3))
    with np.load(work.weights) as stored:
        for layer in stock.layers:
            if layer.weights:
                layer.set_weights([stored[f"{layer.name}/kernel"], stored[f"{layer.name}/bias"]])
    stock.trainable = False
    return tf.keras.Model(stock.inputs, [stock.get_layer(name).output for name in work.layers])


def _gram(tf: Any, features: Any) -> Any:
    """The tutorial's product, written with ``einsum`` there, too."""
    positions = features.shape[1] * features.shape[2]
    return tf.linalg.einsum("bijc,bijd->bcd", features, features) / positions
