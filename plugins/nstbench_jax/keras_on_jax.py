"""Two things that Keras does on JAX and should not: it computes float64 as float32, and it imports TensorFlow."""

from __future__ import annotations

import sys

import keras

from nstbench.errors import PluginError

__all__ = ["allow_float64", "look_for_tensorflow_in_vain"]


def allow_float64() -> None:
    """Have Keras compute in float64 what is float64.

    Its rules of types make float64 float32 on JAX, even where JAX has been told to have 64 bits, and without a word: a
    network in float64 would be one in float32. Raises ``PluginError`` for a Keras that cannot be told otherwise.
    """
    try:
        from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE as RULES

        RULES["float64"] = "float64"
    except ImportError:
        pass  # what counts is what it computes
    if keras.backend.result_type("float64", "float32") != "float64":
        raise PluginError(f"Keras {keras.__version__} has no float64 on JAX. Use the versions of constraints.txt.")


def look_for_tensorflow_in_vain() -> None:
    """Have Keras find that there is no TensorFlow, wherever it is installed.

    Keras wants to know whether an object is one of TensorFlow's when it describes something for the first time. To
    tell, it imports TensorFlow, which takes seconds and hundreds of MiB. What it has found once, it remembers.
    """
    if "tensorflow" in sys.modules:
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        keras.dtype_policies.serialize(keras.dtype_policies.DTypePolicy("float32"))
    finally:
        del sys.modules["tensorflow"]
